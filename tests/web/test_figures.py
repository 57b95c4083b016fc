"""The figures of a cohort and of an institution: drawn, listed, as CSV; for 5,000 people too."""

from __future__ import annotations

import csv
import io
import uuid
from collections import Counter
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chorsu.flows import certifying
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.training.actions import enrolling, sessions
from chorsu.training.models import Certificate, Cohort, Enrolment, Review, ReviewCard
from chorsu.training.queries.dashboard import figures
from chorsu.training.queries.ledger import ledger
from tests.training import passed
from tests.training.cohorts.factory import Desk
from tests.training.cohorts.test_progress import tried, with_units
from tests.web.test_cohorts import as_person, desk, url

pytestmark = pytest.mark.django_db

__all__ = ["desk"]


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def begun(desk: Desk, count: int) -> list[Enrolment]:
    """A cohort of so many learners, half of whose days are over."""
    rows = with_units(desk, count)
    cohort = Cohort.objects.get(pk=desk.cohort)
    length = cohort.ends_on - cohort.starts_on
    cohort.starts_on = timezone.localdate() - timedelta(days=6)
    cohort.ends_on = cohort.starts_on + length
    cohort.save()
    return rows


def remembered(row: Enrolment, desk: Desk, *answers: tuple[float, int]) -> None:
    """Reviews of a card after so many days, with these ratings."""
    for number, (days, rating) in enumerate(answers):
        card = ReviewCard.objects.create(
            enrolment=row, unit="u1", point=number, state=2, due_at=desk.now
        )
        Review.objects.create(
            card=card, rating=rating, days_since=days, at=desk.now, key=uuid.uuid4()
        )


def test_a_teacher_sees_progress_competences_and_what_is_remembered(desk: Desk) -> None:
    rows = begun(desk, 8)
    tried(rows[0], desk.now, "q1", 1, service_design=("3", "4"))
    remembered(rows[0], desk, (1, 3), (1, 1), (5, 4))
    client = as_person(desk.teacher)
    page = client.get(url("cohort-figures", desk.cohort)).content.decode()
    assert '<rect class="chart__bar chart__bar--1"' in page
    assert '<polyline class="lines__line lines__line--0"' in page
    assert "L 0000" in page
    assert "L 0007" not in page
    assert "style=" not in page.partition("<main")[2].partition("</main>")[0]
    told = rows_of(client.get(url("cohort-figures-csv", desk.cohort, "progress")).content)
    assert [(row[0], row[2], row[6]) for row in told[1:3]] == [
        ("L 0000", "0", "yes"),
        ("L 0001", "1", "yes"),
    ]
    told = rows_of(client.get(url("cohort-figures-csv", desk.cohort, "competences")).content)
    assert told[1][1:] == ["1", "75.0", "0"]
    told = rows_of(client.get(url("cohort-figures-csv", desk.cohort, "remembered")).content)
    assert told[1:4] == [
        ["2", "2", "1", "50", "50.0"], ["4", "0", "0", "", "50.0"], ["8", "1", "1", "100", "50.0"],
    ]  # fmt: skip
    other = url("cohort-figures-csv", desk.cohort, "progress").replace("progress", "names")
    assert client.get(other).status_code == 404


def taught_and_finished(desk: Desk) -> None:
    """Two learners; one was in both sessions and passed, one in the first and did not."""
    one, two = desk.nominate("a@x.example"), desk.nominate("b@x.example")
    desk.admit(one, two)
    begins = Cohort.objects.get(pk=desk.cohort).starts_on
    first, second = (
        desk.session(
            title=title,
            starts_at=timezone.make_aware(datetime.combine(begins, time(9))),
            ends_at=timezone.make_aware(datetime.combine(begins, time(hour))),
            form=form,
        )
        for title, form, hour in (("Opening", "in_person", 12), ("Alone", "self_study", 11))
    )
    at = {"by": desk.teacher, "now": desk.now}
    sessions.mark(session_id=first, states={one: "present", two: "present"}, **at)
    sessions.mark(session_id=second, states={one: "present", two: "absent"}, **at)
    desk.move("running")
    enrolling.set_result(enrolment_id=one, percent=None, passed=True, **at)
    enrolling.set_result(enrolment_id=two, percent=None, passed=False, **at)
    desk.move("finished", protocol_number="7")


def test_hours_alone_count_with_the_result_as_the_ledger_has_them(desk: Desk) -> None:
    taught_and_finished(desk)
    passed_one = Enrolment.objects.get(state="passed")
    # 9:00 to 12:00 are four academic hours, 9:00 to 11:00 three; the course has ten alone.
    own = ledger(passed_one.person, "hub-astana", ["en"])
    assert own.total == {"in_person": 4, "live": 0, "self_study": 13}
    cohort = Cohort.objects.get(pk=desk.cohort)
    by_month = figures("hub-astana", cohort.ends_on.year).hours
    told: Counter[str] = Counter()
    for by_form in by_month.values():
        told.update(by_form)
    # The one who did not pass was in a session too, and has no hours alone.
    assert told == {"in_person": 8, "live": 0, "self_study": 13}
    assert by_month[cohort.ends_on.month]["self_study"] >= 10
    client = as_person(desk.officer)
    asked = {"year": cohort.ends_on.year}
    rows = rows_of(client.get(url("training-dashboard-csv", "hours"), asked).content)
    assert sum(int(row[3]) for row in rows[1:]) == 13
    page = client.get(url("training-dashboard"), asked).content.decode()
    assert "<title>Self-study: " in page


def test_a_teacher_sees_attendance_and_hours_of_the_cohort(desk: Desk) -> None:
    taught_and_finished(desk)
    client = as_person(desk.teacher)
    rows = rows_of(client.get(url("cohort-figures-csv", desk.cohort, "attendance")).content)
    assert [(row[0], row[2], *row[4:]) for row in rows[1:]] == [
        ("Opening", "In person", "4", "2", "0", "0", "100"),
        ("Alone", "Self-study", "3", "1", "0", "1", "50"),
    ]
    rows = rows_of(client.get(url("cohort-figures-csv", desk.cohort, "hours")).content)
    assert rows[1:] == [["In person", "30", "8", "4.0"], ["Self-study", "10", "13", "6.5"]]
    page = client.get(url("cohort-figures", desk.cohort)).content.decode()
    for said in ("Learners by session", "<title>Absent: 1</title>", "Mean of a learner"):
        assert said in page


def test_a_teacher_sees_which_certificates_of_the_cohort_end(
    desk: Desk, academy: Institution
) -> None:
    issuer, now = desk.officer, timezone.now()
    Membership.objects.create(person=issuer, institution=academy, role="coordinator")
    issuer = Person.objects.get(pk=issuer.pk)
    cohort = passed.cohort(academy, now)
    made = certifying.issue(
        enrolment_id=passed.learner(cohort, now).pk, renewable_by="", by=issuer, now=now
    )
    Certificate.objects.filter(pk=made).update(valid_until=now + timedelta(days=100))
    client = as_person(desk.officer)
    rows = rows_of(client.get(url("cohort-figures-csv", cohort.pk, "expiring")).content)
    assert rows[1:] == [["No employing body", "0", "1", "0"]]
    page = client.get(url("cohort-figures", cohort.pk)).content.decode()
    assert "Certificates due to expire, by employing body" in page
    rows = rows_of(client.get(url("cohort-figures-csv", desk.cohort, "expiring")).content)
    assert rows[1:] == []


def test_an_officer_sees_them_for_a_year(desk: Desk) -> None:
    rows = begun(desk, 8)
    tried(rows[0], desk.now, "q1", 1, service_design=("1", "4"))
    year = Cohort.objects.get().starts_on.year
    client = as_person(desk.officer)
    page = client.get(url("training-dashboard"), {"year": year}).content.decode()
    assert url("cohort-figures", desk.cohort) in page
    assert "None in the next twelve months." in page
    for what, wanted in (
        ("progress", [["Winter 2026", "50", "4", "4"]]),
        ("expiring", []),
    ):
        answer = client.get(url("training-dashboard-csv", what), {"year": year})
        assert rows_of(answer.content)[1:] == wanted
    answer = client.get(url("training-dashboard-csv", "competences"), {"year": year})
    assert rows_of(answer.content)[1][1:] == ["1", "25.0", "1"]


def test_an_officer_sees_which_certificates_end(desk: Desk, academy: Institution) -> None:
    issuer, now = desk.officer, timezone.now()
    Membership.objects.create(person=issuer, institution=academy, role="coordinator")
    issuer = Person.objects.get(pk=issuer.pk)
    learner = passed.learner(passed.cohort(academy, now), now)
    made = certifying.issue(enrolment_id=learner.pk, renewable_by="", by=issuer, now=now)
    Certificate.objects.filter(pk=made).update(valid_until=now + timedelta(days=40))
    client = as_person(desk.officer)
    page = client.get(url("training-dashboard")).content.decode()
    for said in ("Certificates due to expire, by cohort", "Autumn 2026", "No employing body"):
        assert said in page
    answer = client.get(url("training-dashboard-csv", "expiring"))
    assert rows_of(answer.content)[1:] == [["Autumn 2026", "", "1", "0", "0"]]


def test_the_figures_of_five_thousand_take_as_many_queries_as_those_of_few(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    begun(desk, 5_000)
    year = Cohort.objects.get().starts_on.year
    teacher, officer = as_person(desk.teacher), as_person(desk.officer)
    with django_assert_max_num_queries(26):
        teacher.get(url("cohort-figures", desk.cohort))
    with django_assert_max_num_queries(26):
        officer.get(url("training-dashboard"), {"year": year})
