"""What is sent as it is read or made, by a server that waits and by one that does not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import cast

import pytest
from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse
from django.test import AsyncClient, AsyncRequestFactory, RequestFactory

from chorsu.institutions.models import Person
from chorsu.web import sending
from tests.training.test_bank import course
from tests.web.bank_kit import add, choice
from tests.web.test_cohorts import as_person, url

__all__ = ["course"]
pytestmark = pytest.mark.django_db


def test_pieces_are_made_when_they_are_asked_for_by_either_server() -> None:
    made = []

    def pieces() -> Iterator[str]:
        for number in range(3):
            made.append(number)
            yield str(number)

    async def first() -> str:
        found = cast(
            "AsyncIterator[str]", sending.as_made(AsyncRequestFactory().get("/"), pieces())
        )
        return await anext(found)

    async def whole() -> list[str]:
        found = cast(
            "AsyncIterator[str]", sending.as_made(AsyncRequestFactory().get("/"), pieces())
        )
        return [piece async for piece in found]

    assert async_to_sync(first)() == "0"
    assert made == [0]
    assert async_to_sync(whole)() == ["0", "1", "2"]
    made.clear()
    plain = cast("Iterator[str]", sending.as_made(RequestFactory().get("/"), pieces()))
    assert (next(plain), made) == ("0", [0])


def test_a_file_is_closed_when_it_was_sent_and_when_only_its_length_was_asked_for() -> None:
    for method, sent in (("get", b"one file"), ("head", b"")):
        file = io.BytesIO(b"one file")
        request = getattr(RequestFactory(), method)("/")
        answer = sending.whole_file(request, file, name="a.zip", content_type="application/zip")
        assert answer["Content-Length"] == "8"
        assert b"".join(cast("StreamingHttpResponse", answer)) == sent  # type: ignore[arg-type]
        answer.close()
        assert file.closed


def test_questions_and_what_is_kept_on_somebody_are_not_gathered_by_an_async_server(
    course: str, editor: Person, now: datetime, async_client: AsyncClient
) -> None:
    add(course, choice("Where?"), editor, now)
    files = {
        "questions": url("questions-export", course, "3.0"),
        "person": url("account-data"),
        "training": url("my-training-data"),
    }

    async def read(address: str) -> bytes:
        answer = await async_client.get(address)
        assert answer.is_async
        return b"".join([chunk async for chunk in answer.streaming_content])

    async_client.force_login(editor)
    told = {name: async_to_sync(read)(address) for name, address in files.items()}
    by_waiting = {
        name: as_person(editor).get(address).getvalue() for name, address in files.items()
    }
    assert told["questions"] == by_waiting["questions"]
    with zipfile.ZipFile(io.BytesIO(told["questions"])) as archive:
        assert len([name for name in archive.namelist() if name.startswith("items/en/")]) == 1
    assert len(told["person"]) > 100
    assert len(told["training"]) > 100
