"""Erasing by its pages: what an administrator decides, and what a reader is told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.test import Client

from chorsu.exchange import actions as exchange
from chorsu.exchange import erasures
from chorsu.exchange.models import Erasure
from chorsu.flows import erasing
from chorsu.flows.erasing import Reason
from chorsu.flows.publishing import publish_draft
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.practices import actions
from chorsu.wire.erasing import Erasure as Asked
from chorsu.wire.erasing import ErasureList
from tests.flows.remote import make_peer
from tests.memory_node import MemoryNode
from tests.practices.content import ready_draft
from tests.web.library import ID, publish

REASON = {"ground": "personal-data", "words": "It named a citizen.", "language": "en"}


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
def nobody() -> Client:
    return Client()


def with_file(editor: Person, now: datetime, audience: str = "public") -> tuple[str, str]:
    """A practice with a file; its id and the file's hash."""
    draft = ready_draft(editor, now)
    file = actions.add_file(
        draft_id=draft.id, upload=b"name\nnobody\n", name="names.csv", language="", by=editor,
        now=now,
    )  # fmt: skip
    saved = actions.save_draft(
        draft_id=draft.id, version=draft.version, words=draft.words, facts=draft.facts,
        audience=audience, by=editor, now=now,
    )  # fmt: skip
    publish_draft(draft_id=draft.id, version=saved.version, by=editor, now=now)
    return draft.id, file.sha256


def erased(editor: Person, now: datetime, *, named: bool = True, audience: str = "public") -> str:
    practice, sha256 = with_file(editor, now, audience)
    reason = Reason("personal-data", "It named a citizen.", "en", named=named)
    erasing.erase(record_id=UUID(practice), blob=sha256, reason=reason, by=None, now=now)
    return sha256


def test_an_administrator_erases_a_file_from_its_practice(
    editor: Person, administrator: Client, now: datetime
) -> None:
    practice, sha256 = with_file(editor, now)
    assert f"/en/practices/{practice}/erase/" in text(administrator, f"/en/practices/{practice}/")
    assert sha256 in text(administrator, f"/en/practices/{practice}/erase/")
    address = f"/en/practices/{practice}/erase/{sha256}/"
    assert "names.csv" in text(administrator, address)
    answer = administrator.post(address, {**REASON, "sure": "on", "named": "on"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/node/erasures/")
    assert "It named a citizen." in text(administrator, "/en/node/erasures/")
    told = AuditEvent.objects.get(action="blob.erased")
    assert (told.actor, told.detail["blob"]) == ("admin@hub.example", [sha256])


@pytest.mark.parametrize("lacking", ["ground", "words", "sure"])
def test_nothing_is_erased_without_a_reason_and_a_confirmation(
    editor: Person, administrator: Client, now: datetime, lacking: str
) -> None:
    practice, sha256 = with_file(editor, now)
    given = {**REASON, "sure": "on"}
    del given[lacking]
    answer = administrator.post(f"/en/practices/{practice}/erase/{sha256}/", given)
    assert answer.status_code == 400
    assert Erasure.objects.count() == 0
    kept = "It named a citizen." if lacking != "words" else "personal-data"
    assert kept in answer.content.decode()


def test_a_reason_that_names_a_person_is_refused_at_its_field(
    editor: Person, administrator: Client, now: datetime
) -> None:
    practice, sha256 = with_file(editor, now)
    given = {**REASON, "words": "Editor One asked.", "sure": "on"}
    answer = administrator.post(f"/en/practices/{practice}/erase/{sha256}/", given)
    assert answer.status_code == 400
    assert 'id="id_words_error"' in answer.content.decode()
    assert Erasure.objects.count() == 0


def test_the_present_words_lead_to_a_new_revision_or_a_withdrawal(
    editor: Person, administrator: Client, now: datetime
) -> None:
    practice, _ = with_file(editor, now)
    page = text(administrator, f"/en/practices/{practice}/erase/")
    assert f"/en/practices/{practice}/revise/" in page
    assert f"/en/practices/{practice}/withdraw/" in page
    blob = erasing.targets_of(UUID(practice))[1].blob
    answer = administrator.post(
        f"/en/practices/{practice}/erase/{blob}/", {**REASON, "sure": "on"}, follow=True
    )
    assert "It is what the practice says now." in answer.content.decode()
    assert Erasure.objects.count() == 0


def test_the_page_warns_of_translations_that_still_say_it(
    academy: Institution, administrator: Client, now: datetime
) -> None:
    publish(now)
    publish(now, texts=[], problem="Another problem.")
    blob = erasing.targets_of(UUID(ID))[-1].blob
    page = text(administrator, f"/en/practices/{ID}/erase/{blob}/")
    assert "still has translations of that revision" in page
    assert "Kazakh" in page


def test_others_find_no_door(editor: Person, client: Client, now: datetime) -> None:
    practice, sha256 = with_file(editor, now)
    client.force_login(editor)
    assert "/erase/" not in text(client, f"/en/practices/{practice}/")
    for address in (f"/en/practices/{practice}/erase/", "/en/node/erasures/"):
        assert client.get(address).status_code == 403
    given = {**REASON, "sure": "on"}
    address = f"/en/practices/{practice}/erase/{sha256}/"
    assert client.post(address, given).status_code == 403
    assert Erasure.objects.count() == 0


def test_a_reader_sees_in_its_place_that_a_file_is_gone(
    editor: Person, nobody: Client, now: datetime
) -> None:
    sha256 = erased(editor, now)
    practice = str(Erasure.objects.get().record_id)
    page = text(nobody, f"/en/practices/{practice}/")
    assert "It named a citizen." in page
    assert "names.csv" in page
    assert f'href="/exchange/blob/{sha256}"' not in page


def test_the_address_of_a_file_tells_what_was_there(
    editor: Person, nobody: Client, now: datetime
) -> None:
    sha256 = erased(editor, now)
    asks = {"Accept": "text/html", "Accept-Language": "ru"}
    answer = nobody.get(f"/exchange/blob/{sha256}", headers=asks)
    page = answer.content.decode()
    assert answer.status_code == 410
    assert 'lang="ru"' in page
    assert "names.csv" in page
    assert "It named a citizen." in page
    assert f"/practices/{Erasure.objects.get().record_id}/" in page
    machine = nobody.get(f"/exchange/blob/{sha256}")
    assert (machine.status_code, machine.json()["code"]) == (410, "erased")


def test_a_name_that_may_not_be_shown_is_shown_nowhere(
    editor: Person, nobody: Client, now: datetime
) -> None:
    sha256 = erased(editor, now, named=False)
    practice = str(Erasure.objects.get().record_id)
    page = nobody.get(f"/exchange/blob/{sha256}", headers={"Accept": "text/html"})
    assert "names.csv" not in page.content.decode()
    for address in (f"/en/practices/{practice}/", f"/api/v1/practices/{practice}"):
        assert "names.csv" not in text(nobody, address)


def test_a_stranger_learns_nothing_of_what_was_for_the_network(
    editor: Person, nobody: Client, client: Client, now: datetime
) -> None:
    sha256 = erased(editor, now, audience="network")
    html = {"Accept": "text/html"}
    page = nobody.get(f"/exchange/blob/{sha256}", headers=html).content.decode()
    assert "names.csv" not in page
    assert "It named a citizen." not in page
    client.force_login(editor)
    assert "names.csv" in client.get(f"/exchange/blob/{sha256}", headers=html).content.decode()


def test_the_history_shows_an_erased_revision(
    academy: Institution, nobody: Client, now: datetime
) -> None:
    publish(now, texts=[])
    publish(now, texts=[], problem="Another problem.")
    blob = erasing.targets_of(UUID(ID))[-1].blob
    reason = Reason("authority", "A court decided so.", "en")
    erasing.erase(record_id=UUID(ID), blob=blob, reason=reason, by=None, now=now)
    page = text(nobody, f"/en/practices/{ID}/history/")
    assert "Decision of a court or an authority" in page
    assert "A court decided so." in page
    assert "Another problem" not in page
    assert "There is only one revision so far." not in page
    answer = nobody.get(f"/en/practices/{ID}/history/1/")
    assert answer.status_code == 410
    assert "A court decided so." in answer.content.decode()


def test_a_withdrawn_practice_says_that_its_reason_was_erased(
    editor: Person, client: Client, nobody: Client, now: datetime
) -> None:
    practice, _ = with_file(editor, now)
    withdraw_practice(practice_id=practice, reason="Quillfeather asked.", by=editor, now=now)
    client.force_login(editor)
    assert "/begin/" in client.get(f"/en/practices/{practice}/").content.decode()
    told = Reason("personal-data", "It named a citizen.", "en")
    for target in erasing.targets_of(UUID(practice)):
        erasing.erase(record_id=UUID(practice), blob=target.blob, reason=told, by=None, now=now)
    answer = nobody.get(f"/en/practices/{practice}/")
    page = answer.content.decode()
    assert answer.status_code == 410
    assert "The reason was erased: Personal data" in page
    assert "It named a citizen." in page
    assert "Quillfeather" not in page
    # Nothing is left to begin a new practice with.
    assert "/begin/" not in client.get(f"/en/practices/{practice}/").content.decode()


def test_an_administrator_decides_what_a_peer_asks(
    academy: Institution, administrator: Client, now: datetime
) -> None:
    node = MemoryNode("beijing.chorsu.example")
    make_peer(node, now)
    asked = Asked(
        1, "cd" * 32, "file", "practice", ID, 0, "rights", "Not ours.", "en", named=True, time=now
    )
    exchange.keep_requests(peer_name=node.name, found=ErasureList(node.name, 0, 1, (asked,)))
    exchange.answer(peer_name=node.name, blob=asked.blob, said="waiting", code="", now=now)
    number = erasures.requests(1, waiting=True)[0].id
    assert "Not ours." in text(administrator, "/en/node/erasures/")
    administrator.post(f"/en/node/erasures/{number}/decide/", {"decision": "keep"})
    assert erasures.requests(1, waiting=False)[0].code == "decided"
    again = administrator.post(
        f"/en/node/erasures/{number}/decide/", {"decision": "erase"}, follow=True
    )
    assert "That was decided meanwhile." in again.content.decode()


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()
