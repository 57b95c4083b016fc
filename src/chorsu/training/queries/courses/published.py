"""Published courses, one's own and peers' by the same code."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date

from chorsu.exchange import erasures
from chorsu.language.rules import (
    best_by_language,
    in_language_order,
    shown_texts,
    text_view,
)
from chorsu.records.shapes import FileView, TextView
from chorsu.records.viewer import Viewer
from chorsu.training.errors.courses import CourseWithdrawn, NoSuchCourse
from chorsu.training.models import Course, CourseFile, CourseRevision
from chorsu.training.shapes.courses import CourseRevisionLine, CourseView, TaughtCourse


def course(course_id: str, viewer: Viewer, *, language: str | None = None) -> CourseView:
    """The course with the best text for the reader; with `language`, the text in that one.

    Three queries, four if it has files. Raises `NoSuchCourse` (also for what the reader may not
    see, and for a `language` in which there is no text) or `CourseWithdrawn`.
    """
    row = find(course_id, viewer)
    shown = shown_texts(
        row.texts.all(), row.revision, row.original_language, viewer.languages, language
    )
    if shown is None:
        raise NoSuchCourse(f"{course_id} has no text in {language or 'any language'}")
    return CourseView(
        **row.columns(),
        text=shown.text,
        original=shown.original,
        texts=shown.lines,
        files=files_of(row.pk, origin=row.origin, current=True),
        facts=row.facts,
    )


def texts(course_id: str, viewer: Viewer) -> list[TextView]:
    """The best text in each language, the original first; raises as `course`. Two queries."""
    row = find(course_id, viewer)
    views = [text_view(text, row.revision) for text in in_language_order(row.texts.all())]
    best = best_by_language(views, row.original_language)
    return sorted(best.values(), key=lambda text: text.language != row.original_language)


def taught(course_id: str, revision: int) -> TaughtCourse:
    """One revision in all its languages, for a cohort that is taught it. Four queries, and two if
    it has files. Of several texts in a language the best, as of the newest revision.

    Who may see the cohort may see it: nobody else is asked. Raises `NoSuchCourse` if this node
    has not the words of that revision, `CourseWithdrawn`.
    """
    kept = CourseRevision.objects.select_related("course")
    found = kept.filter(course=as_uuid(course_id), revision=revision).first()
    if found is None or found.facts is None or not found.texts:
        raise NoSuchCourse(f"{course_id} revision {revision}")
    row = found.course
    refuse_withdrawn(row)
    names = [one["sha256"] for one in found.files]
    return TaughtCourse(
        course_id=str(row.pk),
        origin=row.origin,
        institution_id=row.institution_id,
        revision=revision,
        newest=row.revision,
        audience=found.audience,
        licence=row.licence,
        original_language=row.original_language,
        facts=found.facts,
        texts=best_by_language(
            [*(_kept_text(tag, found, row) for tag in found.texts), *_from_elsewhere(found)],
            row.original_language,
        ),
        files=files_of(row.pk, origin=row.origin, among=names) if names else [],
        own_words={tag: _kept_text(tag, found, row).words for tag in found.texts},
    )


def history(course_id: str, viewer: Viewer) -> list[CourseRevisionLine]:
    """The published revisions, newest first; raises as `course`. Two queries, three if the words
    of one are not here.

    Of one that was for the network a stranger learns only that it was, though a later is public.
    """
    row = find(course_id, viewer)
    lines = row.revisions.order_by("-revision")
    shown = lines.values_list("revision", "published_at", "note", "facts__themes", "audience")
    values = list(shown)
    lacking = any(themes is None for _number, _at, _note, themes, _audience in values)
    gone = erasures.erased_revisions(row.pk, row.origin) if lacking else {}
    return [
        CourseRevisionLine(
            revision=number,
            published_at=at,
            note=note if audience in viewer.audiences else "",
            is_here=themes is not None and audience in viewer.audiences,
            is_closed=audience not in viewer.audiences,
            erased=gone.get(number) if themes is None and audience in viewer.audiences else None,
        )
        for number, at, note, themes, audience in values
    ]


def file_of(course_id: str, sha256: str, viewer: Viewer) -> FileView:
    """A file of a published course the reader may see, of an earlier revision too; raises as
    `course`.
    """
    row = find(course_id, viewer)
    found = files_of(row.pk, origin=row.origin, among=[sha256])
    if not found:
        raise NoSuchCourse(f"{course_id} file {sha256[:64]}")
    return found[0]


def find(course_id: str, viewer: Viewer) -> Course:
    """The row the reader may see; raises `NoSuchCourse` or `CourseWithdrawn`."""
    row = Course.objects.filter(pk=as_uuid(course_id), audience__in=viewer.audiences).first()
    if row is None:
        raise NoSuchCourse(course_id)
    refuse_withdrawn(row)
    return row


def refuse_withdrawn(row: Course) -> None:
    """Raise `CourseWithdrawn` if it was."""
    if row.withdrawn_at is not None:
        raise CourseWithdrawn(
            str(row.pk), row.institution_id, row.withdrawn_at, row.withdrawal_reason
        )


def files_of(
    record_id: uuid.UUID,
    *,
    origin: str,
    current: bool = False,
    in_draft: bool = False,
    among: list[str] | None = None,
) -> list[FileView]:
    """Files of a published course, or with `in_draft` of its draft, in order; two queries if there
    are any. `current`: of its newest revision only.
    """
    rows = CourseFile.objects.filter(course_id=record_id).order_by("position", "id")
    rows = rows.filter(in_draft=True) if in_draft else rows.filter(published=True)
    if current:
        rows = rows.filter(current=True)
    if among is not None:
        rows = rows.filter(sha256__in=among)
    found = list(rows)
    gone = erasures.erased([row.sha256 for row in found], origin) if found else {}
    return [row.view(gone.get(row.sha256)) for row in found]


def as_uuid(text: str) -> uuid.UUID:
    """The id as a value; a malformed one is nobody's: raises `NoSuchCourse`."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NoSuchCourse(text[:50]) from None


def _from_elsewhere(found: CourseRevision) -> list[TextView]:
    """What other nodes translated of this very revision, the origin's words or not.

    A translation that went on to a later revision is read as it was.
    """
    now = found.course.texts.exclude(record_id=None).filter(revision=found.revision)
    texts = {(row.language, row.supplied_by): text_view(row, found.revision) for row in now}
    for row in found.supplied.all():
        texts.setdefault((row.language, row.supplied_by), text_view(row, found.revision))
    return [texts[key] for key in sorted(texts)]


def _kept_text(language: str, found: CourseRevision, row: Course) -> TextView:
    """A text as the revision kept it."""
    text: Mapping[str, object] = found.texts[language]
    day, words = text["translated_on"], text["words"]
    assert isinstance(words, dict)  # noqa: S101 - written by this package alone
    return TextView(
        language=language,
        provenance=str(text["provenance"]),
        revision=int(str(text["revision"])),
        translated_by=str(text["translated_by"]),
        translated_on=date.fromisoformat(str(day)) if day else None,
        supplied_by=row.origin,
        stale=int(str(text["revision"])) < found.revision,
        title=words["title"],
        summary=words["summary"],
        words=words,
    )
