"""The pages on which a course is talked about and decided."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from chorsu.institutions.models import Person
from chorsu.training.actions import courses as actions
from chorsu.training.shapes.courses import CourseDraftView
from tests.web.course_editor.content import WORDS, draft_of
from tests.web.course_editor.test_editing import course_page, opened
from tests.web.course_editor.test_ways import text_of
from tests.web.writing_desk import address, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(editor: Person) -> Client:
    return signed_in(editor)


@pytest.fixture
def sent(aigul: Person, draft: CourseDraftView, now: datetime) -> CourseDraftView:
    return actions.submit_draft(draft_id=draft.id, version=draft.version, by=aigul, now=now)


def unit_page(draft: CourseDraftView) -> str:
    return address("course-draft-unit", draft.id, "rooms")


def test_a_writer_submits_on_the_review_page_and_sees_whose_turn_it_is(
    desk: Client, office: Client, aigul: Person, draft: CourseDraftView
) -> None:
    submit = address("course-draft-submit", draft.id)
    assert submit in text_of(desk, address("course-draft-review", draft.id))
    answer = desk.post(submit, {"version": draft.version})
    assert answer.headers["Location"] == address("work")
    assert draft_of(draft.id, aigul).state == "submitted"
    assert "With the editors" in text_of(desk, address("work"))
    work = text_of(office, address("work"))
    assert "For you to review" in work
    assert address("course-draft-review", draft.id) in work


def test_what_the_editors_have_the_writer_reads_and_does_not_write(
    desk: Client, aigul: Person, sent: CourseDraftView, office: Client
) -> None:
    review = address("course-draft-review", sent.id)
    form = opened(office, course_page(sent))
    assert desk.get(course_page(sent)).headers["Location"] == review
    assert desk.get(unit_page(sent)).headers["Location"] == review
    answer = desk.post(course_page(sent), {**form, "title": ["Mine"]})
    assert (answer.status_code, "Mine" in answer.content.decode()) == (409, True)
    assert draft_of(sent.id, aigul).words["title"] == WORDS["title"]
    assert f'href="{course_page(sent)}"' not in text_of(desk, review)


def test_a_remark_on_a_unit_is_read_where_the_unit_is_written(
    desk: Client, office: Client, draft: CourseDraftView
) -> None:
    said = {"field": "units.rooms", "text": "How large is the room?"}
    answer = office.post(address("course-draft-comment", draft.id), said)
    review = address("course-draft-review", draft.id)
    assert answer.headers["Location"] == f"{review}#r-units.rooms"
    page = text_of(desk, unit_page(draft))
    assert "How large is the room?" in page
    assert f"{review}#r-units.rooms" in page
    assert "How large is the room?" in text_of(desk, course_page(draft))
    other = address("course-draft-unit", draft.id, "check")
    assert "How large is the room?" not in text_of(desk, other)
    item = text_of(desk, review)
    start = item.index('id="r-units.rooms"')
    assert "How large is the room?" in item[start : item.index("</section>", start)]


def test_a_remark_dealt_with_leaves_the_pages_on_which_one_writes(
    desk: Client, editor: Person, draft: CourseDraftView, now: datetime
) -> None:
    said = actions.comment(draft_id=draft.id, field="title", text="Short?", by=editor, now=now)
    desk.post(address("course-draft-resolve", draft.id, said.id))
    assert "Short?" not in text_of(desk, course_page(draft))
    assert "Short?" in text_of(desk, address("course-draft-review", draft.id))


def test_an_empty_remark_is_asked_for_again(office: Client, draft: CourseDraftView) -> None:
    answer = office.post(address("course-draft-comment", draft.id), {"field": "aims", "text": " "})
    assert (answer.status_code, b"Write something first." in answer.content) == (422, True)


def test_a_returned_course_lies_on_the_writer_s_desk(
    desk: Client, office: Client, aigul: Person, sent: CourseDraftView
) -> None:
    told = {"version": sent.version, "text": "Say who teaches it"}
    answer = office.post(address("course-draft-return", sent.id), told)
    assert answer.headers["Location"] == address("work")
    assert draft_of(sent.id, aigul).state == "returned"
    assert "Returned with comments" in text_of(desk, address("work"))
    assert "Say who teaches it" in text_of(desk, course_page(sent))


def test_what_changed_meanwhile_is_not_returned_and_the_remark_stays(
    office: Client, editor: Person, sent: CourseDraftView
) -> None:
    told = {"version": sent.version - 1, "text": "My long remark"}
    answer = office.post(address("course-draft-return", sent.id), told)
    assert (answer.status_code, b"My long remark</textarea>" in answer.content) == (409, True)
    assert draft_of(sent.id, editor).state == "submitted"


def test_only_an_editor_returns_and_publishes(desk: Client, sent: CourseDraftView) -> None:
    version = {"version": sent.version}
    assert desk.post(address("course-draft-return", sent.id), version).status_code == 403
    assert desk.post(address("course-draft-publish", sent.id), version).status_code == 403
    assert b"/publish/" not in desk.get(address("course-draft-review", sent.id)).content


def test_an_editor_is_told_of_open_remarks_before_publishing(
    office: Client, editor: Person, sent: CourseDraftView, now: datetime
) -> None:
    actions.comment(draft_id=sent.id, field="aims", text="Two?", by=editor, now=now)
    page = text_of(office, address("course-draft-publish", sent.id))
    assert "1 remark has not been dealt with" in page


def test_a_remark_on_what_was_removed_stands_with_the_whole(
    desk: Client, editor: Person, draft: CourseDraftView, now: datetime
) -> None:
    actions.comment(draft_id=draft.id, field="units.gone", text="Why so?", by=editor, now=now)
    page = text_of(desk, address("course-draft-review", draft.id))
    start = page.index('id="r-whole"')
    assert "Why so?" in page[start : page.index("</section>", start)]
