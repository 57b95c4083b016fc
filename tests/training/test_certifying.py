"""Certificates at the node that issues them: who, to whom, and what its log says of it."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chorsu.exchange import blobs, keys
from chorsu.exchange.models import FeedEntry
from chorsu.flows import certifying
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.training.credentials.errors import (
    AlreadyEnded,
    AlreadyIssued,
    NoSuchCertificate,
    NotIssuable,
    NotPassed,
)
from chorsu.training.models import (
    Certificate,
    Cohort,
    Enrolment,
    IssueWork,
    Recognition,
    StatusList,
)
from chorsu.training.queries import certificates as queries
from chorsu.training.queries.expiring import expiring_by_cohort
from chorsu.training.queries.ledger import ledger
from chorsu.wire.credential import check_signature, parse, sign
from chorsu.wire.credential_file import parse_certificate, verify_certificate
from chorsu.wire.credential_records import parse_commitments, parse_status
from chorsu.wire.statuslist import is_set
from tests.training import passed
from tests.training.certificates_kit import group, issue, logged, officer

pytestmark = pytest.mark.django_db

__all__ = ["group", "officer"]


def test_a_certificate_says_what_was_taught_to_whom_and_with_what_result(
    group: Cohort, officer: Person, now: datetime
) -> None:
    learner = passed.learner(group, now)
    row = issue(learner, officer, now, renewable_by=str(group.course_id))
    signed = parse(row.compact.encode())
    check_signature(signed, [keys.signing_key().verify_key])
    said = signed.credential
    assert said.holder == "Айгүл Серікқызы Нұрланова"
    assert said.document == row.number == "HUB-ASTANA-2026-000001"
    assert (said.institution, said.institution_name) == ("hub-astana", "Астанинский хаб")
    assert (said.course, said.revision, said.language) == (str(group.course_id), 2, "ru")
    assert said.names == passed.TITLES
    assert said.hours == {"in_person": 40, "live": 12, "self_study": 20}
    assert said.description == "72 академических часа"
    assert [(one.code, one.level) for one in said.competences] == [
        ("service-design", 3),
        ("data-use", 2),
    ]
    assert (said.result, said.required) == ("87.5", 60)
    assert said.valid_from == now
    assert said.valid_until == datetime(2029, 11, 24, 9, 30, tzinfo=now.tzinfo)
    assert said.renewable_by == str(group.course_id)


def test_a_certificate_says_the_hours_that_its_holder_earned_and_its_course_those_planned(
    group: Cohort, officer: Person, now: datetime
) -> None:
    learner = passed.learner(group, now)
    Enrolment.objects.filter(pk=learner.pk).update(in_person=32, live=12, self_study=20)
    said = parse(issue(learner, officer, now).compact.encode()).credential
    [line] = ledger(learner.person, group.institution_id, ["en"]).lines
    assert said.hours == line.counted == {"in_person": 32, "live": 12, "self_study": 20}
    assert said.description == "72 академических часа"


def test_a_certificate_has_the_number_that_the_protocol_gave_the_result(
    group: Cohort, officer: Person, now: datetime
) -> None:
    learner = passed.learner(group, now)
    Enrolment.objects.filter(pk=learner.pk).update(result_document="HUB-ASTANA-2025-000041")
    assert issue(learner, officer, now).number == "HUB-ASTANA-2025-000041"
    other = passed.learner(group, now)
    number = issue(other, officer, now).number
    assert number == "HUB-ASTANA-2026-000001"
    # One that had none keeps the certificate's, so that protocol and ledger name it too.
    assert Enrolment.objects.get(pk=other.pk).result_document == number


def test_the_log_gets_a_hash_and_a_list_and_no_word_of_anybody(
    group: Cohort, officer: Person, now: datetime
) -> None:
    learner = passed.learner(group, now)
    row = issue(learner, officer, now)
    [commitments], [status] = logged("credential-commitments"), logged("credential-status")
    assert parse_commitments(commitments).commitments == (row.commitment,)
    assert not any(parse_status(status).bits)
    said = parse(row.compact.encode()).credential
    everything = b"".join(
        [bytes(one.leaf) for one in FeedEntry.objects.all()]
        + [blobs.read(one.blob) or b"" for one in FeedEntry.objects.all()]
    ).decode()
    personal = [*said.holder.split(), learner.person.email, said.document, said.subject, said.id]
    personal += [said.result, str(learner.pk), row.compact]
    assert [one for one in personal if one in everything] == []


def test_two_certificates_of_one_person_have_nothing_in_common_but_what_they_say(
    academy: Institution, officer: Person, now: datetime
) -> None:
    first = passed.learner(passed.cohort(academy, now), now)
    second = Enrolment.objects.create(
        id=passed.new_id(), cohort=passed.cohort(academy, now), person=first.person,
        state="passed", created_at=now, queued_at=now,
    )  # fmt: skip
    one, two = (parse(issue(each, officer, now).compact.encode()) for each in (first, second))
    assert one.credential.subject != two.credential.subject
    assert one.credential.holder == two.credential.holder
    assert one.commitment != two.commitment


@pytest.mark.parametrize("state", ["nominated", "admitted", "left", "failed"])
def test_only_who_passed_gets_one(
    group: Cohort, officer: Person, now: datetime, state: str
) -> None:
    learner = passed.learner(group, now, state=state)
    with pytest.raises(NotPassed):
        issue(learner, officer, now)
    assert not FeedEntry.objects.exists()


@pytest.mark.parametrize("state", ["planned", "open", "running", "cancelled"])
def test_nobody_gets_one_before_the_cohort_is_finished(
    group: Cohort, officer: Person, now: datetime, state: str
) -> None:
    learner = passed.learner(group, now)
    assert [one.waiting for one in queries.cohorts_to_issue(officer)] == [1]
    Cohort.objects.update(state=state)
    assert queries.cohorts_to_issue(officer) == []
    assert queries.cohort_to_issue(group.pk, officer).waiting == 0
    with pytest.raises(NotPassed):
        issue(learner, officer, now)
    with pytest.raises(NotPassed):
        certifying.ask_all(cohort_id=group.pk, renewable_by="", by=officer, now=now)
    assert not FeedEntry.objects.exists()
    assert not IssueWork.objects.exists()


def test_only_the_coordinator_of_the_institution_issues(
    group: Cohort, editor: Person, now: datetime
) -> None:
    learner = passed.learner(group, now)
    with pytest.raises(NotAllowed):
        issue(learner, editor, now)
    with pytest.raises(NotAllowed):
        certifying.ask_all(cohort_id=group.pk, renewable_by="", by=editor, now=now)
    assert not Certificate.objects.exists()


def test_one_that_counts_is_issued_once(group: Cohort, officer: Person, now: datetime) -> None:
    learner = passed.learner(group, now)
    issue(learner, officer, now)
    with pytest.raises(AlreadyIssued):
        issue(learner, officer, now)
    assert FeedEntry.objects.count() == 2


def test_the_year_of_a_number_and_the_day_of_a_rule_are_those_of_the_node(
    group: Cohort, officer: Person
) -> None:
    """In Tashkent the new year has begun, in UTC it has not."""
    eve = datetime(2026, 12, 31, 20, tzinfo=UTC)
    row = issue(passed.learner(group, eve), officer, eve)
    assert row.number == "HUB-ASTANA-2027-000001"
    Recognition.objects.create(
        institution_id="hub-astana", issuer="hub-astana", percent=100, since=date(2027, 1, 1),
        basis="Order 5", created_at=eve,
    )  # fmt: skip
    credential = parse(row.compact.encode()).credential
    assert queries.recognised(credential, "hub-astana") == (72, "Order 5")


def test_who_has_no_name_here_gets_none(group: Cohort, officer: Person, now: datetime) -> None:
    learner = passed.learner(group, now, name=" ")
    with pytest.raises(NotIssuable) as refusal:
        issue(learner, officer, now)
    assert refusal.value.code == "no-name"


def test_a_revocation_sets_the_bit_and_keeps_the_reason_at_home(
    group: Cohort, officer: Person, now: datetime
) -> None:
    row = issue(passed.learner(group, now), officer, now)
    later = now + timedelta(days=1)
    certifying.revoke(
        certificate_id=row.pk, why="misconduct", reason="Copied answers.", by=officer, now=later
    )
    before, after = map(parse_status, logged("credential-status"))
    assert (before.revision, after.revision) == (1, 2)
    index = parse(row.compact.encode()).credential.status.index
    assert is_set(after.bits, index)
    assert sum(one.bit_count() for one in after.bits) == 1
    row.refresh_from_db()
    assert (row.state, row.why, row.reason, row.ended_at) == (
        "revoked", "misconduct", "Copied answers.", later,
    )  # fmt: skip
    assert "Copied" not in "".join(one.decode() for one in logged("credential-status"))
    event = AuditEvent.objects.get(action="certificate.revoked")
    assert (event.person, event.subject_id) == (officer, str(row.pk))
    with pytest.raises(AlreadyEnded):
        certifying.revoke(
            certificate_id=row.pk, why="other", reason="Again.", by=officer, now=later
        )


def test_after_a_change_of_name_a_new_one_takes_the_place_of_the_old(
    group: Cohort, officer: Person, now: datetime
) -> None:
    learner = passed.learner(group, now)
    old = issue(learner, officer, now)
    learner.person.name = "Айгүл Серікқызы Ахметова"
    learner.person.save()
    new_id = certifying.correct(
        certificate_id=old.pk, why="name", reason="Marriage.", by=officer, now=now
    )
    old.refresh_from_db()
    new = parse(Certificate.objects.get(pk=new_id).compact.encode()).credential
    assert (new.holder, new.replaces) == ("Айгүл Серікқызы Ахметова", str(old.pk))
    assert (new.document, old.number) == ("HUB-ASTANA-2026-000001-2", "HUB-ASTANA-2026-000001")
    assert old.state == "replaced"
    assert [one.state for one in queries.my_certificates(learner.person)] == ["valid", "replaced"]
    held = queries.my_certificates(learner.person)[1]
    assert held.replaced_by == new_id


def test_a_correction_renews_nothing(group: Cohort, officer: Person, now: datetime) -> None:
    """Who marries in the third year of three has a new name, not three more years."""
    old = issue(passed.learner(group, now), officer, now)
    asked = {"why": "name", "reason": "Marriage.", "by": officer}
    later = now + timedelta(days=800)
    new_id = certifying.correct(certificate_id=old.pk, now=later, **asked)
    new = Certificate.objects.get(pk=new_id)
    assert new.valid_until == old.valid_until
    said = parse(new.compact.encode()).credential
    assert (said.valid_from, said.valid_until) == (now, old.valid_until)
    [shown, _old] = queries.my_certificates(new.enrolment.person)
    assert (new.issued_at, shown.issued_at) == (later, now)
    # One that has ended is not begun again by its correction.
    with pytest.raises(NotIssuable) as refusal:
        certifying.correct(certificate_id=new_id, now=now + timedelta(days=1100), **asked)
    assert refusal.value.code == "expired"
    new.refresh_from_db()
    assert new.state == "valid"


def test_if_the_new_one_cannot_be_issued_the_old_one_still_counts(
    group: Cohort, officer: Person, now: datetime
) -> None:
    learner = passed.learner(group, now)
    old = issue(learner, officer, now)
    Enrolment.objects.filter(pk=learner.pk).update(state="failed")
    with pytest.raises(NotPassed):
        certifying.correct(
            certificate_id=old.pk, why="result", reason="Counted again.", by=officer, now=now
        )
    old.refresh_from_db()
    assert old.state == "valid"
    assert not any(bytes(StatusList.objects.get().bits))
    assert FeedEntry.objects.count() == 2


def test_only_the_holder_and_who_issues_see_it(
    group: Cohort, officer: Person, editor: Person, now: datetime
) -> None:
    learner = passed.learner(group, now)
    row = issue(learner, officer, now)
    assert queries.certificate(row.pk, learner.person).number == row.number
    assert queries.certificate(row.pk, officer).number == row.number
    with pytest.raises(NoSuchCertificate):
        queries.certificate(row.pk, editor)


def test_the_holders_file_proves_itself_offline_and_a_later_one_tells_of_the_revocation(
    group: Cohort, officer: Person, now: datetime
) -> None:
    learner = passed.learner(group, now)
    row = issue(learner, officer, now)
    known = [keys.signing_key().verify_key]
    early = certifying.file_of(queries.certificate(row.pk, learner.person))
    verdict = verify_certificate(parse_certificate(early), known, now)
    assert (verdict.standing, verdict.issued_at, verdict.as_of) == ("genuine", now, now)
    assert verdict.texts is not None
    assert verdict.texts["summary"]["kk"] == f"{passed.TITLES['kk']}."
    later = now + timedelta(days=3)
    certifying.revoke(certificate_id=row.pk, why="error", reason="x", by=officer, now=later)
    anew = certifying.file_of(queries.certificate(row.pk, learner.person))
    verdict = verify_certificate(parse_certificate(anew), known, later)
    assert (verdict.standing, verdict.as_of) == ("revoked", later)


def test_the_node_answers_by_its_log_whatever_the_file_brings(
    group: Cohort, officer: Person, now: datetime
) -> None:
    learner = passed.learner(group, now)
    row = issue(learner, officer, now)
    early = certifying.file_of(queries.certificate(row.pk, learner.person))
    assert certifying.check(early, now).verdict.standing == "genuine"
    certifying.revoke(certificate_id=row.pk, why="error", reason="x", by=officer, now=now)
    for form in (early, row.compact.encode()):
        checked = certifying.check(form, now)
        assert (checked.verdict.standing, checked.here) == ("revoked", True)


def test_what_is_signed_but_not_in_the_log_is_not_genuine(
    group: Cohort, officer: Person, now: datetime
) -> None:
    """A stolen key can sign; it can't have been in the log of that time."""
    learner = passed.learner(group, now)
    row = issue(learner, officer, now)
    real = parse(row.compact.encode()).credential
    forged = sign(replace(real, holder="Somebody Else"), keys.signing_key())
    checked = certifying.check(forged.compact, now)
    assert (checked.verdict.standing, checked.here) == ("unconfirmed", False)


def test_certificates_due_to_expire_are_listed_soonest_first(
    academy: Institution, officer: Person, now: datetime
) -> None:
    rows = []
    for months in (6, 1, 0, 30):
        group = passed.cohort(academy, now, of=passed.course(academy, now, valid_months=months))
        rows.append(issue(passed.learner(group, now), officer, now))
    found = queries.expiring(["hub-astana"], now + timedelta(days=200))
    assert [one.id for one in found] == [str(rows[1].pk), str(rows[0].pk)]
    assert queries.expiring([], now + timedelta(days=200)) == []


def test_what_was_renewed_is_not_due_to_expire(
    academy: Institution, officer: Person, now: datetime
) -> None:
    """The course was passed again; the old certificate ends, and nobody need do anything."""
    course = passed.course(academy, now, valid_months=2)
    first = passed.learner(passed.cohort(academy, now, of=course), now)
    other = passed.learner(first.cohort, now)
    old, waiting = issue(first, officer, now), issue(other, officer, now)
    later = now + timedelta(days=40)
    again = passed.learner(passed.cohort(academy, later, of=course), later)
    Enrolment.objects.filter(pk=again.pk).update(person=first.person)
    again.refresh_from_db()
    new = issue(again, officer, later)
    found = queries.expiring(["hub-astana"], now + timedelta(days=70))
    assert [one.id for one in found] == [str(waiting.pk)]
    assert sum(one.counts[0] for one in expiring_by_cohort(academy.id, later)) == 2
    # Without the new one the old one is what counts, and ends.
    certifying.revoke(certificate_id=new.pk, why="error", reason="One.", by=officer, now=later)
    found = queries.expiring(["hub-astana"], now + timedelta(days=70))
    assert {one.id for one in found} == {str(old.pk), str(waiting.pk)}


def test_names_too_long_for_the_code_stand_in_it_in_the_original_alone(
    academy: Institution, officer: Person, now: datetime
) -> None:
    alphabet = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяқғҳҷӣӯңөү"
    letters = random.Random(1)
    tags = ("ru", "kk", "ky", "tg", "tk", "uz", "en", "zh-Hans")
    long = {tag: "".join(letters.choices(alphabet, k=200)) for tag in tags}
    group = passed.cohort(academy, now, of=passed.course(academy, now, titles=long))
    row = issue(passed.learner(group, now), officer, now)
    assert list(parse(row.compact.encode()).credential.names) == ["ru"]


def test_the_nodes_lists_are_credentials_for_verifiers_outside(
    group: Cohort, officer: Person, now: datetime
) -> None:
    issue(passed.learner(group, now), officer, now)
    compact = certifying.status_credential(StatusList.objects.get().pk, now)
    assert compact is not None
    header = json.loads(_part(compact, 0))
    members = json.loads(_part(compact, 1))
    assert header["typ"] == "vc+jwt"
    assert members["issuer"] == "did:web:hub.chorsu.example"
    assert members["credentialSubject"]["type"] == "BitstringStatusList"
    assert certifying.status_credential("019349f9-3b00-7c11-9b3d-2f6a5c8e7d20", now) is None


def _part(compact: bytes, number: int) -> bytes:
    part = compact.split(b".")[number]
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
