"""Records as search takes them in."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from django.conf import LazySettings
from django.db import connection, transaction

from chorsu.config.node import read_settings
from chorsu.kernel.ids import new_id
from chorsu.search.rules import DocumentToIndex, TextToIndex
from tests.search.endpoints import DIMENSIONS, Endpoint, close_endpoints, serve


@pytest.fixture
def document() -> Callable[..., DocumentToIndex]:
    """Makes a record of short texts, given by language as (title, summary); each one newer."""
    minutes = count()

    def make(
        *,
        audience: str = "public",
        country: str = "KZ",
        themes: Sequence[str] = (),
        year_from: int | None = 2020,
        year_to: int | None = 2020,
        **texts: tuple[str, str],
    ) -> DocumentToIndex:
        named = {"zh-Hans" if tag == "zh" else tag: text for tag, text in texts.items()}
        return DocumentToIndex(
            kind="practice",
            record_id=new_id(),
            audience=audience,
            origin="astana.chorsu.example",
            institution_id="kz-apa",
            country=country,
            level="national",
            themes=themes,
            languages=list(named),
            year_from=year_from,
            year_to=year_to,
            updated_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=next(minutes)),
            texts=[
                TextToIndex(tag, title, [("summary", summary)])
                for tag, (title, summary) in named.items()
            ],
        )

    return make


@pytest.fixture
def locked() -> Iterator[None]:
    """Somebody else holds the index, longer than anybody waits."""
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE search_document IN ACCESS EXCLUSIVE MODE")
            held.set()
            release.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    yield
    release.set()
    holder.join()


@pytest.fixture
def server() -> Iterator[Endpoint]:
    with serve() as one:
        yield one
        close_endpoints()


@pytest.fixture
def choose(settings: LazySettings) -> Callable[..., None]:
    """Set the encoder, as a restart with other settings would: a server, or the bundled one."""

    def set_to(server: Endpoint | None = None, kind: str = "", **more: str) -> None:
        environment = (
            {
                "CHORSU_SEARCH_EMBEDDER": "openai",
                "CHORSU_SEARCH_EMBEDDER_URL": server.url,
                "CHORSU_SEARCH_EMBEDDER_MODEL": "small",
                "CHORSU_SEARCH_EMBEDDER_DIMENSIONS": str(DIMENSIONS),
            }
            if server
            else {}
        )
        if kind:
            environment["CHORSU_SEARCH_EMBEDDER"] = kind
        given = {f"CHORSU_SEARCH_EMBEDDER_{name.upper()}": value for name, value in more.items()}
        settings.NODE = read_settings({**os.environ, **environment, **given})

    return set_to
