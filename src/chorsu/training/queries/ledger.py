"""The ledger of a person's hours, by form and from every academy; a person's own training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from chorsu.institutions import queries as institutions
from chorsu.institutions.models import Person
from chorsu.training.models import (
    Achievement,
    BroughtCertificate,
    Cohort,
    CohortTeacher,
    EmployerOfficer,
    Enrolment,
    Recognition,
)
from chorsu.training.queries.cohorts import (
    HOLDING,
    CourseLine,
    SessionView,
    course_lines,
    is_officer,
    sessions_of,
)
from chorsu.training.queries.fallen import fallen
from chorsu.training.queries.hours import attended_hours
from chorsu.training.queries.transcripts import Reported, reported
from chorsu.training.rules.fields import Hours
from chorsu.training.rules.recognition import (
    Earned,
    RecognitionRule,
    add,
    no_hours,
    recognise,
)
from chorsu.wire.credential import Credential
from chorsu.wire.credential_file import parse_certificate


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """Training of a person, here or elsewhere, the hours its document says and those that count.

    `basis` is the number of the order by which training elsewhere is recognised; empty: one's own,
    or not recognised (`recognised` tells). `reported`: no document, but what another node reports.
    `revoked`: here, and its certificate was revoked for how its holder came by it.
    """

    day: date
    issuer: str
    title: str
    document: str
    earned: Hours
    counted: Hours
    recognised: bool
    basis: str
    achievement_id: UUID | None
    reported: Reported | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Ledger:
    """Hours of a person: what is behind them, newest first, and what they are in the middle of."""

    lines: tuple[LedgerLine, ...]
    total: Hours
    under_way: Hours


@dataclass(frozen=True, slots=True)
class OwnEnrolment:
    """One's own place in a cohort; `place` on the waiting list counts from 1, else 0.

    `files` is how many documents came with the nomination.
    """

    id: UUID
    cohort_id: UUID
    name: str
    course: CourseLine
    institution_id: str
    cohort_state: str
    state: str
    starts_on: date
    ends_on: date
    group: str
    place: int
    percent: Decimal | None
    document: str
    files: int


def ledger(person: Person, institution_id: str, languages: Sequence[str]) -> Ledger:
    """The ledger as it counts at an institution of this node. Six queries.

    Hours of a cohort count once it is finished; until then those attended are under way.
    """
    rows = Enrolment.objects.filter(
        person=person, state__in=(Enrolment.State.PASSED, Enrolment.State.ADMITTED)
    ).exclude(cohort__state=Cohort.State.CANCELLED)
    stands = ExpressionWrapper(~fallen(), BooleanField())
    enrolments = list(rows.annotate(stands=stands).select_related("cohort", "cohort__course"))
    ended = [row for row in enrolments if row.in_person is not None]
    titles = course_lines({row.cohort.course for row in ended}, languages)
    lines = [_own(row, titles[row.cohort.course_id].title, stands=row.stands) for row in ended]
    lines += elsewhere(person, institution_id, languages)
    lines.sort(key=lambda one: one.day, reverse=True)
    attended = attended_hours([row.pk for row in enrolments if row.in_person is None])
    return Ledger(tuple(lines), add(line.counted for line in lines), add(attended.values()))


def _own(row: Enrolment, title: str, *, stands: bool) -> LedgerLine:
    hours = Hours(in_person=row.in_person or 0, live=row.live or 0, self_study=row.self_study or 0)
    return LedgerLine(
        day=row.cohort.ends_on,
        issuer=row.cohort.institution_id,
        title=title,
        document=row.result_document,
        earned=hours,
        counted=hours if stands else no_hours(),
        recognised=stands,
        basis="",
        achievement_id=None,
        revoked=not stands,
    )


def elsewhere(person: Person, institution_id: str, languages: Sequence[str]) -> list[LedgerLine]:
    """What a person learned elsewhere, by its documents or as nodes report it, and what of it
    counts at the institution. Three queries, one more where a rule is on a course or title.

    Of what is reported only a course that was passed, in a cohort that is finished, can count.
    """
    rules, basis = recognition_rules(institution_id)
    certified = _certified(person) if any(one.course or one.title for one in rules) else {}
    lines = []
    for row in Achievement.objects.filter(person=person):
        hours = Hours(in_person=row.in_person, live=row.live, self_study=row.self_study)
        counted = recognise(_earned(row, certified.get(row.pk), hours), rules)
        lines.append(
            LedgerLine(
                day=row.issued_on,
                issuer=row.issuer,
                title=row.title,
                document=row.document,
                earned=hours,
                counted=counted.hours,
                recognised=counted.rule is not None,
                basis=basis[counted.rule.id] if counted.rule else "",
                achievement_id=row.pk,
            )
        )
    lines += [_reported(one, rules, basis) for one in reported(person, languages)]
    return lines


def _certified(person: Person) -> dict[UUID, Credential]:
    """What the certificates say that came home for a person, by their lines. One query."""
    rows = BroughtCertificate.objects.filter(person=person).exclude(achievement=None)
    return {
        line: parse_certificate(bytes(file)).signed.credential
        for line, file in rows.values_list("achievement_id", "file")
    }


def _earned(row: Achievement, said: Credential | None, hours: Hours) -> Earned:
    """What the rules look at: of what a certificate proves its course, and its name in every
    language, as where the certificate itself is checked.
    """
    course = str(row.course or "") or (said.course if said else "")
    titles = (row.title, *(said.names.values() if said else ()))
    return Earned(row.issuer, course, titles, row.issued_on, hours)


def _reported(
    one: Reported, rules: Sequence[RecognitionRule], basis: Mapping[int, str]
) -> LedgerLine:
    earned = Earned(one.institution, one.course, one.titles, one.ends_on, one.hours)
    counted = recognise(earned, rules if one.earned else ())
    return LedgerLine(
        day=one.ends_on,
        issuer=one.institution,
        title=one.title,
        document=one.document,
        earned=one.hours,
        counted=counted.hours,
        recognised=counted.rule is not None,
        basis=basis[counted.rule.id] if counted.rule else "",
        achievement_id=None,
        reported=one,
    )


def recognition_rules(institution_id: str) -> tuple[list[RecognitionRule], dict[int, str]]:
    """The rules that hold at an institution (its own and those of the ones above it), and the
    number of the order behind each, by id. One query.
    """
    rows = list(Recognition.objects.filter(institution__in=institutions.chain(institution_id)))
    rules = [
        RecognitionRule(
            id=row.pk,
            issuer=row.issuer,
            course=str(row.course) if row.course else "",
            title=row.title,
            form=row.form,
            percent=row.percent,
            most_hours=row.most_hours,
            since=row.since,
            until=row.until,
        )
        for row in rows
    ]
    return rules, {row.pk: row.basis for row in rows}


def own_enrolments(person: Person, languages: Sequence[str]) -> list[OwnEnrolment]:
    """The cohorts in which a person learns, learned or is to learn, the latest first.

    Two queries, one more for each waiting list they are on.
    """
    rows = (
        Enrolment.objects.filter(person=person)
        .select_related("cohort", "cohort__course")
        .annotate(file_count=Count("files"))
        .order_by("-cohort__starts_on", "-id")
    )
    listed = list(rows)
    titles = course_lines({row.cohort.course for row in listed}, languages)
    return [
        OwnEnrolment(
            id=row.pk,
            cohort_id=row.cohort_id,
            name=row.cohort.name,
            course=titles[row.cohort.course_id],
            institution_id=row.cohort.institution_id,
            cohort_state=row.cohort.state,
            state=row.state,
            starts_on=row.cohort.starts_on,
            ends_on=row.cohort.ends_on,
            group=row.group,
            place=_place(row),
            percent=row.result_percent,
            document=row.result_document,
            files=row.file_count,
        )
        for row in listed
    ]


def _place(row: Enrolment) -> int:
    if row.state != Enrolment.State.WAITING:
        return 0
    before = Enrolment.objects.filter(cohort_id=row.cohort_id, state=Enrolment.State.WAITING)
    earlier = Q(queued_at__lt=row.queued_at) | Q(queued_at=row.queued_at, pk__lt=row.pk)
    return before.filter(earlier).count() + 1


def own_sessions(
    person: Person, *, since: datetime | None = None, cancelled: bool = False
) -> list[SessionView]:
    """Sessions of cohorts in which a person holds a place or teaches, of their group, in order.

    `since`: only those that end later; `cancelled`: those of cancelled cohorts too. Three queries.
    """
    gone = [] if cancelled else [Cohort.State.CANCELLED]
    learns = dict(
        Enrolment.objects.filter(person=person, state__in=HOLDING)
        .exclude(cohort__state__in=gone)
        .values_list("cohort_id", "group")
    )
    teaches = set(
        CohortTeacher.objects.filter(person=person)
        .exclude(cohort__state__in=gone)
        .values_list("cohort_id", flat=True)
    )
    found = sessions_of([*learns, *(teaches - learns.keys())])
    return [
        one
        for one in found
        if (since is None or one.ends_at > since)
        and (one.cohort_id in teaches or one.group in ("", learns.get(one.cohort_id, "")))
    ]


def nominates(person: Person) -> bool:
    """Whether the person is a nominating officer of some body."""
    return EmployerOfficer.objects.filter(person=person).exists()


def may_see_ledger(officer: Person, person: Person) -> bool:
    """Whether somebody answers for training at an institution where the person is known.

    Known: the person learns in one of its cohorts or is a member of it. A nomination, for which
    nobody asks the person, makes known only somebody whom no other institution here knows.
    """
    learns = Enrolment.objects.filter(person=person, state__in=HOLDING)
    places = {*learns.values_list("cohort__institution_id", flat=True), *_member_of(person)}
    return any(is_officer(officer, place) for place in places or _known_at(person))


def may_take_data(officer: Person, person: Person) -> bool:
    """Whether somebody answers for training at every institution where the person is known: the
    file with all of it holds what each of them keeps.
    """
    places = _known_at(person)
    return bool(places) and all(is_officer(officer, place) for place in places)


def _known_at(person: Person) -> set[str]:
    enrolled = Enrolment.objects.filter(person=person)
    return {*enrolled.values_list("cohort__institution_id", flat=True), *_member_of(person)}


def _member_of(person: Person) -> set[str]:
    return set(person.memberships.values_list("institution_id", flat=True))
