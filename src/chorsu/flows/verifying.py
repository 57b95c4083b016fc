"""Saving a record with its proof, and checking such a file with what this node knows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chorsu.exchange import proofs
from chorsu.exchange.proofs import Checked, Place
from chorsu.exchange.queries import NotThere
from chorsu.practices import queries as practices
from chorsu.practices.errors import NoSuchPractice
from chorsu.records.viewer import Viewer
from chorsu.training.errors.courses import NoSuchCourse
from chorsu.training.queries import courses
from chorsu.wire.entry import PUBLIC
from chorsu.wire.errors import WireError
from chorsu.wire.saved import EXTENSION


class NoProofYet(LookupError):  # noqa: N818 - says what is wrong
    """The node does not have all that a proof of the record needs."""


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file to hand out: its name, made of the title, and its bytes."""

    name: str
    content: bytes


def check(data: bytes) -> Checked:
    """What a file proves, and what this node knows besides; raises `WireError`. Keeps nothing."""
    return proofs.check(data)


def save_practice(*, practice_id: UUID, revision: int | None, viewer: Viewer) -> SavedFile:
    """A practice as it was last published, or one revision of it, with its proof.

    Raises `NoSuchPractice` or `PracticeWithdrawn` as for its page, and `NoProofYet`.
    """
    if revision is None:
        title = practices.practice(str(practice_id), viewer).text.title
    else:
        title = practices.revision(str(practice_id), revision, viewer).words["title"]
    place = _publication(practice_id, revision)
    if not _is_for(place, viewer):
        raise NoSuchPractice(str(practice_id))
    return _saved(place, _plain(title) or str(practice_id))


def save_course(*, course_id: UUID, revision: int | None, viewer: Viewer) -> SavedFile:
    """A course as it was last published, or one revision of it, with its proof.

    Raises `NoSuchCourse` or `CourseWithdrawn` as for its page, and `NoProofYet`.
    """
    title = courses.course(str(course_id), viewer).text.title
    if revision is not None:
        title = courses.taught(str(course_id), revision).original.title
    place = _publication(course_id, revision)
    if not _is_for(place, viewer):
        raise NoSuchCourse(str(course_id))
    return _saved(place, _plain(title) or str(course_id))


def _publication(record_id: UUID, revision: int | None) -> Place:
    try:
        return proofs.publication(record_id, revision)
    except NotThere as error:
        raise NoProofYet(str(error)) from error


def _is_for(place: Place, viewer: Viewer) -> bool:
    """The revision may be older than what the record's readers are today."""
    return place.audience == PUBLIC or viewer.member


def _saved(place: Place, name: str) -> SavedFile:
    try:
        return SavedFile(f"{name}{EXTENSION}", proofs.save(place))
    except (NotThere, WireError) as error:
        raise NoProofYet(str(error)) from error


def _plain(title: str) -> str:
    """What every file system takes as a name."""
    kept = "".join(one if one.isalnum() or one in "-_" else " " for one in title)
    return " ".join(kept.split())[:60].strip()
