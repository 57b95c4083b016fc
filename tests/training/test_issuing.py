"""Certificates of a whole cohort: portion by portion, each an entry; lists that get full."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection

from chorsu.flows import certifying
from chorsu.institutions.models import Institution, Person
from chorsu.records.shapes import Arrival
from chorsu.training.actions import certifying as actions
from chorsu.training.actions import credential_logs as logs
from chorsu.training.credentials.errors import (
    AlreadyIssued,
)
from chorsu.training.models import (
    Certificate,
    Cohort,
    Enrolment,
    IssueWork,
    StatusList,
    StatusPosition,
)
from chorsu.training.queries import certificates as queries
from chorsu.training.queries.ledger import ledger
from chorsu.training.queries.rosters import passed_courses
from chorsu.training.rules.recognition import all_forms
from chorsu.wire.credential_records import MAX_COMMITMENTS, parse_commitments, parse_status
from chorsu.wire.envelope import blob_hash
from tests.training import passed
from tests.training.certificates_kit import group, issue, logged, officer

pytestmark = pytest.mark.django_db

__all__ = ["group", "officer"]


def test_a_cohort_is_issued_in_portions_with_progress_and_each_portion_is_one_entry(
    group: Cohort, officer: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certifying, "MAX_COMMITMENTS", 4)
    learners = [passed.learner(group, now, name=f"Learner {n}") for n in range(9)]
    nameless = passed.learner(group, now, name="")
    passed.learner(group, now, state="failed")
    number = certifying.ask_all(cohort_id=group.pk, renewable_by="", by=officer, now=now)
    work = IssueWork.objects.get(pk=number)
    assert (work.total, work.done, work.state) == (10, 0, "waiting")
    certifying.issue_all(number=number, clock=lambda: now)
    work.refresh_from_db()
    assert (work.done, work.state, work.ended_at) == (9, "done", now)
    assert work.refused == [[str(nameless.pk), "no-name"]]
    records = map(parse_commitments, logged("credential-commitments"))
    assert [len(one.commitments) for one in records] == [4, 4, 1]
    assert len(logged("credential-status")) == 1
    held = Certificate.objects.filter(enrolment__in=learners)
    assert len(set(held.values_list("number", flat=True))) == 9
    assert StatusPosition.objects.values("position").distinct().count() == 9
    assert {one.issued_by for one in held} == {officer}


@pytest.mark.parametrize(
    ("why", "again"), [("misconduct", []), ("result", []), ("error", ["A Learner"])]
)
def test_what_was_revoked_for_how_it_was_earned_is_not_issued_again_with_the_others(
    group: Cohort, officer: Person, now: datetime, why: str, again: list[str]
) -> None:
    row = issue(passed.learner(group, now, name="A Learner"), officer, now)
    said = {"by": officer, "now": now}
    certifying.revoke(certificate_id=row.pk, why=why, reason="Copied.", **said)
    assert queries.cohort_to_issue(group.pk, officer).waiting == len(again)
    assert [one.waiting for one in queries.cohorts_to_issue(officer)] == [len(again)]
    late = passed.learner(group, now, name="B Late")
    number = certifying.ask_all(cohort_id=group.pk, renewable_by="", **said)
    assert queries.cohort_to_issue(group.pk, officer).waiting == 1 + len(again)
    certifying.issue_all(number=number, clock=lambda: now)
    valid = Certificate.objects.filter(state="valid").order_by("holder")
    assert [one.holder for one in valid] == [*again, late.person.name]
    assert passed_courses(row.enrolment.person).keys() == (
        {str(group.course_id)} if again else set()
    )


def test_hours_of_a_certificate_revoked_for_misconduct_count_no_longer(
    group: Cohort, officer: Person, now: datetime
) -> None:
    learner = passed.learner(group, now)
    Enrolment.objects.filter(pk=learner.pk).update(in_person=10, live=0, self_study=5)
    row = issue(learner, officer, now)
    [line] = ledger(learner.person, group.institution_id, ["en"]).lines
    assert (line.revoked, line.recognised, line.counted) == (False, True, line.earned)
    said = {"reason": "Copied.", "by": officer, "now": now}
    certifying.revoke(certificate_id=row.pk, why="misconduct", **said)
    found = ledger(learner.person, group.institution_id, ["en"])
    [line] = found.lines
    assert (line.revoked, line.recognised, all_forms(found.total)) == (True, False, 0)
    assert all_forms(line.earned) == 15


def test_work_that_was_cut_goes_on_with_those_who_have_none(
    group: Cohort, officer: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certifying, "MAX_COMMITMENTS", 3)
    for n in range(7):
        passed.learner(group, now, name=f"Learner {n}")
    number = certifying.ask_all(cohort_id=group.pk, renewable_by="", by=officer, now=now)
    steps = iter(range(2))

    def killed() -> datetime:
        if next(steps, None) is None:
            raise SystemExit
        return now

    with pytest.raises(SystemExit):
        certifying.issue_all(number=number, clock=killed)
    work = IssueWork.objects.get(pk=number)
    assert (work.done, work.state) == (6, "running")
    first = set(Certificate.objects.values_list("pk", flat=True))
    certifying.issue_all(number=number, clock=lambda: now)
    work.refresh_from_db()
    assert (work.done, work.state) == (7, "done")
    assert first < set(Certificate.objects.values_list("pk", flat=True))
    assert Certificate.objects.count() == 7


def test_asking_twice_asks_once(group: Cohort, officer: Person, now: datetime) -> None:
    passed.learner(group, now)
    certifying.ask_all(cohort_id=group.pk, renewable_by="", by=officer, now=now)
    with pytest.raises(AlreadyIssued):
        certifying.ask_all(cohort_id=group.pk, renewable_by="", by=officer, now=now)


def test_a_course_without_a_title_stops_the_work_and_says_so(
    academy: Institution, officer: Person, now: datetime
) -> None:
    course = passed.course(academy, now)
    group = passed.cohort(academy, now, of=course)
    course.revisions.update(texts={})
    passed.learner(group, now)
    number = certifying.ask_all(cohort_id=group.pk, renewable_by="", by=officer, now=now)
    certifying.issue_all(number=number, clock=lambda: now)
    work = IssueWork.objects.get(pk=number)
    assert (work.state, work.trouble, work.done) == ("failed", "no-course", 0)


def test_a_list_half_given_away_is_followed_by_a_new_one(
    group: Cohort, officer: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "FULL", 2)
    rows = [issue(passed.learner(group, now, name=f"Learner {n}"), officer, now) for n in range(3)]
    lists = [row.position.status_list_id for row in rows]
    assert lists[0] == lists[1] != lists[2]
    assert len(logged("credential-status")) == 2


def test_the_database_holds_each_number_and_position_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'u'")
        names = {row[0] for row in cursor.fetchall()}
    assert {"document_number_once", "position_once", "commitment_once"} <= names


def test_a_portion_is_what_one_record_holds() -> None:
    assert certifying.MAX_COMMITMENTS == MAX_COMMITMENTS


def test_a_list_that_came_back_from_peers_is_not_filled_further(
    group: Cohort, officer: Person, now: datetime
) -> None:
    """Who has which of its positions was lost with the database."""
    first = issue(passed.learner(group, now), officer, now)
    listed = parse_status(logged("credential-status")[0])
    Certificate.objects.all().delete()
    StatusPosition.objects.all().delete()
    StatusList.objects.all().delete()
    data = listed.to_bytes()
    arrival = Arrival(data, listed.id, listed.revision, "public", 0, now, blob_hash(data))
    logs.restore_status(arrival=arrival, origin=listed.origin, now=now)
    again = issue(passed.learner(group, now, name="Another"), officer, now)
    assert str(again.position.status_list_id) != listed.id
    assert certifying.check(first.compact.encode(), now).verdict.standing == "genuine"
