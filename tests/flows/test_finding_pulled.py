"""Records that came: read at once, found soon after, counted without being read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from copy import copy
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chorsu.exchange.actions import want_look
from chorsu.exchange.models import PeerEntry
from chorsu.exchange.queries import peers
from chorsu.flows import indexing
from chorsu.flows.indexing import index_some
from chorsu.flows.pulling import pull
from chorsu.jobs.tasks import index_waiting, learn_waiting
from chorsu.kernel.ids import new_id
from chorsu.practices.models import Practice
from chorsu.search import actions as search
from chorsu.search.models import Document, Waiting
from chorsu.search.queries import waiting_records
from tests.flows.test_pulling_many import COUNT, publish_many
from tests.memory_node import MemoryNode


def test_many_are_readable_at_once_and_found_a_little_later(
    beijing: MemoryNode, now: datetime
) -> None:
    publish_many(beijing)
    pull(peer_name=beijing.name, now=now)
    assert (Document.objects.count(), waiting_records()) == (0, COUNT)
    assert index_some(limit=100) == COUNT
    assert (Document.objects.count(), waiting_records()) == (COUNT, 0)


def test_whoever_searches_meanwhile_is_left_a_processor(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chorsu.jobs.tasks.RECORDS_A_JOB", COUNT - 3)
    publish_many(beijing)
    pull(peer_name=beijing.name, now=now)
    rests: list[float] = []
    assert index_some(limit=2, pause=rests.append) == 2
    assert [seconds > 0 for seconds in rests] == [True, True]

    learn_waiting()
    assert Document.objects.filter(learned=False).count() == 2, "the index goes first"
    index_some(limit=1)
    learn_waiting()
    assert not Document.objects.filter(learned=False).exists(), "a few that wait hold nothing up"
    index_waiting()
    learn_waiting()
    assert Document.objects.filter(learned=True).count() == COUNT


def test_a_record_that_cannot_be_indexed_holds_up_no_other(
    beijing: MemoryNode, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    strange = Waiting.objects.create(kind="of-newer-software", record_id=new_id())
    publish_many(beijing)
    pull(peer_name=beijing.name, now=now)
    assert index_some(limit=5) == 5
    assert index_some(limit=100) == COUNT - 5
    assert Document.objects.count() == COUNT
    assert Waiting.objects.get().record_id == uuid.UUID(str(strange.record_id))
    assert "not indexed: of-newer-software" in caplog.text


def test_a_few_are_found_at_once(beijing: MemoryNode, now: datetime) -> None:
    publish_many(beijing, indexing.AT_ONCE)
    pull(peer_name=beijing.name, now=now)
    assert (Document.objects.count(), waiting_records()) == (indexing.AT_ONCE, 0)


def test_a_few_are_found_before_what_else_waits(beijing: MemoryNode, now: datetime) -> None:
    search.index_later(kind="practice", record_ids=[new_id() for _ in range(20)])
    ids = publish_many(beijing, 3)
    pull(peer_name=beijing.name, now=now)
    found = {str(one) for one in Document.objects.values_list("record_id", flat=True)}
    assert (found, waiting_records()) == (set(ids), 20)


def test_what_is_published_meanwhile_is_read_before_the_others_are_found(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    readable: list[int] = []
    seconds = iter(range(1, 1000))

    def clock() -> datetime:
        return now + timedelta(seconds=next(seconds))

    def index(kind: str, ids: Sequence[str]) -> None:
        readable.append(Practice.objects.count())
        if len(readable) == 1:
            publish_many(beijing, 1)
            want_look(name=beijing.name, now=clock())
        indexing.index_now(kind, ids)

    monkeypatch.setattr("chorsu.flows.pulling.index_now", index)
    publish_many(beijing, 3)
    pull(peer_name=beijing.name, now=now, clock=clock)
    assert readable[:4] == [3, 4, 4, 4]
    assert (Document.objects.count(), waiting_records()) == (4, 0)


def test_postgresql_knows_how_many_came_before_it_looks_for_those_of_each_record(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known() -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
            return float(cursor.fetchone()[0])

    table = PeerEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {table}")
    publish_many(beijing, 3)
    pull(peer_name=beijing.name, now=now)
    assert known() == 0, "of a few it need not know"
    monkeypatch.setattr("chorsu.exchange.actions.entries.MANY", COUNT - 1)
    publish_many(beijing)
    pull(peer_name=beijing.name, now=now)
    assert known() == 3 + COUNT


def test_what_waits_is_counted_without_reading_what_was_taken_in(
    beijing: MemoryNode, now: datetime
) -> None:
    publish_many(beijing)
    pull(peer_name=beijing.name, now=now)
    changes = {"stored": 3, "fetched": 2, "unknown": 4, "refused": 1}
    indexes = iter(range(COUNT))
    for state, count in changes.items():
        chosen = [next(indexes) for _ in range(count)]
        PeerEntry.objects.filter(index__in=chosen).update(state=state)
    first = PeerEntry.objects.filter(state="accepted").first()
    assert first is not None
    many = []
    for number in range(COUNT, COUNT + 3000):
        first.pk, first.index = None, number
        many.append(copy(first))
    PeerEntry.objects.bulk_create(many)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {PeerEntry._meta.db_table}")
    with CaptureQueriesContext(connection) as asked_for:
        view = peers()[0]
    assert (view.waiting, view.unknown, view.refused) == (5, 4, 1)
    counting = next(q["sql"] for q in asked_for.captured_queries if "UNION ALL" in q["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {counting}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "peer_entry_waiting" in plan
    assert "peer_entry_to_explain" in plan


def test_withdrawn_before_it_is_indexed(beijing: MemoryNode, now: datetime) -> None:
    ids = publish_many(beijing)
    pull(peer_name=beijing.name, now=now)
    beijing.withdraw(ids[0])
    pull(peer_name=beijing.name, now=now)
    index_some(limit=100)
    assert (Document.objects.count(), waiting_records()) == (COUNT - 1, 0)
