"""Saving a practice with its proof, and checking such a file with what this node knows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chorsu.exchange import proofs
from chorsu.exchange.proofs import Checked
from chorsu.exchange.queries import NotThere
from chorsu.practices import queries
from chorsu.practices.errors import NoSuchPractice
from chorsu.records.viewer import Viewer
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
    title = _title(str(practice_id), revision, viewer)
    try:
        place = proofs.publication(practice_id, revision)
        # The revision may be older than what the practice's readers are today.
        if place.audience != PUBLIC and not viewer.member:
            raise NoSuchPractice(str(practice_id))
        return SavedFile(f"{_plain(title) or practice_id}{EXTENSION}", proofs.save(place))
    except (NotThere, WireError) as error:
        raise NoProofYet(str(error)) from error


def _title(practice_id: str, revision: int | None, viewer: Viewer) -> str:
    if revision is None:
        return queries.practice(practice_id, viewer).text.title
    return queries.revision(practice_id, revision, viewer).words["title"]


def _plain(title: str) -> str:
    """What every file system takes as a name."""
    kept = "".join(one if one.isalnum() or one in "-_" else " " for one in title)
    return " ".join(kept.split())[:60].strip()
