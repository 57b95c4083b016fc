"""Certificates that were deleted at their node, with a guest or a result, and still count."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chorsu.flows import certifying
from chorsu.institutions.actions.guests import forget_guest
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Person
from chorsu.training.actions.retaining import forget_old
from chorsu.training.credentials.errors import AlreadyEnded, NoSuchCertificate
from chorsu.training.models import Certificate, Cohort, Enrolment, StatusPosition
from chorsu.training.queries.certificates import certificate
from chorsu.training.queries.issued import by_number, deleted_certificate
from chorsu.training.queries.retention import papers_going
from chorsu.wire.credential_records import parse_status
from chorsu.wire.statuslist import is_set
from tests.training import passed
from tests.training.certificates_kit import group, issue, logged, officer

pytestmark = pytest.mark.django_db

__all__ = ["group", "officer"]


def forgotten(group: Cohort, officer: Person, now: datetime) -> tuple[Certificate, bytes]:
    """A guest's certificate with its file, which was deleted with the guest."""
    learner = passed.learner(group, now)
    guest = learner.person
    guest.home, guest.home_subject, guest.email = "bishkek.chorsu.example", "a-guest", ""
    guest.save()
    row = issue(learner, officer, now)
    file = certifying.file_of(certificate(row.pk, officer))
    forget_guest(node=guest.home, subject=guest.home_subject, now=now)
    assert not Certificate.objects.exists()
    return row, file


def test_a_certificate_of_a_forgotten_guest_is_revoked_by_its_number(
    group: Cohort, officer: Person, now: datetime
) -> None:
    row, file = forgotten(group, officer, now)
    found = by_number(f" {row.number.lower()} ", officer)
    assert found.certificate_id == ""
    asked = {"place_id": found.place_id, "why": "error", "reason": "A forgery.", "by": officer}
    certifying.revoke_deleted(**asked, now=now)
    published = parse_status(logged("credential-status")[-1])
    place = StatusPosition.objects.get()
    assert is_set(published.bits, place.position)
    assert certifying.check(file, now).verdict.standing == "revoked"
    assert deleted_certificate(found.place_id, officer).revoked
    event = AuditEvent.objects.get(action="certificate.revoked")
    assert (event.subject_id, event.detail["reason"]) == (row.number, "A forgery.")
    with pytest.raises(AlreadyEnded):
        certifying.revoke_deleted(**asked, now=now)


def test_what_is_kept_of_it_says_nothing_of_the_person(
    group: Cohort, officer: Person, now: datetime
) -> None:
    row, _file = forgotten(group, officer, now)
    (kept,) = StatusPosition.objects.values()
    assert (kept.pop("institution"), kept.pop("number")) == (group.institution_id, row.number)
    assert kept.keys() == {"id", "status_list_id", "position", "valid_until"}


def test_its_file_finds_it_also_where_its_number_was_not_kept(
    group: Cohort, officer: Person, now: datetime
) -> None:
    row, file = forgotten(group, officer, now)
    StatusPosition.objects.update(institution="", number="")
    with pytest.raises(NoSuchCertificate):
        by_number(row.number, officer)
    found = certifying.find_by_file(file, officer, now)
    certifying.revoke_deleted(place_id=found.place_id, why="error", reason="x", by=officer, now=now)
    assert certifying.check(file, now).verdict.standing == "revoked"


def test_only_who_issues_finds_and_revokes_it(
    group: Cohort, officer: Person, now: datetime
) -> None:
    row, file = forgotten(group, officer, now)
    stranger = Person.objects.create_user("stranger@hub.example")
    place = StatusPosition.objects.get().pk
    for ask in (
        lambda: by_number(row.number, stranger),
        lambda: certifying.find_by_file(file, stranger, now),
        lambda: deleted_certificate(place, stranger),
    ):
        with pytest.raises(NoSuchCertificate):
            ask()
    with pytest.raises(NotAllowed):
        certifying.revoke_deleted(place_id=place, why="error", reason="x", by=stranger, now=now)


def test_one_that_is_here_is_revoked_as_before(
    group: Cohort, officer: Person, now: datetime
) -> None:
    row = issue(passed.learner(group, now), officer, now)
    found = by_number(row.number, officer)
    assert found.certificate_id == str(row.pk)
    with pytest.raises(NoSuchCertificate):
        certifying.revoke_deleted(
            place_id=found.place_id, why="error", reason="x", by=officer, now=now
        )


def test_the_number_goes_once_the_certificate_would_have_ended(
    group: Cohort, officer: Person, now: datetime
) -> None:
    forgotten(group, officer, now)
    ends = StatusPosition.objects.get().valid_until
    assert ends is not None
    forget_old(today=ends.date())
    assert StatusPosition.objects.exclude(number="").count() == 1
    assert forget_old(today=ends.date() + timedelta(days=1)) == {"numbers": 1}
    assert StatusPosition.objects.exclude(number="").count() == 0


def test_a_shorter_period_for_results_tells_of_certificates_that_count(
    group: Cohort, officer: Person, now: datetime
) -> None:
    issue(passed.learner(group, now, name="A Learner"), officer, now)
    ended = issue(passed.learner(group, now, name="B Ended"), officer, now)
    certifying.revoke(certificate_id=ended.pk, why="error", reason="x", by=officer, now=now)
    endless = issue(passed.learner(group, now, name="C Endless"), officer, now)
    Certificate.objects.filter(pk=endless.pk).update(valid_until=None)
    soon, late = now.date() + timedelta(days=100), now.date() + timedelta(days=6 * 366)
    place = group.institution_id
    assert papers_going(place, {"results": 60}, soon) == 0
    assert papers_going(place, {"results": 60}, late) == 1
    Certificate.objects.filter(holder="A Learner").update(valid_until=None)
    assert papers_going(place, {"results": 60}, late) == 2
    assert papers_going(place, {"results": 0}, late) == 0
    assert Enrolment.objects.count() == 3
