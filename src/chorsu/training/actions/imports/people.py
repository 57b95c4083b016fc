"""People of an institution from a spreadsheet: accounts for those who are new, roles for all.

Nobody becomes an administrator by a list: that is said of one person at a time.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

from django.core.exceptions import ValidationError
from django.utils import translation

from chorsu.institutions.actions import (
    only_nominated_again,
    record_event,
    register_member,
    set_roles,
    unregister_member,
)
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Institution, Person, Role
from chorsu.institutions.queries import held_roles, may, person_by_email
from chorsu.kernel.languages import LANGUAGES
from chorsu.training.actions.imports.rows import Checked, Kind, Moment, checked
from chorsu.training.errors.cohorts import NoSuchCohort
from chorsu.training.models import CohortTeacher, EmployerOfficer, Enrolment, Import
from chorsu.training.rules.rosters import PersonRow, RowError, folded, read_people

ONLY_NOMINATED = "only_nominated"
"""Among the roles that a list gave somebody: that they belonged nowhere before, and shall again."""


@cache
def role_names() -> dict[str, str]:
    """Codes of the roles that a list may give, and their names in the eight languages, folded ->
    code; that of a reader first.
    """
    given = [role for role in Role if role != Role.ADMINISTRATOR]
    names = {folded(role.value): role.value for role in given}
    for language in LANGUAGES:
        with translation.override(language.django_code):
            names |= {folded(str(role.label)): role.value for role in given}
    return names


def _institution_id(row: Import) -> str:
    if row.institution_id is None:
        raise NoSuchCohort(str(row.pk))
    return row.institution_id


def _require(row: Import, by: Person) -> None:
    if not Institution.objects.filter(pk=_institution_id(row)).exists():
        raise NoSuchCohort(str(row.pk))
    if not may(by, Role.ADMINISTRATOR, _institution_id(row)):
        raise NotAllowed(Role.ADMINISTRATOR)


def _take_in(row: Import, at: Moment) -> Checked:
    rows, errors = read_people(row.rows, at.language, role_names())
    messages: dict[int, list[str]] = {}
    for one in rows:
        known = person_by_email(one.email)
        if known is not None and (known.is_guest or not known.is_active):
            code = "a_guest" if known.is_guest else "deactivated"
            errors.append(RowError(one.line, "email", code))
        elif known is not None:
            _give(row, known, one, at)
        else:
            try:
                _register(row, one, at)
            except ValidationError as invalid:
                messages[one.line] = [str(text) for text in invalid.messages]
    return checked(len(rows), errors, messages)


def _register(row: Import, one: PersonRow, at: Moment) -> None:
    made = register_member(
        email=one.email, name=one.name, language=one.language, position=one.category,
        roles=one.roles, institution_id=_institution_id(row), by=at.by, now=at.now,
    )  # fmt: skip
    row.new_people.append(made.pk)
    row.before[str(made.pk)] = list(one.roles)


def _give(row: Import, known: Person, one: PersonRow, at: Moment) -> None:
    """Roles that somebody who has an account lacks; all else they say of themselves."""
    held = held_roles(known.pk, _institution_id(row))
    given = [role for role in one.roles if role not in held]
    if given:
        set_roles(
            person_id=known.pk, institution_id=_institution_id(row), roles=held | {*given},
            by=at.by, now=at.now,
        )  # fmt: skip
        row.before[str(known.pk)] = [*given, ONLY_NOMINATED] if known.only_nominated else given


def _undo(row: Import, by: Person, now: datetime) -> int:
    """Those who are new here and have not signed in are removed; the others lose the roles that the
    list gave them, and who belonged nowhere before is only nominated again. How many people that
    was.
    """
    place = _institution_id(row)
    busy = {
        person_id
        for kind in (Enrolment, CohortTeacher, EmployerOfficer)
        for person_id in kind._default_manager.filter(person__in=row.new_people).values_list(
            "person_id", flat=True
        )
    }
    count = 0
    for key, given in row.before.items():
        person_id = int(key)
        if person_id in row.new_people and person_id not in busy:
            gone = unregister_member(person_id=person_id, institution_id=place, by=by, now=now)
            count += gone
            if gone:
                continue
        held = held_roles(person_id, place)
        if held & {*given}:
            set_roles(
                person_id=person_id, institution_id=place, roles=held - {*given}, by=by, now=now
            )
            count += 1
        if ONLY_NOMINATED in given or person_id in row.new_people:
            only_nominated_again(person_id=person_id, institution_id=place, by=by)
    return count


def _record(row: Import, by: Person, action: str, now: datetime, number: int) -> None:
    record_event(
        person=by, action=action, subject_kind="institution", subject_id=_institution_id(row),
        detail={"number": number}, now=now,
    )  # fmt: skip


PEOPLE = Kind(_require, _require, _take_in, _undo, _record)
