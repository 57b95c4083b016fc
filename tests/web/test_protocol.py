"""The printed protocol: what it is as a file, in every language, and when it is refused."""

from __future__ import annotations

import io

import pikepdf
import pytest

from chorsu.institutions.models import Person
from chorsu.kernel.languages import LANGUAGES, Language
from chorsu.training.actions import enrolling
from chorsu.training.models import Cohort, Enrolment
from chorsu.training.queries.cohorts import cohort
from chorsu.web.cohorts.protocol import lines_of
from chorsu.web.cohorts.protocol_sheet import sheet_of
from tests.training.cohorts.factory import Desk
from tests.web.test_cohorts import as_person, desk, url

pytestmark = pytest.mark.django_db

__all__ = ["desk"]


def finished(desk: Desk) -> None:
    """Two learners, one of whom passed, and a protocol."""
    for email in ("a@x.example", "b@x.example"):
        desk.admit(desk.nominate(email))
    desk.move("running")
    for row in Enrolment.objects.select_related("person"):
        enrolling.set_result(
            enrolment_id=row.pk, passed=row.person.name == "A", percent=None, by=desk.teacher,
            now=desk.now,
        )  # fmt: skip
    desk.move("finished", protocol_number="7-P")


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.tag)
def test_the_protocol_is_pdf_a_tagged_and_in_the_language_asked_for(
    desk: Desk, language: Language
) -> None:
    finished(desk)
    answer = as_person(desk.teacher).get(
        url("cohort-protocol-pdf", desk.cohort), {"language": language.tag}
    )
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Cache-Control"] == "private, no-store"
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert len(pdf.pages) == 1
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == {"zh-Hans": "zh-CN"}.get(language.tag, language.tag)
        with pdf.open_metadata() as metadata:
            assert metadata.pdfa_status == "2A"
            assert "7-P" in metadata["dc:title"]


def test_a_long_protocol_has_its_signatures_on_the_last_of_several_sheets(desk: Desk) -> None:
    Cohort.objects.update(capacity=0)
    for number in range(60):
        desk.admit(desk.nominate(f"p{number}@x.example"))
    answer = as_person(desk.teacher).get(url("cohort-protocol-pdf", desk.cohort))
    with pikepdf.open(io.BytesIO(answer.content)) as pdf:
        assert len(pdf.pages) > 1


def test_the_protocol_says_who_passed_under_which_number_and_who_signs(desk: Desk) -> None:
    draft = sheet_of(cohort(desk.cohort, ("en",)), [], "en")
    assert draft.draft == "Draft: not in force"
    finished(desk)
    sheet = sheet_of(cohort(desk.cohort, ("en",)), lines_of(desk.cohort), "en")
    assert (sheet.heading, sheet.draft) == ("Final protocol No. 7-P", "")
    assert [(row[1], row[5], row[6]) for row in sheet.rows] == [
        ("A", "Passed", "HUB-ASTANA-2026-000001"),
        ("B", "Not passed", "—"),
    ]
    assert [(one.label, one.text) for one in sheet.sums] == [("Passed", "1"), ("Not passed", "1")]
    assert [one.function for one in sheet.signatures] == [
        "Chair of the commission",
        "Member of the commission",
        "Member of the commission",
        "Secretary of the commission",
    ]
    assert desk.teacher.name in [one.name for one in sheet.signatures]


def test_a_letter_that_no_font_has_is_an_error_and_a_language_unknown_is_no_page(
    desk: Desk,
) -> None:
    desk.admit(desk.nominate("a@x.example"))
    client = as_person(desk.teacher)
    address = url("cohort-protocol-pdf", desk.cohort)
    assert client.get(address, {"language": "fr"}).status_code == 404
    Person.objects.filter(email="a@x.example").update(name="Айгүл \U00012000")
    answer = client.get(address)
    assert answer.status_code == 503
    page = answer.content.decode()
    # Which letter, of whom, in which row; the page of the protocol stays around it.
    assert "Row 1, <bdi>Айгүл \U00012000</bdi>: <strong><bdi>\U00012000</bdi> (U+12000)" in page
    assert "HUB" in page.upper()
    other = client.get(url("cohort-protocol-pdf", desk.cohort, language="zh-hans"))
    assert "第1行" in other.content.decode()
    Person.objects.filter(email="a@x.example").update(name="Айгүл")
    Cohort.objects.update(name="Winter 😀 سلام")
    page = client.get(address).content.decode()
    assert "<bdi>😀</bdi> (U+1F600)" in page
    assert "<bdi>س</bdi> (U+0633)" in page
    assert "Айгүл</bdi>" not in page
