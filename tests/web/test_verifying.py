"""Saving a practice with its proof, and the page that checks such a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chorsu.exchange import keys
from chorsu.exchange.blobs import blob_path
from chorsu.exchange.models import FeedEntry, PeerEntry
from chorsu.flows.teaching import publish_course
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.models import Institution, Person
from chorsu.institutions.queries import forget_institutions
from chorsu.training.actions import courses
from chorsu.web import verifying
from chorsu.wire.saved import MEDIA_TYPE, verify_saved
from tests.training.courses.content import ready_draft
from tests.vectors.proofs import saved as foreign
from tests.web.library import ID, TEXTS, publish

pytestmark = pytest.mark.django_db
Count = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture(autouse=True)
def _published(academy: Institution, now: datetime) -> None:
    publish(now)


def download(client: Client, query: str = "") -> bytes:
    response = client.get(f"/en/practices/{ID}/save/{query}")
    assert response.status_code == 200
    return response.content


def answer(client: Client, data: bytes, language: str = "en") -> str:
    file = SimpleUploadedFile("practice.chorsu", data)
    response = client.post(f"/{language}/verify/", {"file": file})
    assert response.status_code == 200
    return response.content.decode()


def headline(html: str) -> tuple[str, str]:
    """(tone, headline) of the answer."""
    found = re.search(
        r'<div class="notice notice--(\w+)"[^>]*>\s*<p class="notice__title">(.*?)</p>', html
    )
    assert found
    return found[1], found[2].replace("&#x27;", "'")


def facts(html: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html))


def plain(value: str) -> str:
    return re.sub(r"<[^>]+>", "", value)


def test_the_practice_page_leads_to_a_file_that_proves_it(client: Client) -> None:
    html = client.get(f"/en/practices/{ID}/").content.decode()
    assert f'href="/en/practices/{ID}/save/">Save with proof</a>' in html
    response = client.get(f"/en/practices/{ID}/save/")
    verdict = verify_saved(response.content, [keys.signing_key().verify_key])
    assert (verdict.trusted, verdict.entry.id) == (True, ID)
    assert response["Content-Type"] == MEDIA_TYPE
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert response["Content-Disposition"].endswith('.chorsu"')


def test_the_name_of_the_file_is_the_title_in_the_readers_language(client: Client) -> None:
    name = client.get(f"/kk/practices/{ID}/save/")["Content-Disposition"]
    assert name.startswith("attachment; filename*=utf-8''%D0%91%D0%B0%D1%80")
    assert name.endswith(".chorsu")


def test_the_page_says_who_when_and_for_whom(client: Client) -> None:
    html = answer(client, download(client))
    assert headline(html) == (
        "success",
        "Genuine: published as stated below, and not changed since.",
    )
    shown = {label: plain(value) for label, value in facts(html).items()}
    assert shown["Institution"] == "Astana Civil Service Hub"
    assert shown["Published at the node"] == "hub.chorsu.example"
    assert shown["Published on"] == " 24 November 2026, 14:30 (UTC+05:00)"
    assert shown["For whom"] == "For everybody"
    assert shown["Place in the log"] == "Number 1 of 1"
    assert shown["Witnesses that saw it"] == "None that is known here"
    assert shown["Key fingerprint"] == keys.signing_key().fingerprint
    assert "This node follows the log and knows of nothing later about it." in html
    assert f'<a href="/en/practices/{ID}/">Read it at this node</a>' in html


def test_titles_stand_in_their_own_languages(client: Client) -> None:
    titles = facts(answer(client, download(client), "ru"))
    values = [value for value in titles.values() if 'lang="kk"' in value]
    assert len(values) == 1
    assert '<span lang="uz-Latn">Barcha maʼlumotnomalar uchun bir oyna</span>' in values[0]


def test_a_changed_word_is_found_and_nothing_of_the_file_is_shown(client: Client) -> None:
    html = answer(client, download(client).replace(b"One window", b"Two window", 1))
    assert headline(html) == ("error", "Not genuine, or damaged.")
    assert "it was changed afterwards." in html
    assert '<code class="code">blob-hash</code>' in html
    assert "Two window" not in html
    assert facts(html) == {}


def test_a_key_nobody_here_knows_is_shown_to_be_compared(client: Client) -> None:
    html = answer(client, foreign().to_bytes())
    assert headline(html)[0] == "warning"
    assert "Compare the fingerprint below" in html
    assert "5647 5aa7 5463 474c 0285 df5d bf2b cab7" in html
    assert "Read it at this node" not in html
    assert "the file cannot say; a node that follows the log can." in html


def test_a_node_that_does_not_host_an_institution_does_not_show_its_name(client: Client) -> None:
    Institution.objects.update(node="elsewhere.chorsu.example")
    forget_institutions()
    html = answer(client, download(client))
    assert "It speaks for an institution that another node hosts." in html
    assert plain(facts(html)["Institution"]) == "hub-astana"


def test_what_came_since_is_said(client: Client, editor: Person, now: datetime) -> None:
    file = download(client)
    publish(now + timedelta(days=1), texts=TEXTS[:1], note="A figure corrected", results="- less")
    assert (
        "It has been replaced since by revision 2: 25 November 2026, 14:30 (UTC+05:00)"
        in answer(client, file)
    )
    later = now + timedelta(days=2)
    withdraw_practice(practice_id=ID, reason="A mistake", by=editor, now=later)
    html = answer(client, file)
    assert headline(html)[0] == "success", "it was published, whatever came later"
    assert "It has been withdrawn since: 26 November 2026" in html


def test_an_earlier_revision_is_saved_from_its_page(client: Client, now: datetime) -> None:
    publish(now + timedelta(days=1), texts=TEXTS[:1], note="A figure corrected", results="- less")
    address = f"/en/practices/{ID}/save/?revision=1"
    page = client.get(f"/en/practices/{ID}/history/1/").content.decode()
    assert f'href="{address}"' in page
    assert plain(facts(answer(client, client.get(address).content))["Revision"]) == "1"
    assert plain(facts(answer(client, download(client)))["Revision"]) == "2"
    assert client.get(f"/en/practices/{ID}/save/?revision=3").status_code == 404


def test_for_the_network_only_members_save(client: Client, editor: Person, now: datetime) -> None:
    publish(now + timedelta(days=1), audience="network", texts=TEXTS[:1], results="- less")
    assert client.get(f"/en/practices/{ID}/save/").status_code == 404
    client.force_login(editor)
    response = client.get(f"/en/practices/{ID}/save/")
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-cache")


def test_a_revision_that_was_for_the_network_stays_with_members(
    client: Client, editor: Person, now: datetime
) -> None:
    later = now + timedelta(days=1)
    publish(later, audience="network", texts=TEXTS[:1], results="- less")
    publish(later + timedelta(days=1), texts=TEXTS[:1], results="- still less")
    assert client.get(f"/en/practices/{ID}/save/?revision=2").status_code == 404
    assert client.get(f"/en/practices/{ID}/save/?revision=3").status_code == 200
    client.force_login(editor)
    assert client.get(f"/en/practices/{ID}/save/?revision=2").status_code == 200


def test_a_withdrawn_practice_is_saved_no_more(
    client: Client, editor: Person, now: datetime
) -> None:
    withdraw_practice(practice_id=ID, reason="A mistake", by=editor, now=now + timedelta(minutes=1))
    assert client.get(f"/en/practices/{ID}/save/").status_code == 404


def test_where_the_content_is_gone_the_page_says_that_there_is_no_proof(client: Client) -> None:
    blob_path(FeedEntry.objects.get().blob).unlink()
    response = client.get(f"/en/practices/{ID}/save/")
    assert response.status_code == 404
    assert "There is no proof of this yet" in response.content.decode()


def test_no_file_is_a_clear_error_beside_the_field(client: Client) -> None:
    for data in ({}, {"file": SimpleUploadedFile("empty.chorsu", b"")}):
        response = client.post("/en/verify/", data)
        html = response.content.decode()
        assert response.status_code == 400
        assert '<p class="field__error" id="file-error">Choose a file first.</p>' in html
        assert 'aria-invalid="true"' in html


def test_too_large_a_file_is_refused_before_its_body_is_read(client: Client) -> None:
    body = b"x" * (verifying.MAX_PICTURE + 100_000)
    response = client.generic("POST", "/en/verify/", body, "multipart/form-data; boundary=x")
    assert response.status_code == 413
    assert "larger than this page takes" in response.content.decode()


@pytest.mark.parametrize("length", ["", "-1", "x", "99999999999999999999"])
def test_a_length_that_is_none_is_refused(client: Client, length: str) -> None:
    response = client.generic(
        "POST", "/en/verify/", b"x", "multipart/form-data; boundary=x", CONTENT_LENGTH=length
    )
    assert response.status_code in (400, 413)


def test_a_form_from_elsewhere_without_a_token_is_answered(now: datetime) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert headline(answer(strict, foreign().to_bytes()))[0] == "warning"


def test_nothing_is_kept(client: Client, django_assert_num_queries: Count) -> None:
    file = download(client)
    answer(client, file)
    before = (FeedEntry.objects.count(), PeerEntry.objects.count())
    with django_assert_num_queries(3):
        answer(client, file)
    assert (FeedEntry.objects.count(), PeerEntry.objects.count()) == before


def test_a_course_is_saved_with_its_proof_and_found_again_by_it(
    client: Client, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    course = publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
    address = f"/en/courses/{course.id}/"
    assert f'href="{address}save/">Save with proof</a>' in client.get(address).content.decode()
    response = client.get(f"{address}save/")
    verdict = verify_saved(response.content, [keys.signing_key().verify_key])
    assert (verdict.trusted, verdict.entry.id) == (True, course.id)
    assert "One window in a village" in response["Content-Disposition"]
    html = answer(client, response.content)
    assert headline(html)[0] == "success"
    assert f'<a href="{address}">Read it at this node</a>' in html


def test_a_revision_of_a_course_that_was_for_the_network_is_not_handed_to_strangers(
    client: Client, editor: Person, now: datetime
) -> None:
    course = _network_first(editor, now)
    address = f"/en/courses/{course}/save/"
    assert client.get(address).status_code == 200
    assert client.get(f"{address}?revision=1").status_code == 404
    client.force_login(editor)
    assert client.get(f"{address}?revision=1").status_code == 200
    assert client.get(f"{address}?revision=7").status_code == 404


def _network_first(editor: Person, now: datetime) -> str:
    """A course whose first revision was for the network and whose second is public."""
    draft = ready_draft(editor, now)
    for title, audience in (("Inside", "network"), ("Outside", "public")):
        saved = courses.save_draft(
            draft_id=draft.id, version=draft.version, words={**draft.words, "title": title},
            facts=draft.facts, audience=audience, by=editor, now=now,
        )  # fmt: skip
        publish_course(draft_id=saved.id, version=saved.version, by=editor, now=now)
        if audience == "network":
            draft = courses.revise(course_id=draft.id, by=editor, now=now)
    return draft.id
