"""Pulling: look at a peer's log, believe what is proven, fetch what it names, take it in.

Each step commits by itself and can be repeated: a process killed anywhere goes on where it was.
What is stored is inert; `flows.ingesting` decides what it means.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, blobs, erasures, keys, queries
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.exchange.downloads import DOWN, ContentSource, Download, Downloads, bring
from chorsu.exchange.locks import only_one
from chorsu.exchange.pace import SMALL_BYTES, Pace
from chorsu.exchange.queries import EntryView, PullState
from chorsu.exchange.rules import is_gone
from chorsu.flows import warning
from chorsu.flows.ahead import Ahead, lay_many
from chorsu.flows.comparing import compare_logs
from chorsu.flows.fetching import Fetching, bring_all
from chorsu.flows.following import take_log
from chorsu.flows.heeding import heed
from chorsu.flows.indexing import AT_ONCE, index_now
from chorsu.flows.ingesting import ingest, ingest_many, knows_kind
from chorsu.flows.looking import Dishonest
from chorsu.flows.peering import PULL_JOB
from chorsu.flows.portions import Line, parts_of
from chorsu.flows.software import SOFTWARE
from chorsu.flows.witnessing import take_witness
from chorsu.institutions.actions import record_event
from chorsu.practices.wire import KIND
from chorsu.wire.entry import NETWORK, PUBLIC, PUBLISH, WITHDRAW
from chorsu.wire.errors import WireError

logger = logging.getLogger(__name__)
MAX_RECORD_BYTES = 16 * 1024 * 1024
CLOCK_SLACK = timedelta(hours=24)
LOOKS_TOGETHER = 5
PULLS_TOGETHER = 4
"""A peer that always says that there is more does not keep a worker: others have their turn."""


def pull_until_quiet(*, peer_name: str, clock: Callable[[], datetime]) -> None:
    """Pull, and again if a look was wanted meanwhile: who wanted it may have found us at work.

    The question comes after the lock is free: whoever wants a look later gets the lock. After a
    few times the next one is another job, behind what else waits.
    """
    now = clock()
    for _ in range(PULLS_TOGETHER):
        read = pull(peer_name=peer_name, now=now, clock=clock)
        now = clock()
        if not queries.look_is_wanted(peer_name, read, now):
            return
    actions.defer(PULL_JOB, once=peer_name, peer_name=peer_name)


def pull(*, peer_name: str, now: datetime, clock: Callable[[], datetime] | None = None) -> datetime:
    """Read a peer's log to its end and take in what is there; trouble is written to the peer.

    With a clock, the log is looked at again when that is due while files are still on their way,
    and at once when the peer says that there is more. Returns when it was last read. Does nothing
    for a peer that is not confirmed or whose log is carried, or while another worker does it.
    """
    with only_one(f"pull {peer_name}") as mine:
        state = queries.pull_state(peer_name) if mine else None
        if state is None or state.carried:
            return now
        actions.reconsider(peer_name=peer_name, software=SOFTWARE)
        pace = Pace()
        try:
            with (
                _client(state, pace) as client,
                Fetching(_threads(state, pace), peer_name) as files,
            ):
                while state is not None:
                    pace.bytes_per_second = _limit(state)
                    now = _look(client, state, pace, now, clock)
                    now = files.take(now, clock, until=partial(_is_due, peer_name, now))
                    state = queries.pull_state(peer_name) if files.busy else None
        except actions.Overtaken:
            logger.info("%s is no longer to be read, or is read elsewhere", peer_name)
        except (PeerTrouble, WireError) as trouble:
            _note_trouble(peer_name, trouble.code, trouble.detail, now)
        except Dishonest as proof:
            put_aside(peer_name, proof, now)
    return now


def _look(
    client: PeerClient,
    state: PullState,
    pace: Pace,
    now: datetime,
    clock: Callable[[], datetime] | None,
) -> datetime:
    """Once through what the peer has published; files are left to others.

    Readers first: what is published meanwhile is taken in, a few times, before it can be found and
    before the rest of a look.
    Returns when the log was last read.
    """
    new: list[str] = []
    for again in range(LOOKS_TOGETHER):
        state = take_log(client, state, now)
        new += _take_contents(client, state, pace, now)
        if clock is None or again == LOOKS_TOGETHER - 1:
            break
        new = _index_until_more(state.name, new, now, clock)
        later, known = clock(), queries.pull_state(state.name)
        if known is None or not queries.look_is_wanted(state.name, now, later):
            break
        state, now = known, later
    index_now(KIND, new)
    take_witness(client, state, now)
    heed(client, state, now)
    actions.record_look(name=state.name, now=now)
    for name, contradiction in compare_logs(client, state, now).items():
        put_aside(name, contradiction, now)
    return now


def _index_until_more(
    peer_name: str, new: list[str], now: datetime, clock: Callable[[], datetime]
) -> list[str]:
    """Index a few new records as long as the peer does not say that there are others.

    Returns those that are left.
    """
    few = len(new) <= AT_ONCE
    while few and new and not queries.look_is_wanted(peer_name, now, clock()):
        index_now(KIND, new[:1])
        new = new[1:]
    return new


def _is_due(peer_name: str, begun: datetime, now: datetime) -> bool:
    """Whether the log is to be looked at again, though files are on their way: words go first."""
    pause = timedelta(seconds=settings.NODE.number("exchange.pull_seconds"))
    return now - begun >= pause or queries.look_is_wanted(peer_name, begun, now)


def _limit(state: PullState) -> int:
    """Bytes a second to take from the peer at most; 0: no limit."""
    limit = state.max_kb_per_second
    return 1000 * (settings.NODE.number("exchange.max_kb_per_second") if limit is None else limit)


def _client(state: PullState, pace: Pace) -> PeerClient:
    return PeerClient(state.address, key=keys.signing_key(), pace=pace)


def _threads(state: PullState, pace: Pace) -> Downloads:
    at_once = settings.NODE.number("exchange.downloads_at_once")
    # The key is read here: threads have nothing to ask of the database.
    key = keys.signing_key()
    connect = partial(PeerClient, state.address, key=key, pace=pace, sharers=at_once)
    return Downloads(connect, at_once=at_once)


def _take_contents(client: PeerClient, state: PullState, pace: Pace, now: datetime) -> list[str]:
    """Fetch and take in every entry that is due; one that can't be waits and holds up no other.

    Returns ids of practices that are here for the first time and wait for their place in search:
    all if they are few.
    """
    new: list[str] = []
    peer_name = state.name
    # Once: nothing comes to the log meanwhile, and looking for it costs by what waits.
    actions.supersede(peer_name=peer_name)
    connect = partial(PeerClient, state.address, key=keys.signing_key(), pace=pace, sharers=2)
    line = Line(peer_name, now)
    with Ahead(connect) as ahead:
        while entries := line.next():
            done = _take_many(client, ahead, peer_name, entries, line.following, now)
            if len(new) <= AT_ONCE:  # else a worker indexes them, however many follow
                new += done.values()
            _bring_large(state, pace, entries, now)
            for entry in entries:
                if entry.index in done:
                    continue
                if entry.state != queries.State.STORED or fetch(client, entry, now):
                    ingest(peer_name=peer_name, index=entry.index, now=now)
    return new


def _take_many(
    client: PeerClient,
    ahead: Ahead,
    peer_name: str,
    entries: Sequence[EntryView],
    following: Sequence[EntryView],
    now: datetime,
) -> Mapping[int, str]:
    """Fetch and take in together what is small, new and without trouble; returns which, with ids.

    Those that follow are asked for ahead.
    """
    ready = [entry.index for entry in entries if entry.state != queries.State.STORED]
    for audience in (PUBLIC, NETWORK):
        small = [entry for entry in entries if _is_simple(entry, audience, now)]
        for part in parts_of(small):
            ready += _fetch_many(client, ahead, peer_name, part, now)
    _ask_ahead(ahead, peer_name, following, now)
    return ingest_many(peer_name=peer_name, indexes=ready, now=now) if ready else {}


def _ask_ahead(ahead: Ahead, peer_name: str, entries: Sequence[EntryView], now: datetime) -> None:
    """Ask for what will be asked for first when these have their turn."""
    for audience in (PUBLIC, NETWORK):
        small = [entry for entry in entries if _is_simple(entry, audience, now)]
        for part in parts_of(small):
            wanted = _not_here(peer_name, _without_erased(peer_name, part))
            if len(wanted) > 1:
                ahead.ask(wanted, signed=audience == NETWORK)
            return


def _bring_large(state: PullState, pace: Pace, entries: Sequence[EntryView], now: datetime) -> None:
    """Fetch large contents several at once; `fetch` finds them, and says of each what is wrong."""
    large = [
        Download(entry.blob, entry.size, signed=entry.audience == NETWORK, rank=0)
        for entry in entries
        if SMALL_BYTES < entry.size <= MAX_RECORD_BYTES and _is_untried(entry, now)
    ]
    here = blobs.at_hand([one.sha256 for one in large], state.name) if large else set()
    large = [one for one in large if one.sha256 not in here]
    if len(large) < 2:
        return
    with _threads(state, pace) as threads:
        bring_all(threads, large)


def _is_simple(entry: EntryView, audience: str, now: datetime) -> bool:
    """Whether nothing speaks against asking for it together with others."""
    small = entry.size <= SMALL_BYTES
    return small and entry.audience == audience and _is_untried(entry, now)


def _is_untried(entry: EntryView, now: datetime) -> bool:
    return (
        entry.state == queries.State.STORED
        and entry.action == PUBLISH
        and entry.tries == 0
        and bool(entry.blob)
        and knows_kind(entry.kind)
        and entry.at <= now + CLOCK_SLACK
    )


def _fetch_many(
    client: PeerClient,
    ahead: Ahead,
    peer_name: str,
    entries: Sequence[EntryView],
    now: datetime,
) -> list[int]:
    """Bring what the peer gives in one answer; returns the entries whose content is here now."""
    entries = _without_erased(peer_name, entries)
    wanted = _not_here(peer_name, entries)
    laid = ahead.take(wanted)
    left = {sha256: size for sha256, size in wanted.items() if sha256 not in laid}
    if len(left) > 1:
        try:
            laid |= lay_many(client, left, signed=entries[0].audience == NETWORK)
        except PeerTrouble as trouble:
            # A node need not give many at once: one by one it says what is wrong, if anything is.
            logger.info("%s gives no batch: %s", peer_name, trouble)
            _stop_if_down(trouble)
    complete = [e.index for e in entries if e.blob not in wanted or e.blob in laid]
    actions.keep_blobs(peer_name=peer_name, laid=laid, indexes=complete, now=now)
    return complete


def _not_here(peer_name: str, entries: Sequence[EntryView]) -> dict[str, int]:
    """Blobs that the peer has to give, with their sizes."""
    here = blobs.at_hand([entry.blob for entry in entries], peer_name)
    return {entry.blob: entry.size for entry in entries if entry.blob not in here}


def _without_erased(peer_name: str, entries: Sequence[EntryView]) -> list[EntryView]:
    """What was erased is left to `fetch`, which says so."""
    gone = erasures.erased([entry.blob for entry in entries], peer_name)
    return [entry for entry in entries if entry.blob not in gone]


def fetch(client: ContentSource, entry: EntryView, now: datetime) -> bool:
    """Bring the content of an entry; False if the entry is settled or has to wait."""
    if not knows_kind(entry.kind):
        actions.mark_unknown(entry=entry, code="unknown-kind", detail=entry.kind, software=SOFTWARE)
        return False
    if entry.size > MAX_RECORD_BYTES:
        actions.mark_refused(entry=entry, code="record-too-large", detail=f"{entry.size} bytes")
        return False
    if entry.at > now + CLOCK_SLACK:
        actions.postpone(entry=entry, code="from-the-future", detail=str(entry.at), now=now)
        return False
    path: Path | None = None
    missing = ""
    if entry.blob and not blobs.at_hand([entry.blob], entry.peer):
        try:
            _refuse_erased(entry.peer, entry.blob)
            path = bring(client, entry.blob, entry.size, signed=entry.audience == NETWORK)
        except PeerTrouble as trouble:
            gone = trouble.code == "erased-here" or is_gone(trouble.code, entry.tries)
            if entry.action != WITHDRAW and gone:
                actions.mark_refused(entry=entry, code=trouble.code, detail=trouble.detail)
                return False
            # A withdrawal never waits: without its blob it holds, only the reason is not known.
            if entry.action != WITHDRAW:
                actions.postpone(entry=entry, code=trouble.code, detail=trouble.detail, now=now)
                _stop_if_down(trouble)
                return False
            missing = trouble.code
    actions.keep_blob(entry=entry, path=path, now=now, missing=missing)
    return True


def _refuse_erased(peer_name: str, sha256: str) -> None:
    """What this node has erased, or the peer's that it asked to erase, is not fetched again."""
    if (erased := erasures.erased([sha256], peer_name).get(sha256)) is not None:
        own = erased.origin == settings.NODE_NAME
        raise PeerTrouble("erased-here", f"{sha256}, by {'this node' if own else erased.origin}")


def _stop_if_down(trouble: PeerTrouble) -> None:
    if trouble.code in DOWN:
        raise trouble


def _note_trouble(peer_name: str, code: str, detail: str, now: datetime) -> None:
    logger.warning("peer %s: %s: %s", peer_name, code, detail)
    actions.record_trouble(name=peer_name, code=code, detail=detail, now=now)


def put_aside(peer_name: str, proof: Dishonest, now: datetime) -> None:
    """Stop reading the peer, keep the evidence, tell the administrators by audit log and mail."""
    logger.error("peer %s is set aside: %s: %s", peer_name, proof.code, proof.detail)
    with transaction.atomic():
        if actions.set_aside(name=peer_name, code=proof.code, evidence=proof.evidence(), now=now):
            record_event(
                person=None,
                action="peer.set-aside",
                subject_kind="peer",
                subject_id=peer_name,
                detail={"code": proof.code, "detail": proof.detail},
                now=now,
            )
            warning.want(code=proof.code, peer=peer_name, now=now)
