"""The pages that find a certificate by its number or file, to revoke it, also a deleted one."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chorsu.flows import certifying
from chorsu.institutions.models import Person
from chorsu.training.models import Cohort, StatusPosition
from chorsu.training.queries.certificates import certificate
from tests.training import passed
from tests.training.certificates_kit import group, issue, officer

pytestmark = pytest.mark.django_db

__all__ = ["group", "officer"]
FIND = "/en/certificates/revoking/"


def test_one_that_is_here_is_opened_by_its_number(
    client: Client, group: Cohort, officer: Person, now: datetime
) -> None:
    row = issue(passed.learner(group, now), officer, now)
    client.force_login(officer)
    answer = client.post(FIND, {"number": row.number.lower()})
    assert answer["Location"] == f"/en/certificates/{row.pk}/"
    for unknown in ("HUB-ASTANA-2026-000999", "", " "):
        answer = client.post(FIND, {"number": unknown})
        assert answer.status_code == 400
        assert "is found." in answer.content.decode()


def test_a_deleted_one_is_found_by_its_file_and_revoked(
    client: Client, group: Cohort, officer: Person, now: datetime
) -> None:
    row = issue(passed.learner(group, now), officer, now)
    file = certifying.file_of(certificate(row.pk, officer))
    row.enrolment.delete()
    client.force_login(officer)
    sent = SimpleUploadedFile("paper.chorsu", file)
    page = client.post(FIND, {"number": "", "file": sent})["Location"]
    assert page == f"{FIND}{StatusPosition.objects.get().pk}/"
    assert client.post(page, {"why": "error", "reason": " "}).status_code == 400
    assert certifying.check(file, now).verdict.standing == "genuine"
    html = client.post(page, {"why": "error", "reason": "A forgery."}, follow=True)
    assert "The certificate is revoked" in html.content.decode()
    assert "Revoke it for good" not in html.content.decode()
    assert certifying.check(file, now).verdict.standing == "revoked"


def test_a_stranger_finds_nothing(
    client: Client, group: Cohort, officer: Person, now: datetime
) -> None:
    row = issue(passed.learner(group, now), officer, now)
    client.force_login(row.enrolment.person)
    assert client.get(FIND).status_code == 403
    row.enrolment.delete()
    client.force_login(Person.objects.create_user("stranger@hub.example"))
    page = f"{FIND}{StatusPosition.objects.get().pk}/"
    assert client.get(page).status_code == 404
    assert client.post(page, {"why": "error", "reason": "x"}).status_code == 404
