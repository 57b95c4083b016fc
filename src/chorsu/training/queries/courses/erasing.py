"""Where content that is to be erased is used by courses."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.conf import settings

from chorsu.records.forms import PublishedFile
from chorsu.records.reading import Refused
from chorsu.training.models import Course, CourseFile
from chorsu.training.wire.courses import KIND, parse_payload


@dataclass(frozen=True, slots=True)
class CoursePlace:
    """A course or draft that has a file."""

    course_id: uuid.UUID
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
    """Everywhere a file is, published or in a draft. Two queries."""
    rows = list(CourseFile.objects.filter(sha256=sha256))
    known = Course.objects.filter(pk__in=[row.course_id for row in rows])
    origins = dict(known.values_list("pk", "origin"))
    return [
        CoursePlace(row.course_id, origins.get(row.course_id, ""), row.published, row.in_draft)
        for row in rows
    ]


def origin_of(course_id: uuid.UUID) -> str:
    """Whose course it is, as far as it is here; empty if it is not."""
    return Course.objects.filter(pk=course_id).values_list("origin", flat=True).first() or ""


def says_now(course_id: uuid.UUID, blob: str) -> bool:
    """Whether a blob is what a published course says now, as far as it is here."""
    return Course.objects.filter(pk=course_id, withdrawn_at=None, blob=blob).exists()
