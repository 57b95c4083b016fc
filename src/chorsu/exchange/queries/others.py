"""Reading what is kept of peers, and what came from them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from chorsu.exchange.models import FeedEntry, Peer, PeerEntry, SeenNonce
from chorsu.exchange.queries.own import NotThere
from chorsu.exchange.wanting import NONE_AWAITED, Awaited, awaited, due
from chorsu.wire.checkpoint import Checkpoint, open_checkpoint
from chorsu.wire.entry import PUBLISH, WITHDRAW
from chorsu.wire.keys import VerifyKey
from chorsu.wire.merkle import Range
from chorsu.wire.succession import Succession, parse_chain

State = PeerEntry.State
PeerState = Peer.State
FilesPolicy = Peer.Files
WAITING = (State.STORED, State.FETCHED)


# Peers


@dataclass(frozen=True, slots=True)
class PeerView:
    """A peer as pages and flows see it. `trouble` is a code of `troubles.TROUBLES` or empty.

    `waiting`, `unknown` and `refused` count entries, `wanted` files that are on their way, by
    `awaited` with their bytes; `files` and the two after it are the policy. Entries are verified
    up to `verified_size` of `offered_size`. It has cosigned `witnessed_size` entries of this
    node's own log at `witnessed_at`. `successions` are how it came to its key, as far as known
    here. `carried`: no network reaches it; a bundle of it was last taken in at `carried_at`.
    """

    name: str
    address: str
    key: VerifyKey
    institutions: tuple[str, ...]
    state: Peer.State
    confirmed_by_peer: bool
    added_at: datetime
    confirmed_at: datetime | None
    verified_size: int
    offered_size: int
    looked_at: datetime | None
    answered_at: datetime | None
    witnessed_size: int
    witnessed_at: datetime | None
    trouble: str
    trouble_detail: str
    successions: tuple[Succession, ...] = ()
    waiting: int = 0
    unknown: int = 0
    refused: int = 0
    wanted: int = 0
    awaited: Awaited = NONE_AWAITED
    files: Peer.Files = Peer.Files.AHEAD
    ahead_max_mb: int | None = None
    max_kb_per_second: int | None = None
    carried: bool = False
    carried_at: datetime | None = None

    @property
    def last_change(self) -> Succession | None:
        """How it came to its present key, if that is not its first."""
        return self.successions[-1] if self.successions else None

    @property
    def key_followed(self) -> bool:
        """Whether the present key is not the one that was compared, but one that this signed."""
        last, compared = self.last_change, self.confirmed_at
        return last is not None and compared is not None and last.time > compared

    @property
    def in_sync(self) -> bool:
        """Everything it has signed is here and settled."""
        settled = self.waiting == 0 and self.wanted == 0
        return not self.trouble and settled and self.verified_size == self.offered_size


@dataclass(frozen=True, slots=True)
class EntryView:
    """A verified entry of a peer that waits to be taken in; `size` in bytes of its blob.

    `missing`: of a withdrawal, why the peer did not give the reason.
    """

    peer: str
    index: int
    kind: str
    record_id: uuid.UUID
    revision: int
    action: str
    audience: str
    at: datetime
    blob: str
    size: int
    state: PeerEntry.State
    tries: int
    missing: str = ""


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An entry that is kept and not taken in, with why; `reason` is a code of `troubles`.

    Of a leaf that could not be understood `kind` may be empty and `record_id` None.
    """

    index: int
    kind: str
    record_id: uuid.UUID | None
    state: PeerEntry.State
    reason: str
    reason_detail: str
    tries: int
    next_try_at: datetime | None
    arrived_at: datetime


def peers() -> list[PeerView]:
    """Every peer, by name, with its counts: three queries."""
    rows = list(Peer.objects.order_by("name"))
    counts = _entry_counts()
    files = awaited()
    return [
        _peer_view(row, counts.get(row.id, {}), files.get(row.id, NONE_AWAITED)) for row in rows
    ]


def peer(name: str) -> PeerView:
    """One peer with its counts; raises `NotThere`."""
    for view in peers():
        if view.name == name:
            return view
    raise NotThere(name)


def peer_key(name: str) -> VerifyKey | None:
    """The key of a peer that this node has confirmed and not set aside, else None."""
    row = Peer.objects.filter(name=name, state=Peer.State.CONFIRMED).first()
    return VerifyKey.parse(row.vkey) if row else None


def peers_set_aside(names: Iterable[str]) -> frozenset[str]:
    """Those of these nodes that are set aside: they signed what contradicts what they had signed.

    One query, none where this node alone is named.
    """
    others = set(names) - {settings.NODE_NAME}
    if not others:
        return frozenset()
    rows = Peer.objects.filter(name__in=others, state=Peer.State.SET_ASIDE)
    return frozenset(rows.values_list("name", flat=True))


@dataclass(frozen=True, slots=True)
class PullState:
    """Where reading a confirmed peer's feed stands. `note` is None before the first look.

    The leaves of `edge` are a proven beginning of what `note` signs. `successions` lead to `key`;
    what was accepted before it may be signed by a replaced one.
    """

    name: str
    address: str
    key: VerifyKey
    edge: Range
    note: bytes | None
    max_kb_per_second: int | None = None
    successions: tuple[Succession, ...] = ()
    carried: bool = False

    def accepted(self) -> Checkpoint | None:
        """The newest accepted checkpoint."""
        others = [key for one in self.successions for key in (one.old, one.new)]
        return open_checkpoint(self.note, self.key, *others) if self.note else None


def pull_state(name: str) -> PullState | None:
    """Where reading stands, or None for a peer that is not to be read."""
    row = Peer.objects.filter(name=name, state=Peer.State.CONFIRMED).first()
    if row is None:
        return None
    edge = Range.from_bytes(bytes(row.verified_range)) if row.verified_range else Range.empty()
    note = bytes(row.checkpoint) if row.checkpoint else None
    chain = stored_chain(bytes(row.successions))
    key, limit = VerifyKey.parse(row.vkey), row.max_kb_per_second
    return PullState(row.name, row.address, key, edge, note, limit, chain, row.carried)


@lru_cache(maxsize=64)
def stored_chain(data: bytes) -> tuple[Succession, ...]:
    """The successions kept with a peer; their signatures are not checked for every page anew."""
    return parse_chain(data)


def chain_of(name: str) -> bytes:
    """The successions that lead to a peer's key as it is known here, as that node serves its own.

    Of one that is set aside too, for it may be the one that lost its key. Raises `NotThere`.
    """
    read = (Peer.State.CONFIRMED, Peer.State.SET_ASIDE)
    row = Peer.objects.filter(name=name, state__in=read).first()
    if row is None:
        raise NotThere(name)
    return bytes(row.successions)


def look_is_wanted(name: str, since: datetime, now: datetime) -> bool:
    """Whether a look at a confirmed peer was wanted after `since`.

    A wish later than `now` was noted by a clock that was ahead: it would be wanted without end.
    """
    rows = Peer.objects.filter(name=name, state=Peer.State.CONFIRMED)
    return rows.filter(look_wanted_at__gt=since, look_wanted_at__lte=now).exists()


def confirmed_peers() -> list[tuple[str, str]]:
    """Names and addresses of confirmed peers."""
    rows = Peer.objects.filter(state=Peer.State.CONFIRMED).order_by("name")
    return list(rows.values_list("name", "address"))


def peers_by_network() -> list[tuple[str, str]]:
    """Names and addresses of the confirmed peers that the network reaches."""
    rows = Peer.objects.filter(state=Peer.State.CONFIRMED, carried=False).order_by("name")
    return list(rows.values_list("name", "address"))


def institutions_of_peers() -> dict[str, str]:
    """The institution that each node of a known peer hosts: name of the node -> id."""
    rows = Peer.objects.values_list("name", "institutions")
    return {name: str(ids[0]) for name, ids in rows if ids}


def peers_to_look_at(before: datetime, now: datetime) -> list[str]:
    """Names of confirmed peers by network not looked at since `before`, or only when the clock was
    ahead.
    """
    is_due = Q(looked_at__isnull=True) | Q(looked_at__lt=before) | Q(looked_at__gt=now)
    rows = Peer.objects.filter(is_due, state=Peer.State.CONFIRMED, carried=False)
    return list(rows.order_by("name").values_list("name", flat=True))


def looked_at_before(name: str, moment: datetime) -> bool:
    """Whether a confirmed peer by network was not looked at since a moment, or never."""
    rows = Peer.objects.filter(name=name, state=Peer.State.CONFIRMED, carried=False)
    return rows.filter(Q(looked_at__isnull=True) | Q(looked_at__lt=moment)).exists()


def nonce_seen(peer_name: str, nonce: str) -> bool:
    """Whether a peer has used this nonce within what is remembered."""
    return SeenNonce.objects.filter(peer__name=peer_name, nonce=nonce).exists()


def _entry_counts() -> dict[int, dict[str, int]]:
    """By peer and state, of the states worth showing (accepted entries may be many)."""
    rows = PeerEntry.objects.values_list("peer_id", "state").annotate(Count("id"))
    # Apart, each by the index of its own: the accepted ones are not read.
    waiting = rows.filter(state__in=WAITING)
    explained = rows.filter(state__in=(State.UNKNOWN, State.REFUSED))
    counts: dict[int, dict[str, int]] = {}
    for peer_id, state, count in waiting.union(explained, all=True):
        counts.setdefault(peer_id, {})[state] = count
    return counts


def _peer_view(row: Peer, counts: dict[str, int], files: Awaited) -> PeerView:
    return PeerView(
        name=row.name,
        address=row.address,
        key=VerifyKey.parse(row.vkey),
        institutions=tuple(row.institutions),
        state=Peer.State(row.state),
        confirmed_by_peer=row.confirmed_by_peer,
        added_at=row.added_at,
        confirmed_at=row.confirmed_at,
        verified_size=row.verified_size,
        offered_size=row.offered_size,
        looked_at=row.looked_at,
        answered_at=row.answered_at,
        witnessed_size=row.witnessed_size,
        witnessed_at=row.witnessed_at,
        trouble=row.trouble,
        trouble_detail=row.trouble_detail,
        successions=stored_chain(bytes(row.successions)),
        waiting=sum(counts.get(state, 0) for state in WAITING),
        unknown=counts.get(State.UNKNOWN, 0),
        refused=counts.get(State.REFUSED, 0),
        wanted=files.coming,
        awaited=files,
        files=Peer.Files(row.files),
        ahead_max_mb=row.ahead_max_mb,
        max_kb_per_second=row.max_kb_per_second,
        carried=row.carried,
        carried_at=row.carried_at,
    )


# What came from peers


def waiting_entries(
    peer_name: str, *, now: datetime, after: int = -1, limit: int = 256
) -> list[EntryView]:
    """Entries of a peer that wait for their content or for being accepted and are due, in order."""
    rows = PeerEntry.objects.filter(due(now), peer__name=peer_name, state__in=WAITING)
    if after >= 0:
        rows = rows.filter(index__gt=after)
    return entry_views(rows.order_by("index")[:limit], peer_name)


def entries_to_explain(peer_name: str, limit: int = 50) -> list[KeptEntry]:
    """The newest entries of a peer that are not understood, refused, or wait with a reason."""
    kept = Q(state__in=(State.UNKNOWN, State.REFUSED)) | Q(state__in=WAITING, tries__gt=0)
    rows = PeerEntry.objects.filter(kept, peer__name=peer_name).order_by("-index")[:limit]
    return [
        KeptEntry(
            index=row.index,
            kind=row.kind,
            record_id=row.record_id,
            state=PeerEntry.State(row.state),
            reason=row.reason,
            reason_detail=row.reason_detail,
            tries=row.tries,
            next_try_at=row.next_try_at,
            arrived_at=row.arrived_at,
        )
        for row in rows
    ]


def holder_of(record_id: uuid.UUID) -> str | None:
    """Name of the node whose feed this id belongs to here: this one, a peer, or None yet.

    A peer has it by a publication: to withdraw what never came is no claim.
    """
    if FeedEntry.objects.filter(record_id=record_id).exists():
        return str(settings.NODE_NAME)
    held = PeerEntry.objects.filter(record_id=record_id, state=State.ACCEPTED, action=PUBLISH)
    return held.order_by("id").values_list("peer__name", flat=True).first()


def holders_of(record_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """Names of the nodes that have published or hold these ids here, by id. Two queries."""
    found: dict[uuid.UUID, set[str]] = {}
    own = FeedEntry.objects.filter(record_id__in=record_ids)
    for record_id in own.values_list("record_id", flat=True):
        found.setdefault(record_id, set()).add(str(settings.NODE_NAME))
    held = PeerEntry.objects.filter(record_id__in=record_ids, state=State.ACCEPTED)
    for held_id, name in held.values_list("record_id", "peer__name"):
        if held_id is not None:
            found.setdefault(held_id, set()).add(name)
    return found


def entry_view(row: PeerEntry, peer_name: str) -> EntryView:
    """A row that waits, as the rest of the node sees it."""
    return _view(peer_name, *(getattr(row, name) for name in _VIEWED))


def entry_views(rows: QuerySet[PeerEntry], peer_name: str) -> list[EntryView]:
    """As `entry_view`, of many, without what else the rows hold."""
    return [_view(peer_name, *values) for values in rows.values_list(*_VIEWED)]


_VIEWED = (
    "index", "kind", "record_id", "revision", "action", "audience", "at", "blob", "size", "state",
    "tries", "reason",
)  # fmt: skip


def _view(
    peer_name: str,
    index: int,
    kind: str,
    record_id: uuid.UUID | None,
    revision: int | None,
    action: str,
    audience: str,
    at: datetime | None,
    blob: str,
    size: int,
    state: str,
    tries: int,
    reason: str,
) -> EntryView:
    if record_id is None or revision is None or at is None:
        raise ValueError(f"entry {index} of {peer_name} waits and was not understood")
    return EntryView(
        peer=peer_name,
        index=index,
        kind=kind,
        record_id=record_id,
        revision=revision,
        action=action,
        audience=audience,
        at=at,
        blob=blob,
        size=size,
        state=PeerEntry.State(state),
        tries=tries,
        missing=reason if action == WITHDRAW else "",
    )
