"""Opening cohorts, changing them, and moving them on."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chorsu.institutions import queries as institutions
from chorsu.institutions.errors import EditConflict, NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.kernel.ids import new_id
from chorsu.kernel.transliteration import sort_key
from chorsu.records.viewer import Viewer
from chorsu.training.actions.guards_of_cohorts import managed_cohort, record
from chorsu.training.actions.messaging import tell_cancelled
from chorsu.training.actions.moving_days import fit_sessions
from chorsu.training.actions.numbering import number_documents
from chorsu.training.actions.places import fill_places, places_taken
from chorsu.training.actions.remembering import follow_revision
from chorsu.training.actions.taking import take_newest
from chorsu.training.errors.cohorts import NotEligible, ResultsMissing, WrongCohortState
from chorsu.training.models import Cohort, CohortTeacher, Course, Enrolment
from chorsu.training.queries.cohorts import (
    course_line,
    facts_of,
    places_to_teach,
    teachers_to_choose,
)
from chorsu.training.queries.hours import attended_hours
from chorsu.training.queries.remembering import key_points
from chorsu.training.rules.cohort_fields import (
    DOCUMENT_MAX,
    MOVES,
    CohortFields,
    clean_cohort,
    clean_line,
)
from chorsu.training.rules.eligibility import hours_refusals
from chorsu.training.rules.programmes import programme, programmes
from chorsu.training.rules.recognition import all_forms, no_hours

State = Cohort.State
MEMBER = Viewer(member=True)


@transaction.atomic
def open_cohort(
    *, course_id: UUID, institution_id: str, fields: CohortFields, by: Person, now: datetime
) -> UUID:
    """Plan a run of a published course, one's own or a peer's, at its present revision, with the
    questions that its academy lets others ask.

    Who is a teacher there teaches it. Raises `NotAllowed`, `NoSuchCourse`, ValidationError by
    field.
    """
    if institution_id not in {view.id for view in places_to_teach(by)}:
        raise NotAllowed(Role.TEACHER)
    course = course_line(course_id, MEMBER)
    clean = _clean(fields, institution_id)
    row = Cohort.objects.create(
        id=uuid.UUID(new_id()),
        course_id=course.id,
        revision=course.revision,
        institution_id=institution_id,
        created_at=now,
        changed_at=now,
        **_columns(clean),
    )
    if institutions.may(by, Role.TEACHER, institution_id):
        CohortTeacher.objects.create(cohort=row, person=by)
    take_newest(row)
    record(by, "cohort.opened", row, now, course=str(course.id), revision=row.revision)
    return row.pk


@transaction.atomic
def edit_cohort(
    *,
    cohort_id: UUID,
    fields: CohortFields,
    version: int,
    by: Person,
    now: datetime,
    move_sessions: bool = False,
) -> None:
    """Change a cohort that has not ended; `version` is the one the editor saw. With
    `move_sessions` its sessions move by as many days as its first day does (`fit_sessions`).

    More places go to the waiting list at once. Raises `NoSuchCohort`, `NotAllowed`,
    `WrongCohortState`, `EditConflict`, `SessionsOutside`, ValidationError by field.
    """
    row = managed_cohort(cohort_id, by)
    _require_in_work(row)
    if row.version != version:
        raise EditConflict(row.version)
    clean = _clean(fields, row.institution_id)
    if clean.capacity and clean.capacity < places_taken(row):
        raise ValidationError({"capacity": _("More learners than this are admitted already.")})
    moved = fit_sessions(row, clean.starts_on, clean.ends_on, move=move_sessions, now=now)
    for name, value in _columns(clean).items():
        setattr(row, name, value)
    row.version += 1
    row.changed_at = now
    row.save()
    fill_places(row, by=by, now=now)
    detail = {"sessions_moved": moved} if moved else {}
    record(by, "cohort.edited", row, now, version=row.version, **detail)


@transaction.atomic
def set_teachers(
    *, cohort_id: UUID, person_ids: Collection[int], by: Person, now: datetime
) -> None:
    """Say who teaches a cohort: people who are teachers there. Raises `NoSuchCohort`,
    `NotAllowed`, ValidationError (`teachers`).
    """
    row = managed_cohort(cohort_id, by)
    allowed = {one.id for one in teachers_to_choose(row.institution_id)}
    held = set(row.teachers.values_list("person_id", flat=True))
    wanted = set(person_ids)
    if not wanted <= allowed | held:
        raise ValidationError({"teachers": _("One of these is not a teacher there.")})
    row.teachers.exclude(person__in=wanted).delete()
    CohortTeacher.objects.bulk_create(
        CohortTeacher(cohort=row, person_id=one) for one in sorted(wanted - held)
    )
    record(by, "cohort.teachers_set", row, now)


@transaction.atomic
def move_cohort(
    *, cohort_id: UUID, to: str, by: Person, now: datetime, protocol_number: str = ""
) -> None:
    """Move a cohort on: planned, open, running, finished; or cancel it.

    To open it, the course's hours must be those of its kind of training (`NotEligible`). To
    finish it takes a result for everybody admitted (`ResultsMissing`) and the number of the
    protocol (ValidationError under `protocol_number`); who passed then has a document number, in
    the order of names, and their hours by form written down for good. Who learns in one that is
    cancelled, or nominated somebody for it, is told. Raises
    `NoSuchCohort`, `NotAllowed`, `WrongCohortState` too.
    """
    row = managed_cohort(cohort_id, by)
    if to not in MOVES[row.state]:
        raise WrongCohortState(row.state)
    if to == State.OPEN:
        _require_hours(row)
    if to == State.FINISHED:
        row.protocol_number = clean_line(
            protocol_number, "protocol_number", DOCUMENT_MAX, needed=True
        )
        _write_down(row, now)
        row.finished_at = now
    if to == State.CANCELLED:
        tell_cancelled(row, by=by, now=now)
    row.state = State(to)
    row.changed_at = now
    row.save()
    record(by, "cohort.moved", row, now, state=to)


@transaction.atomic
def take_revision(*, cohort_id: UUID, revision: int, by: Person, now: datetime) -> None:
    """Have a cohort go on by the newest revision of its course, and draw from what was published
    with it; `revision` is the one seen.

    A running cohort's course changes by this alone. Raises `NoSuchCohort`, `NotAllowed`,
    `WrongCohortState`, and `EditConflict` if a newer one has come meanwhile.
    """
    row = managed_cohort(cohort_id, by)
    _require_in_work(row)
    newest = Course.objects.filter(pk=row.course_id).values_list("revision", flat=True).get()
    if revision != newest:
        raise EditConflict(newest)
    if row.revision == newest:
        return
    content = row.course.blob
    before = key_points(row.course_id, row.revision, content)
    after = key_points(row.course_id, newest, content)
    follow_revision(cohort=row, before=before, after=after, now=now)
    row.revision = newest
    row.changed_at = now
    row.save(update_fields=["revision", "changed_at"])
    take_newest(row)
    record(by, "cohort.revision_taken", row, now, revision=newest)


@transaction.atomic
def renew_calendar(*, cohort_id: UUID, by: Person, now: datetime) -> None:
    """Give a cohort a new secret calendar address; the old one leads nowhere any more.

    Raises `NoSuchCohort`, `NotAllowed`.
    """
    row = managed_cohort(cohort_id, by)
    row.calendar_generation += 1
    row.save(update_fields=["calendar_generation"])
    record(by, "cohort.calendar_renewed", row, now)


def _clean(fields: CohortFields, institution_id: str) -> CohortFields:
    known = {one.code for one in programmes(institutions.chain(institution_id))}
    return clean_cohort(fields, known)


def _columns(fields: CohortFields) -> dict[str, str | int | date | list[str]]:
    return {
        "name": fields.name,
        "programme": fields.programme,
        "languages": list(fields.languages),
        "starts_on": fields.starts_on,
        "ends_on": fields.ends_on,
        "capacity": fields.capacity,
        "place": fields.place,
        "link": fields.link,
    }


def _require_in_work(row: Cohort) -> None:
    if row.state in (State.FINISHED, State.CANCELLED):
        raise WrongCohortState(row.state)


def _require_hours(row: Cohort) -> None:
    rules = programme(row.programme, institutions.chain(row.institution_id))
    refused = hours_refusals(rules, all_forms(facts_of(row)["hours"])) if rules else []
    if refused:
        raise NotEligible(refused)


def _write_down(row: Cohort, now: datetime) -> None:
    """Hours and document number of everybody who passed; raises `ResultsMissing`."""
    learners = row.enrolments.filter(
        state__in=(Enrolment.State.ADMITTED, Enrolment.State.PASSED)
    ).select_related("person")
    # The order of the protocol.
    naming = sort_key(settings.NODE.text("node.language"))
    listed = sorted(learners, key=lambda one: (naming(str(one.person)), one.pk))
    missing = sum(one.state == Enrolment.State.ADMITTED for one in listed)
    if missing:
        raise ResultsMissing(missing)
    attended = attended_hours([one.pk for one in listed])
    alone = facts_of(row)["hours"]["self_study"]
    for one in listed:
        there = attended.get(one.pk, no_hours())
        one.in_person, one.live = there["in_person"], there["live"]
        # Hours alone with the course can't be seen: they count with the result.
        one.self_study = there["self_study"] + alone
    Enrolment.objects.bulk_update(listed, ["in_person", "live", "self_study"], batch_size=500)
    number_documents(listed, institution_id=row.institution_id, now=now)
