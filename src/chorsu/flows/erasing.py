"""Erasing: an administrator takes back what this node published, for a reason, for good.

The wish is a row that commits together with the words leaving the tables; from then on nobody can
read the blob. A worker removes the bytes. The log keeps the hash and verifies as before. Peers read
the wish when they next look (`flows.heeding`); here is also what they answer.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, blobs, erasures, keys
from chorsu.exchange.erasures import GROUNDS, OwnBlob
from chorsu.exchange.queries import confirmed_peers
from chorsu.institutions.actions import erase_detail, record_event
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import may, node_institution_id
from chorsu.institutions.writing import personal_data
from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import normalise
from chorsu.practices import actions as practices
from chorsu.practices import queries
from chorsu.practices.rules import FieldError
from chorsu.practices.wire import KIND
from chorsu.records.forms import PublishedFile
from chorsu.records.shapes import ErasedView, Left
from chorsu.training.actions import courses
from chorsu.training.actions import shared_banks as banks
from chorsu.training.actions.pictures import forget_picture
from chorsu.training.queries import courses as course_queries
from chorsu.training.queries import pictures
from chorsu.training.queries import shared_banks as bank_queries
from chorsu.training.wire.banks import KIND as BANK
from chorsu.training.wire.courses import KIND as COURSE
from chorsu.training.wire.courses import TEXT_KIND as COURSE_TEXT
from chorsu.wire.entry import PUBLISH
from chorsu.wire.erasing import MAX_WORDS, ErasureAnswer, What


class NotErasable(Exception):  # noqa: N818 - says what is wrong
    """The blob can't be erased here; `code` is one of the list.

    `unknown`: no entry or record of this node names it. `present`: it is what a record says now: a
    new revision or a withdrawal comes first. `done`: it is erased already.
    """

    def __init__(self, code: str, blob: str) -> None:
        super().__init__(f"{code}: {blob[:64]}")
        self.code = code


class InvalidReason(Exception):  # noqa: N818 - says what is wrong
    """What was given as the reason can't be told to peers and readers; `errors` by field."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(", ".join(f"{one.field}: {one.code}" for one in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is erased. `named`: a file's name and description may still be shown."""

    ground: str
    words: str
    language: str
    named: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """A thing that may be erased, with all blobs that go with it.

    `what` is of `wire.erasing`. Of a file: what it is called and in which revisions it is; of a
    revision its number and day. `present`: only after a new revision or a withdrawal.
    """

    blob: str
    what: What
    kind: str
    record_id: uuid.UUID
    revision: int
    at: datetime
    blobs: Sequence[str]
    present: bool = False
    name: str = ""
    media_type: str = ""
    size: int = 0
    revisions: Sequence[int] = ()
    erased: ErasedView | None = None


@dataclass(frozen=True, slots=True)
class Titled:
    """A practice or a course, with the title of its original; of a draft it is empty."""

    kind: str
    record_id: uuid.UUID
    title: str
    language: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a person should know before they erase a target."""

    target: Target
    title: str
    title_language: str
    places: Sequence[Titled]
    left: Left
    peers: Sequence[str]


def targets_of(record_id: uuid.UUID) -> list[Target]:
    """What of a record of this node may be erased: files, contents of revisions, a reason.

    Reads each content the log names for the record, for the files in it.
    """
    entries = erasures.own_blobs(record_id)
    gone = erasures.erased([entry.blob for entry in entries])
    return [
        *_files(entries, record_id),
        *_revisions(entries, gone),
        *(_target(one, gone) for one in entries if one.action != PUBLISH),
    ]


def consequence(record_id: uuid.UUID, blob: str) -> Consequence:
    """What to show before the decision; raises `NotErasable`."""
    target = _require(record_id, blob)
    named = titles_of([record_id]).get(record_id)
    left_of = course_queries.left_of if target.kind == COURSE else queries.left_of
    return Consequence(
        target=target,
        title=named.title if named else "",
        title_language=named.language if named else "",
        places=_places(blob) if target.what == "file" else [],
        left=left_of(record_id, target.revision),
        peers=[name for name, _ in confirmed_peers()],
    )


def titles_of(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Titled]:
    """Records of any kind, own or a peer's, with the title of the original; who has none is left
    out. Two queries.
    """
    found = ((KIND, queries.original_titles(ids)), (COURSE, course_queries.original_titles(ids)))
    return {
        key: Titled(kind, key, title, language)
        for kind, titles in found
        for key, (title, language) in titles.items()
    }


def find_record(blob: str) -> uuid.UUID:
    """The record of this node that names a blob, as content or as a file; raises `NotErasable`.

    A file that only an earlier revision named is looked for in every content: slow, and complete.
    """
    if (own := erasures.own_blob(blob)) is not None:
        return own.record_id
    for place in queries.file_places(blob):
        if place.is_own and place.published:
            return place.practice_id
    for course in course_queries.file_places(blob):
        if course.is_own and course.published:
            return course.course_id
    for kind in (KIND, COURSE, BANK):
        for record_id, content in erasures.own_record_blobs(kind):
            if blob in {file.sha256 for file in _named(content, kind)}:
                return record_id
    raise NotErasable("unknown", blob)


@transaction.atomic
def erase(
    *, record_id: uuid.UUID, blob: str, reason: Reason, by: Person | None, now: datetime
) -> Target:
    """Erase a file, a revision's content or a withdrawal's reason of a record of this node.

    Erasing a revision erases each blob that was published of it. `by` is None for somebody at the
    node's own command line. Raises `NotErasable`, `InvalidReason`, `NotAllowed`.
    """
    only_administrators(by)
    clean = _clean(reason)
    # As who publishes: the record first, its files, and then the log.
    practices.hold_still(record_id=str(record_id))
    courses.hold_still(record_id=str(record_id))
    banks.hold_still(record_id=str(record_id))
    target = _require(record_id, blob)
    contents = target.blobs if target.what == "record" else ()
    named = {one: [file.sha256 for file in _named(one, target.kind)] for one in contents}
    _forget(target, clean)
    for one in target.blobs:
        actions.erase_own(
            blob=one,
            what=target.what,
            kind=target.kind,
            record_id=record_id,
            revision=0 if target.what == "file" else target.revision,
            ground=clean.ground,
            words=clean.words,
            language=clean.language,
            named=clean.named,
            files=named.get(one, ()),
            now=now,
        )
    record_event(
        person=by,
        action="blob.erased",
        subject_kind=target.kind,
        subject_id=str(record_id),
        detail={
            "type": target.what,
            "blob": list(target.blobs),
            "revision": target.revision,
            "ground": clean.ground,
            "reason": clean.words,
        },
        now=now,
    )
    # Peers are told that there is something new, as of a new entry: they look, and read the list.
    transaction.on_commit(actions.defer_ping, robust=True)
    return target


def finish(*, now: datetime) -> int:
    """Remove the bytes of what is erased; returns of how many blobs. Raises `OSError`."""
    return actions.finish(now=now)


def sweep(*, now: datetime) -> int:
    """Remove bytes of erased blobs that came back; returns how many."""
    return actions.erase_again(now=now)


# What peers read and answer


def tell_list(*, peer_name: str, after: int, now: datetime) -> bytes:
    """The signed list for a peer that asked for what is numbered above `after`."""
    found = erasures.own_list(after)
    actions.note_asked(peer_name=peer_name, numbers=[one.number for one in found.erasures], now=now)
    return found.to_bytes(keys.signing_key())


def hear_answers(*, peer_name: str, answers: Sequence[ErasureAnswer], now: datetime) -> None:
    """What a peer did about this node's erasures."""
    actions.note_answers(peer_name=peer_name, answers=answers, now=now)


def only_administrators(by: Person | None) -> None:
    """Raise `NotAllowed` for a person who does not administer this node."""
    if by is not None and not may(by, Role.ADMINISTRATOR, node_institution_id()):
        raise NotAllowed(Role.ADMINISTRATOR)


def _require(record_id: uuid.UUID, blob: str) -> Target:
    found = next((one for one in targets_of(record_id) if blob in one.blobs), None)
    if found is None:
        raise NotErasable("unknown", blob)
    if found.erased is not None:
        raise NotErasable("done", blob)
    if found.present:
        raise NotErasable("present", blob)
    return found


def _clean(reason: Reason) -> Reason:
    words = normalise(reason.words)
    errors: list[FieldError] = []
    if reason.ground not in GROUNDS:
        errors.append(FieldError("ground", "unknown", {"value": reason.ground[:40]}))
    if reason.language not in TAGS:
        errors.append(FieldError("language", "unknown", {"value": reason.language[:40]}))
    if not words:
        errors.append(FieldError("words", "missing"))
    elif len(words) > MAX_WORDS:
        errors.append(FieldError("words", "too_long", {"max": MAX_WORDS}))
    # The words go to every peer, and no person has a place in what goes out.
    errors += personal_data({"words": words})
    if errors:
        raise InvalidReason(errors)
    return Reason(reason.ground, words, reason.language, reason.named)


def _forget(target: Target, reason: Reason) -> None:
    """The words leave the tables, wherever they stand."""
    if target.what == "file":
        practices.forget_file(sha256=target.blob, named=reason.named)
        courses.forget_file(sha256=target.blob, named=reason.named)
        forget_picture(sha256=target.blob)
    elif target.kind == COURSE and target.what == "reason":
        courses.forget_reason(course_id=target.record_id)
        erase_detail(action="course.withdrawn", subject_id=str(target.record_id), name="reason")
    elif target.kind == COURSE_TEXT:
        _forget_text(target)
    elif target.kind == COURSE:
        courses.forget_revision(course_id=target.record_id, revision=target.revision)
    elif target.kind == BANK and target.what == "reason":
        banks.forget_reason(bank_id=target.record_id)
        course = bank_queries.course_of(target.record_id)
        erase_detail(action="question-bank.withdrawn", subject_id=course, name="reason")
    elif target.kind == BANK:
        banks.forget_revision(bank_id=target.record_id, revision=target.revision)
    elif target.kind != KIND:
        return
    elif target.what == "reason":
        practices.forget_reason(practice_id=target.record_id)
        erase_detail(action="practice.withdrawn", subject_id=str(target.record_id), name="reason")
    else:
        practices.forget_revision(practice_id=target.record_id, revision=target.revision)


def _forget_text(target: Target) -> None:
    """What a translation said before, where a cohort may still read it."""
    for blob in target.blobs if target.what == "record" else ():
        courses.forget_text(
            record_id=target.record_id,
            supplied_by=str(settings.NODE_NAME),
            payload=blobs.read(blob),
        )


def _files(entries: Sequence[OwnBlob], record_id: uuid.UUID) -> list[Target]:
    """Every file that a content of the record names, the newest names first."""
    found: dict[str, Target] = {}
    seen: dict[str, list[int]] = {}
    for entry in reversed([one for one in entries if one.action == PUBLISH]):
        for file in _named(entry.blob, entry.kind):
            seen.setdefault(file.sha256, []).append(entry.revision)
            found.setdefault(
                file.sha256,
                Target(
                    blob=file.sha256,
                    what="file",
                    kind=entry.kind,
                    record_id=record_id,
                    revision=entry.revision,
                    at=entry.at,
                    blobs=[file.sha256],
                    name=file.name,
                    media_type=file.media_type,
                    size=file.size,
                ),
            )
    gone = erasures.erased(found)
    known = erasures.named_by_erased(record_id, str(settings.NODE_NAME)) - found.keys()
    rest = [_nameless(sha256, entries[-1]) for sha256 in sorted(known)] if entries else []
    gone |= erasures.erased(known) if known else {}
    return [
        replace(one, revisions=sorted(set(seen.get(one.blob, []))), erased=gone.get(one.blob))
        for one in [*found.values(), *rest]
    ]


def _places(sha256: str) -> list[Titled]:
    """Everywhere a file is, published or in a draft."""
    of_practices = [
        Titled(KIND, place.practice_id, place.title, place.language)
        for place in queries.file_places(sha256)
    ]
    of_courses = [
        Titled(COURSE, place.course_id, place.title, place.language)
        for place in course_queries.file_places(sha256)
    ]
    banks_of = [place.course_id for place in pictures.picture_places(sha256)]
    known = course_queries.original_titles(banks_of)
    of_banks = [Titled(COURSE, one, *known.get(one, ("", ""))) for one in banks_of]
    return [*of_practices, *of_courses, *(one for one in of_banks if one not in of_courses)]


def _nameless(sha256: str, entry: OwnBlob) -> Target:
    """A file of a content that is erased: what it was called went with that."""
    info = blobs.info(sha256)
    return Target(
        blob=sha256,
        what="file",
        kind=entry.kind,
        record_id=entry.record_id,
        revision=entry.revision,
        at=entry.at,
        blobs=[sha256],
        media_type=info.media_type if info else "",
        size=info.size if info else 0,
    )


def _revisions(entries: Sequence[OwnBlob], gone: Mapping[str, ErasedView]) -> list[Target]:
    """Each published revision, newest first; its blobs without that of what the record says now."""
    found: list[Target] = []
    published = [one for one in entries if one.action == PUBLISH]
    for number in sorted({one.revision for one in published}, reverse=True):
        same = [one for one in published if one.revision == number]
        earlier = [one.blob for one in same if not one.present]
        if any(one.present for one in same):
            # What the record says now, and what the same revision said before, each by itself.
            found.append(replace(_target(same[-1], gone), present=True))
            same = [one for one in same if not one.present]
        if same:
            whole = dict.fromkeys(earlier)
            found.append(replace(_target(same[0], gone), blobs=list(whole)))
    return found


def _target(entry: OwnBlob, gone: Mapping[str, ErasedView]) -> Target:
    return Target(
        blob=entry.blob,
        what="record" if entry.action == PUBLISH else "reason",
        kind=entry.kind,
        record_id=entry.record_id,
        revision=entry.revision,
        at=entry.at,
        blobs=[entry.blob],
        erased=gone.get(entry.blob),
    )


def _named(blob: str, kind: str) -> Sequence[PublishedFile]:
    payload = blobs.read(blob)
    return named_files(payload, kind, str(settings.NODE_NAME)) if payload else []


def named_files(payload: bytes, kind: str, origin: str) -> list[PublishedFile]:
    """The files that a published content of any kind names; none of what can't be read."""
    files_of = {COURSE: course_queries.files_named, BANK: pictures.files_named}
    return files_of.get(kind, queries.files_named)(payload, kind, origin)
