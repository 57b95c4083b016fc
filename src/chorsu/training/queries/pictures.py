"""Pictures of banks of questions: which a bank has, and where a file is one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from chorsu.exchange import erasures
from chorsu.records.forms import PublishedFile
from chorsu.records.reading import Refused
from chorsu.training.items import Item, Picture
from chorsu.training.models import BankItem, BankPicture, SharedBank
from chorsu.training.wire.banks import KIND, parse_bank, pictures_of


@dataclass(frozen=True, slots=True)
class PicturePlace:
    """A course whose questions have a picture; `origin`: of their node, empty for an own bank."""

    course_id: uuid.UUID
    origin: str

    @property
    def is_own(self) -> bool:
        """Whether the bank is this node's."""
        return self.origin in ("", settings.NODE_NAME)


def in_bank(course_id: str) -> dict[str, Picture]:
    """The pictures of an own bank by name, without those that were erased. Two queries."""
    rows = list(BankPicture.objects.filter(course_id=course_id, origin="").order_by("pk"))
    gone = erasures.erased([row.sha256 for row in rows]) if rows else {}
    return {row.name: _picture(row) for row in rows if row.sha256 not in gone}


def made_before(sha256: str) -> Picture | None:
    """The picture of these bytes that some own bank has; a peer's was not made here. One query."""
    row = BankPicture.objects.filter(sha256=sha256, origin="").first()
    return None if row is None else _picture(row)


def picture_places(sha256: str) -> list[PicturePlace]:
    """Every bank that has a file as a picture. One query."""
    rows = BankPicture.objects.filter(sha256=sha256).values_list("course_id", "origin")
    return [PicturePlace(course_id, origin) for course_id, origin in rows]


def needed_by(bank_id: uuid.UUID) -> list[tuple[str, int, str]]:
    """Hash, bytes and media type of what questions of any publication of a bank show: cohorts are
    asked those of the one that they took. Three queries.
    """
    bank = SharedBank.objects.get(pk=bank_id)
    if bank.course_id is None:
        return []
    told = {
        (one["item"], one["version"])
        for items in bank.revisions.values_list("items", flat=True)
        for one in items
    }
    origin = "" if bank.origin == settings.NODE_NAME else bank.origin
    rows = BankItem.objects.filter(
        course_id=bank.course_id, origin=origin, facts__has_key="pictures"
    )
    found = {
        one["sha256"]: one
        for item, version, pictures in rows.values_list("item", "version", "facts__pictures")
        if (str(item), version) in told
        for one in pictures
    }
    return [(sha256, one["size"], one["media_type"]) for sha256, one in sorted(found.items())]


def files_named(payload: bytes, kind: str, origin: str) -> list[PublishedFile]:
    """The pictures that a published bank names; none of what cannot be read."""
    if kind != KIND:
        return []
    try:
        pictures = pictures_of(parse_bank(payload, origin).questions)
    except Refused:
        return []
    return [
        PublishedFile(one["sha256"], one["size"], one["media_type"], one["name"], "")
        for one in pictures
    ]


def shown_by(items: Iterable[Item]) -> set[str]:
    """Hashes of the pictures of some questions."""
    return {one["sha256"] for item in items for one in item.facts.get("pictures", [])}


def _picture(row: BankPicture) -> Picture:
    return Picture(
        name=row.name,
        sha256=row.sha256,
        media_type=row.media_type,
        size=row.size,
        width=row.width,
        height=row.height,
    )
