"""Restoring: this node's own log brought back from its peers, and its records from the log.

Nothing is taken on trust: every entry is proven against a checkpoint that this node's own key
signed, every blob against its hash. Until all is done the log stays stopped, so that nothing can
be published beside it. Each step commits by itself; what was cut short goes on where it was.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, queries, restorations, witnesses, works
from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.locks import is_held, only_one
from chorsu.exchange.restorations import RestorationView, Shown
from chorsu.flows import warning
from chorsu.flows.copies import Copy, asked_copy, carried_copy, keep_copies, remove_copies
from chorsu.flows.looking import is_rewritten, next_leaves
from chorsu.flows.opening import NotUnpacked
from chorsu.flows.rebuilding import catch_up, rebuild
from chorsu.institutions.actions import record_event
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import may, node_institution_id
from chorsu.wire import trust
from chorsu.wire.checkpoint import Checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.merkle import Range, consistency_proof

logger = logging.getLogger(__name__)
JOB = "chorsu.jobs.tasks.restore_log"
LOCK = "restore"
Progress = Callable[[int, int], None]


class NotRestored(Exception):  # noqa: N818 - says what is wrong
    """The log could not be restored, or not wholly; `code` is of `troubles.TROUBLES`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it: the log had `since` entries and has `size`; `lost` contents nobody gave."""

    since: int
    size: int
    lost: int
    peers: Sequence[Shown]


def is_under_way(last: RestorationView | None) -> bool:
    """Whether the last restoring waits for a worker or somebody is at it. A process that was
    killed is at it no more, though nobody has written that it ended.
    """
    if last is None or last.ended:
        return False
    return last.state == restorations.State.WAITING or is_held(LOCK)


def ask(*, by: Person, now: datetime, parts: Sequence[tuple[Path, str]] = ()) -> None:
    """Have a worker restore the log, also from uploaded parts of copies that peers carried here:
    files with the names they came by, which are moved away. Raises `NotAllowed`.
    """
    _only_administrators(by)
    keep_copies(parts)
    with transaction.atomic():
        actions.ask_restoration(now=now)
        detail = {"entries": queries.feed_size()}
        _tell("log.restore-asked", detail | ({"parts": len(parts)} if parts else {}), by, now)
        transaction.on_commit(lambda: actions.defer(JOB, once="restore"))


def remove_uploaded(*, by: Person) -> None:
    """Remove the uploaded parts, if nobody is reading them. Raises `NotAllowed`."""
    _only_administrators(by)
    with only_one(LOCK) as mine:
        if mine:
            remove_copies(works.copies())


def carry_out(*, clock: Callable[[], datetime]) -> None:
    """Do what was asked for; what goes wrong is written to it. Safe to begin anew.

    What was uploaded goes when all is done: a part that came too late is for the next time.
    """
    asked = restorations.restoration()
    if asked is None or asked.ended:
        return
    files = works.copies()
    try:
        restore(clock=clock, progress=lambda done, total: None, files=files)
    except NotRestored as refusal:
        logger.warning("the log is not restored: %s", refusal)
    else:
        remove_copies(files)


def restore(
    *,
    clock: Callable[[], datetime],
    progress: Progress,
    give_up_unseen: bool = False,
    files: Sequence[Path] = (),
) -> Restored:
    """Bring back what peers have of the own log and rebuild its records; then the log goes on.

    `files` are parts of bundles that hold such copies (`flows.loading`), in any order; they prove
    no less than what is asked over the network, and are asked beside it.
    `give_up_unseen`: go on without entries that only the data folder remembers; refused while a
    peer could not be asked. Raises `NotRestored`; asking again goes on from there.
    """
    with only_one(LOCK) as mine:
        if not mine:
            raise NotRestored("restore-busy", "")
        actions.ask_restoration(now=clock())
        try:
            with ExitStack() as stack:
                return _restore(stack, clock, progress, files, give_up_unseen=give_up_unseen)
        except NotRestored as refusal:
            actions.fail_restoration(code=refusal.code, detail=refusal.detail, now=clock())
            raise
        except Exception as fault:
            actions.fail_restoration(code="internal", detail=repr(fault)[:2000], now=clock())
            raise


def _restore(
    stack: ExitStack,
    clock: Callable[[], datetime],
    progress: Progress,
    files: Sequence[Path],
    *,
    give_up_unseen: bool,
) -> Restored:
    if replaced := witnesses.key_replaced():
        raise NotRestored("key-replaced", f"by {replaced.new.vkey} at {replaced.size} entries")
    copies, shown = _survey(stack, files)
    own = _own_part()
    actions.begin_restoration(peers=shown, size=max(own.size, _longest(copies)))
    _refuse_none(copies, shown)
    _refuse_two_logs(copies, own)
    sources = _proven(copies, own)
    if _longest(copies) > queries.feed_size():
        _stop(copies[0], clock())
        _bring_entries(sources, _longest(copies), progress)
    begun = restorations.restoration()
    if begun is None:
        raise NotRestored("restore-busy", "")
    try:
        rebuild(copies, begun, now=clock(), progress=progress)
    except PeerTrouble as trouble:
        raise NotRestored(trouble.code, trouble.detail) from trouble
    _go_on([copy.note for copy in copies], shown, give_up_unseen=give_up_unseen)
    catch_up(now=clock())
    size, lost = queries.feed_size(), restorations.count_lost()
    with transaction.atomic():
        actions.end_restoration(now=clock())
        _tell("log.restored", {"since": begun.since, "entries": size, "lost": lost}, None, clock())
        transaction.on_commit(actions.defer_ping, robust=True)
    return Restored(begun.since, size, lost, shown)


def _survey(stack: ExitStack, files: Sequence[Path]) -> tuple[list[Copy], list[Shown]]:
    """Ask every peer for its copy, and open those that were carried; the longest first."""
    copies: list[Copy] = []
    shown: list[Shown] = []
    for name, address in restorations.peers_to_ask():
        try:
            copies.append(asked_copy(stack, name, address))
        except (PeerTrouble, WireError) as trouble:
            shown.append(Shown(name, -1, trouble.code))
    for path in files:
        try:
            copies.append(carried_copy(stack, path))
        except NotUnpacked as refusal:
            shown.append(Shown(path.name, -1, refusal.code))
        except (PeerTrouble, WireError) as trouble:
            shown.append(Shown(path.name, -1, trouble.code))
        except OSError as error:
            raise NotRestored("not-a-copy", str(error)) from error
    copies.sort(key=lambda copy: -copy.checkpoint.size)
    # Of a bundle in parts each is a copy, and the peer is told of once.
    whole = {copy.peer: copy.checkpoint.size for copy in reversed(copies)}
    shown += [Shown(name, size, "") for name, size in whole.items()]
    for name, _ in restorations.peers_to_ask(carried=True):
        if name not in whole:
            shown.append(Shown(name, -1, "carried-copy"))
    shown.sort(key=lambda one: one.peer)
    return copies, shown


def _refuse_none(copies: Sequence[Copy], shown: Sequence[Shown]) -> None:
    if not copies and not (shown and all(one.code == "peer-lacks" for one in shown)):
        asked = ", ".join(f"{one.peer}: {one.code}" for one in shown)
        raise NotRestored("no-copy", asked or "there are no peers")


def _longest(copies: Sequence[Copy]) -> int:
    return copies[0].checkpoint.size if copies else 0


def _own_part() -> Checkpoint:
    edge = restorations.own_edge()
    return Checkpoint(settings.NODE_NAME, edge.size, edge.root())


def _refuse_two_logs(copies: Sequence[Copy], own: Checkpoint) -> None:
    """Rule 15 without asking further: what the notes and the log here say by themselves."""
    for copy in copies:
        for other in copies:
            if not trust.agree(copy.checkpoint, other.checkpoint):
                raise _forked(copy.peer, copy.note, other.peer, other.note)
        if copy.checkpoint.size <= own.size and not witnesses.contains(copy.checkpoint):
            raise _forked(settings.NODE_NAME, queries.checkpoint(), copy.peer, copy.note)


def _proven(copies: Sequence[Copy], own: Checkpoint) -> list[Copy]:
    """The copies longer than the own log of which it, and every shorter copy, is a beginning.

    A copy that can't prove it is damaged and no source, unless it proves the contrary.
    """
    sources = []
    for copy in copies:
        if copy.checkpoint.size <= own.size:
            break
        shorter = [(settings.NODE_NAME, queries.checkpoint(), own)]
        shorter += [(one.peer, one.note, one.checkpoint) for one in copies]
        try:
            for name, note, part in shorter:
                if own.size <= part.size <= copy.checkpoint.size:
                    _check_beginning(part, copy, name, note)
        except (PeerTrouble, WireError) as trouble:
            logger.warning("the copy of %s can't be used: %s", copy.peer, trouble)
            copy.trouble = trouble.code
            continue
        sources.append(copy)
    return sources


def _check_beginning(part: Checkpoint, copy: Copy, name: str, note: bytes) -> None:
    whole = copy.checkpoint
    if part.size == 0 or part.size == whole.size:
        return
    try:
        proof = consistency_proof(part.size, whole.size, copy.hash_at)
        trust.check_history(part, whole, proof)
    except WireError:
        if is_rewritten(part, whole, copy.hash_at):
            raise _forked(name, note, copy.peer, copy.note) from None
        raise


def _bring_entries(sources: Sequence[Copy], size: int, progress: Progress) -> None:
    """Put the missing entries back, batch by batch, from whoever gives true ones."""
    trouble: PeerTrouble | WireError | None = None
    for copy in sources:
        try:
            _bring_from(copy, size, progress)
        except (PeerTrouble, WireError) as found:
            logger.warning("the copy of %s can't be used: %s", copy.peer, found)
            copy.trouble, trouble = found.code, found
    have = queries.feed_size()
    if have < size:
        raise NotRestored("copy-incomplete", f"{have} of {size}; {trouble or 'no copy is whole'}")


def _bring_from(copy: Copy, size: int, progress: Progress) -> None:
    whole, edge = copy.checkpoint, restorations.own_edge()
    while edge.size < whole.size:
        leaves = next_leaves(copy, edge.size, whole.size)
        end = edge.size + len(leaves)
        proof = consistency_proof(end, whole.size, copy.hash_at)
        grown: Range = trust.advance_part(edge, whole, leaves, proof)
        note = copy.note if end == whole.size else None
        try:
            actions.put_back(start=edge.size, leaves=leaves, edge=grown, note=note)
        except actions.NotStopped as moved:
            raise NotRestored("log-moved", str(moved)) from moved
        edge = grown
        progress(edge.size, size)


def _go_on(notes: Sequence[bytes], shown: Sequence[Shown], *, give_up_unseen: bool) -> None:
    unasked = [one.peer for one in shown if one.code not in ("", "peer-lacks")]
    if give_up_unseen and unasked:
        raise NotRestored("no-copy", f"not asked: {', '.join(unasked)}")
    if not actions.lift_stop(notes=notes, give_up_unseen=give_up_unseen):
        raise NotRestored("entries-unseen", f"{queries.feed_size()} entries are here")


def _only_administrators(by: Person) -> None:
    if not may(by, Role.ADMINISTRATOR, node_institution_id()):
        raise NotAllowed(Role.ADMINISTRATOR)


def _stop(copy: Copy, now: datetime) -> None:
    with transaction.atomic():
        if actions.stop_log(note=copy.note):
            record_event(
                person=None,
                action="log.stopped",
                subject_kind="peer",
                subject_id=copy.peer,
                detail={"entries": copy.checkpoint.size},
                now=now,
            )
            warning.want(code=witnesses.why_stopped(), peer=copy.peer, now=now)


def _forked(one: str, one_note: bytes, other: str, other_note: bytes) -> NotRestored:
    notes = [
        f"{name}:\n{note.decode('utf-8', 'replace')}"
        for name, note in ((one, one_note), (other, other_note))
    ]
    return NotRestored("log-forked", "\n---\n".join(notes))


def _tell(action: str, detail: dict[str, int], by: Person | None, now: datetime) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="node",
        subject_id=settings.NODE_NAME,
        detail=detail,
        now=now,
    )
