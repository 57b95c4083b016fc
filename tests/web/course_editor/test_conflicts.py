"""Two people write the same course at once."""

from __future__ import annotations

import pytest
from django.test import Client

from chorsu.institutions.models import Person
from chorsu.training.queries import courses as queries
from chorsu.training.shapes.courses import CourseDraftView
from tests.web.course_editor.content import draft_of, keys_of
from tests.web.course_editor.test_editing import course_page, opened, unit_page
from tests.web.writing_desk import inputs, signed_in

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def other(editor: Person) -> Client:
    return signed_in(editor)


def test_two_who_write_different_units_do_not_meet(
    desk: Client, other: Client, draft: CourseDraftView, aigul: Person
) -> None:
    mine, theirs = unit_page(draft, "rooms"), unit_page(draft, "talk")
    course = opened(desk, course_page(draft))
    first, second = opened(desk, mine), opened(other, theirs)
    assert desk.post(mine, {**first, "body": ["Mine."], "do": "save"}).status_code == 302
    assert other.post(theirs, {**second, "body": ["Theirs."], "do": "save"}).status_code == 302
    moved = desk.post(course_page(draft), {**course, "do": "up:u:talk"})
    assert moved.status_code == 302
    saved = draft_of(draft.id, aigul)
    assert saved.words["units.rooms.body"] == "Mine."
    assert saved.words["units.talk.body"] == "Theirs."
    assert keys_of(saved) == [("first", ["rooms", "check", "talk"]), ("second", [])]


def test_a_page_that_saves_itself_goes_on_from_its_own_last_save(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    page = unit_page(draft, "rooms")
    form = opened(desk, page)
    for text in ("One.", "One. Two."):
        answer = desk.post(page, {**form, "body": [text]}, headers=JSON)
        assert answer.status_code == 200
        form["version"] = [answer.json()["version"]]
    assert draft_of(draft.id, aigul).words["units.rooms.body"] == "One. Two."
    late = desk.post(page, {**form, "body": ["x" * 60_001]}, headers=JSON)
    assert (late.status_code, set(late.json()["errors"])) == (422, {"f-body"})


@pytest.fixture
def clash(desk: Client, other: Client, draft: CourseDraftView) -> str:
    """The page that a writer gets whose editor was faster."""
    page = course_page(draft)
    mine, theirs = opened(desk, page), opened(other, page)
    other.post(page, {**theirs, "title": ["Editor's title"], "hours.live": ["9"], "do": "save"})
    changed = {"title": ["Writer's title"], "aims": ["- hears"]}
    quiet = desk.post(page, {**mine, **changed}, headers=JSON)
    assert (quiet.status_code, "Editor One" in quiet.json()["state"]) == (409, True)
    answer = desk.post(page, {**mine, **changed, "do": "save"})
    assert answer.status_code == 409
    return answer.content.decode()


def test_a_conflict_shows_both_and_proposes_what_each_changed(clash: str) -> None:
    picks = {name: side for name, side in inputs(clash).items() if name.startswith("pick-")}
    assert picks == {"pick-title": "mine", "pick-aims": "mine", "pick-hours": "theirs"}
    assert clash.count("Both of you changed this") == 1
    assert "Editor One" in clash


def test_each_part_is_taken_from_the_chosen_side(
    desk: Client, draft: CourseDraftView, aigul: Person, clash: str
) -> None:
    desk.post(course_page(draft), {**inputs(clash), "do": "merge"})
    saved = draft_of(draft.id, aigul)
    assert (saved.words["title"], saved.words["aims"]) == ("Writer's title", "- hears")
    assert saved.facts["hours"]["live"] == 9
    assert saved.facts["modules"] == draft.facts["modules"]


def test_taking_theirs_leaves_one_s_own_among_the_versions(
    desk: Client, draft: CourseDraftView, aigul: Person, clash: str
) -> None:
    desk.post(course_page(draft), {**inputs(clash), "do": "take"})
    saved = draft_of(draft.id, aigul)
    assert saved.words["title"] == "Editor's title"
    mine = queries.draft_version(draft.id, saved.version - 1, aigul)
    assert (mine.words["title"], mine.words["aims"]) == ("Writer's title", "- hears")


def test_an_outline_that_both_changed_is_one_thing_to_choose(
    desk: Client, other: Client, draft: CourseDraftView, aigul: Person
) -> None:
    page = course_page(draft)
    mine, theirs = opened(desk, page), opened(other, page)
    other.post(page, {**theirs, "do": "up:m:second"})
    answer = desk.post(
        page, {**mine, "outline": ["m:first", "u:check", "u:rooms", "m:second", "u:talk"]}
    )
    assert answer.status_code == 409
    clash = answer.content.decode()
    picks = {name: side for name, side in inputs(clash).items() if name.startswith("pick-")}
    assert picks == {"pick-modules": "mine"}
    desk.post(page, {**inputs(clash), "pick-modules": "theirs", "do": "merge"})
    assert keys_of(draft_of(draft.id, aigul)) == [
        ("second", ["talk"]),
        ("first", ["rooms", "check"]),
    ]


def test_where_both_say_the_same_there_is_nothing_to_decide(
    desk: Client, other: Client, draft: CourseDraftView
) -> None:
    page = unit_page(draft, "rooms")
    mine, theirs = opened(desk, page), opened(other, page)
    other.post(page, {**theirs, "body": ["Both."], "do": "save"})
    answer = desk.post(page, {**mine, "body": ["Both."], "do": "save"})
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
