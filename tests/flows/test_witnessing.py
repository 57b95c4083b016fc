"""Peers witness each other's logs; a node set back to an old copy publishes no second history."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from chorsu.exchange import actions, keys, proofs, queries, witnesses
from chorsu.exchange.models import Feed, FeedEntry, Peer
from chorsu.exchange.queries import NotThere
from chorsu.flows.pulling import pull
from chorsu.institutions.models import AuditEvent
from chorsu.kernel.ids import new_id
from chorsu.wire.checkpoint import (
    Checkpoint,
    cosign,
    open_checkpoint,
    open_cosignature,
    parse_checkpoint,
    sign_checkpoint,
)
from chorsu.wire.envelope import canonical_json
from chorsu.wire.keys import SigningKey
from chorsu.wire.note import parse_note
from chorsu.wire.saved import verify_saved
from tests.flows.remote import publish as publish_there
from tests.memory_node import MemoryNode


def publish(now: datetime, record: str = "", audience: str = "public") -> str:
    record = record or new_id()
    with transaction.atomic():
        actions.append(
            kind="practice", record_id=record, revision=1, action="publish", audience=audience,
            payload=canonical_json({"kind": "practice", "id": record}), now=now,
        )  # fmt: skip
    return record


def set_back(size: int, note: bytes, edge: bytes) -> None:
    """As an old backup does: the last entries are gone, and nobody here knows of them."""
    FeedEntry.objects.filter(index__gte=size).delete()
    Feed.objects.update(size=size, checkpoint=note, range=edge)


def test_what_a_peer_has_seen_is_kept(beijing: MemoryNode, now: datetime) -> None:
    publish(now)
    beijing.see(queries.checkpoint())
    publish(now)
    pull(peer_name=beijing.name, now=now)
    peer = queries.peer(beijing.name)
    assert peer.witnessed_size == 1
    assert peer.witnessed_at is not None
    assert abs(peer.witnessed_at - now) < timedelta(minutes=1)
    assert not witnesses.stopped()


def test_the_checkpoint_carries_who_has_seen_it(beijing: MemoryNode, now: datetime) -> None:
    publish(now)
    beijing.see(queries.checkpoint())
    pull(peer_name=beijing.name, now=now)
    note = Client().get("/exchange/checkpoint").content
    assert open_checkpoint(note, keys.signing_key().verify_key).size == 1
    assert open_cosignature(note, beijing.key.verify_key).witness == beijing.name
    publish(now)
    assert len(parse_note(Client().get("/exchange/checkpoint").content).signatures) == 1


def test_a_saved_record_names_its_witnesses(beijing: MemoryNode, now: datetime) -> None:
    record = publish(now)
    beijing.see(queries.checkpoint())
    publish(now)
    pull(peer_name=beijing.name, now=now)
    saved = proofs.save(proofs.publication(uuid.UUID(record)))
    own = keys.signing_key().verify_key
    verdict = verify_saved(saved, [own, beijing.key.verify_key])
    assert [one.witness for one in verdict.witnesses] == [beijing.name]
    assert verdict.witnesses[0].checkpoint.size == 1


def test_a_log_set_back_to_an_old_copy_is_stopped(beijing: MemoryNode, now: datetime) -> None:
    publish(now)
    feed = Feed.objects.get()
    old = (bytes(feed.checkpoint), bytes(feed.range))
    publish(now)
    seen = queries.checkpoint()
    set_back(1, *old)
    beijing.see(seen)
    pull(peer_name=beijing.name, now=now)
    assert witnesses.stopped()
    with pytest.raises(actions.LogStopped):
        publish(now)
    assert queries.feed_size() == 1
    kept = bytes(Feed.objects.get().stopped_by)
    assert open_checkpoint(kept, keys.signing_key().verify_key).size == 2, "kept as evidence"
    pull(peer_name=beijing.name, now=now)
    event = AuditEvent.objects.get(action="log.stopped")
    assert (event.subject_id, event.detail) == (beijing.name, {"entries": 2})


def test_a_second_history_of_the_same_length_is_stopped(beijing: MemoryNode, now: datetime) -> None:
    publish(now)
    other = Checkpoint(settings.NODE_NAME, 1, bytes(range(32)))
    beijing.see(sign_checkpoint(other, keys.signing_key()))
    pull(peer_name=beijing.name, now=now)
    assert witnesses.stopped()


def test_a_stopped_log_still_reads_its_peers(beijing: MemoryNode, now: datetime) -> None:
    other = Checkpoint(settings.NODE_NAME, 5, bytes(range(32)))
    beijing.see(sign_checkpoint(other, keys.signing_key()))
    publish_there(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert witnesses.stopped()
    assert queries.peer(beijing.name).in_sync


def test_a_peer_cannot_stop_the_log_without_the_nodes_own_signature(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(now)
    longer = Checkpoint(settings.NODE_NAME, 9, bytes(range(32)))
    impostor = SigningKey.generate(settings.NODE_NAME)
    beijing.see(sign_checkpoint(longer, impostor))
    pull(peer_name=beijing.name, now=now)
    assert not witnesses.stopped()
    assert queries.peer(beijing.name).witnessed_at is None


def test_a_strangers_cosignature_counts_for_nothing(beijing: MemoryNode, now: datetime) -> None:
    publish(now)
    stranger = SigningKey.generate("stranger.chorsu.example")
    beijing.seen[settings.NODE_NAME] = cosign(queries.checkpoint(), stranger, now)
    pull(peer_name=beijing.name, now=now)
    assert queries.peer(beijing.name).witnessed_size == 0
    assert queries.peer(beijing.name).in_sync, "a peer that is no witness is a peer all the same"


def test_this_node_witnesses_what_it_has_verified(beijing: MemoryNode, now: datetime) -> None:
    publish_there(beijing, new_id())
    address = f"/exchange/witness/{beijing.name}"
    assert Client().get(address).status_code == 404
    pull(peer_name=beijing.name, now=now)
    note = Client().get(address).content
    seen = open_cosignature(note, keys.signing_key().verify_key)
    assert (seen.checkpoint, seen.time) == (beijing.checkpoint(), now.replace(microsecond=0))
    assert open_checkpoint(note, beijing.key.verify_key).size == 1
    Peer.objects.update(state=Peer.State.SET_ASIDE)
    with pytest.raises(NotThere):
        witnesses.cosigned(beijing.name)


def test_an_old_note_sent_again_takes_nothing_back(beijing: MemoryNode, now: datetime) -> None:
    publish(now)
    old = queries.checkpoint()
    publish(now)
    beijing.see(queries.checkpoint())
    pull(peer_name=beijing.name, now=now)
    beijing.see(old)
    pull(peer_name=beijing.name, now=now)
    assert queries.peer(beijing.name).witnessed_size == 2


@pytest.mark.parametrize("size", [1, 300])
def test_what_a_peer_has_seen_of_the_whole_log_is_compared_by_one_query(
    beijing: MemoryNode, now: datetime, size: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(size):
        publish(now)
    root = parse_checkpoint(parse_note(queries.checkpoint()).text).root
    seen = Checkpoint(settings.NODE_NAME, size, root)
    with django_assert_num_queries(1):
        assert witnesses.contains(seen)
    with django_assert_num_queries(1):
        assert not witnesses.contains(replace(seen, root=bytes(32)))
    with django_assert_num_queries(1):
        assert not witnesses.contains(replace(seen, size=size + 1))
