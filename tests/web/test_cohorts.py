"""Pages of cohorts, by real requests: from planning to the protocol, and who may see what."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Count
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.institutions.queries import forget_institutions
from chorsu.training.actions import sessions
from chorsu.training.models import Cohort, Course, Enrolment, Import, Session
from chorsu.training.queries.cohorts import session
from tests.training.cohorts.factory import Desk, a_course, somebody
from tests.training.cohorts.factory import desk as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(academy: Institution) -> Desk:
    """An open cohort that starts in two weeks, by the real clock: pages ask what day it is."""
    now = timezone.now()
    starts = timezone.localdate() + timedelta(days=14)
    return make(academy, now, starts_on=starts, ends_on=starts + timedelta(days=11))


def url(name: str, *arguments: object, language: str = "en") -> str:
    with override(language):
        return reverse(name, args=arguments)


def as_person(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


COHORT = {
    "institution": "hub-astana", "name": "Spring", "programme": "upgrading",
    "starts_on": "2027-03-01", "ends_on": "2027-03-12", "languages": ["ru", "kk"],
    "capacity": "20", "place": "", "link": "",
}  # fmt: skip
NOMINATION = {
    "email": "new@ministry.example", "name": "New Person", "document": "12-k",
    "category": "specialist", "appointed_on": "", "language": "tk",
}  # fmt: skip


def test_a_teacher_plans_a_cohort_of_a_peers_course(academy: Institution, now: datetime) -> None:
    course = a_course(now, origin="beijing.chorsu.example", title="Digital government")
    client = as_person(somebody("t@hub.example", "teacher"))
    page = client.get(url("cohort-new"), {"course": str(course.pk)}).content.decode()
    assert f'<option value="{course.pk}" selected>Digital government</option>' in page
    wrong = client.post(url("cohort-new"), {**COHORT, "course": course.pk, "ends_on": "2027-02-01"})
    assert wrong.status_code == 400
    assert "The last day is before the first day." in wrong.content.decode()
    assert 'value="Spring"' in wrong.content.decode()
    answer = client.post(url("cohort-new"), {**COHORT, "course": str(course.pk)}, follow=True)
    assert "The cohort is planned." in answer.content.decode()
    row = Cohort.objects.get()
    assert (row.course_id, row.languages) == (course.pk, ["kk", "ru"])


@pytest.mark.parametrize(
    "name",
    ["cohort-edit", "cohort-results", "cohort-messages", "cohort-protocol", "cohort-platforms",
     "cohort-protocol-csv",
     "cohort-protocol-pdf", "cohort-figures", "cohort-roster", "session-new", "cohort-import"],
)  # fmt: skip
def test_who_does_not_run_a_cohort_sees_nothing_of_its_people(desk: Desk, name: str) -> None:
    desk.nominate("a@x.example")
    learner = Person.objects.get(email="a@x.example")
    assert as_person(learner).get(url(name, desk.cohort)).status_code == 403
    page = as_person(learner).get(url("cohort", desk.cohort)).content.decode()
    assert "Learners" not in page
    assert Client().get(url(name, desk.cohort)).status_code == 302


def test_an_officer_of_a_body_nominates_and_is_told_which_rule_refuses(desk: Desk) -> None:
    client = as_person(desk.nominator)
    said = {**NOMINATION, "employer": str(desk.employer)}
    assert client.post(url("cohort-roster", desk.cohort), said).status_code == 302
    again = client.post(url("cohort-roster", desk.cohort), said)
    assert again.status_code == 400
    assert "This person is in this cohort already." in again.content.decode()
    assert 'value="new@ministry.example"' in again.content.decode()
    page = client.get(url("cohort-roster", desk.cohort)).content.decode()
    assert "New Person" in page
    assert "Admit the chosen" not in page
    act = {"learner": str(Enrolment.objects.get().pk), "act": "admit"}
    assert client.post(url("cohort-roster-act", desk.cohort), act).status_code == 403


def test_a_refusal_names_its_rule_in_the_readers_language(desk: Desk) -> None:
    Cohort.objects.update(starts_on=timezone.localdate(), programme="upgrading")
    said = {**NOMINATION, "employer": str(desk.employer)}
    page = as_person(desk.nominator).post(
        url("cohort-roster", desk.cohort, language="zh-hans"), said
    )
    assert page.status_code == 400
    assert "进修培训：" in page.content.decode()


def test_a_teacher_admits_groups_marks_and_finishes(desk: Desk) -> None:
    one, other = desk.nominate("a@x.example"), desk.nominate("b@x.example")
    client = as_person(desk.teacher)
    chosen = {"learner": [str(one), str(other)]}
    answer = client.post(
        url("cohort-roster-act", desk.cohort), {**chosen, "act": "admit"}, follow=True
    )
    assert "Admitted: 2. Put on the waiting list: 0." in answer.content.decode()
    client.post(
        url("cohort-roster-act", desk.cohort),
        {"learner": str(one), "act": "group", "group": "North"},
    )
    assert Enrolment.objects.get(pk=one).group == "North"
    proposed = client.get(url("session-new", desk.cohort)).context["form"].initial
    when = {
        "starts_at": f"{proposed['starts_at']:%Y-%m-%dT%H:%M}",
        "ends_at": f"{proposed['ends_at']:%Y-%m-%dT%H:%M}",
    }
    added = client.post(
        url("session-new", desk.cohort), {**when, "title": "Opening", "form": "in_person"}
    )
    assert added.status_code == 302
    made = Session.objects.get()
    # Nine o'clock on the page is nine o'clock where the node is.
    assert timezone.localtime(made.starts_at).hour == 9
    client.post(url("session", made.pk), {f"state-{one}": "present", f"state-{other}": "absent"})
    client.post(url("cohort-move", desk.cohort), {"to": "running"})
    page = client.post(
        url("cohort-results", desk.cohort),
        {f"percent-{one}": "87,5", f"result-{one}": "passed", f"percent-{other}": "140",
         f"result-{other}": "failed"},
    )  # fmt: skip
    assert page.status_code == 400
    assert 'value="140"' in page.content.decode()
    early = client.post(url("cohort-move", desk.cohort), {"to": "finished", "protocol_number": "7"})
    assert early["Location"] == url("cohort-results", desk.cohort)
    client.post(
        url("cohort-results", desk.cohort), {f"percent-{other}": "14", f"result-{other}": "failed"}
    )
    unnumbered = client.post(url("cohort-move", desk.cohort), {"to": "finished"})
    assert unnumbered.status_code == 400
    client.post(url("cohort-move", desk.cohort), {"to": "finished", "protocol_number": "7-P"})
    protocol = client.get(url("cohort-protocol", desk.cohort)).content.decode()
    assert "Final protocol No. 7-P" in protocol
    assert "HUB-ASTANA-2026-000001" in protocol
    table = client.get(url("cohort-protocol-csv", desk.cohort)).content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(table)))
    assert [(row[1], row[6], row[8]) for row in rows[1:]] == [
        ("A", "87.50", "HUB-ASTANA-2026-000001"), ("B", "14.00", ""),
    ]  # fmt: skip


def test_who_learns_in_ones_own_cohort_is_told_that_another_says_the_result(desk: Desk) -> None:
    own = desk.nominate(desk.teacher.email)
    desk.admit(own)
    desk.move("running")
    page = as_person(desk.teacher).post(
        url("cohort-results", desk.cohort), {f"percent-{own}": "100", f"result-{own}": "passed"}
    )
    assert page.status_code == 400
    assert "This is your own work: somebody else marks it." in page.content.decode()
    assert Enrolment.objects.get(pk=own).state == "admitted"


def test_a_learner_comes_onto_the_list_by_the_code_on_the_screen(desk: Desk) -> None:
    desk.admit(desk.nominate("a@x.example"))
    begins = timezone.make_aware(
        datetime.combine(Cohort.objects.get().starts_on, datetime.min.time()).replace(hour=9)
    )
    made = desk.session(starts_at=begins, ends_at=begins.replace(hour=10))
    teacher, learner = as_person(desk.teacher), as_person(Person.objects.get(email="a@x.example"))
    assert url("attend", made) not in learner.get(url("my-training")).content.decode()
    teacher.post(url("session-screen", made))
    screen = teacher.get(url("session-screen", made)).content.decode()
    code = re.search(r'class="screen__code">([\d ]+)<', screen)
    assert code is not None
    assert url("attend", made) in learner.get(url("my-training")).content.decode()
    wrong = learner.post(url("attend", made), {"code": "000 000"})
    assert (wrong.status_code, "not the code" in wrong.content.decode()) == (400, True)
    right = learner.post(url("attend", made), {"code": code[1]}, follow=True)
    assert "You are on the list." in right.content.decode()
    assert "present: 1" in teacher.get(url("session-screen", made)).content.decode()
    part = teacher.get(url("session-screen", made), headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    teacher.post(url("session-screen", made), {"close": "1"})
    assert session(made).code_until is None
    assert sessions.shown_code(made, timezone.now()) == ""


def upload(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), "text/csv")


def test_a_spreadsheet_is_looked_at_taken_in_and_undone(desk: Desk) -> None:
    client = as_person(desk.nominator)
    head = client.get(url("import-template", desk.cohort)).content.decode("utf-8-sig").strip()
    assert head.startswith("E-mail address,Full name,Employing body")
    refused = client.post(
        url("cohort-import", desk.cohort), {"file": upload("x.csv", "a,b\n1,2\n")}
    )
    assert "The first row must name these columns" in refused.content.decode()
    bad = upload("june.csv", f"{head}\na@x.example,A,,1,wizard,,\n")
    page = client.post(url("cohort-import", desk.cohort), {"file": bad}, follow=True)
    assert "1 row is not right" in page.content.decode()
    assert "There is no such category: wizard" in page.content.decode()
    assert "Nominate all" not in page.content.decode()
    good = upload(
        "june.csv", f"{head}\na@x.example,A,,1,specialist,,\nb@x.example,B,,1,local,,tk\n"
    )
    page = client.post(url("cohort-import", desk.cohort), {"file": good}, follow=True)
    assert "2 people would be nominated." in page.content.decode()
    assert Enrolment.objects.count() == 0
    here = page.redirect_chain[-1][0]
    assert "2 people nominated." in client.post(here, follow=True).content.decode()
    roster = as_person(desk.officer).get(url("cohort-roster", desk.cohort)).content.decode()
    undo = re.search(r'action="([^"]+/undo/)"', roster)
    assert undo is not None
    answer = as_person(desk.officer).post(undo[1], follow=True)
    assert "2 nominations taken back." in answer.content.decode()
    assert Enrolment.objects.count() == 0


def test_attendance_from_a_spreadsheet_whole_or_not_at_all(desk: Desk) -> None:
    desk.admit(desk.nominate("a@x.example"), desk.nominate("b@x.example"))
    begins = timezone.make_aware(
        datetime.combine(Cohort.objects.get().starts_on, datetime.min.time()).replace(hour=9)
    )
    made = desk.session(starts_at=begins, ends_at=begins.replace(hour=10))
    client = as_person(desk.teacher)
    text = "email,state\na@x.example,present\nz@x.example,present\n"
    page = client.post(url("session-list", made), {"file": upload("list.csv", text)}, follow=True)
    assert "E-mail address: This person is not expected here: z@x.example" in re.sub(
        r"\s+", " ", page.content.decode()
    )
    assert "present: 1" not in client.get(url("cohort", desk.cohort)).content.decode()
    text = "email,state\na@x.example,present\nb@x.example,absent\n"
    look = client.post(url("session-list", made), {"file": upload("list.csv", text)})["Location"]
    assert "The list would say it of 2 learners." in client.get(look).content.decode()
    assert "present: 1" not in client.get(url("cohort", desk.cohort)).content.decode()
    page = client.post(look, follow=True).content.decode()
    assert "Taken from the file: 2." in page
    assert url("import-undo", Import.objects.latest("created_at").pk) in page
    assert "present: 1" in client.get(url("cohort", desk.cohort)).content.decode()


def test_one_takes_away_all_data_on_oneself_and_an_officer_those_on_a_learner(desk: Desk) -> None:
    desk.nominate("a@x.example")
    learner = Person.objects.get(email="a@x.example")
    told = json.loads(as_person(learner).get(url("my-training-data")).getvalue())
    assert told["person"]["email"] == "a@x.example"
    assert as_person(desk.officer).get(url("training-data", learner.pk)).status_code == 405
    answer = as_person(desk.officer).post(url("training-data", learner.pk))
    assert json.loads(answer.getvalue())["enrolments"][0]["cohort"] == "Winter 2026"
    line = AuditEvent.objects.get(action="person.data_taken")
    assert (line.person, line.subject_id) == (desk.officer, "a@x.example")
    for stranger in (desk.teacher, desk.nominator):
        assert as_person(stranger).post(url("training-data", learner.pk)).status_code == 403
        assert as_person(stranger).get(url("training-person", learner.pk)).status_code == 403


def test_an_officer_of_one_branch_does_not_take_what_another_keeps(desk: Desk) -> None:
    """The page of hours is theirs to see; the file holds every academy's answers and marks."""
    for place in ("hub-east", "hub-west"):
        Institution.objects.create(
            id=place, parent_id="hub-astana", kind="branch", country="KZ", node="hub.chorsu.example"
        )
    forget_institutions()
    east = as_person(somebody("east@hub.example", "training_office", place="hub-east"))
    learner = somebody("learner@hub.example", "reader", place="hub-east")
    page, data = url("training-person", learner.pk), url("training-data", learner.pk)
    assert data in east.get(page).content.decode()
    assert east.post(data).status_code == 200
    Membership.objects.create(person=learner, institution_id="hub-west", role="reader")
    told = east.get(page)
    assert told.status_code == 200
    assert data not in told.content.decode()
    assert east.post(data).status_code == 403
    assert as_person(desk.officer).post(data).status_code == 200


def test_recognised_training_shows_in_the_ledger_with_its_order(desk: Desk) -> None:
    desk.nominate("a@x.example")
    learner = Person.objects.get(email="a@x.example")
    client = as_person(desk.officer)
    document = {
        "issuer": "hub-astana", "course": "", "title": "Digital government", "document": "CN-77",
        "issued_on": "2026-05-01", "in_person": "30", "live": "0", "self_study": "0",
    }  # fmt: skip
    client.post(url("training-person", learner.pk), document)
    page = as_person(learner).get(url("my-training")).content.decode()
    assert "not recognised here" in page
    rule = {
        "issuer": "hub-astana", "course": "", "title": "", "form": "", "percent": "50",
        "most_hours": "0", "since": "2026-01-01", "until": "", "basis": "Order 5",
    }  # fmt: skip
    assert client.post(url("recognition"), rule).status_code == 302
    page = as_person(learner).get(url("my-training")).content.decode()
    assert "recognised by Order 5" in page
    assert "not recognised here" not in page
    assert as_person(desk.teacher).post(url("recognition"), rule).status_code == 403


def test_figures_are_drawn_and_told_as_tables(desk: Desk) -> None:
    desk.admit(desk.nominate("a@x.example"))
    year = Cohort.objects.get().starts_on.year
    client = as_person(desk.officer)
    page = client.get(url("training-dashboard"), {"year": year}).content.decode()
    assert '<rect class="chart__bar chart__bar--2"' in page
    assert "style=" not in page.partition("<main")[2].partition("</main>")[0]
    answer = client.get(url("training-dashboard-csv", "cohorts"), {"year": year})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1] == ["Winter 2026", "0", "0", "1", "0", ""]
    assert as_person(desk.teacher).get(url("training-dashboard")).status_code == 403


def test_a_name_that_looks_like_a_formula_is_no_formula_in_a_spreadsheet(desk: Desk) -> None:
    desk.admit(desk.nominate("a@x.example", name="=HYPERLINK(1)"))
    table = as_person(desk.teacher).get(url("cohort-protocol-csv", desk.cohort))
    assert "'=HYPERLINK(1)" in table.content.decode()


def test_pages_take_as_many_queries_for_many_as_for_few(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        desk.nominate(f"p{number}@x.example")
    client = as_person(desk.teacher)
    for name, most in (("cohorts", 10), ("my-training", 16)):
        with django_assert_max_num_queries(most):
            client.get(url(name))
    for name, most in (
        ("cohort", 18), ("cohort-roster", 20), ("cohort-results", 18), ("cohort-protocol", 18),
        ("cohort-figures", 24),
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            client.get(url(name, desk.cohort))


def test_a_long_list_comes_a_hundred_to_a_page_and_a_page_is_saved_by_itself(desk: Desk) -> None:
    Cohort.objects.update(capacity=0)
    people = Person.objects.bulk_create(
        Person(email=f"p{number:03}@x.example", name=f"P {number:03}") for number in range(103)
    )
    now = timezone.now()
    Enrolment.objects.bulk_create(
        Enrolment(
            id=uuid.uuid4(), cohort_id=desk.cohort, person=person, state="admitted",
            queued_at=now, created_at=now,
        )
        for person in people
    )  # fmt: skip
    desk.move("running")
    client = as_person(desk.teacher)
    for name, last in (("cohort-roster", "P 102"), ("cohort-results", "P 102")):
        first = client.get(url(name, desk.cohort)).content.decode()
        assert ("P 099" in first, last in first, "?page=2" in first) == (True, False, True)
        assert last in client.get(url(name, desk.cohort), {"page": "2"}).content.decode()
    one = Enrolment.objects.get(person__name="P 101").pk
    answer = client.post(
        url("cohort-results", desk.cohort) + "?page=2",
        {f"percent-{one}": "70", f"result-{one}": "passed"},
    )
    assert answer["Location"].endswith("?page=2")
    assert dict(Enrolment.objects.values_list("state").annotate(Count("pk"))) == {
        "admitted": 102, "passed": 1,
    }  # fmt: skip


def test_a_percent_that_the_node_reckoned_asks_for_no_result(desk: Desk) -> None:
    for number in range(2):
        desk.admit(desk.nominate(f"p{number}@x.example"))
    desk.move("running")
    first, second = Enrolment.objects.order_by("person__email")
    Enrolment.objects.filter(pk=second.pk).update(result_percent="85.00")
    said = {
        f"percent-{first.pk}": "70", f"result-{first.pk}": "passed",
        f"percent-{second.pk}": "85",
    }  # fmt: skip
    client = as_person(desk.teacher)
    assert client.post(url("cohort-results", desk.cohort), said).status_code == 302
    said[f"percent-{second.pk}"] = "86"
    assert client.post(url("cohort-results", desk.cohort), said).status_code == 400


def test_a_newer_revision_is_offered_with_what_it_changes_for_the_cohort(desk: Desk) -> None:
    Course.objects.filter(pk=desk.course.pk).update(revision=3)
    page = as_person(desk.teacher).get(url("cohort", desk.cohort)).content.decode()
    address = url("course-revision", desk.course.pk, 3)
    assert f'<a href="{address}?since=1">What changed from revision 1 to 3</a>' in page
