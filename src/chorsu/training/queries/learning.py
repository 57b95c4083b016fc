"""What a learner reads: the courses they are in, one course at their cohort's revision."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from chorsu.language.rules import choose
from chorsu.records.fields import Words
from chorsu.records.shapes import FileView
from chorsu.training.errors.courses import CourseWithdrawn, NoSuchCourse
from chorsu.training.models import (
    Cohort,
    Course,
    CourseText,
    Enrolment,
    SurveyAnswer,
    UnitState,
)
from chorsu.training.queries.courses.published import files_of, taught
from chorsu.training.queries.progress import unit_keys
from chorsu.training.rules.fields import Facts

LEARNING = (Enrolment.State.ADMITTED, Enrolment.State.PASSED, Enrolment.State.FAILED)
"""States in which a person opens the course; only in the first is anything counted."""


class NotEnrolled(LookupError):  # noqa: N818 - says what is wrong
    """The person is in no such cohort, or was not admitted to it."""


class NothingToTeach(LookupError):  # noqa: N818 - says what is wrong
    """The course is not here in the revision that the cohort learns, or has no text."""


@dataclass(frozen=True, slots=True)
class LearnerView:
    """A person in a cohort; `open` while what they do counts: not once it was cancelled.

    `content`: names what the course says now, empty if it was withdrawn.
    """

    id: uuid.UUID
    person_id: int
    cohort_id: uuid.UUID
    cohort: str
    course_id: uuid.UUID
    revision: int
    content: str
    institution_id: str
    starts_on: date
    ends_on: date
    state: str
    result_percent: Decimal | None
    cancelled: bool

    @property
    def open(self) -> bool:
        return self.state == Enrolment.State.ADMITTED and not self.cancelled


@dataclass(frozen=True, slots=True)
class CourseInHand:
    """A course at one revision as one person reads it: `words` in `language`, else `original`.

    `supplied_by` is the node that published the words, as `origin` is the course's; `gives` is the
    revision of the original that they give, which may be an earlier one.
    """

    course_id: uuid.UUID
    revision: int
    origin: str
    institution_id: str
    facts: Facts
    language: str
    provenance: str
    words: Words
    original_language: str
    original: Words
    languages: Sequence[str]
    files: Sequence[FileView]
    supplied_by: str
    gives: int

    def word(self, field: str) -> tuple[str, str]:
        """The text of a field and the language it is in; of one not translated the original's."""
        text = self.words.get(field, "")
        if text or self.language == self.original_language:
            return text, self.language
        return self.original.get(field, ""), self.original_language


@dataclass(frozen=True, slots=True)
class StateView:
    """How far a learner is in a unit; `position` in thousandths."""

    position: int = 0
    done_at: datetime | None = None
    bookmarked: bool = False
    note: str = ""
    note_version: int = 0
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MyCourse:
    """A course in the list of a learner's own."""

    learner: LearnerView
    title: str
    language: str
    units: int
    done: int


def learner(enrolment_id: uuid.UUID, person_id: int) -> LearnerView:
    """A person's place in a cohort. One query. Raises `NotEnrolled`."""
    row = (
        Enrolment.objects.filter(pk=enrolment_id, person=person_id, state__in=LEARNING)
        .select_related("cohort__course")
        .defer("cohort__course__facts")
        .first()
    )
    if row is None:
        raise NotEnrolled(str(enrolment_id))
    return _learner(row)


def learner_in(cohort_id: uuid.UUID, person_id: int) -> LearnerView:
    """A person's place in this cohort. Two queries. Raises `NotEnrolled`."""
    rows = Enrolment.objects.filter(cohort=cohort_id, person=person_id)
    found = rows.values_list("pk", flat=True).first()
    if found is None:
        raise NotEnrolled(str(cohort_id))
    return learner(found, person_id)


def learning_in(person_id: int) -> list[uuid.UUID]:
    """The enrolments by which a person opens courses. One query."""
    rows = Enrolment.objects.filter(person=person_id, state__in=LEARNING)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def course_in_hand(learner: LearnerView, languages: Sequence[str]) -> CourseInHand:
    """The course at the cohort's revision, in the first of `languages` there is.

    A process keeps for a minute what it has read: no query then, at most seven before. Raises
    `NothingToTeach`.
    """
    if not learner.content:
        raise NothingToTeach(str(learner.course_id))
    minute = int(time.monotonic() // 60)
    return _in_hand(learner.course_id, learner.revision, learner.content, tuple(languages), minute)


def cohort_in_hand(cohort_id: uuid.UUID, languages: Sequence[str]) -> CourseInHand:
    """The course as a cohort learns it, for its teachers. Raises `NothingToTeach`."""
    rows = Cohort.objects.filter(pk=cohort_id, course__withdrawn_at=None)
    found = rows.values_list("course_id", "revision", "course__blob").first()
    if found is None:
        raise NothingToTeach(str(cohort_id))
    return _in_hand(*found, tuple(languages), int(time.monotonic() // 60))


def original_words(course_id: uuid.UUID, revision: int, content: str) -> Words:
    """What a course says at a revision in the language it was written in. Kept as `course_in_hand`
    keeps it; raises `NothingToTeach`.
    """
    return _in_hand(course_id, revision, content, (), int(time.monotonic() // 60)).original


@lru_cache(maxsize=128)
def _in_hand(
    course_id: uuid.UUID, revision: int, content: str, languages: tuple[str, ...], minute: int
) -> CourseInHand:
    """`content` and `minute` only tell what is kept from what is new."""
    row = Course.objects.get(pk=course_id)
    if revision == row.revision:
        return _newest(row, languages)
    try:
        found = taught(str(course_id), revision)
    except (NoSuchCourse, CourseWithdrawn) as error:
        raise NothingToTeach(f"{course_id} revision {revision}") from error
    text = found.text(languages)
    return CourseInHand(
        course_id=row.pk,
        revision=revision,
        origin=row.origin,
        institution_id=row.institution_id,
        facts=found.facts,
        language=text.language,
        provenance=text.provenance,
        words=text.words,
        original_language=found.original_language,
        original=found.original.words,
        languages=list(found.texts),
        files=found.files,
        supplied_by=text.supplied_by,
        gives=text.revision,
    )


def states(enrolment_id: uuid.UUID) -> dict[str, StateView]:
    """Unit key -> how far the learner is; what was never opened is left out. One query."""
    return {row.unit: _state(row) for row in UnitState.objects.filter(enrolment=enrolment_id)}


def survey_answers(enrolment_id: uuid.UUID, unit: str) -> dict[str, str]:
    """What the learner answered to a survey; empty before. One query."""
    found = SurveyAnswer.objects.filter(enrolment=enrolment_id, unit=unit).first()
    return dict(found.answers) if found else {}


def my_courses(person_id: int, languages: Sequence[str]) -> list[MyCourse]:
    """The courses a person learns or has learned, the newest first. Four queries."""
    rows = list(
        Enrolment.objects.filter(person=person_id, state__in=LEARNING)
        .select_related("cohort__course")
        .defer("cohort__course__facts")
        .order_by("-cohort__starts_on", "id")[:100]
    )
    asked = {(row.cohort.course_id, row.cohort.revision) for row in rows}
    units = unit_keys(asked)
    titles = _titles({course_id for course_id, _ in asked}, languages)
    done: dict[uuid.UUID, set[str]] = {}
    states = UnitState.objects.filter(enrolment__in=[row.pk for row in rows])
    for key, unit in states.exclude(done_at=None).values_list("enrolment_id", "unit"):
        done.setdefault(key, set()).add(unit)
    found = []
    for row in rows:
        title, language = titles.get(row.cohort.course_id, (row.cohort.name, ""))
        keys = units.get((row.cohort.course_id, row.cohort.revision), ())
        # Those that went with a revision are done no more.
        left = done.get(row.pk, set()) & set(keys)
        found.append(MyCourse(_learner(row), title, language, len(keys), len(left)))
    return found


def _titles(ids: set[uuid.UUID], languages: Sequence[str]) -> dict[uuid.UUID, tuple[str, str]]:
    rows = CourseText.objects.filter(course__in=ids).select_related("course").defer("words")
    by_course: dict[uuid.UUID, list[CourseText]] = {}
    for row in rows:
        by_course.setdefault(row.course_id, []).append(row)
    found = {}
    for course_id, texts in by_course.items():
        best = choose(texts, languages, texts[0].course.original_language)
        found[course_id] = (best.title, best.language)
    return found


def _newest(row: Course, languages: Sequence[str]) -> CourseInHand:
    infos = list(CourseText.objects.filter(course=row).defer("words").order_by("pk"))
    if not infos:
        raise NothingToTeach(str(row.pk))
    chosen = choose(infos, languages, row.original_language)
    original = choose(infos, [], row.original_language)
    wanted = CourseText.objects.filter(pk__in={chosen.pk, original.pk})
    words = dict(wanted.values_list("pk", "words"))
    return CourseInHand(
        course_id=row.pk,
        revision=row.revision,
        origin=row.origin,
        institution_id=row.institution_id,
        facts=row.facts,
        language=chosen.language,
        provenance=chosen.provenance,
        words=words[chosen.pk],
        original_language=row.original_language,
        original=words[original.pk],
        languages=list(dict.fromkeys(info.language for info in infos)),
        files=files_of(row.pk, origin=row.origin, current=True),
        supplied_by=chosen.supplied_by,
        gives=chosen.revision,
    )


def _learner(row: Enrolment) -> LearnerView:
    return LearnerView(
        id=row.pk,
        person_id=row.person_id,
        cohort_id=row.cohort_id,
        cohort=row.cohort.name,
        course_id=row.cohort.course_id,
        revision=row.cohort.revision,
        content="" if row.cohort.course.withdrawn_at else row.cohort.course.blob,
        institution_id=row.cohort.institution_id,
        starts_on=row.cohort.starts_on,
        ends_on=row.cohort.ends_on,
        state=row.state,
        result_percent=row.result_percent,
        cancelled=row.cohort.state == Cohort.State.CANCELLED,
    )


def _state(row: UnitState) -> StateView:
    return StateView(
        position=row.position,
        done_at=row.done_at,
        bookmarked=row.bookmarked,
        note=row.note,
        note_version=row.note_version,
        seen_at=row.seen_at,
    )
