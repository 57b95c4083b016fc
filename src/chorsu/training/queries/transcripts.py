"""Results on their way home: those of a guest here, and those that were reported for a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from chorsu.institutions.models import Person
from chorsu.kernel.languages import TAGS
from chorsu.training.models import (
    Achievement,
    Attendance,
    BroughtCertificate,
    Certificate,
    Cohort,
    CourseText,
    Enrolment,
    ReportedResult,
)
from chorsu.training.queries.hours import attended_hours
from chorsu.training.rules.fields import FORMS, Hours
from chorsu.training.rules.recognition import no_hours
from chorsu.wire.transcript import MAX_HOURS, MAX_TITLE_CHARS, Line

ReportedState = ReportedResult.State
MAX_SHOWN = 1000
_STATES = {
    Enrolment.State.PASSED: "passed",
    Enrolment.State.FAILED: "failed",
    Enrolment.State.ADMITTED: "attended",
    Enrolment.State.LEFT: "attended",
}


@dataclass(frozen=True, slots=True)
class Reported:
    """What the node of this name reports of a course of one's own there; no certificate.

    `read_at` is when it last said so; `title` is in `language`, the reader's best.
    """

    node: str
    institution: str
    course: str
    titles: tuple[str, ...]
    title: str
    language: str
    starts_on: date
    ends_on: date
    state: str
    final: bool
    hours: Hours
    percent: Decimal | None
    document: str
    read_at: datetime

    @property
    def earned(self) -> bool:
        """Whether it can count: passed, in a cohort that is finished."""
        return self.state == "passed" and self.final


def to_report(*, home: str, subject: str, after: str, most: int) -> list[Line]:
    """Courses here of the guest whom `home` calls `subject`, ascending by id, those behind `after`.

    Who took part in one stands there: who has a result, or was present in a session. Of a cohort
    that was cancelled nothing counts; what a revoked certificate said is not said again without it.
    Three queries.
    """
    rows = _of_guest(home, subject).order_by("pk")
    if after:
        rows = rows.filter(pk__gt=after)
    listed = list(rows.select_related("cohort", "cohort__course")[:most])
    hours = attended_hours([row.pk for row in listed if row.in_person is None])
    titles = _titles({row.cohort.course_id for row in listed})
    return [
        _line(row, hours.get(row.pk, no_hours()), titles.get(row.cohort.course_id, {}))
        for row in listed
    ]


def _of_guest(home: str, subject: str) -> QuerySet[Enrolment]:
    certificates = Certificate.objects.filter(enrolment=OuterRef("pk"))
    valid = certificates.filter(state=Certificate.State.VALID)
    present = Attendance.objects.filter(enrolment=OuterRef("pk"), state=Attendance.State.PRESENT)
    has_result = Q(state__in=(Enrolment.State.PASSED, Enrolment.State.FAILED))
    took_part = Q(state__in=(Enrolment.State.ADMITTED, Enrolment.State.LEFT)) & Exists(present)
    return (
        Enrolment.objects.filter(person__home=home, person__home_subject=subject)
        .filter(has_result | took_part)
        .exclude(cohort__state=Cohort.State.CANCELLED)
        .filter(~Exists(certificates) | Exists(valid))
        .annotate(commitment=valid.values("commitment")[:1])
    )


def _titles(courses: Iterable[UUID]) -> dict[UUID, dict[str, str]]:
    """Titles by course and language, those of its own academy. One query."""
    found: dict[UUID, dict[str, str]] = {}
    rows = CourseText.objects.filter(course__in=courses, language__in=TAGS, record_id=None)
    for course, language, title in rows.values_list("course_id", "language", "title"):
        found.setdefault(course, {})[language] = title[:MAX_TITLE_CHARS]
    return found


def _line(row: Enrolment, attended: Hours, titles: Mapping[str, str]) -> Line:
    cohort, course = row.cohort, row.cohort.course
    state = _STATES[Enrolment.State(row.state)]
    final = cohort.state == Cohort.State.FINISHED or row.state == Enrolment.State.LEFT
    hours = attended
    if row.in_person is not None:
        hours = Hours(in_person=row.in_person, live=row.live or 0, self_study=row.self_study or 0)
    return Line(
        id=str(row.pk),
        course=str(course.pk),
        revision=cohort.revision,
        language=course.original_language,
        # A course that was withdrawn has no words left; the cohort has a name.
        titles={course.original_language: cohort.name[:MAX_TITLE_CHARS], **titles},
        institution=cohort.institution_id,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        state=state,
        final=final,
        hours={form: min(hours[form], MAX_HOURS) for form in FORMS},  # type: ignore[literal-required]
        percent=_percent(row.result_percent) if state != "attended" else "",
        document=row.result_document if state == "passed" and final else "",
        commitment=(row.commitment or "") if state == "passed" else "",  # type: ignore[attr-defined]
    )


def _percent(result: Decimal | None) -> str:
    """`87.5` of 87.50, `90` of 90.00."""
    return "" if result is None else f"{result:.2f}".rstrip("0").rstrip(".")


def reported(person: Person, languages: Sequence[str]) -> list[Reported]:
    """What other nodes report of a person while the person wants it, the newest first; without
    what a certificate that is here, or a document that was entered, says already. One query.
    """
    return [_view(row, languages) for row in _standing(person)[:MAX_SHOWN]]


def reported_passes(person: Person) -> Iterator[tuple[UUID, date]]:
    """(course, last day) of those that can count. One query."""
    rows = _standing(person).filter(state=ReportedResult.State.PASSED, final=True)
    yield from rows.values_list("course", "ends_on")


def _standing(person: Person) -> QuerySet[ReportedResult]:
    certificate = BroughtCertificate.objects.filter(
        person=person, node=OuterRef("connection__node"), commitment=OuterRef("commitment")
    )
    document = Achievement.objects.filter(
        person=person, issuer=OuterRef("issuer"), document=OuterRef("document")
    )
    return (
        ReportedResult.objects.filter(
            connection__person=person,
            connection__transcript=True,
            connection__ended_at=None,
            connection__forgotten_at=None,
        )
        .exclude(~Q(commitment="") & Exists(certificate))
        .exclude(~Q(document="") & Exists(document))
        .select_related("connection")
        .order_by("-ends_on", "-line")
    )


def _view(row: ReportedResult, languages: Sequence[str]) -> Reported:
    language = next((tag for tag in (*languages, row.language) if tag in row.titles), row.language)
    return Reported(
        node=row.connection.node,
        institution=row.issuer,
        course=str(row.course),
        titles=tuple(row.titles.values()),
        title=row.titles[language],
        language=language,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        state=row.state,
        final=row.final,
        hours=Hours(in_person=row.in_person, live=row.live, self_study=row.self_study),
        percent=row.percent,
        document=row.document,
        read_at=row.read_at,
    )
