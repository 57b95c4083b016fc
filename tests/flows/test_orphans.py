"""A withdrawn practice takes its translations along, whoever published them."""

from __future__ import annotations

from datetime import datetime

import pytest

from chorsu.exchange import blobs
from chorsu.exchange.actions import stop_log
from chorsu.exchange.models import BlobUse, FeedEntry
from chorsu.exchange.queries import Access, blob_access
from chorsu.flows.publishing import publish_draft
from chorsu.flows.pulling import pull
from chorsu.flows.translating import approve_translation
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.practices import actions
from chorsu.practices.models import PracticeText
from chorsu.practices.wire import PublishedText, PublishedTranslation, parse_withdrawal
from chorsu.wire.entry import Entry
from tests.flows.remote import make_peer, publish, states, withdraw
from tests.memory_node import MemoryNode
from tests.practices.content import ready_draft

WORDS = {"title": "Сельские собрания", "summary": "Раз в месяц."}


@pytest.fixture
def third(now: datetime) -> MemoryNode:
    """Another peer, which translates."""
    return MemoryNode("ashgabat.chorsu.example")


def publish_translation(node: MemoryNode, practice: str, origin: str) -> Entry:
    record = new_id()
    text = PublishedText("ru", "human", 1, "Academy", None, WORDS)
    form = PublishedTranslation("practice", record, practice, origin, text)
    return node.publish("practice-text", record, 1, form.to_bytes())


def test_our_translation_of_a_withdrawn_practice_is_withdrawn_too(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    record = new_id()
    publish(beijing, record)
    pull(peer_name=beijing.name, now=now)
    actions.save_translation(
        practice_id=record, language="ru", version=0, words=WORDS, provenance="human",
        by=editor, now=now,
    )  # fmt: skip
    approve_translation(practice_id=record, language="ru", version=1, by=editor, now=now)
    ours = FeedEntry.objects.get()
    assert blob_access(ours.blob) == Access.ALLOWED
    withdraw(beijing, record, "Ошибка в данных.")
    pull(peer_name=beijing.name, now=now)
    pull(peer_name=beijing.name, now=now)
    first, second = FeedEntry.objects.order_by("index")
    assert (second.kind, second.record_id, second.action) == (
        "practice-text", first.record_id, "withdraw",
    )  # fmt: skip
    assert blob_access(first.blob) == Access.GONE
    assert not PracticeText.objects.exists()
    told = blobs.read(second.blob) or b""
    assert parse_withdrawal(told, "practice-text", str(first.record_id)) == "Ошибка в данных."


def test_a_third_nodes_translation_is_served_no_more(
    beijing: MemoryNode, third: MemoryNode, now: datetime
) -> None:
    record = new_id()
    publish(beijing, record)
    pull(peer_name=beijing.name, now=now)
    with third.serve():
        make_peer(third, now)
        entry = publish_translation(third, record, beijing.name)
        pull(peer_name=third.name, now=now)
        assert blob_access(entry.blob or "") == Access.ALLOWED
        withdraw(beijing, record)
        pull(peer_name=beijing.name, now=now)
        assert blob_access(entry.blob or "") == Access.MISSING
        withdraw(third, entry.id)
        pull(peer_name=third.name, now=now)
    assert "refused" not in states(third)
    assert not BlobUse.objects.filter(record_id=entry.id, audience="public").exists()


def test_a_peers_translation_of_our_practice_goes_when_we_withdraw(
    third: MemoryNode, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    with third.serve():
        make_peer(third, now)
        entry = publish_translation(third, draft.id, "hub.chorsu.example")
        pull(peer_name=third.name, now=now)
    assert blob_access(entry.blob or "") == Access.ALLOWED
    withdraw_practice(practice_id=draft.id, reason="A mistake.", by=editor, now=now)
    assert blob_access(entry.blob or "") == Access.MISSING


def test_a_withdrawal_arrives_though_our_log_is_stopped(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    record = new_id()
    publish(beijing, record)
    pull(peer_name=beijing.name, now=now)
    actions.save_translation(
        practice_id=record, language="ru", version=0, words=WORDS, provenance="human",
        by=editor, now=now,
    )  # fmt: skip
    approve_translation(practice_id=record, language="ru", version=1, by=editor, now=now)
    ours = FeedEntry.objects.get()
    stop_log(note=b"evidence")
    withdraw(beijing, record)
    pull(peer_name=beijing.name, now=now)
    assert states(beijing)[-1] == "accepted"
    assert not PracticeText.objects.exists()
    assert blob_access(ours.blob) == Access.GONE
    assert FeedEntry.objects.count() == 1, "nothing is appended"
