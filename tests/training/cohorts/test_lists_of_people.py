"""People and attendance from spreadsheets: looked at, taken in whole or not at all, undone."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import pytest
from django.utils import timezone

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Membership, Person
from chorsu.institutions.queries import held_roles
from chorsu.training.actions import importing, sessions
from chorsu.training.actions.imports.rows import RowsRefused
from chorsu.training.errors.cohorts import NoSuchCohort, WrongCohortState
from chorsu.training.models import Attendance, Enrolment, Import
from chorsu.training.queries.attendance import attendance
from chorsu.training.rules.rosters import as_records, head_of
from tests.training.cohorts.factory import TODAY, Desk, somebody

pytestmark = pytest.mark.django_db
HEAD = ("E-mail address", "Полное имя", "Category of the position", "Language", "Roles")


@pytest.fixture
def administrator(desk: Desk) -> Person:
    return somebody("admin@hub.example", "administrator")


def keep(by: Person, *rows: Sequence[str], head: Sequence[str] = HEAD, **of: object) -> UUID:
    table = [list(head), *map(list, rows)]
    return importing.keep_table(
        file_name="people.csv", records=as_records(table, head_of(table, ["email"])), by=by,
        now=timezone.now(), **(of or {"institution_id": "hub-astana"}),  # type: ignore[arg-type]
    )  # fmt: skip


def asked(by: Person, made: UUID) -> dict[str, object]:
    return {
        "import_id": made, "language": "tk", "by": by, "today": TODAY, "now": timezone.now(),
    }  # fmt: skip


def test_a_list_makes_accounts_and_gives_roles_and_looking_does_neither(
    administrator: Person,
) -> None:
    known = somebody("known@hub.example", "reader", "teacher", name="Known Already")
    people = Person.objects.count()
    made = keep(
        administrator,
        ("new@hub.example", "Nurlan Жаңа", "Leading positions", "қазақша", "Editor, Переводчик"),
        ("second@hub.example", "Second", "", "", ""),
        ("KNOWN@hub.example", "Other Name", "", "", "teacher; contributor"),
    )
    assert importing.check(**asked(administrator, made)).wrong == set()  # type: ignore[arg-type]
    assert Person.objects.count() == people
    assert importing.take_in(**asked(administrator, made)) == 3  # type: ignore[arg-type]
    new = Person.objects.get(email="new@hub.example")
    assert (new.name, new.position, new.languages) == ("Nurlan Жаңа", "leading", ["kk"])
    assert (new.only_nominated, new.has_usable_password()) == (False, False)
    assert held_roles(new.pk, "hub-astana") == {"editor", "translator"}
    second = Person.objects.get(email="second@hub.example")
    assert (second.languages, held_roles(second.pk, "hub-astana")) == (["tk"], {"reader"})
    known.refresh_from_db()
    assert known.name == "Known Already"
    assert held_roles(known.pk, "hub-astana") == {"reader", "teacher", "contributor"}
    row = Import.objects.get()
    assert (row.rows, row.taken) == ([], 3)
    line = AuditEvent.objects.get(action="import.taken_in")
    assert (line.subject_kind, line.subject_id, line.detail) == (
        "institution", "hub-astana", {"number": 3},
    )  # fmt: skip


def test_one_wrong_row_and_nobody_is_taken_in(administrator: Person) -> None:
    gone = somebody("gone@hub.example", "reader")
    Person.objects.filter(pk=gone.pk).update(is_active=False)
    people = Person.objects.count()
    made = keep(
        administrator,
        ("good@hub.example", "Good", "", "", ""),
        ("GOOD@hub.example", "Again", "", "", ""),
        ("a@hub.example", "A", "wizard", "Elvish", ""),
        ("b@hub.example", "B", "", "", "reader, administrator"),
        ("no address", "C", "", "", ""),
        ("d@hub.example", "", "", "", ""),
        ("gone@hub.example", "Gone", "", "", ""),
    )
    with pytest.raises(RowsRefused) as refused:
        importing.take_in(**asked(administrator, made))  # type: ignore[arg-type]
    assert [(one.line, one.column, one.code) for one in refused.value.errors] == [
        (3, "email", "row_twice"),
        (4, "category", "unknown_category"),
        (4, "language", "unknown_language"),
        (5, "roles", "unknown_role"),
        (8, "email", "deactivated"),
    ]
    assert sorted(refused.value.messages) == [6, 7]
    assert Person.objects.count() == people


def test_undoing_removes_who_never_signed_in_and_takes_the_roles_of_the_others(
    administrator: Person,
) -> None:
    known = somebody("known@hub.example", "reader")
    made = keep(
        administrator,
        ("new@hub.example", "New", "", "", "editor"),
        ("in@hub.example", "Signed In", "", "", "editor"),
        ("known@hub.example", "Known", "", "", "reader, editor"),
    )
    importing.take_in(**asked(administrator, made))  # type: ignore[arg-type]
    came = Person.objects.get(email="in@hub.example")
    Person.objects.filter(pk=came.pk).update(last_login=timezone.now())
    undo = {"import_id": made, "now": timezone.now()}
    with pytest.raises(NotAllowed):
        importing.undo(by=known, **undo)  # type: ignore[arg-type]
    assert importing.undo(by=administrator, **undo) == 3  # type: ignore[arg-type]
    assert not Person.objects.filter(email="new@hub.example").exists()
    assert held_roles(came.pk, "hub-astana") == set()
    assert held_roles(known.pk, "hub-astana") == {"reader"}
    assert Import.objects.get().state == "undone"
    with pytest.raises(WrongCohortState):
        importing.undo(by=administrator, **undo)  # type: ignore[arg-type]


def test_who_was_nominated_meanwhile_stays(administrator: Person, desk: Desk) -> None:
    made = keep(administrator, ("new@hub.example", "New", "", "", "editor"))
    importing.take_in(**asked(administrator, made))  # type: ignore[arg-type]
    desk.nominate("new@hub.example")
    importing.undo(import_id=made, by=administrator, now=timezone.now())
    stays = Person.objects.get(email="new@hub.example")
    assert not Membership.objects.filter(person=stays).exists()
    assert stays.only_nominated


def test_who_was_only_nominated_before_the_list_is_so_again_when_it_is_undone(
    administrator: Person, desk: Desk
) -> None:
    desk.nominate("new@hub.example")
    made = keep(administrator, ("new@hub.example", "New", "", "", "editor"))
    importing.take_in(**asked(administrator, made))  # type: ignore[arg-type]
    assert not Person.objects.get(email="new@hub.example").only_nominated
    assert importing.undo(import_id=made, by=administrator, now=timezone.now()) == 1
    assert Person.objects.get(email="new@hub.example").only_nominated


def test_a_list_of_people_takes_an_administrator_of_that_institution(
    administrator: Person, desk: Desk
) -> None:
    row = ("new@hub.example", "New", "", "", "")
    with pytest.raises(NotAllowed):
        keep(desk.officer, row)
    with pytest.raises(NoSuchCohort):
        keep(administrator, row, institution_id="no-such-place")


def test_a_list_of_attendance_is_looked_at_taken_in_and_undone(desk: Desk) -> None:
    first, second, third = (desk.nominate(f"{name}@x.example") for name in "abc")
    desk.admit(first, second)
    held = desk.session()
    sessions.mark(session_id=held, states={first: "absent"}, by=desk.teacher, now=desk.now)
    made = keep(
        desk.teacher, ("a@x.example", "+"), ("b@x.example", "excused"),
        head=("email", "Attendance"), session_id=held,
    )  # fmt: skip
    assert importing.check(**asked(desk.teacher, made)).count == 2  # type: ignore[arg-type]
    assert said(held) == {first: ("absent", "list")}
    assert importing.take_in(**asked(desk.teacher, made)) == 2  # type: ignore[arg-type]
    assert said(held) == {first: ("present", "import"), second: ("excused", "import")}
    assert importing.undo(import_id=made, by=desk.teacher, now=desk.now) == 2
    assert said(held) == {first: ("absent", "list")}
    assert third not in said(held)


def test_what_was_said_since_stays_when_a_list_is_undone(desk: Desk) -> None:
    one = desk.nominate("a@x.example")
    desk.admit(one)
    held = desk.session()
    made = keep(desk.teacher, ("a@x.example",), head=("email",), session_id=held)
    importing.take_in(**asked(desk.teacher, made))  # type: ignore[arg-type]
    sessions.mark(session_id=held, states={one: "excused"}, by=desk.teacher, now=desk.now)
    assert importing.undo(import_id=made, by=desk.teacher, now=desk.now) == 0
    assert said(held) == {one: ("excused", "list")}


def test_a_list_with_a_stranger_in_it_is_refused_row_by_row(desk: Desk) -> None:
    held = desk.session()
    made = keep(desk.teacher, ("z@x.example", "present"), head=("email", "state"), session_id=held)
    checked = importing.check(**asked(desk.teacher, made))  # type: ignore[arg-type]
    assert [(one.line, one.code) for one in checked.errors] == [(2, "not_in_session")]
    with pytest.raises(NotAllowed):
        keep(desk.nominator, ("z@x.example",), head=("email",), session_id=held)


def test_a_learner_who_stands_in_a_list_twice_is_refused(desk: Desk) -> None:
    desk.admit(desk.nominate("a@x.example"))
    made = keep(
        desk.teacher, ("a@x.example", "+"), ("A@x.example", "-"), head=("email", "state"),
        session_id=desk.session(),
    )  # fmt: skip
    checked = importing.check(**asked(desk.teacher, made))  # type: ignore[arg-type]
    assert [(one.line, one.code) for one in checked.errors] == [(3, "row_twice")]


def test_attendance_is_that_of_those_who_hold_a_place(desk: Desk) -> None:
    stays, leaves = (desk.nominate(f"{name}@x.example") for name in "ab")
    desk.admit(stays, leaves)
    held = desk.session()
    sessions.mark(
        session_id=held, states={stays: "present", leaves: "present"}, by=desk.teacher,
        now=desk.now,
    )  # fmt: skip
    Enrolment.objects.filter(pk=leaves).update(state="withdrawn")
    (told,) = attendance(desk.cohort).sessions
    assert (told.present, told.marked) == (1, 1)


def said(held: UUID) -> dict[UUID, tuple[str, str]]:
    rows = Attendance.objects.filter(session=held)
    return {row.enrolment_id: (row.state, row.source) for row in rows}
