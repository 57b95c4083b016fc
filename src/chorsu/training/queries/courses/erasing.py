"""Where content that is to be erased is used by courses."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q

from chorsu.exchange import erasures
from chorsu.records.forms import PublishedFile
from chorsu.records.reading import Refused
from chorsu.records.shapes import ErasedView, Left
from chorsu.training.models import Course, CourseDraft, CourseFile, CourseText
from chorsu.training.queries.courses.published import as_uuid
from chorsu.training.wire.courses import KIND, parse_payload


@dataclass(frozen=True, slots=True)
class CoursePlace:
    """A course or draft that has a file; `title` is the original's, empty of a draft."""

    course_id: uuid.UUID
    title: str
    language: str
    origin: str
    published: bool
    in_draft: bool

    @property
    def is_own(self) -> bool:
        """Whether it is this node's; a draft that was never published is."""
        return self.origin in ("", settings.NODE_NAME)


def files_named(payload: bytes, kind: str, origin: str) -> list[PublishedFile]:
    """The files that a published content names; none of what can't be read."""
    if kind != KIND:
        return []
    try:
        return list(parse_payload(payload, origin).files)
    except Refused:
        return []


def file_places(sha256: str) -> list[CoursePlace]:
    """Everywhere a file is, published or in a draft. Three queries."""
    rows = list(CourseFile.objects.filter(sha256=sha256))
    known = Course.objects.filter(pk__in=[row.course_id for row in rows])
    origins = dict(known.values_list("pk", "origin"))
    titles = original_titles([row.course_id for row in rows])
    return [
        CoursePlace(
            row.course_id,
            *titles.get(row.course_id, ("", "")),
            origins.get(row.course_id, ""),
            row.published,
            row.in_draft,
        )
        for row in rows
    ]


def left_of(course_id: uuid.UUID, revision: int) -> Left:
    """What an erased revision leaves elsewhere. Two queries."""
    texts = CourseText.objects.filter(course=course_id, revision=revision)
    texts = texts.filter(course__withdrawn_at=None, course__revision__gt=revision)
    forked = {"facts__forked_from__course": str(course_id)}
    drafts = CourseDraft.objects.filter(
        Q(pk=course_id, based_on=revision) | Q(**forked, facts__forked_from__revision=revision)
    )
    return Left(sorted(texts.values_list("language", flat=True)), drafts.count())


def original_titles(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """Title and language of the originals, own or a peer's; who has none is left out. One query."""
    rows = CourseText.objects.filter(course__in=ids, provenance="original")
    return {
        key: (title, language)
        for key, title, language in rows.values_list("course_id", "title", "language")
    }


def file_shown(sha256: str) -> tuple[str, int] | None:
    """Name and size of a published file."""
    rows = CourseFile.objects.filter(sha256=sha256, published=True)
    return rows.values_list("name", "size").order_by("-name").first()


def erased_reason(course_id: str) -> ErasedView | None:
    """Why the reason of a withdrawal is not shown, if it was erased. Two queries."""
    key = as_uuid(course_id)
    return erasures.erased_reason(key, origin_of(key))


def origin_of(course_id: uuid.UUID) -> str:
    """Whose course it is, as far as it is here; empty if it is not."""
    return Course.objects.filter(pk=course_id).values_list("origin", flat=True).first() or ""


def says_now(course_id: uuid.UUID, blob: str) -> bool:
    """Whether a blob is what a published course says now, as far as it is here."""
    return Course.objects.filter(pk=course_id, withdrawn_at=None, blob=blob).exists()
