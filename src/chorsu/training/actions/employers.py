"""Employing bodies and who nominates for them; recognition rules; training elsewhere."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chorsu.institutions.actions import record_event
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import find_institution, person_by_email
from chorsu.kernel.ids import new_id
from chorsu.training.actions.guards_of_cohorts import require_officer
from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.models import Achievement, Employer, EmployerOfficer, Form, Recognition
from chorsu.training.queries.brought import counts_no_longer
from chorsu.training.queries.ledger import may_see_ledger
from chorsu.training.rules.cohort_fields import DOCUMENT_MAX, NAME_MAX, clean_line
from chorsu.training.rules.documents import document_key
from chorsu.training.rules.fields import Hours
from chorsu.training.rules.recognition import all_forms

MOST_HOURS = 5000


@transaction.atomic
def add_employer(*, institution_id: str, name: str, by: Person, now: datetime) -> int:
    """Note a body that nominates; returns its id. Raises `NotAllowed`, ValidationError (`name`)."""
    require_officer(by, institution_id)
    clean = clean_line(name, "name", NAME_MAX, needed=True)
    if Employer.objects.filter(institution_id=institution_id, name__iexact=clean).exists():
        raise ValidationError({"name": _("A body of this name is here already.")})
    row = Employer.objects.create(institution_id=institution_id, name=clean, created_at=now)
    _record(by, "employer.added", institution_id, now, name=clean)
    return row.pk


@transaction.atomic
def add_officer(*, employer_id: int, email: str, by: Person, now: datetime) -> None:
    """Let somebody of this node nominate for a body.

    Raises `NoSuchCohort`, `NotAllowed`, ValidationError (`email`: nobody here has that address).
    """
    row = _employer(employer_id)
    require_officer(by, row.institution_id)
    person = person_by_email(email)
    if person is None or not person.is_active or person.is_guest:
        raise ValidationError(
            {"email": _("Nobody of this node has this address. Have them invited first.")}
        )
    EmployerOfficer.objects.get_or_create(employer=row, person=person)
    _record(by, "employer.officer_added", row.institution_id, now, email=person.email)


@transaction.atomic
def remove_officer(*, employer_id: int, person_id: int, by: Person, now: datetime) -> None:
    """Somebody nominates for a body no longer. Raises `NoSuchCohort`, `NotAllowed`."""
    row = _employer(employer_id)
    require_officer(by, row.institution_id)
    held = EmployerOfficer.objects.filter(employer=row, person=person_id).select_related("person")
    for one in held:
        one.delete()
        _record(by, "employer.officer_removed", row.institution_id, now, email=one.person.email)


@dataclass(frozen=True, slots=True)
class RecognitionFields:
    """A rule as it is entered; see `rules.recognition.RecognitionRule`."""

    issuer: str
    course: UUID | None
    title: str
    form: str
    percent: int
    most_hours: int
    since: date
    until: date | None
    basis: str


@transaction.atomic
def add_recognition(
    *, institution_id: str, fields: RecognitionFields, by: Person, now: datetime
) -> int:
    """Recognise training of another academy here; returns the rule's id.

    Raises `NotAllowed`, ValidationError by field.
    """
    require_officer(by, institution_id)
    title = clean_line(fields.title, "title", NAME_MAX)
    basis = clean_line(fields.basis, "basis", DOCUMENT_MAX, needed=True)
    errors: dict[str, ValidationError] = {}
    _check_issuer(fields.issuer, errors)
    if fields.form and fields.form not in Form.values:
        errors["form"] = ValidationError(_("Choose a form of teaching."))
    if not 1 <= fields.percent <= 100:
        errors["percent"] = ValidationError(_("Enter a number from 1 to 100."))
    if not 0 <= fields.most_hours <= MOST_HOURS:
        errors["most_hours"] = _hours_error()
    if fields.until is not None and fields.until < fields.since:
        errors["until"] = ValidationError(_("The last day is before the first day."))
    if errors:
        raise ValidationError(errors)
    row = Recognition.objects.create(
        institution_id=institution_id,
        issuer=fields.issuer,
        course=fields.course,
        title=title,
        form=fields.form,
        percent=fields.percent,
        most_hours=fields.most_hours,
        since=fields.since,
        until=fields.until,
        basis=basis,
        created_at=now,
    )
    _record(by, "recognition.added", institution_id, now, number=basis)
    return row.pk


@transaction.atomic
def remove_recognition(*, recognition_id: int, by: Person, now: datetime) -> None:
    """Take a rule back: its hours count no longer. Raises `NoSuchCohort`, `NotAllowed`."""
    row = Recognition.objects.filter(pk=recognition_id).first()
    if row is None:
        raise NoSuchCohort(str(recognition_id))
    require_officer(by, row.institution_id)
    row.delete()
    _record(by, "recognition.removed", row.institution_id, now, number=row.basis)


@dataclass(frozen=True, slots=True)
class AchievementFields:
    """Training elsewhere as its document says."""

    issuer: str
    course: UUID | None
    title: str
    document: str
    issued_on: date
    hours: Hours


@transaction.atomic
def add_achievement(
    *, person: Person, fields: AchievementFields, by: Person, today: date, now: datetime
) -> UUID:
    """Enter what a person learned elsewhere, from the document at hand.

    Raises `NotAllowed` (nobody who answers for the person's training), ValidationError by field.
    """
    if not may_see_ledger(by, person):
        raise NotAllowed(Role.TRAINING_OFFICER)
    title = clean_line(fields.title, "title", NAME_MAX, needed=True)
    document = clean_line(fields.document, "document", DOCUMENT_MAX, needed=True)
    errors: dict[str, ValidationError] = {}
    _check_issuer(fields.issuer, errors)
    if fields.issued_on > today:
        errors["issued_on"] = ValidationError(_("This day is still to come."))
    if not 1 <= all_forms(fields.hours) <= MOST_HOURS or min(_figures(fields.hours)) < 0:
        errors["in_person"] = _hours_error()
    known = Achievement.objects.filter(person=person, issuer=fields.issuer)
    numbers = known.values_list("document", flat=True)
    if document_key(document) in map(document_key, numbers):
        errors["document"] = ValidationError(_("This document is entered already."))
    elif counts_no_longer(person, fields.issuer, document):
        errors["document"] = ValidationError(
            _("This document was revoked or replaced by another; it counts no longer.")
        )
    if errors:
        raise ValidationError(errors)
    row = Achievement.objects.create(
        id=uuid.UUID(new_id()),
        person=person,
        issuer=fields.issuer,
        course=fields.course,
        title=title,
        document=document,
        issued_on=fields.issued_on,
        entered_by=by,
        entered_at=now,
        **fields.hours,
    )
    _record_of(by, "achievement.added", person, document, now)
    return row.pk


@transaction.atomic
def remove_achievement(*, achievement_id: UUID, by: Person, now: datetime) -> int:
    """Take out what was entered by mistake; the person's id.

    Raises `NoSuchCohort`, `NotAllowed`.
    """
    row = Achievement.objects.select_related("person").filter(pk=achievement_id).first()
    if row is None:
        raise NoSuchCohort(str(achievement_id))
    if not may_see_ledger(by, row.person):
        raise NotAllowed(Role.TRAINING_OFFICER)
    row.delete()
    _record_of(by, "achievement.removed", row.person, row.document, now)
    return row.person_id


def _figures(hours: Hours) -> tuple[int, int, int]:
    return hours["in_person"], hours["live"], hours["self_study"]


def _check_issuer(issuer: str, errors: dict[str, ValidationError]) -> None:
    if find_institution(issuer) is None:
        errors["issuer"] = ValidationError(_("Choose an institution of the network."))


def _hours_error() -> ValidationError:
    return ValidationError(_("Enter a number from 0 to %(most)d."), params={"most": MOST_HOURS})


def _employer(employer_id: int) -> Employer:
    row = Employer.objects.filter(pk=employer_id).first()
    if row is None:
        raise NoSuchCohort(str(employer_id))
    return row


def _record(by: Person, action: str, institution_id: str, now: datetime, **detail: str) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="institution",
        subject_id=institution_id,
        detail=detail,
        now=now,
    )


def _record_of(by: Person, action: str, person: Person, document: str, now: datetime) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="person",
        subject_id=person.email,
        detail={"number": document},
        now=now,
    )
