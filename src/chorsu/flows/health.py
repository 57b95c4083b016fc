"""How a node is: the few figures that monitoring, and a starting demo, ask for."""

from __future__ import annotations

from dataclasses import dataclass

from chorsu.exchange.queries import PeerState, feed_size, peers
from chorsu.search.queries import waiting_passages, waiting_records


@dataclass(frozen=True, slots=True)
class Health:
    """Figures of one node. `peers_behind` counts confirmed peers not in sync or in trouble.

    `records_waiting` are readable and not yet found by search, `passages_waiting` not by meaning.
    """

    entries_published: int
    peers_confirmed: int
    peers_behind: int
    entries_waiting: int
    files_waiting: int
    records_waiting: int
    passages_waiting: int


def health() -> Health:
    """Count; asks the database, so it fails where the node cannot serve."""
    confirmed = [peer for peer in peers() if peer.state == PeerState.CONFIRMED]
    return Health(
        entries_published=feed_size(),
        peers_confirmed=len(confirmed),
        peers_behind=sum(1 for peer in confirmed if not peer.in_sync or peer.answered_at is None),
        entries_waiting=sum(peer.waiting for peer in confirmed),
        files_waiting=sum(peer.wanted for peer in confirmed),
        records_waiting=waiting_records(),
        passages_waiting=waiting_passages(),
    )
