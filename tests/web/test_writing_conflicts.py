"""Two people write at once over HTTP: both texts are shown, and neither is lost."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from chorsu.flows.publishing import publish_draft
from chorsu.institutions.models import Institution, Person
from chorsu.practices import queries
from tests.practices.content import ready_draft
from tests.web.writing_desk import (
    FORM,
    address,
    begun,
    draft_of,
    errors_of,
    inputs,
    posted,
    signed_in,
    writer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def aigul(academy: Institution) -> Person:
    return writer(academy)


@pytest.fixture
def desk(aigul: Person) -> Client:
    return signed_in(aigul)


@pytest.fixture
def draft_id(desk: Client) -> str:
    return begun(desk)


@pytest.fixture
def clash(desk: Client, editor: Person, draft_id: str) -> str:
    """The page that a writer gets whose editor was faster."""
    edit = address("draft-edit", draft_id)
    desk.post(edit, posted(1))
    signed_in(editor).post(edit, posted(2, title="Editor's title", lessons="Begin."))
    answer = desk.post(edit, posted(2, title="Writer's title", steps="First this."))
    assert answer.status_code == 409
    return answer.content.decode()


def test_a_conflict_shows_both_texts_and_carries_everything_on(clash: str) -> None:
    carried = inputs(clash)
    assert {name: carried[name] for name in FORM if name != "title"} == {
        name: value[0] if isinstance(value, list) else value
        for name, value in FORM.items()
        if name != "title"
    }
    assert (carried["title"], carried["steps"]) == ("Writer's title", "First this.")
    assert "Editor" in clash
    assert "Both of you changed this" in clash
    picks = {name: side for name, side in carried.items() if name.startswith("pick-")}
    assert picks == {"pick-title": "mine", "pick-steps": "mine", "pick-lessons": "theirs"}


def test_what_is_both_wrong_and_in_conflict_is_corrected_first_and_then_decided(
    desk: Client, editor: Person, aigul: Person, draft_id: str
) -> None:
    edit = address("draft-edit", draft_id)
    desk.post(edit, posted(1))
    signed_in(editor).post(edit, posted(2, lessons="Begin."))
    answer = desk.post(edit, posted(2, title="x" * 201, steps="First this."))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert errors_of(page) == {"f-title": "Too long: at most 200 characters."}
    assert "x" * 201 in page
    assert "First this." in page
    assert inputs(page)["version"] == "2"
    corrected = desk.post(edit, posted(2, title="Writer's title", steps="First this."))
    assert corrected.status_code == 409
    saved = draft_of(draft_id, aigul)
    assert (saved.version, saved.words["lessons"]) == (3, "Begin.")


def test_after_a_conflict_each_part_is_taken_from_the_chosen_side(
    desk: Client, aigul: Person, draft_id: str, clash: str
) -> None:
    desk.post(address("draft-edit", draft_id), {**inputs(clash), "do": "merge"})
    words = draft_of(draft_id, aigul).words
    assert (words["title"], words["steps"], words["lessons"]) == (
        "Writer's title",
        "First this.",
        "Begin.",
    )


def test_keeping_one_s_own_leaves_theirs_among_the_versions(
    desk: Client, aigul: Person, draft_id: str, clash: str
) -> None:
    desk.post(address("draft-edit", draft_id), {**inputs(clash), "do": "save"})
    draft = draft_of(draft_id, aigul)
    assert (draft.words["title"], draft.words.get("lessons")) == ("Writer's title", None)
    theirs = queries.draft_version(draft_id, draft.version - 1, aigul)
    assert theirs.words["title"] == "Editor's title"


def test_taking_theirs_leaves_one_s_own_among_the_versions(
    desk: Client, aigul: Person, draft_id: str, clash: str
) -> None:
    desk.post(address("draft-edit", draft_id), {**inputs(clash), "do": "take"})
    draft = draft_of(draft_id, aigul)
    assert draft.words["title"] == "Editor's title"
    mine = queries.draft_version(draft_id, draft.version - 1, aigul)
    assert (mine.words["title"], mine.words["steps"]) == ("Writer's title", "First this.")


def test_a_third_save_while_choosing_is_a_conflict_again(
    desk: Client, aigul: Person, editor: Person, draft_id: str, clash: str
) -> None:
    edit = address("draft-edit", draft_id)
    signed_in(editor).post(edit, posted(3, title="Editor's second title"))
    answer = desk.post(edit, {**inputs(clash), "do": "merge"})
    assert answer.status_code == 409
    assert inputs(answer.content.decode())["title"] == "Writer's title"
    assert draft_of(draft_id, aigul).words["title"] == "Editor's second title"


def test_a_save_whose_answer_was_lost_is_no_conflict(
    desk: Client, aigul: Person, draft_id: str
) -> None:
    edit = address("draft-edit", draft_id)
    desk.post(edit, posted(1))
    answer = desk.post(edit, posted(1))
    assert (answer.status_code, draft_of(draft_id, aigul).version) == (302, 2)


def test_what_was_typed_into_a_draft_published_meanwhile_can_be_copied(
    desk: Client, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    publish_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)
    answer = desk.post(address("draft-edit", draft.id), posted(2, lessons="An hour's work"))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "An hour&#x27;s work</textarea>" in page
    assert address("practice-revise", draft.id) in page
