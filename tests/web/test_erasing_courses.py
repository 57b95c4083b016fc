"""Erasing content of courses by its pages: what is decided there, and what a reader is told."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.test import Client

from chorsu.exchange.models import Erasure
from chorsu.flows import erasing
from chorsu.flows.erasing import Reason
from chorsu.flows.teaching import publish_course, withdraw_course
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.training.actions import courses
from tests.training.courses.content import ready_draft
from tests.training.courses.test_actions import PNG
from tests.web.test_erasing import REASON, text

TOLD = Reason("personal-data", "It named a citizen.", "en")


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.DATA_DIR = tmp_path_factory.mktemp("data")


@pytest.fixture
def administrator(academy: Institution, client: Client) -> Client:
    person = Person.objects.create_user("admin@hub.example", "correct horse", name="Admin")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    client.force_login(person)
    return client


@pytest.fixture
def course(editor: Person, now: datetime) -> tuple[str, str]:
    """A course with a picture; its id and the picture's hash."""
    draft = ready_draft(editor, now)
    file = courses.add_file(
        draft_id=draft.id, upload=BytesIO(PNG), name="map.png", language="", by=editor, now=now
    )
    publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
    return draft.id, file.sha256


def revised(course_id: str, editor: Person, now: datetime) -> str:
    """Publish another revision; the hash of what the first one said."""
    draft = courses.revise(course_id=course_id, by=editor, now=now)
    saved = courses.save_draft(
        draft_id=draft.id, version=draft.version, words={**draft.words, "title": "Another title"},
        facts=draft.facts, by=editor, now=now,
    )  # fmt: skip
    publish_course(draft_id=saved.id, version=saved.version, by=editor, now=now)
    return erasing.targets_of(UUID(course_id))[-1].blob


def test_an_administrator_erases_a_file_from_its_course(
    course: tuple[str, str], administrator: Client
) -> None:
    course_id, sha256 = course
    page = f"/en/courses/{course_id}/erase/"
    assert page in text(administrator, f"/en/courses/{course_id}/")
    assert f"{page}{sha256}/" in text(administrator, page)
    assert "map.png" in text(administrator, f"{page}{sha256}/")
    answer = administrator.post(f"{page}{sha256}/", {**REASON, "sure": "on", "named": "on"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/node/erasures/")
    listed = text(administrator, "/en/node/erasures/")
    assert f'href="/en/courses/{course_id}/"' in listed
    told = AuditEvent.objects.get(action="blob.erased")
    assert (told.subject_kind, told.detail["blob"]) == ("course", [sha256])


def test_the_present_words_of_a_course_lead_to_a_new_revision_or_a_withdrawal(
    course: tuple[str, str], administrator: Client
) -> None:
    course_id, _sha256 = course
    page = text(administrator, f"/en/courses/{course_id}/erase/")
    assert f"/en/courses/{course_id}/revise/" in page
    assert f"/en/courses/{course_id}/withdraw/" in page
    blob = erasing.targets_of(UUID(course_id))[1].blob
    answer = administrator.post(
        f"/en/courses/{course_id}/erase/{blob}/", {**REASON, "sure": "on"}, follow=True
    )
    assert "It is what the course says now." in answer.content.decode()
    assert Erasure.objects.count() == 0


def test_the_page_says_what_a_revision_leaves_elsewhere(
    course: tuple[str, str], administrator: Client, editor: Person, now: datetime
) -> None:
    course_id, _sha256 = course
    courses.fork(
        course_id=course_id, institution_id="hub-astana", language="en", by=editor, now=now
    )
    blob = revised(course_id, editor, now)
    page = text(administrator, f"/en/courses/{course_id}/erase/{blob}/")
    assert "1 draft was begun from that revision." in page
    assert "A cohort that is taught that revision has nothing to read" in page


def test_the_change_log_says_why_a_revision_is_gone(
    course: tuple[str, str], client: Client, editor: Person, now: datetime
) -> None:
    course_id, _sha256 = course
    blob = revised(course_id, editor, now)
    erasing.erase(record_id=UUID(course_id), blob=blob, reason=TOLD, by=None, now=now)
    page = text(client, f"/en/courses/{course_id}/history/")
    assert "Erased on 24 November 2026" in page
    assert "It named a citizen." in page
    assert "This node never had the words of this revision." not in page


def test_a_withdrawn_course_says_that_its_reason_was_erased(
    course: tuple[str, str], administrator: Client, editor: Person, now: datetime
) -> None:
    course_id, _sha256 = course
    withdraw_course(course_id=course_id, reason="Somebody asked us.", by=editor, now=now)
    page = administrator.get(f"/en/courses/{course_id}/").content.decode()
    assert f"/en/courses/{course_id}/erase/" in page
    [reason] = [one for one in erasing.targets_of(UUID(course_id)) if one.what == "reason"]
    answer = administrator.post(
        f"/en/courses/{course_id}/erase/{reason.blob}/", {**REASON, "sure": "on"}
    )
    assert answer.status_code == 302
    answer = Client().get(f"/en/courses/{course_id}/")
    assert answer.status_code == 410
    page = answer.content.decode()
    assert "The reason was erased: Personal data" in page
    assert "Somebody asked us." not in page


def test_the_address_of_an_erased_file_leads_back_to_its_course(
    course: tuple[str, str], client: Client, now: datetime
) -> None:
    course_id, sha256 = course
    erasing.erase(record_id=UUID(course_id), blob=sha256, reason=TOLD, by=None, now=now)
    asks = {"Accept": "text/html", "Accept-Language": "en"}
    answer = client.get(f"/exchange/blob/{sha256}", headers=asks)
    page = answer.content.decode()
    assert answer.status_code == 410
    assert "Here was the file map.png" in page
    assert f'href="/en/courses/{course_id}/"' in page


def test_a_course_is_not_erased_at_the_address_of_a_practice(
    course: tuple[str, str], administrator: Client
) -> None:
    course_id, sha256 = course
    assert administrator.get(f"/en/practices/{course_id}/erase/").status_code == 404
    assert administrator.get(f"/en/practices/{course_id}/erase/{sha256}/").status_code == 404


def test_only_administrators_are_led_there(
    course: tuple[str, str], editor: Person, client: Client
) -> None:
    course_id, sha256 = course
    client.force_login(editor)
    assert "/erase/" not in text(client, f"/en/courses/{course_id}/")
    assert client.get(f"/en/courses/{course_id}/erase/").status_code == 403
    assert client.get(f"/en/courses/{course_id}/erase/{sha256}/").status_code == 403
