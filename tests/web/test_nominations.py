"""Documents of a nomination over HTTP: who gives them, who reads them, and who finds nothing."""

from __future__ import annotations

from base64 import b64decode
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.training.actions import employers
from chorsu.training.actions.retaining import forget_old
from chorsu.training.models import Cohort, EmployerOfficer, Enrolment, NominationFile
from chorsu.training.queries.personal import everything_on
from tests.everywhere import places_of
from tests.training.cohorts.factory import Desk, desk, somebody
from tests.web.test_cohorts import as_person, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(academy: Institution) -> Desk:
    starts = timezone.localdate() + timedelta(days=14)
    return desk(academy, timezone.now(), starts_on=starts, ends_on=starts + timedelta(days=11))


def note(text: str = "zzqx order", name: str = "order.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def add(browser: Client, nominated: UUID, *files: SimpleUploadedFile) -> int:
    return browser.post(url("nomination", nominated), {"documents": list(files)}).status_code


def test_documents_come_with_the_nomination_and_those_who_decide_read_them(scene: Desk) -> None:
    browser = as_person(scene.nominator)
    said = {
        "email": "a@x.example", "name": "Anvar", "employer": str(scene.employer),
        "document": "12-k", "category": "specialist", "language": "ru",
        "documents": [note(), note("diploma", "d.txt")],
    }  # fmt: skip
    assert browser.post(url("cohort-roster", scene.cohort), said).status_code == 302
    row = Enrolment.objects.get(person__email="a@x.example")
    assert list(row.files.order_by("name").values_list("name", flat=True)) == ["d.txt", "order.txt"]
    decides = as_person(scene.teacher)
    assert (
        url("nomination", row.pk)
        in decides.get(url("cohort-roster", scene.cohort)).content.decode()
    )
    page = decides.get(url("learner", row.pk)).content.decode()
    link = url("nomination-file", row.pk, row.files.get(name="order.txt").pk)
    assert link in page
    answer = decides.get(link)
    assert answer.content == b"zzqx order"
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "private, no-store"
    assert places_of("zzqx") == {"training_nominationfile.content"}


def test_a_file_that_is_not_taken_nominates_nobody_and_says_why(scene: Desk) -> None:
    browser = as_person(scene.nominator)
    said = {
        "email": "a@x.example", "name": "Anvar", "employer": str(scene.employer),
        "document": "12-k", "category": "specialist", "language": "ru",
        "documents": [SimpleUploadedFile("run.exe", b"MZ\x00\x01")],
    }  # fmt: skip
    answer = browser.post(url("cohort-roster", scene.cohort), said)
    assert answer.status_code == 400
    assert "run.exe: Files of this type are not taken." in answer.content.decode()
    assert 'value="a@x.example"' in answer.content.decode()
    assert not Enrolment.objects.exists()
    assert not Person.objects.filter(email="a@x.example").exists()


def test_only_its_three_sides_read_them_and_anybody_else_finds_nothing(scene: Desk) -> None:
    nominated = scene.nominate("a@x.example")
    assert add(as_person(scene.nominator), nominated, note()) == 302
    given = NominationFile.objects.get().pk
    pages = (url("nomination", nominated), url("nomination-file", nominated, given))
    other_body = employers.add_employer(
        institution_id="hub-astana", name="Ministry of Health", by=scene.officer, now=scene.now
    )
    strangers = [
        somebody("cadres@health.example", "reader"),
        somebody("colleague@hub.example", "teacher"),
        somebody("admin@hub.example", "administrator"),
    ]
    EmployerOfficer.objects.create(employer_id=other_body, person=strangers[0])
    scene.nominate("b@x.example")
    strangers.append(Person.objects.get(email="b@x.example"))
    may = [scene.nominator, scene.teacher, scene.officer, Person.objects.get(email="a@x.example")]
    for page in pages:
        assert [as_person(one).get(page).status_code for one in may] == [200] * 4
        assert [as_person(one).get(page).status_code for one in strangers] == [404] * 4
        assert Client().get(page).status_code == 302
    # A document is found under its own nomination alone.
    other = Enrolment.objects.get(person__email="b@x.example").pk
    assert as_person(scene.officer).get(url("nomination-file", other, given)).status_code == 404


def test_who_nominates_adds_and_takes_away_until_it_is_decided(scene: Desk) -> None:
    nominated = scene.nominate("a@x.example")
    learner = as_person(Person.objects.get(email="a@x.example"))
    assert add(learner, nominated, note()) == 403
    browser = as_person(scene.nominator)
    assert add(browser, nominated, note(), note()) == 302
    assert NominationFile.objects.count() == 1
    page = url("nomination", nominated)
    assert page in learner.get(url("my-training")).content.decode()
    assert 'name="drop"' not in learner.get(page).content.decode()
    browser.post(page, {"drop": str(NominationFile.objects.get().pk)})
    assert not NominationFile.objects.exists()
    add(browser, nominated, note())
    scene.admit(nominated)
    assert 'name="drop"' not in browser.get(page).content.decode()
    browser.post(page, {"drop": str(NominationFile.objects.get().pk)})
    add(browser, nominated, note("another"))
    assert NominationFile.objects.count() == 1
    assert list(
        AuditEvent.objects.filter(action__startswith="nomination.")
        .order_by("pk")
        .values_list("action", flat=True)
    ) == ["nomination.file_added", "nomination.file_removed", "nomination.file_added"]


def test_a_nomination_has_at_most_five_documents(scene: Desk) -> None:
    nominated = scene.nominate("a@x.example")
    browser = as_person(scene.nominator)
    files = [note(f"number {one}", f"{one}.txt") for one in range(6)]
    answer = browser.post(url("nomination", nominated), {"documents": files})
    assert answer.status_code == 400
    assert "5.txt: A nomination has at most 5 documents." in answer.content.decode()
    assert NominationFile.objects.count() == 5
    assert "Choose a file first." in browser.post(url("nomination", nominated)).content.decode()


def test_names_that_programs_write_into_a_document_are_taken_out(scene: Desk) -> None:
    made = pikepdf.new()
    made.add_blank_page()
    made.docinfo["/Author"] = "Somebody Private"
    target = BytesIO()
    made.save(target)
    nominated = scene.nominate("a@x.example")
    upload = SimpleUploadedFile("order.pdf", target.getvalue())
    assert add(as_person(scene.nominator), nominated, upload) == 302
    kept = bytes(NominationFile.objects.get().content)
    assert kept.startswith(b"%PDF")
    assert b"Private" not in kept
    with pikepdf.open(BytesIO(kept)) as read:
        assert "/Author" not in read.docinfo


def test_they_are_told_to_the_person_and_go_when_their_time_has_run_out(scene: Desk) -> None:
    nominated = scene.nominate("a@x.example")
    add(as_person(scene.nominator), nominated, note())
    person = Person.objects.get(email="a@x.example")
    (told,) = everything_on(person)["documents_of_nominations"]  # type: ignore[misc]
    assert (told["name"], b64decode(told["base64"].base64())) == ("order.txt", b"zzqx order")
    Enrolment.objects.update(state="passed", result_percent=80)
    Cohort.objects.update(state="finished")
    ended = Cohort.objects.get().ends_on
    assert "documents" not in forget_old(today=ended + timedelta(days=2 * 365))
    assert forget_old(today=ended + timedelta(days=3 * 366 + 30))["documents"] == 1
    assert Enrolment.objects.count() == 1
    assert places_of("zzqx") == set()


def test_they_go_with_a_nomination_that_came_to_nothing(scene: Desk) -> None:
    nominated = scene.nominate("a@x.example")
    add(as_person(scene.nominator), nominated, note())
    Enrolment.objects.update(state="declined")
    forget_old(today=Cohort.objects.get().ends_on + timedelta(days=400))
    assert places_of("zzqx") == set()
