"""Cohorts of this node: lists, one cohort with its sessions, and who may do what with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from chorsu.institutions import queries as institutions
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import InstitutionView
from chorsu.language.rules import choose
from chorsu.records.viewer import Viewer
from chorsu.training.errors.cohorts import NoSuchCohort, NoSuchCourse
from chorsu.training.models import (
    Cohort,
    CohortTeacher,
    Course,
    CourseRevision,
    CourseText,
    Employer,
    EmployerOfficer,
    Enrolment,
    Form,
    Session,
)
from chorsu.training.rules.fields import Facts, Hours, empty_facts
from chorsu.training.rules.programmes import Programme, Window, programme, window

State = Cohort.State
EnrolmentState = Enrolment.State
FORM_LABELS = dict(Form.choices)
IN_WORK = (State.PLANNED, State.OPEN, State.RUNNING)
MOST_LISTED = 200
# States of an enrolment in which the person holds a place.
HOLDING = (Enrolment.State.ADMITTED, Enrolment.State.PASSED, Enrolment.State.FAILED)


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course that could be taught; `language` is that of the title."""

    id: UUID
    title: str
    language: str
    revision: int
    hours: int
    institution_id: str


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort in a list. `taken` counts the places that are held."""

    id: UUID
    name: str
    state: str
    institution_id: str
    course: CourseLine
    programme: str
    languages: tuple[str, ...]
    starts_on: date
    ends_on: date
    capacity: int
    place: str
    taken: int
    waiting: int
    nominated: int


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person by id, as pages name them."""

    id: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """A meeting; `present` counts those who were there."""

    id: UUID
    cohort_id: UUID
    title: str
    starts_at: datetime
    ends_at: datetime
    form: str
    place: str
    link: str
    group: str
    unit: str
    hours: int
    changes: int
    changed_at: datetime
    code_until: datetime | None
    present: int


@dataclass(frozen=True, slots=True)
class CohortView:
    """A cohort with all that its page shows; `facts` are those of the course's taken revision."""

    line: CohortLine
    revision: int
    newest_revision: int
    facts: Facts
    rules: Programme | None
    link: str
    version: int
    protocol_number: str
    finished_at: datetime | None
    changed_at: datetime
    created_at: datetime
    calendar_generation: int
    teachers: tuple[PersonLine, ...]
    sessions: tuple[SessionView, ...]

    @property
    def window(self) -> Window | None:
        """When nominations are taken."""
        return window(self.rules, self.line.starts_on) if self.rules else None

    @property
    def hours(self) -> Hours:
        """The course's hours by form."""
        return self.facts["hours"]


def is_officer(person: Person, institution_id: str) -> bool:
    """Whether the person answers for training there."""
    return institutions.may(person, Role.TRAINING_OFFICER, institution_id)


def officer_at(person: Person) -> list[InstitutionView]:
    """The own institutions for whose training the person answers."""
    return [view for view in institutions.own_institutions() if is_officer(person, view.id)]


def places_to_teach(person: Person) -> list[InstitutionView]:
    """The own institutions in which the person may open cohorts."""
    wanted = {Role.TEACHER, Role.TRAINING_OFFICER}
    return [
        view
        for view in institutions.own_institutions()
        if wanted & institutions.roles(person, view.id)
    ]


def may_manage(person: Person, cohort: Cohort) -> bool:
    """Whether the person teaches this cohort or answers for training at its institution.

    Whose role as a teacher there was taken away teaches no more, though the cohort still names
    them.
    """
    if is_officer(person, cohort.institution_id):
        return True
    if not institutions.may(person, Role.TEACHER, cohort.institution_id):
        return False
    return CohortTeacher.objects.filter(cohort=cohort, person=person).exists()


def manages(person: Person, cohort_id: UUID) -> bool:
    """As `may_manage`, by id. Raises `NoSuchCohort`."""
    return may_manage(person, found_cohort(cohort_id))


def found_cohort(cohort_id: UUID) -> Cohort:
    """The row. Raises `NoSuchCohort`."""
    row = Cohort.objects.select_related("course").filter(pk=cohort_id).first()
    if row is None:
        raise NoSuchCohort(str(cohort_id))
    return row


def employers_of(person: Person, institution_id: str) -> list[tuple[int, str]]:
    """(id, name) of the employing bodies for which the person may nominate: all for an officer."""
    rows = Employer.objects.filter(institution_id=institution_id)
    if not is_officer(person, institution_id):
        rows = rows.filter(officers__person=person)
    return list(rows.values_list("pk", "name"))


def teachable(viewer: Viewer) -> list[CourseLine]:
    """Published courses, one's own and peers', that the reader may see; by title. Two queries."""
    rows = Course.objects.filter(withdrawn_at=None, audience__in=viewer.audiences)
    return sorted(course_lines(rows, viewer.languages).values(), key=lambda one: one.title)


def course_line(course_id: UUID, viewer: Viewer) -> CourseLine:
    """One course that can be taught. Raises `NoSuchCourse`."""
    rows = Course.objects.filter(pk=course_id, withdrawn_at=None, audience__in=viewer.audiences)
    found = course_lines(rows, viewer.languages).get(course_id)
    if found is None:
        raise NoSuchCourse(str(course_id))
    return found


def course_lines(rows: Iterable[Course], languages: Sequence[str]) -> dict[UUID, CourseLine]:
    """Courses by id, titles in the best of the languages; one query besides the rows' own."""
    courses = {row.pk: row for row in rows}
    texts: dict[UUID, list[CourseText]] = {key: [] for key in courses}
    for text in CourseText.objects.filter(course__in=courses).defer("words", "summary"):
        texts[text.course_id].append(text)
    found = {}
    for key, row in courses.items():
        title, language = str(key), row.original_language
        if texts[key]:
            best = choose(texts[key], languages, row.original_language)
            title, language = best.title, best.language
        found[key] = CourseLine(
            key,
            title,
            language,
            row.revision,
            row.hours,
            row.institution_id,
        )
    return found


def facts_of(cohort: Cohort) -> Facts:
    """The facts of the course in the revision that the cohort has taken.

    One query, and none while it is the newest. A revision this node never had has the newest's.
    """
    course = cohort.course
    facts: object = course.facts
    if cohort.revision != course.revision:
        kept = CourseRevision.objects.filter(course=course, revision=cohort.revision)
        facts = kept.values_list("facts", flat=True).first() or facts
    return cast("Facts", {**empty_facts(), **cast("Mapping[str, object]", facts)})


def cohorts(
    person: Person,
    viewer: Viewer,
    *,
    state: str = "",
    mine: bool = False,
) -> list[CohortLine]:
    """Cohorts, the latest first; without a state those that have not ended. Three queries.

    `mine`: only those the person teaches, or for whose institution they answer.
    """
    rows = Cohort.objects.filter(state=state) if state else Cohort.objects.filter(state__in=IN_WORK)
    own = _runs(person)
    # What is only planned or was called off is shown to those who run it.
    seen = ~Q(state=State.PLANNED) & (_concerns(person) | _readable(viewer))
    rows = rows.filter(own) if mine else rows.filter(own | seen)
    return _lines(rows[:MOST_LISTED], viewer.languages)


def sees(person: Person, cohort_id: UUID, viewer: Viewer) -> bool:
    """Whether the person may look at a cohort: it is theirs in some way, or shown to everybody."""
    shown = ~Q(state=State.PLANNED) & _readable(viewer)
    rows = Cohort.objects.filter(pk=cohort_id)
    return rows.filter(_runs(person) | _concerns(person) | shown).exists()


def _runs(person: Person) -> Q:
    places = [view.id for view in officer_at(person)]
    teaches = CohortTeacher.objects.filter(cohort=OuterRef("pk"), person=person)
    may_teach = [view.id for view in places_to_teach(person)]
    return Q(institution__in=places) | Q(Exists(teaches), institution__in=may_teach)


def _concerns(person: Person) -> Q:
    learns = Enrolment.objects.filter(cohort=OuterRef("pk"), person=person)
    nominates = EmployerOfficer.objects.filter(
        employer__institution=OuterRef("institution"), person=person
    )
    return Q(Exists(learns)) | Q(Exists(nominates))


def _readable(viewer: Viewer) -> Q:
    """Who may not read the course is not told of its cohorts."""
    return Q(course__audience__in=viewer.audiences)


def _lines(rows: QuerySet[Cohort], languages: Sequence[str]) -> list[CohortLine]:
    listed = list(_counted(rows.select_related("course")))
    titles = course_lines({row.course for row in listed}, languages)
    return [_line(row, titles[row.course_id]) for row in listed]


def _counted(rows: QuerySet[Cohort]) -> QuerySet[Cohort]:
    def count(*states: Enrolment.State) -> Count:
        return Count("enrolments", filter=Q(enrolments__state__in=states))

    return rows.annotate(
        taken=count(*HOLDING),
        waiting=count(Enrolment.State.WAITING),
        nominated=count(Enrolment.State.NOMINATED),
    )


def _line(row: Cohort, course: CourseLine) -> CohortLine:
    return CohortLine(
        id=row.pk,
        name=row.name,
        state=row.state,
        institution_id=row.institution_id,
        course=course,
        programme=row.programme,
        languages=tuple(row.languages),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        capacity=row.capacity,
        place=row.place,
        taken=row.taken,  # type: ignore[attr-defined]
        waiting=row.waiting,  # type: ignore[attr-defined]
        nominated=row.nominated,  # type: ignore[attr-defined]
    )


def cohort(cohort_id: UUID, languages: Sequence[str]) -> CohortView:
    """One cohort. Raises `NoSuchCohort`. Five queries at most."""
    row = _counted(Cohort.objects.filter(pk=cohort_id).select_related("course")).first()
    if row is None:
        raise NoSuchCohort(str(cohort_id))
    titles = course_lines([row.course], languages)
    teachers = CohortTeacher.objects.filter(cohort=row).select_related("person")
    return CohortView(
        line=_line(row, titles[row.course_id]),
        revision=row.revision,
        newest_revision=row.course.revision,
        facts=facts_of(row),
        rules=programme(row.programme, institutions.chain(row.institution_id)),
        link=row.link,
        version=row.version,
        protocol_number=row.protocol_number,
        finished_at=row.finished_at,
        changed_at=row.changed_at,
        created_at=row.created_at,
        calendar_generation=row.calendar_generation,
        teachers=tuple(person_line(one.person) for one in teachers.order_by("person__name")),
        sessions=tuple(sessions_of([row.pk])),
    )


def person_line(person: Person) -> PersonLine:
    """A person as pages name them."""
    return PersonLine(person.pk, str(person), person.address)


def sessions_of(cohort_ids: Sequence[UUID]) -> list[SessionView]:
    """The sessions of these cohorts in order. One query."""
    rows = Session.objects.filter(cohort__in=cohort_ids).order_by("starts_at", "id")
    counted = rows.annotate(present=Count("attendance", filter=Q(attendance__state="present")))
    return [session_view(row, row.present) for row in counted]


def session_view(row: Session, present: int = 0) -> SessionView:
    """A session as pages show it."""
    return SessionView(
        id=row.pk,
        cohort_id=row.cohort_id,
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        form=row.form,
        place=row.place,
        link=row.link,
        group=row.group,
        unit=row.unit,
        hours=row.hours,
        changes=row.changes,
        changed_at=row.changed_at,
        code_until=row.code_until,
        present=present,
    )


def session(session_id: UUID) -> SessionView:
    """One session. Raises `NoSuchCohort`."""
    row = Session.objects.filter(pk=session_id).first()
    if row is None:
        raise NoSuchCohort(str(session_id))
    return session_view(row)


def teachers_to_choose(institution_id: str) -> list[PersonLine]:
    """People who may teach at the institution, by name: those who hold the role there or above."""
    rows = Person.objects.filter(
        is_active=True,
        memberships__role=Role.TEACHER,
        memberships__institution__in=institutions.chain(institution_id),
    )
    return [person_line(one) for one in rows.distinct().order_by("name", "email")]
