"""Who is in a cohort: the roster, the list of a session, what the rules know of a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from chorsu.institutions import queries as institutions
from chorsu.institutions.models import Person
from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.models import (
    Achievement,
    Attendance,
    Cohort,
    Enrolment,
    NominationFile,
    Session,
)
from chorsu.training.models import Message as MessageRow
from chorsu.training.queries.cohorts import HOLDING, PersonLine, facts_of, person_line
from chorsu.training.queries.fallen import fallen
from chorsu.training.queries.lineage import kin
from chorsu.training.queries.transcripts import reported_passes
from chorsu.training.rules.eligibility import (
    Candidate,
    Refusal,
    hours_refusals,
    person_refusals,
    window_refusals,
)
from chorsu.training.rules.programmes import programme
from chorsu.training.rules.recognition import all_forms

LET_GO = (Enrolment.State.DECLINED, Enrolment.State.LEFT)
"""States of whom the cohort has no more, and who may be nominated anew."""
Naming = Callable[[str], Any]
"""From a name to what it is sorted by: the database sorts by code points, with Ä after Z."""
AttendanceState = Attendance.State
AttendanceSource = Attendance.Source


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A learner as their teachers see them. `place` counts from 1 on the waiting list, else 0.

    `files` is how many documents came with the nomination. `attended` and `held` are academic hours
    of sessions that were marked for this learner; `earned` those written down when the cohort was
    finished, None for who has none.
    """

    id: UUID
    person: PersonLine
    state: str
    employer: str
    document: str
    files: int
    category: str
    appointed_on: date | None
    group: str
    place: int
    reason: str
    percent: Decimal | None
    result_document: str
    attended: int
    held: int
    earned: int | None


@dataclass(frozen=True, slots=True)
class PresenceLine:
    """A learner on the list of a session; `state` empty: nobody has said."""

    enrolment_id: UUID
    person: PersonLine
    group: str
    state: str
    source: str


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message to a cohort: to how many it goes, and to how many it was mailed so far.

    Who told no address is mailed nothing and reads it here.
    """

    kind: str
    subject: str
    text: str
    language: str
    author: str
    created_at: datetime
    copies: int
    sent: int


def roster(
    cohort_id: UUID, employers: Sequence[int] | None = None, *, naming: Naming = str.casefold
) -> list[RosterLine]:
    """Everybody of a cohort, those who hold a place first, then by name; three queries.

    `employers`: only those whom these bodies nominated; `naming`: the order of names that the
    reader's language has.
    """
    rows = (
        Enrolment.objects.filter(cohort=cohort_id)
        .select_related("person", "employer")
        .order_by("queued_at", "id")
    )
    if employers is not None:
        rows = rows.filter(employer__in=employers)
    hours, files = hours_by_learner(cohort_id), files_by_learner(cohort_id)
    waiting = 0
    lines = []
    for row in rows:
        on_list = row.state == Enrolment.State.WAITING
        waiting += on_list
        attended, held = hours.get(row.pk, (0, 0))
        lines.append(_line(row, waiting if on_list else 0, attended, held, files.get(row.pk, 0)))
    order = {state.value: place for place, state in enumerate(_ORDER)}
    return sorted(
        lines, key=lambda one: (order[one.state], one.place, naming(one.person.name), one.id)
    )


_ORDER = (
    Enrolment.State.NOMINATED,
    Enrolment.State.ADMITTED,
    Enrolment.State.PASSED,
    Enrolment.State.FAILED,
    Enrolment.State.WAITING,
    Enrolment.State.LEFT,
    Enrolment.State.DECLINED,
)


def _line(row: Enrolment, place: int, attended: int, held: int, files: int) -> RosterLine:
    return RosterLine(
        id=row.pk,
        person=person_line(row.person),
        state=row.state,
        employer=row.employer.name if row.employer else "",
        document=row.document,
        files=files,
        category=row.category,
        appointed_on=row.appointed_on,
        group=row.group,
        place=place,
        reason=row.reason,
        percent=row.result_percent,
        result_document=row.result_document,
        attended=attended,
        held=held,
        earned=None
        if row.in_person is None
        else row.in_person + (row.live or 0) + (row.self_study or 0),
    )


def files_by_learner(cohort_id: UUID) -> dict[UUID, int]:
    """Enrolment -> how many documents came with its nomination; none is not there. One query."""
    rows = NominationFile.objects.filter(enrolment__cohort=cohort_id).order_by()
    return dict(rows.values_list("enrolment_id").annotate(Count("pk")))


def hours_by_learner(
    cohort_id: UUID, enrolments: Collection[UUID] | None = None
) -> dict[UUID, tuple[int, int]]:
    """Enrolment -> (hours present, hours marked at all), of all or of these. One query."""
    rows = Attendance.objects.filter(session__cohort=cohort_id)
    if enrolments is not None:
        rows = rows.filter(enrolment__in=enrolments)
    marks = (
        rows.order_by()
        .values("enrolment_id")
        .annotate(
            attended=Sum("session__hours", filter=Q(state=Attendance.State.PRESENT), default=0),
            held=Sum("session__hours"),
        )
        .values_list("enrolment_id", "attended", "held")
    )
    return {enrolment: (attended, held) for enrolment, attended, held in marks}


def learners_to_choose(cohort_id: UUID) -> list[UUID]:
    """Everybody of a cohort who was neither declined nor left. One query."""
    rows = Enrolment.objects.filter(cohort=cohort_id).exclude(state__in=LET_GO)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def found_enrolment(enrolment_id: UUID) -> Enrolment:
    """The row with its cohort. Raises `NoSuchCohort`."""
    rows = Enrolment.objects.select_related("cohort", "person")
    row = rows.filter(pk=enrolment_id).first()
    if row is None:
        raise NoSuchCohort(str(enrolment_id))
    return row


def presence(session_id: UUID, *, naming: Naming = str.casefold) -> list[PresenceLine]:
    """The list of a session: those who hold a place and are of its group, by name (as `roster`).
    Three queries.

    Raises `NoSuchCohort`.
    """
    session = Session.objects.filter(pk=session_id).first()
    if session is None:
        raise NoSuchCohort(str(session_id))
    marks = {one.enrolment_id: one for one in Attendance.objects.filter(session=session)}
    lines = []
    for row in expected(session).select_related("person"):
        mark = marks.get(row.pk)
        lines.append(
            PresenceLine(
                row.pk,
                person_line(row.person),
                row.group,
                mark.state if mark else "",
                mark.source if mark else "",
            )
        )
    return sorted(lines, key=lambda one: (naming(one.person.name), one.enrolment_id))


def here_in(session_id: UUID) -> int:
    """How many are marked as present. One query."""
    marks = Attendance.objects.filter(session=session_id, state=Attendance.State.PRESENT)
    return marks.count()


def expected(session: Session) -> QuerySet[Enrolment]:
    """Those who should be in a session."""
    rows = Enrolment.objects.filter(cohort_id=session.cohort_id, state__in=HOLDING)
    return rows.filter(group=session.group) if session.group else rows


def groups_of(cohort_id: UUID) -> list[str]:
    """The names of a cohort's groups."""
    named = Enrolment.objects.filter(cohort=cohort_id).exclude(group="")
    return list(named.order_by("group").values_list("group", flat=True).distinct())


def refusals(
    cohort: Cohort,
    person: Person | None,
    *,
    category: str,
    appointed_on: date | None,
    today: date,
) -> list[Refusal]:
    """What the rules say against nominating a person today; `None`: somebody not known here yet.

    Three queries, and those of `kin`.
    """
    if cohort.state != Cohort.State.OPEN:
        return [Refusal("not_taking", {"state": cohort.state})]
    rules = programme(cohort.programme, institutions.chain(cohort.institution_id))
    if rules is None:
        return []
    facts = facts_of(cohort)
    found = window_refusals(rules, cohort.starts_on, today)
    found += hours_refusals(rules, all_forms(facts["hours"]))
    passed = passed_courses(person) if person else {}
    held = Enrolment.objects.filter(cohort=cohort, person=person).exclude(state__in=LET_GO)
    if person and held.exists():
        found.append(Refusal("twice"))
    return found + person_refusals(
        rules,
        course=str(cohort.course_id),
        positions=facts["positions"],
        prerequisites=facts["prerequisites"],
        starts_on=cohort.starts_on,
        candidate=Candidate(category, appointed_on, passed),
        kin=kin(facts["prerequisites"], passed),
    )


def passed_courses(person: Person) -> Mapping[str, date]:
    """Course (its id) -> the day it was last passed: here, by a document from elsewhere, or as
    the node that taught it reports. Three queries.
    """
    passed: dict[str, date] = {}
    elsewhere = Achievement.objects.filter(person=person).exclude(course=None)
    here = Enrolment.objects.filter(~fallen(), person=person, state=Enrolment.State.PASSED)
    days = [
        *elsewhere.values_list("course", "issued_on"),
        *here.values_list("cohort__course_id", "cohort__ends_on"),
        *reported_passes(person),
    ]
    for course, day in days:
        passed[str(course)] = max(day, passed.get(str(course), day))
    return passed


def messages_of(cohort_id: UUID) -> list[MessageView]:
    """The messages to a cohort, the newest first. One query."""
    rows = MessageRow.objects.filter(cohort=cohort_id).select_related("author")
    mailbox = ~Q(copies__person__email="") | Q(copies__person__told__email__gt="")
    counted = rows.annotate(
        total=Count("copies"), sent=Count("copies", filter=~Q(copies__sent_at=None) & mailbox)
    )
    return [
        MessageView(
            row.kind, row.subject, row.text, row.language, str(row.author or ""), row.created_at,
            row.total, row.sent,
        )
        for row in counted
    ]  # fmt: skip
