"""Nominations from spreadsheets: CSV and XLSX, errors by row, whole or not at all, undone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import pytest
from openpyxl import Workbook

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Institution, Person
from chorsu.training.actions import enrolling, importing
from chorsu.training.actions.imports.rows import RowsRefused
from chorsu.training.errors.cohorts import WrongCohortState
from chorsu.training.formats.spreadsheets import MAX_ROWS, UnreadableTable, read_table
from chorsu.training.models import Enrolment, Import
from chorsu.training.rules.rosters import (
    MissingColumns,
    as_records,
    head_of,
    read_attendance,
    read_nominations,
)
from tests.training.cohorts.factory import TODAY, Desk, somebody
from tests.training.cohorts.factory import desk as make

HEAD = ("email", "name", "document", "category", "appointed_on")


def xlsx(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv(*rows: Sequence[str], mark: str = "\ufeff", by: str = ",") -> bytes:
    return (mark + "\r\n".join(by.join(row) for row in rows)).encode()


def test_the_same_table_comes_of_csv_and_xlsx() -> None:
    row = ("a@x.example", "Әсел Қыз", "12", "specialist", "2026-09-01")
    cells = (*row[:2], 12.0, row[3], datetime(2026, 9, 1))  # noqa: DTZ001 - a sheet has no zone
    wanted = [list(HEAD), list(row)]
    assert read_table(csv(HEAD, row)) == wanted
    assert read_table(csv(HEAD, row, mark="", by=";")) == wanted
    assert read_table(csv(HEAD, (), row, by="\t")) == wanted
    assert (
        read_table(
            "\ufeff".encode("utf-16-le") + csv(HEAD, row, mark="").decode().encode("utf-16-le")
        )
        == wanted
    )
    assert read_table(xlsx(HEAD, (None, None), cells)) == wanted


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        ("имя;почта".encode("cp1251"), "encoding"),
        (b"a,b\n" * (MAX_ROWS + 2), "too_many_rows"),
        (b'a,"b\n', "not_a_table"),
        (b"a\x00b,c\n", "not_a_table"),
        (b"PK\x03\x04 no archive", "not_a_table"),
        (b"x" * 5_000_001, "too_large"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(UnreadableTable) as refused:
        read_table(data)
    assert refused.value.code == code


def test_a_sheet_that_unpacks_to_too_much_is_refused_unread() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    with pytest.raises(UnreadableTable) as refused:
        read_table(out.getvalue())
    assert refused.value.code == "too_large"


def test_columns_are_known_by_their_names_in_any_language() -> None:
    assert head_of([["E-MAIL address", "Appointed on", "x"]], []) == ["email", "appointed_on", ""]
    assert head_of([["Электрондық пошта мекенжайы", "电子邮件地址"]], [])[1] == "email"
    with pytest.raises(MissingColumns) as missing:
        head_of([["email"]], ["email", "document"])
    assert missing.value.codes == ("document",)


def keep(desk: Desk, *rows: Sequence[str], by: Person | None = None) -> UUID:
    table = read_table(csv(HEAD, *rows))
    return importing.keep_table(
        cohort_id=desk.cohort, file_name="june.csv", records=as_records(table, head_of(table, [])),
        by=by or desk.nominator, now=desk.now,
    )  # fmt: skip


def asked(desk: Desk, made: UUID) -> dict[str, object]:
    return {
        "import_id": made, "language": "ru", "by": desk.nominator, "today": TODAY, "now": desk.now,
    }  # fmt: skip


GOOD = (
    ("a@x.example", "Aibek", "12", "specialist", "01.09.2026"),
    ("b@x.example", "Baxtiyor", "12", "Rahbar lavozimlar", ""),
)


@pytest.mark.django_db
def test_looking_changes_nothing_and_taking_in_does_it_all(desk: Desk) -> None:
    people = Person.objects.count()
    made = keep(desk, *GOOD)
    checked = importing.check(**asked(desk, made))  # type: ignore[arg-type]
    assert (checked.count, checked.wrong) == (2, set())
    assert (Person.objects.count(), Enrolment.objects.count()) == (people, 0)
    assert importing.take_in(**asked(desk, made)) == 2  # type: ignore[arg-type]
    rows = Enrolment.objects.order_by("person__email")
    assert [(row.person.name, row.category, str(row.appointed_on)) for row in rows] == [
        ("Aibek", "specialist", "2026-09-01"), ("Baxtiyor", "leading", "None"),
    ]  # fmt: skip
    assert Import.objects.get().rows == []
    with pytest.raises(WrongCohortState):
        importing.take_in(**asked(desk, made))  # type: ignore[arg-type]


@pytest.mark.django_db
def test_one_wrong_row_and_none_is_taken_in(desk: Desk) -> None:
    known = somebody("twice@x.example")
    desk.nominate(known.email)
    people = Person.objects.count()
    made = keep(
        desk,
        *GOOD,
        ("A@x.example", "Again", "1", "specialist", ""),
        ("c@x.example", "C", "1", "wizard", "31.02.2026"),
        ("no address", "D", "1", "specialist", ""),
        ("twice@x.example", "E", "1", "specialist", ""),
    )
    with pytest.raises(RowsRefused) as refused:
        importing.take_in(**asked(desk, made))  # type: ignore[arg-type]
    found = [(one.line, one.code) for one in refused.value.errors]
    assert found == [(4, "row_twice"), (5, "unknown_category"), (5, "not_a_day"), (7, "twice")]
    assert list(refused.value.messages) == [6]
    assert Person.objects.count() == people
    assert Enrolment.objects.count() == 1


@pytest.mark.django_db
def test_an_import_is_undone_with_the_people_it_made(desk: Desk) -> None:
    known = somebody("b@x.example")
    made = keep(desk, *GOOD)
    importing.take_in(**asked(desk, made))  # type: ignore[arg-type]
    undo = {"import_id": made, "now": desk.now}
    with pytest.raises(NotAllowed):
        importing.undo(by=known, **undo)
    assert importing.undo(by=desk.nominator, **undo) == 2
    assert Enrolment.objects.count() == 0
    assert not Person.objects.filter(email="a@x.example").exists()
    assert Person.objects.filter(pk=known.pk).exists()
    with pytest.raises(WrongCohortState):
        importing.undo(by=desk.nominator, **undo)


@pytest.mark.django_db
def test_a_table_nominates_nobody_anew_whom_undoing_it_would_delete(desk: Desk) -> None:
    before = desk.nominate("a@x.example")
    enrolling.leave(enrolment_id=before, reason="", by=desk.officer, now=desk.now)
    checked = importing.check(**asked(desk, keep(desk, *GOOD)))  # type: ignore[arg-type]
    assert [(one.line, one.code) for one in checked.errors] == [(2, "twice")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-04", date(2026, 11, 4)),
        ("2026/11/4", date(2026, 11, 4)),
        ("2026.11.04", date(2026, 11, 4)),
        ("2026年11月4日", date(2026, 11, 4)),
        ("4.11.2026", date(2026, 11, 4)),
        ("", None),
        ("04/11/2026", "not_a_day"),
        ("2026/13/4", "not_a_day"),
        ("2026/11/4x", "not_a_day"),
    ],
)
def test_a_day_is_read_as_spreadsheets_write_it(written: str, read: date | str | None) -> None:
    record = {"email": "a@x.example", "category": "specialist", "appointed_on": written}
    rows, errors = read_nominations([record], "zh-Hans")
    assert [*(one.appointed_on for one in rows), *(one.code for one in errors)] == [read]


@pytest.mark.django_db
def test_what_was_decided_about_is_not_undone(desk: Desk) -> None:
    made = keep(desk, *GOOD)
    importing.take_in(**asked(desk, made))  # type: ignore[arg-type]
    desk.admit(Enrolment.objects.earliest("id").pk)
    with pytest.raises(WrongCohortState):
        importing.undo(import_id=made, by=desk.nominator, now=desk.now)
    assert Enrolment.objects.count() == 2


@pytest.mark.django_db
def test_nobody_takes_in_what_another_uploaded(academy: Institution, now: datetime) -> None:
    desk = make(academy, now)
    made = keep(desk, *GOOD, by=desk.officer)
    with pytest.raises(NotAllowed):
        importing.take_in(**asked(desk, made))  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        keep(desk, *GOOD, by=somebody("x@x.example"))


def test_attendance_is_read_in_any_language() -> None:
    records = [
        {"email": "A@x.example", "state": "present"},
        {"email": "b@x.example", "state": "-"},
        {"email": "c@x.example"},
        {"email": "z@x.example", "state": "present"},
        {"email": "c@x.example", "state": "perhaps"},
    ]
    learners = {f"{name}@x.example": name for name in "abc"}
    states, errors = read_attendance(records, learners)
    assert states == {"a": "present", "b": "absent", "c": "present"}
    assert [(one.line, one.code) for one in errors] == [
        (5, "not_in_session"),
        (6, "row_twice"),
        (6, "unknown_state"),
    ]
