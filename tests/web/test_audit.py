"""The audit log: filters and exports."""

from __future__ import annotations

import ast
import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

import chorsu
from chorsu.institutions.actions import record_event
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.web.audit import DETAILS, KINDS, guarded

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(academy: Institution, client: Client) -> Client:
    person = Person.objects.create_user("admin@hub.example")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    client.force_login(person)
    return client


def event(
    action: str = "practice.published",
    *,
    person: Person | None = None,
    at: datetime = datetime(2026, 11, 24, 9, tzinfo=UTC),
    subject: str = "x",
    **detail: object,
) -> None:
    record_event(
        person=person,
        action=action,
        subject_kind="practice",
        subject_id=subject,
        detail=detail,
        now=at,
    )


def shown(office: Client, **query: str) -> list[str]:
    page = office.get("/en/audit/", query)
    assert page.status_code == 200
    return [row.event.subject_id for row in page.context["rows"]]


def test_it_is_filtered_by_person(office: Client, editor: Person) -> None:
    event(person=editor, subject="hers")
    event(subject="the node's")
    assert shown(office, person="Editor@HUB") == ["hers"]


def test_it_is_filtered_by_action(office: Client) -> None:
    event("practice.published", subject="a")
    event("practice.withdrawn", subject="b")
    assert shown(office, action="practice.withdrawn") == ["b"]


def test_days_are_those_of_the_nodes_time_zone_and_both_included(office: Client) -> None:
    # Tashkent is five hours ahead: 19:00 UTC is the next day's midnight there.
    event(at=datetime(2026, 11, 23, 18, 59, tzinfo=UTC), subject="the 23rd")
    event(at=datetime(2026, 11, 23, 19, 0, tzinfo=UTC), subject="first of the 24th")
    event(at=datetime(2026, 11, 24, 18, 59, tzinfo=UTC), subject="last of the 24th")
    event(at=datetime(2026, 11, 24, 19, 0, tzinfo=UTC), subject="the 25th")
    assert shown(office, day_from="2026-11-24", day_to="2026-11-24") == [
        "last of the 24th",
        "first of the 24th",
    ]


def test_the_last_day_there_can_be_is_a_day(office: Client) -> None:
    assert office.get("/en/audit/?day_from=0001-01-01&day_to=9999-12-31").status_code == 200


def test_a_wrong_day_is_named_and_kept(office: Client) -> None:
    page = office.get("/en/audit/", {"day_from": "31 November"})
    assert page.status_code == 400
    assert list(page.context["form"].errors) == ["day_from"]
    assert "31 November" in page.content.decode()


@pytest.mark.parametrize("cursor", ["", "_", "x_1", "2026-11-24T09:00:00_1", "2026-11-24_x"])
def test_a_damaged_place_in_the_log_shows_the_newest(office: Client, cursor: str) -> None:
    event(subject="a")
    assert shown(office, before=cursor) == ["a"]


def test_a_page_takes_a_bounded_number_of_queries(
    office: Client, editor: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(40):
        event(person=editor, subject=str(number))
    with django_assert_max_num_queries(9):
        assert len(shown(office)) == 40


def test_the_csv_opens_in_a_spreadsheet_without_running_formulas(office: Client) -> None:
    event(subject='=HYPERLINK("http://evil")', note="тест")
    answer = office.get("/en/audit/export.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "audit-" in answer["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert row["subject_id"] == '\'=HYPERLINK("http://evil")'
    assert row["detail"] == '{"note": "тест"}'
    assert row["at"] == "2026-11-24T09:00:00Z"


@pytest.mark.parametrize(
    ("cell", "kept"),
    [("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"), ("a=b", "a=b"), ("", "")],
)
def test_only_cells_that_start_as_formulas_are_guarded(cell: str, kept: str) -> None:
    assert guarded(cell) == kept


def test_the_json_holds_the_events_that_match(office: Client, editor: Person) -> None:
    event("practice.published", person=editor, subject="a", revision=2)
    event("practice.withdrawn", subject="b")
    answer = office.get("/en/audit/export.json", {"action": "practice.published"})
    assert json.loads(answer.content) == [
        {
            "at": "2026-11-24T09:00:00Z",
            "person": "editor@hub.example",
            "action": "practice.published",
            "subject_kind": "practice",
            "subject_id": "a",
            "detail": {"revision": 2},
        }
    ]


def test_an_export_is_itself_in_the_log(office: Client) -> None:
    office.get("/en/audit/export.json")
    assert AuditEvent.objects.get().action == "audit.exported"


def test_the_log_is_not_for_editors(editor: Person, client: Client) -> None:
    client.force_login(editor)
    assert client.get("/en/audit/").status_code == 403
    assert client.get("/en/audit/export.csv").status_code == 403


def test_what_a_person_did_stays_when_the_person_goes(office: Client, editor: Person) -> None:
    event(person=editor, subject="hers")
    editor.delete()
    assert shown(office, person="editor@hub.example") == ["hers"]


def test_details_are_read_as_words_not_as_json(office: Client) -> None:
    event("invitation.sent", email="new@hub.example", roles=["editor", "translator"])
    page = office.get("/en/audit/").content.decode()
    assert "E-mail: <bdi>new@hub.example</bdi> · Roles: <bdi>Editor, Translator</bdi></td>" in page


def test_kinds_and_details_are_named_in_the_page_s_language(office: Client) -> None:
    event("practice.published", subject="x", revision=2)
    page = office.get("/ru/audit/").content.decode()
    assert 'x <span class="muted small">Практика</span>' in page
    assert "Редакция: <bdi>2</bdi></td>" in page


def test_every_kind_and_detail_that_is_logged_has_a_name() -> None:
    named = {"KINDS": KINDS, "DETAILS": DETAILS}
    written = {name: set[str]() for name in named}
    for path in Path(chorsu.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            for given in call.keywords:
                if given.arg == "subject_kind" and isinstance(given.value, ast.Constant):
                    written["KINDS"].add(str(given.value.value))
                if given.arg == "detail" and isinstance(given.value, ast.Dict):
                    keys = [key for key in given.value.keys if isinstance(key, ast.Constant)]
                    written["DETAILS"] |= {str(key.value) for key in keys}
    assert min(map(len, written.values())) > 4
    assert {name: codes - set(named[name]) for name, codes in written.items()} == {
        "KINDS": set(),
        "DETAILS": set(),
    }


def test_codes_in_the_details_are_called_by_their_names(office: Client) -> None:
    event(roles=["editor", "reader"], type="webauthn", languages=["kk"], names={"tk": "Gullugy"})
    page = office.get("/ru/audit/")
    (row,) = page.context["rows"]
    assert dict(row.details) == {
        "Роли": "Редактор, Читатель",
        "Тип": "Ключи доступа",
        "Языки": "Қазақша",
        "Названия": "Türkmençe Gullugy",
    }
