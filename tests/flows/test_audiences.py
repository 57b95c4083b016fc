"""A translation has the readers that its practice has, whoever published it and when."""

from __future__ import annotations

from datetime import datetime

import pytest

from chorsu.exchange.models import FeedEntry
from chorsu.exchange.queries import Access, blob_access
from chorsu.flows.publishing import publish_draft
from chorsu.flows.pulling import pull
from chorsu.flows.translating import approve_translation
from chorsu.institutions.models import Institution, Person
from chorsu.kernel.ids import new_id
from chorsu.practices import actions, queries
from chorsu.practices.models import Practice
from tests.flows.remote import make_peer, publish, reasons, states, withdraw
from tests.flows.test_orphans import WORDS, publish_translation
from tests.memory_node import MemoryNode
from tests.practices.content import ready_draft


@pytest.fixture
def third(now: datetime) -> MemoryNode:
    """Another peer, which translates."""
    return MemoryNode("ashgabat.chorsu.example")


def member_only(sha256: str) -> bool:
    return (blob_access(sha256), blob_access(sha256, member=True)) == (
        Access.FORBIDDEN,
        Access.ALLOWED,
    )


def test_our_translation_follows_its_practice_to_the_network_and_back(
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
    for audience in ("network", "public"):
        publish(beijing, record, audience=audience)
        pull(peer_name=beijing.name, now=now)
        assert member_only(ours.blob) == (audience == "network")
    told = FeedEntry.objects.order_by("index").values_list("record_id", "revision", "audience")
    assert list(told) == [
        (ours.record_id, 1, "public"),
        (ours.record_id, 2, "network"),
        (ours.record_id, 3, "public"),
    ]
    publish(beijing, record)
    pull(peer_name=beijing.name, now=now)
    assert FeedEntry.objects.count() == 3


@pytest.mark.parametrize("translation_first", [False, True])
def test_a_third_nodes_public_translation_of_what_is_for_the_network_is_for_members(
    beijing: MemoryNode, third: MemoryNode, now: datetime, *, translation_first: bool
) -> None:
    record = new_id()
    publish(beijing, record, audience="network")
    with third.serve():
        make_peer(third, now)
        entry = publish_translation(third, record, beijing.name)
        for node in (third, beijing) if translation_first else (beijing, third):
            pull(peer_name=node.name, now=now)
            assert blob_access(entry.blob or "") != Access.ALLOWED
    assert member_only(entry.blob or "")
    publish(beijing, record)
    pull(peer_name=beijing.name, now=now)
    assert blob_access(entry.blob or "") == Access.ALLOWED


def test_a_peers_translation_follows_our_practice_to_the_network(
    third: MemoryNode, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    with third.serve():
        make_peer(third, now)
        entry = publish_translation(third, draft.id, "hub.chorsu.example")
        pull(peer_name=third.name, now=now)
    assert blob_access(entry.blob or "") == Access.ALLOWED
    copy = actions.revise(practice_id=draft.id, by=editor, now=now)
    actions.save_draft(
        draft_id=copy.id, version=1, words=copy.words, facts=copy.facts, audience="network",
        by=editor, now=now,
    )  # fmt: skip
    publish_draft(draft_id=copy.id, version=2, by=editor, now=now)
    assert member_only(entry.blob or "")


def test_a_translation_that_comes_after_the_withdrawal_is_served_to_nobody(
    beijing: MemoryNode, third: MemoryNode, now: datetime
) -> None:
    record = new_id()
    publish(beijing, record)
    withdraw(beijing, record)
    pull(peer_name=beijing.name, now=now)
    with third.serve():
        make_peer(third, now)
        entry = publish_translation(third, record, beijing.name)
        pull(peer_name=third.name, now=now)
    assert states(third) == ["superseded"]
    assert blob_access(entry.blob or "", member=True) == Access.MISSING


def test_an_id_withdrawn_before_it_came_is_still_its_institutions(
    beijing: MemoryNode, third: MemoryNode, now: datetime
) -> None:
    Institution.objects.create(id="cn-nag", kind="academy", country="CN", node=beijing.name)
    record = new_id()
    publish(third, record)
    withdraw(third, record)
    with third.serve():
        make_peer(third, now)
        pull(peer_name=third.name, now=now)
    assert Practice.objects.get().withdrawn_at is not None
    entry = publish(beijing, record)
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), reasons(beijing)) == (["accepted"], [""])
    assert Practice.objects.get().origin == beijing.name
    assert blob_access(entry.blob or "") == Access.ALLOWED


def test_our_translation_of_a_closed_revision_leaves_our_feed_and_is_work_again(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    record = new_id()
    publish(beijing, record, audience="network")
    pull(peer_name=beijing.name, now=now)
    actions.save_translation(
        practice_id=record, language="ru", version=0, words=WORDS, provenance="human",
        by=editor, now=now,
    )  # fmt: skip
    approve_translation(practice_id=record, language="ru", version=1, by=editor, now=now)
    publish(beijing, record, revision=2, title="新")
    pull(peer_name=beijing.name, now=now)
    told = FeedEntry.objects.order_by("index").values_list("action", "audience")
    assert list(told) == [("publish", "network"), ("withdraw", "network")]
    assert queries.translation(record, "ru", editor).words == WORDS
