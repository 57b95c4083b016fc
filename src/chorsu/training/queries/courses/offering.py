"""One's own courses for the rest of the world: what `records.offering` needs to know of them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.conf import settings
from django.db.models import JSONField
from django.db.models.expressions import RawSQL

from chorsu.exchange import erasures
from chorsu.records.fields import Words
from chorsu.records.offering import OPEN, Family, offered_text
from chorsu.records.shapes import FileView, OfferedText
from chorsu.training.models import Course, CourseFile, CourseRevision, CourseText
from chorsu.training.rules.fields import order_words
from chorsu.training.shapes.courses import OfferedCourse

FAMILY = Family("course", Course, CourseText, CourseRevision)
# A catalogue asks what a course is about. What its units say is megabytes in eight languages; it
# stays in the database here, and is in the form that was published.
_ABOUT = """(
    SELECT coalesce(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each(training_coursetext.words)
    WHERE key NOT LIKE '%%.%%' OR key LIKE 'modules.%%' OR key LIKE 'units.%%.title'
)"""


def offered(ids: Collection[uuid.UUID], *, whole: bool) -> dict[uuid.UUID, OfferedCourse]:
    """Those of these own courses that are public now. Two queries; with `whole` four.

    Without `whole` there are no files, and of a text's words only title and summary; with it those
    about the course, its modules and the titles of its units.
    """
    rows = Course.objects.filter(OPEN, pk__in=ids, origin=settings.NODE_NAME)
    texts = _texts(ids, whole=whole)
    files = _files(ids) if whole else {}
    return {row.pk: _offered(row, texts[row.pk], files.get(row.pk, [])) for row in rows}


def _texts(ids: Iterable[uuid.UUID], *, whole: bool) -> dict[uuid.UUID, list[OfferedText]]:
    rows = CourseText.objects.filter(course__in=ids, supplied_by=settings.NODE_NAME)
    rows = rows.defer("words").order_by("language")
    about = RawSQL(_ABOUT, (), output_field=JSONField())  # noqa: S611 - a constant
    told = rows.annotate(about=about)
    pairs: list[tuple[CourseText, Words]]
    if whole:
        pairs = [(row, dict(order_words(row.about))) for row in told]
    else:
        pairs = [(row, {}) for row in rows]
    found: dict[uuid.UUID, list[OfferedText]] = defaultdict(list)
    for row, words in pairs:
        found[row.course_id].append(offered_text(row, place="", words=words))
    return found


def _files(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[FileView]]:
    found: dict[uuid.UUID, list[FileView]] = defaultdict(list)
    rows = CourseFile.objects.filter(course_id__in=ids, current=True)
    # What was erased is no more offered.
    gone = erasures.erased(list(rows.values_list("sha256", flat=True)))
    for row in rows.exclude(sha256__in=gone).order_by("position", "id"):
        found[row.course_id].append(row.view())
    return found


def _offered(row: Course, texts: list[OfferedText], files: list[FileView]) -> OfferedCourse:
    return OfferedCourse(
        id=str(row.pk),
        institution_id=row.institution_id,
        revision=row.revision,
        licence=row.licence,
        original_language=row.original_language,
        published_at=row.published_at,
        updated_at=row.updated_at,
        facts=row.facts,
        texts=sorted(texts, key=lambda text: text.language != row.original_language),
        files=files,
    )
