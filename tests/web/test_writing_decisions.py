"""Reviewing, publishing, revising, withdrawing and discarding over HTTP."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from chorsu.flows.publishing import publish_draft
from chorsu.institutions.models import Institution, Person
from chorsu.kernel.ids import new_id
from chorsu.practices import actions, queries
from chorsu.practices.errors import NoSuchDraft, PracticeWithdrawn
from chorsu.practices.shapes import DraftView
from chorsu.records.viewer import Viewer
from tests.practices.conftest import person
from tests.practices.content import FACTS, WORDS, ready_draft
from tests.web.writing_desk import address, begun, draft_of, inputs, posted, signed_in, writer

pytestmark = pytest.mark.django_db
MEMBER = Viewer(member=True)


@pytest.fixture
def aigul(academy: Institution) -> Person:
    return writer(academy)


@pytest.fixture
def desk(aigul: Person) -> Client:
    return signed_in(aigul)


@pytest.fixture
def office(editor: Person) -> Client:
    return signed_in(editor)


@pytest.fixture
def submitted(aigul: Person, now: datetime) -> DraftView:
    draft = ready_draft(aigul, now)
    return actions.submit_draft(draft_id=draft.id, version=draft.version, by=aigul, now=now)


@pytest.fixture
def published(editor: Person, now: datetime) -> str:
    draft = ready_draft(editor, now)
    return publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now).id


def test_an_editor_remarks_on_a_field_and_the_writer_sees_it_there(
    desk: Client, office: Client, submitted: DraftView
) -> None:
    answer = office.post(
        address("draft-comment", submitted.id), {"field": "failures", "text": "How many days?"}
    )
    assert answer.headers["Location"].endswith("#r-failures")
    office.post(address("draft-return", submitted.id), {"version": submitted.version, "text": ""})
    page = desk.get(address("draft-edit", submitted.id)).content.decode()
    block = page[page.index('id="u-failures"') : page.index('id="u-requirements"')]
    assert "How many days?" in block
    assert "Editor One" in block


def test_an_empty_remark_is_asked_for_again(office: Client, submitted: DraftView) -> None:
    answer = office.post(address("draft-comment", submitted.id), {"field": "title", "text": " "})
    assert (answer.status_code, b"Write something first." in answer.content) == (422, True)


def test_a_remark_dealt_with_leaves_the_write_page(
    desk: Client, aigul: Person, editor: Person, now: datetime
) -> None:
    draft = ready_draft(aigul, now)
    said = actions.comment(draft_id=draft.id, field="title", text="Short?", by=editor, now=now)
    desk.post(address("draft-resolve", draft.id, said.id))
    assert b"Short?" not in desk.get(address("draft-edit", draft.id)).content
    assert b"Short?" in desk.get(address("draft-review", draft.id)).content


def test_a_returned_draft_lies_on_the_writer_s_desk(
    desk: Client, office: Client, aigul: Person, submitted: DraftView
) -> None:
    work = address("work")
    assert b"For you to review" in office.get(work).content
    assert b"With the editors" in desk.get(work).content
    answer = office.post(
        address("draft-return", submitted.id), {"version": submitted.version, "text": "More"}
    )
    assert answer.headers["Location"] == work
    assert draft_of(submitted.id, aigul).state == "returned"
    assert b"Returned with comments" in desk.get(work).content


def test_what_changed_meanwhile_is_not_returned_and_the_remark_stays(
    office: Client, editor: Person, submitted: DraftView
) -> None:
    answer = office.post(
        address("draft-return", submitted.id),
        {"version": submitted.version - 1, "text": "My long remark"},
    )
    assert (answer.status_code, b"My long remark</textarea>" in answer.content) == (409, True)
    assert draft_of(submitted.id, editor).state == "submitted"


def test_only_an_editor_returns_and_publishes(desk: Client, submitted: DraftView) -> None:
    version = {"version": submitted.version}
    assert desk.post(address("draft-return", submitted.id), version).status_code == 403
    assert desk.post(address("draft-publish", submitted.id), version).status_code == 403
    assert desk.get(address("draft-publish", submitted.id)).status_code == 403
    assert b"/publish/" not in desk.get(address("draft-review", submitted.id)).content


def test_an_editor_publishes_what_was_submitted(office: Client, submitted: DraftView) -> None:
    page = office.get(address("draft-publish", submitted.id)).content.decode()
    assert "Astana Civil Service Hub" in page
    answer = office.post(address("draft-publish", submitted.id), {"version": submitted.version})
    assert answer.headers["Location"] == address("practice", submitted.id)
    assert queries.practice(submitted.id, MEMBER).text.title == WORDS["title"]


def test_the_page_of_publishing_says_what_others_may_do(
    office: Client, submitted: DraftView
) -> None:
    page = office.get(address("draft-publish", submitted.id)).content.decode()
    assert "<dd>CC BY 4.0: use freely, name the source</dd>" in page


def test_publishing_twice_leads_to_the_practice(office: Client, submitted: DraftView) -> None:
    publish = address("draft-publish", submitted.id)
    office.post(publish, {"version": submitted.version})
    answer = office.post(publish, {"version": submitted.version})
    assert answer.headers["Location"] == address("practice", submitted.id)


def test_what_is_missing_or_personal_is_named_and_nothing_is_published(
    office: Client, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now, failures="", lessons="Ask editor@hub.example.")
    answer = office.post(address("draft-publish", draft.id), {"version": draft.version})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "What went wrong and what was changed: This is needed before publication." in page
    assert "Lessons: This is the address of a person." in page
    assert '<button class="button button--primary"' not in page
    assert draft_of(draft.id, editor).version == draft.version


def test_what_was_saved_since_the_editor_looked_is_not_published_unseen(
    office: Client, desk: Client, editor: Person, aigul: Person, now: datetime
) -> None:
    draft = ready_draft(aigul, now)
    actions.save_draft(
        draft_id=draft.id,
        version=draft.version,
        words={**WORDS, "title": "Something else"},
        facts=FACTS,
        by=aigul,
        now=now,
    )
    answer = office.post(address("draft-publish", draft.id), {"version": draft.version})
    assert answer.headers["Location"] == address("draft-review", draft.id)
    assert draft_of(draft.id, editor).words["title"] == "Something else"


def test_a_published_practice_is_revised(
    desk: Client, office: Client, aigul: Person, published: str
) -> None:
    revise = address("practice-revise", published)
    assert desk.get(revise).status_code == 200
    answer = desk.post(revise)
    assert answer.headers["Location"] == address("draft-edit", published)
    assert draft_of(published, aigul).based_on == 1
    assert desk.get(revise).headers["Location"] == address("draft-edit", published)
    assert b"What changed in this revision" in desk.get(address("draft-edit", published)).content


def test_nothing_new_is_not_published_as_a_revision(office: Client, published: str) -> None:
    office.post(address("practice-revise", published))
    answer = office.post(address("draft-publish", published), {"version": 1})
    assert answer.status_code == 422
    assert b"Nothing differs from what is published." in answer.content


def test_a_practice_is_withdrawn_with_a_reason_only(office: Client, published: str) -> None:
    withdraw = address("practice-withdraw", published)
    refused = office.post(withdraw, {"reason": "  "})
    assert (refused.status_code, b"Say why" in refused.content) == (422, True)
    named = office.post(withdraw, {"reason": "editor@hub.example asked"})
    assert b"editor@hub.example asked</textarea>" in named.content
    assert queries.practice(published, MEMBER).revision == 1
    assert office.post(withdraw, {"reason": "The figures were wrong."}).status_code == 302
    with pytest.raises(PracticeWithdrawn):
        queries.practice(published, MEMBER)
    assert office.get(withdraw).status_code == 410


def test_who_withdraws_is_told_of_the_draft_that_is_kept(office: Client, published: str) -> None:
    there, said = address("practice-withdraw", published), b"as the draft of a new practice."
    assert said not in office.get(there).content
    office.post(address("practice-revise", published))
    assert said in office.get(there).content
    after = office.post(there, {"reason": "Wrong figures."}, follow=True).content.decode()
    assert "is kept as the draft of a new practice." in after
    assert f'Begun from: <a href="{address("practice", published)}"' in after
    assert "Based on revision" not in after


def test_a_page_still_open_when_the_practice_is_withdrawn_saves_into_the_kept_draft(
    office: Client, desk: Client, aigul: Person, editor: Person, published: str
) -> None:
    desk.post(address("practice-revise", published))
    old = address("draft-edit", published)
    desk.post(old, posted(1, note="Figures of 2026."))
    office.post(address("practice-withdraw", published), {"reason": "Wrong figures."})
    kept = queries.moved_draft(published)
    saved = desk.post(old, posted(2, title="Typed after"), headers={"accept": "application/json"})
    assert (saved.status_code, saved.json()["version"]) == (200, 3)
    assert draft_of(kept, aigul).words["title"] == "Typed after"
    whole = desk.post(old, posted(3, steps="First this.", do="save"))
    assert whole.headers["Location"] == address("draft-edit", kept)
    assert desk.get(old).headers["Location"] == address("draft-edit", kept)
    clash = desk.post(old, posted(3, title="Too late"))
    assert clash.status_code == 409
    remark = {"field": "title", "text": "Which village?"}
    office.post(address("draft-comment", published), remark)
    assert [one.text for one in draft_of(kept, aigul).comments] == ["Which village?"]
    # A decision was about the old practice, and is not taken for the new one.
    decided = office.post(address("draft-discard", published), {"version": "4"})
    assert decided.headers["Location"] == address("draft-edit", kept)
    assert draft_of(kept, editor).version == 4


def test_the_note_of_a_revision_that_became_a_practice_is_not_lost(
    office: Client, editor: Person, published: str
) -> None:
    office.post(address("practice-revise", published))
    office.post(address("draft-edit", published), posted(1, note="Figures of 2026."))
    office.post(address("practice-withdraw", published), {"reason": "Wrong figures."})
    kept = queries.moved_draft(published)
    assert inputs(office.get(address("draft-edit", kept)).content.decode())["note"] == (
        "Figures of 2026."
    )


def test_a_practice_is_begun_from_a_published_and_from_a_withdrawn_one(
    desk: Client, office: Client, aigul: Person, published: str
) -> None:
    begin, there = address("practice-begin", published), address("practice", published)
    assert begin in desk.get(there).content.decode()
    assert desk.get(begin).status_code == 200
    first = desk.post(begin).headers["Location"]
    page = desk.get(first).content.decode()
    assert f'Begun from: <a href="{there}"' in page
    office.post(address("practice-withdraw", published), {"reason": "Wrong figures."})
    gone = desk.get(there)
    assert (gone.status_code, begin in gone.content.decode()) == (410, True)
    assert begin in desk.get(address("practice-revise", published)).content.decode()
    assert begin not in Client().get(there).content.decode()
    assert desk.post(begin).headers["Location"] != first
    titles = [line.title for line in queries.drafts_for(Person.objects.get(pk=aigul.pk))]
    assert titles == [WORDS["title"]] * 2


def test_only_who_writes_there_begins_from_a_practice(academy: Institution, published: str) -> None:
    reader = signed_in(person(academy, "reader@hub.example", "Some Reader"))
    assert reader.post(address("practice-begin", published)).status_code == 403
    assert address("practice-begin", published) not in (
        reader.get(address("practice", published)).content.decode()
    )
    assert reader.get(address("practice-begin", new_id())).status_code == 404


def test_only_an_editor_withdraws(desk: Client, published: str) -> None:
    withdraw = address("practice-withdraw", published)
    assert desk.get(withdraw).status_code == 403
    assert desk.post(withdraw, {"reason": "No"}).status_code == 403
    assert queries.practice(published, MEMBER).revision == 1


def test_a_draft_is_discarded_after_asking(desk: Client, aigul: Person) -> None:
    draft_id = begun(desk)
    discard = address("draft-discard", draft_id)
    assert b"cannot be undone" in desk.get(discard).content
    assert draft_of(draft_id, aigul).version == 1
    assert desk.post(discard, {"version": "1"}).headers["Location"] == address("work")
    with pytest.raises(NoSuchDraft):
        draft_of(draft_id, aigul)


def test_another_s_draft_is_not_a_contributor_s_to_discard(
    desk: Client, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    answer = desk.post(address("draft-discard", draft.id), {"version": draft.version})
    assert answer.status_code == 403
    assert draft_of(draft.id, editor).id == draft.id
