"""Courses in work: drafts, their earlier saves, translations. For members only."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count, Q

from chorsu.institutions import queries as institutions
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.writing import may_edit, may_translate, require_writer
from chorsu.kernel.languages import TAGS
from chorsu.language.rules import best_by_language, choose, is_stale, text_view
from chorsu.records.shapes import TextView, VersionLine
from chorsu.records.viewer import Viewer
from chorsu.training.errors.courses import NoSuchCourse, NoSuchCourseDraft
from chorsu.training.models import CourseDraft, CourseDraftText, CourseRevision, CourseTranslation
from chorsu.training.queries.courses.published import as_uuid, files_of, find, taught
from chorsu.training.rules.fields import units_of
from chorsu.training.rules.readiness import missing_words
from chorsu.training.shapes.courses import (
    CourseDraftLine,
    CourseDraftVersionView,
    CourseDraftView,
    CourseTranslationView,
    LanguageState,
    ShownPractice,
)

MEMBER = Viewer(member=True)
MAX_DRAFTS = 500


def drafts_for(person: Person) -> list[CourseDraftLine]:
    """Drafts of courses the person may work on, last saved first. One query (and their roles)."""
    places = [view.id for view in institutions.own_institutions() if may_edit(person, view.id)]
    rows = (
        CourseDraft.objects.filter(institution__in=places)
        .select_related("saved_by")
        .annotate(open_comments=Count("comments", filter=Q(comments__resolved_at=None)))
    )
    return [
        CourseDraftLine(
            id=str(row.pk),
            institution_id=row.institution_id,
            state=row.state,
            version=row.version,
            based_on=row.based_on,
            language=row.language,
            title=row.words.get("title", ""),
            forked_from=(row.facts["forked_from"] or {}).get("course", ""),
            saved_by=_name(row.saved_by),
            saved_at=row.saved_at,
            open_comments=row.open_comments,
        )
        for row in rows[:MAX_DRAFTS]
    ]


def draft(draft_id: str, person: Person) -> CourseDraftView:
    """A draft for somebody who may edit it; raises `NoSuchCourseDraft` or `NotAllowed`. Three
    queries, four if it has files.
    """
    return draft_view(_find_draft(draft_id, person))


def texts_beside(draft: CourseDraftView) -> Mapping[str, TextView]:
    """Language -> text beside which a draft's words stand: those of the revision it is based on,
    or those that a fork brings along. Of the draft's language: its words before. Two queries.
    """
    if draft.based_on:
        return taught(draft.id, draft.based_on).texts
    rows = CourseDraftText.objects.filter(draft=as_uuid(draft.id))
    return {row.language: text_view(row, row.revision) for row in rows}


def draft_versions(draft_id: str, person: Person) -> list[VersionLine]:
    """Earlier saves, newest first; raises as `draft` does."""
    rows = _find_draft(draft_id, person).versions.select_related("saved_by")
    return [
        VersionLine(one.version, _name(one.saved_by), one.saved_at)
        for one in rows.defer("words", "facts").order_by("-version")
    ]


def draft_version(draft_id: str, version: int, person: Person) -> CourseDraftVersionView:
    """What an earlier save said; raises as `draft` does."""
    rows = _find_draft(draft_id, person).versions.select_related("saved_by")
    found = rows.filter(version=version).first()
    if found is None:
        raise NoSuchCourseDraft(f"{draft_id} version {version}")
    return CourseDraftVersionView(
        found.version, _name(found.saved_by), found.saved_at, found.words, found.facts
    )


def translation(course_id: str, language: str, person: Person) -> CourseTranslationView:
    """A translation for a translator of this node; raises `NoSuchCourse`, `CourseWithdrawn` or
    `NotAllowed`. Three queries.
    """
    if not may_translate(person):
        raise NotAllowed(Role.TRANSLATOR)
    return translation_view(course_id, language)


def language_states(course_id: str, viewer: Viewer) -> list[LanguageState]:
    """How complete a course is in each of the eight languages; raises as `course`. Two queries."""
    row = find(course_id, viewer)
    texts = best_by_language(list(row.texts.order_by("pk")), row.original_language)
    original = texts[row.original_language].words
    return [
        LanguageState(
            language=tag,
            provenance=text.provenance if text else "",
            supplied_by=text.supplied_by if text else "",
            stale=text is not None and is_stale(text, row.revision),
            fields=len(original),
            missing=missing_words(original, text.words if text else {}),
        )
        for tag in TAGS
        for text in [texts.get(tag)]
    ]


def practices_shown(course_id: str) -> list[ShownPractice]:
    """The units that show a practice, in order, with when the newest revision of the course was
    published: a practice revised after that is for its editors to look at. Two queries.
    """
    row = find(course_id, MEMBER)
    lines = CourseRevision.objects.filter(course=row, revision=row.revision)
    since = lines.values_list("published_at", flat=True).first() or row.updated_at
    return [
        ShownPractice(unit["key"], unit["practice"], since)
        for unit in units_of(row.facts)
        if unit["practice"]
    ]


def translation_view(course_id: str, language: str) -> CourseTranslationView:
    """As `translation`, without asking who reads."""
    row = find(course_id, MEMBER)
    texts = [text_view(text, row.revision) for text in row.texts.order_by("pk")]
    if language == row.original_language or not texts:
        raise NoSuchCourse(f"{course_id} is not translated into {language}")
    source = choose(texts, [], row.original_language)
    in_language = [text for text in texts if text.language == language]
    published = choose(in_language, [language], language) if in_language else None
    rows = CourseTranslation.objects.filter(course=row, language=language)
    work = rows.select_related("saved_by").first()
    basis = work or published
    words = dict(basis.words) if basis else {}
    return CourseTranslationView(
        course_id=str(row.pk),
        language=language,
        version=work.version if work else 0,
        provenance=basis.provenance if basis else "human",
        translated_by=basis.translated_by if basis else "",
        revision=basis.revision if basis else row.revision,
        words=words,
        missing=missing_words(source.words, words),
        saved_by=_name(work.saved_by) if work else "",
        saved_at=work.saved_at if work else None,
        source=source,
        published=published,
    )


def draft_view(row: CourseDraft) -> CourseDraftView:
    """A draft row with its files and the talk about it."""
    return CourseDraftView(
        id=str(row.pk),
        institution_id=row.institution_id,
        state=row.state,
        version=row.version,
        based_on=row.based_on,
        language=row.language,
        audience=row.audience,
        licence=row.licence,
        note=row.note,
        facts=row.facts,
        words=row.words,
        created_by=_name(row.created_by),
        saved_by=_name(row.saved_by),
        created_at=row.created_at,
        saved_at=row.saved_at,
        files=files_of(row.pk, origin="", in_draft=True),
        comments=[one.view() for one in row.comments.select_related("person")],
    )


def _find_draft(draft_id: str, person: Person) -> CourseDraft:
    try:
        key = as_uuid(draft_id)
    except NoSuchCourse:
        raise NoSuchCourseDraft(draft_id[:50]) from None
    row = CourseDraft.objects.select_related("created_by", "saved_by").filter(pk=key).first()
    if row is None:
        raise NoSuchCourseDraft(draft_id)
    require_writer(person, row.institution_id)
    return row


def _name(person: Person | None) -> str:
    return str(person) if person is not None else ""
