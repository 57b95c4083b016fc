"""Logs made for the bench are valid: whoever reads them finds nothing amiss."""

from __future__ import annotations

from datetime import datetime

import pytest
from bench.exchange.logs import grow_own, grow_read, small_entry

from chorsu.exchange import queries, witnesses
from chorsu.exchange.models import FeedEntry, Peer, PeerTile
from chorsu.flows.pulling import pull
from chorsu.wire.checkpoint import parse_checkpoint
from chorsu.wire.merkle import Range, leaf_hash, subtree_root
from chorsu.wire.note import parse_note
from chorsu.wire.tiles import hash_reader
from tests.flows.remote import publish as publish_there
from tests.flows.remote import row, states
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.django_db


def test_an_own_log_that_was_grown_has_the_root_of_its_leaves_by_every_way() -> None:
    grow_own(size=300)
    grow_own(size=1000)

    leaves = [
        bytes(leaf) for leaf in FeedEntry.objects.order_by("index").values_list("leaf", flat=True)
    ]
    root = Range.empty().append_all(map(leaf_hash, leaves)).root()
    assert leaves == [small_entry(index).to_bytes() for index in range(1000)]
    assert parse_checkpoint(parse_note(queries.checkpoint()).text).root == root
    assert subtree_root(0, 1000, hash_reader(1000, queries.tile_bytes)) == root


def test_a_peers_log_that_was_grown_is_read_on_as_one_that_was_pulled(
    beijing: MemoryNode,
    now: datetime,
) -> None:
    for index in range(600):
        beijing.append_raw(small_entry(index).to_bytes())
    grow_read(address=beijing.address)
    publish_there(beijing, "01a20b57-41cf-7224-8568-1698e931e53d")

    pull(peer_name=beijing.name, now=now)

    assert (row(beijing).trouble, row(beijing).verified_size) == ("", 601)
    assert set(states(beijing)) == {"accepted"}
    assert PeerTile.objects.count() == 2


def test_a_grown_log_that_is_not_the_peers_is_refused(beijing: MemoryNode) -> None:
    for index in range(5):
        beijing.append_raw(small_entry(index + 1).to_bytes())

    with pytest.raises(ValueError, match="another than the one made here"):
        grow_read(address=beijing.address)

    assert Peer.objects.get().verified_size == 0
    assert not witnesses.stopped()
