"""Rows that are copied in say what rows that are saved say, whatever is in them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, transaction

from chorsu.exchange.models import Peer, PeerEntry
from chorsu.practices.models import Practice, PracticeText
from chorsu.records.copying import copy_rows

pytestmark = pytest.mark.django_db
AWKWARD = [
    "", " ", "\\N", "\\", "\\\\n", "a\tb", "a\nb\r\n", '"quoted"', "{a,b}", "NULL", "'", "\\.",
    "жаңы ўзбек тоҷикӣ 中文 🙂", "\x01\x7f", "\u2028",
]  # fmt: skip


def a_practice(number: int, text: str) -> Practice:
    return Practice(
        id=uuid.UUID(int=number),
        origin="beijing.example",
        institution_id="cn-nag",
        revision=number + 1,
        audience="public",
        licence="CC-BY-4.0",
        original_language="ru",
        published_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        updated_at=datetime(1999, 12, 31, 23, 0, tzinfo=timezone(timedelta(hours=8))),
        arrived_at=datetime(2026, 1, 2, tzinfo=UTC),
        withdrawal_reason=text,
        blob="0" * 64,
        facts={"text": text, "list": [1, None, True, {"b": text, "a": text}], text: 2**53 - 1},
        themes=[text, "second"] if number % 2 else [],
        goals=[1, 17],
        level="village",
        country="CN",
        status="running",
        year_from=None,
        year_to=2030,
    )


def rows() -> list[dict[str, object]]:
    return list(Practice.objects.order_by("id").values())


def test_whatever_is_in_a_row_arrives_as_it_would_if_it_were_saved() -> None:
    made = [a_practice(number, text) for number, text in enumerate(AWKWARD)]
    for row in made:
        row.save(force_insert=True)
    saved = rows()
    Practice.objects.all().delete()
    copy_rows(Practice, made)
    assert rows() == saved


def test_keys_are_given_by_the_database_and_members_of_a_choice_are_written_by_value() -> None:
    peer = Peer.objects.create(
        name="beijing.example",
        address="http://x.example",
        added_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    leaf = bytes(range(256))
    copy_rows(
        PeerEntry,
        (
            PeerEntry(
                peer=peer,
                index=index,
                leaf=leaf,
                state=PeerEntry.State.STORED,
                arrived_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
            for index in range(2)
        ),
    )
    first, second = PeerEntry.objects.order_by("index")
    assert first.pk != second.pk
    assert (bytes(second.leaf), second.state, second.record_id) == (leaf, "stored", None)


def test_one_that_is_there_already_keeps_all_out() -> None:
    a_practice(1, "here").save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(Practice, [a_practice(0, "new"), a_practice(1, "again")])
    assert [row["withdrawal_reason"] for row in rows()] == ["here"]


def test_no_rows_leave_nothing() -> None:
    copy_rows(PracticeText, [])
    assert PracticeText.objects.count() == 0


def test_a_row_that_asks_the_database_is_an_error_and_no_standstill() -> None:
    def asking() -> Iterator[Practice]:
        yield a_practice(0, "new")
        yield a_practice(Practice.objects.count(), "asked")

    with pytest.raises(RuntimeError, match="asks the database"), transaction.atomic():
        copy_rows(Practice, asking())
    assert rows() == []
