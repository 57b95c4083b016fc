"""The ways of a course: begun, reviewed, published, revised, copied, translated, withdrawn."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.test import Client

from chorsu.flows.teaching import publish_course
from chorsu.institutions.models import Institution, Person
from chorsu.practices.actions import withdraw
from chorsu.records.viewer import Viewer
from chorsu.training.actions import courses as actions
from chorsu.training.errors.courses import CourseWithdrawn, NoSuchCourseDraft
from chorsu.training.queries import courses as queries
from chorsu.training.shapes.courses import CourseDraftView
from tests.practices.conftest import person
from tests.training.test_bank import save as save_question
from tests.web.course_editor.content import MODULES, WORDS, draft_of, keys_of, ready_course
from tests.web.course_editor.test_editing import course_page, opened
from tests.web.library import publish as publish_practice
from tests.web.writing_desk import address, signed_in

pytestmark = pytest.mark.django_db
READER = Viewer(member=True, languages=("en",))


@pytest.fixture
def office(editor: Person) -> Client:
    return signed_in(editor)


@pytest.fixture
def published(editor: Person, now: datetime) -> str:
    draft = ready_course(editor, now)
    publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
    return draft.id


def text_of(client: Client, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_review_names_what_is_missing_where_it_is_mended(
    desk: Client, draft: CourseDraftView
) -> None:
    form = opened(desk, course_page(draft))
    typed = {"new-first-title": ["A film"], "new-first-kind": ["video"], "aims": [""]}
    made = desk.post(course_page(draft), {**form, **typed, "do": "add-unit:first"})
    review = text_of(desk, address("course-draft-review", draft.id))
    assert f'<a href="{made.headers["Location"]}">Video files</a>' in review
    assert f'<a href="{course_page(draft)}">Aims</a>' in review
    assert address("course-draft-submit", draft.id) in review
    assert address("course-draft-publish", draft.id) not in review


def test_only_an_editor_publishes_and_only_what_was_looked_at(
    desk: Client, office: Client, draft: CourseDraftView
) -> None:
    page = address("course-draft-publish", draft.id)
    assert desk.post(page, {"version": "1"}).status_code == 403
    assert office.post(page, {"version": "7"}).headers["Location"] == address(
        "course-draft-review", draft.id
    )
    assert office.post(page, {"version": "1"}).headers["Location"] == address("course", draft.id)
    assert queries.course(draft.id, READER).text.words["title"] == WORDS["title"]
    # A second press of the button, or another editor's.
    assert office.post(page, {"version": "1"}).headers["Location"] == address("course", draft.id)


def test_what_is_not_whole_is_not_published(office: Client, editor: Person, now: datetime) -> None:
    draft = ready_course(editor, now, aims="")
    answer = office.post(address("course-draft-publish", draft.id), {"version": "1"})
    assert answer.status_code == 422
    assert "It cannot be published yet" in answer.content.decode()
    assert draft_of(draft.id, editor).version == 1


def test_a_revision_is_reviewed_against_what_is_published_and_told_in_the_change_log(
    office: Client, editor: Person, published: str
) -> None:
    begun = office.post(address("course-revise", published))
    edit = address("course-draft-edit", published)
    assert begun.headers["Location"] == edit
    form = opened(office, edit)
    note = {"summary": ["One visit is enough."], "note": ["A clearer summary"]}
    office.post(edit, {**form, **note, "do": "up:u:talk"})
    review = text_of(office, address("course-draft-review", published))
    assert "What differs from revision 1" in review
    assert "<ins>One visit is enough" in review
    version = str(draft_of(published, editor).version)
    office.post(address("course-draft-publish", published), {"version": version})
    log = text_of(Client(), address("course-history", published))
    assert "A clearer summary" in log
    changed = text_of(Client(), address("course-revision", published, 2))
    assert "<ins>One visit is enough" in changed
    assert Client().get(address("course-revision", published, 3)).status_code == 404
    for since, status in (("1", 200), ("2", 404), ("0", 404), ("x", 404)):
        answer = Client().get(address("course-revision", published, 2), {"since": since})
        assert answer.status_code == status


def test_an_earlier_save_is_compared_and_brought_back(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    form = opened(desk, course_page(draft))
    desk.post(course_page(draft), {**form, "title": ["Receptions"], "do": "remove:u:talk"})
    versions = text_of(desk, address("course-draft-versions", draft.id))
    assert address("course-draft-version", draft.id, 1) in versions
    page = text_of(desk, address("course-draft-version", draft.id, 1))
    assert "<del>Receiving citizens</del>" in page
    back = address("course-draft-restore", draft.id, 1)
    assert desk.post(back, {"version": "1"}).headers["Location"] == address(
        "course-draft-review", draft.id
    )
    desk.post(back, {"version": "2"})
    saved = draft_of(draft.id, aigul)
    assert (saved.version, saved.words, keys_of(saved)) == (3, draft.words, keys_of(draft))


def test_a_draft_is_discarded_by_who_began_it(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    page = address("course-draft-discard", draft.id)
    assert "cannot be undone" in text_of(desk, page)
    assert desk.post(page, {"version": "1"}).headers["Location"] == address("work")
    with pytest.raises(NoSuchCourseDraft):
        draft_of(draft.id, aigul)


def test_a_withdrawal_needs_a_reason_and_keeps_what_was_typed(
    office: Client, published: str
) -> None:
    page = address("course-withdraw", published)
    refused = office.post(page, {"reason": "   "})
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    office.post(page, {"reason": "Its rules were repealed."})
    with pytest.raises(CourseWithdrawn):
        queries.course(published, READER)
    assert office.get(address("course-history", published)).status_code == 410


def test_a_course_is_begun_from_a_practice_that_it_shows_live(
    desk: Client, aigul: Person, practice: str
) -> None:
    teach = address("practice-teach", practice)
    assert f'href="{teach}"' in text_of(desk, address("practice", practice))
    assert f'href="{teach}"' not in text_of(Client(), address("practice", practice))
    answer = desk.post(teach, {"institution": "hub-astana", "language": "ru"})
    made = draft_of(answer.headers["Location"].rstrip("/").split("/")[-1], aigul)
    unit = made.facts["modules"][0]["units"][0]
    assert (made.language, unit["kind"], unit["practice"]) == ("ru", "reading", practice)
    assert answer.headers["Location"] == course_page(made)


def test_the_author_is_told_of_a_practice_that_moved_on(
    desk: Client, aigul: Person, practice: str, now: datetime
) -> None:
    teach = address("practice-teach", practice)
    page = desk.post(teach, {"institution": "hub-astana", "language": "en"}).headers["Location"]
    told = "Practices of this course have moved on"
    assert told not in text_of(desk, page)
    publish_practice(datetime.now(tz=now.tzinfo) + timedelta(days=1), action="Two rooms.")
    moved = text_of(desk, page)
    assert told in moved
    assert address("practice-history", practice) in moved
    assert "revision 2 of" in moved


def test_the_author_is_told_of_a_practice_that_was_withdrawn(
    desk: Client, editor: Person, practice: str, now: datetime
) -> None:
    teach = address("practice-teach", practice)
    page = desk.post(teach, {"institution": "hub-astana", "language": "en"}).headers["Location"]
    withdraw(practice_id=practice, reason="Its figures are checked.", by=editor, now=now)
    assert "the practice is not there any more" in text_of(desk, page)


def test_the_work_list_names_published_courses_whose_practice_moved_on(
    office: Client, editor: Person, practice: str, now: datetime
) -> None:
    draft = ready_course(editor, now)
    modules = [{**one, "units": [dict(unit) for unit in one["units"]]} for one in MODULES]
    modules[0]["units"][0]["practice"] = practice
    facts = {**draft.facts, "modules": modules}
    saved = actions.save_draft(
        draft_id=draft.id, version=1, words=draft.words, facts=facts, by=editor, now=now
    )
    publish_course(draft_id=draft.id, version=saved.version, by=editor, now=now)
    told = "Courses whose practices have moved on"
    assert told not in text_of(office, address("work"))
    publish_practice(now + timedelta(days=1), action="Two rooms.")
    work = text_of(office, address("work"))
    assert told in work
    assert address("course-revise", draft.id) in work
    assert "1 practice has moved on" in work


def test_a_copy_names_the_course_it_was_made_from(
    desk: Client, aigul: Person, published: str
) -> None:
    fork = address("course-fork", published)
    answer = desk.post(fork, {"institution": "hub-astana", "language": "kk"})
    assert answer.status_code == 422  # there is no text in that language
    answer = desk.post(fork, {"institution": "hub-astana", "language": "en"})
    copy = draft_of(answer.headers["Location"].rstrip("/").split("/")[-1], aigul)
    assert copy.id != published
    assert copy.words == WORDS
    source = copy.facts["forked_from"]
    assert source is not None
    assert (source["course"], source["revision"]) == (published, 1)
    page = text_of(desk, course_page(copy))
    assert "Made from:" in page
    assert address("course", published) in page
    # What the page posts says nothing of it, and so cannot take it away.
    desk.post(course_page(copy), {**opened(desk, course_page(copy)), "title": ["Mine"]})
    assert draft_of(copy.id, aigul).facts["forked_from"] == source


def test_the_work_list_has_drafts_of_courses_for_their_writers(
    desk: Client, draft: CourseDraftView, academy: Institution
) -> None:
    assert course_page(draft) in text_of(desk, address("work"))
    reader = signed_in(person(academy, "reader@hub.example", "Reader Four", "reader"))
    assert course_page(draft) not in text_of(reader, address("work"))


RUSSIAN = {name: f"По-русски: {text}" for name, text in WORDS.items()}


def translated(part: str) -> dict[str, str]:
    """The Russian words of a part of the course."""
    if part == "the_course":
        return {k: v for k, v in RUSSIAN.items() if k.split(".")[0] not in ("units", "terms")}
    group = "terms" if part == "the_terms" else f"units.{part}"
    return {k: v for k, v in RUSSIAN.items() if k.startswith(f"{group}.")}


CLAIMS = {"provenance": "human", "translated_by": "Office of interpreters", "revision": "1"}


def mark_in(html: str) -> str:
    start = html.index('name="version" value="') + len('name="version" value="')
    return html[start : html.index('"', start)]


def test_a_course_is_translated_part_by_part_and_published_whole(
    office: Client, published: str
) -> None:
    for part in ("the_course", "rooms", "check", "talk"):
        page = address("course-translate", published, "ru", part)
        form = {**translated(part), **CLAIMS, "version": mark_in(text_of(office, page))}
        assert office.post(page, {**form, "do": "next"}).status_code == 302
    last = address("course-translate", published, "ru", "the_terms")
    form = {**CLAIMS, "version": mark_in(text_of(office, last))}
    refused = office.post(last, {**form, "do": "approve"})
    assert refused.status_code == 422
    assert f'href="{last}#t-terms.window.name"' in refused.content.decode() or (
        'href="#t-terms.window.name"' in refused.content.decode()
    )
    form |= {**translated("the_terms"), "version": mark_in(refused.content.decode())}
    done = office.post(last, {**form, "do": "approve"})
    assert done.headers["Location"] == address("course", published)
    text = queries.course(published, READER, language="ru").text
    assert text.words == RUSSIAN
    assert (text.provenance, text.translated_by) == ("human", "Office of interpreters")
    states = text_of(office, address("course-translations", published))
    assert "Translated by a person" in states


def test_two_translators_of_one_course_meet_only_in_the_same_part(
    office: Client, published: str, academy: Institution
) -> None:
    second = person(academy, "translator@hub.example", "Translator Three", "translator")
    colleague = signed_in(second)
    rooms = address("course-translate", published, "ru", "rooms")
    talk = address("course-translate", published, "ru", "talk")
    first_mark, other_mark = (mark_in(text_of(office, page)) for page in (rooms, talk))
    mine = {**translated("rooms"), **CLAIMS, "version": first_mark}
    theirs = {**translated("talk"), **CLAIMS, "version": other_mark}
    assert office.post(rooms, mine).status_code == 302
    assert colleague.post(talk, theirs).status_code == 409  # what is said of the whole was new
    theirs["version"] = mark_in(text_of(colleague, talk))
    assert colleague.post(talk, theirs).status_code == 302
    stale = mark_in(text_of(office, rooms))
    changed = {"units.rooms.title": "Комната", "version": stale}
    assert colleague.post(rooms, {**mine, **changed}).status_code == 302
    late = {"units.rooms.title": "Зал", "version": stale}
    clash = office.post(rooms, {**mine, **late})
    assert clash.status_code == 409
    assert "Комната" in clash.content.decode()
    picks = {"pick-units.rooms.title": "theirs", "do": "merge"}
    merged = {**mine, **late, **picks, "version": mark_in(clash.content.decode())}
    assert office.post(rooms, merged).status_code == 302
    view = queries.translation(published, "ru", Person.objects.get(pk=second.pk))
    assert view.words["units.rooms.title"] == "Комната"
    assert view.words["units.talk.title"] == RUSSIAN["units.talk.title"]


def test_a_draft_is_previewed_in_its_own_language_and_in_a_translation(
    office: Client, editor: Person, published: str, now: datetime
) -> None:
    saved = actions.save_translation(
        course_id=published, language="ru", version=0, words=RUSSIAN, provenance="human",
        translated_by="", by=editor, now=now,
    )  # fmt: skip
    actions.approve_translation(
        course_id=published, language="ru", version=saved.version, by=editor, now=now
    )
    office.post(address("course-revise", published))
    edit = address("course-draft-unit", published, "rooms")
    form = opened(office, edit)
    office.post(edit, {**form, "body": ["A hall with **two** windows."], "do": "save"})
    unit = address("course-draft-preview-unit", published, "rooms")
    assert "<strong>two</strong>" in text_of(office, unit)
    assert "По-русски: The room" in text_of(office, f"{unit}?text=ru")
    course = text_of(office, f"{address('course-draft-preview', published)}?text=ru")
    assert "По-русски: Receiving citizens" in course
    assert f"{unit}?text=ru" in course


def test_the_pages_ask_the_database_a_bounded_number_of_times(
    desk: Client,
    draft: CourseDraftView,
    django_assert_max_num_queries: object,
) -> None:
    limits = {
        course_page(draft): 14,
        address("course-draft-unit", draft.id, "rooms"): 12,
        address("course-draft-review", draft.id): 12,
        address("course-draft-preview", draft.id): 12,
    }
    for page, limit in limits.items():
        with django_assert_max_num_queries(limit):  # type: ignore[operator]
            assert desk.get(page).status_code == 200


def test_nobody_reads_a_file_of_a_draft_but_its_writers(
    desk: Client, draft: CourseDraftView, aigul: Person, now: datetime
) -> None:
    data = BytesIO(b"Year,Visits\n2024,12\n")
    kept = actions.add_file(
        draft_id=draft.id, upload=data, name="visits.csv", language="", by=aigul, now=now
    )
    page = address("course-draft-file", draft.id, kept.sha256)
    assert desk.get(page).getvalue() == data.getvalue()
    assert Client().get(page).status_code == 302
    assert desk.get(address("course-draft-file", draft.id, "0" * 64)).status_code == 404


def test_a_quiz_that_draws_more_than_the_bank_has_is_named_in_the_review(
    desk: Client, draft: CourseDraftView, aigul: Person, now: datetime
) -> None:
    review = address("course-draft-review", draft.id)
    assert "5 are drawn, 0 are there" in text_of(desk, review)
    for _number in range(5):
        save_question(draft.id, aigul, now)
    assert "are drawn" not in text_of(desk, review)
    unit = text_of(desk, address("course-draft-unit", draft.id, "check"))
    assert "Questions in the bank: 5" in unit
    assert ">Any (5)</option>" in unit


def test_a_published_course_waits_in_the_work_list_of_translators(
    office: Client, desk: Client, editor: Person, published: str
) -> None:
    editor.languages = ["en", "kk"]
    editor.save()
    page = address("course-translate", published, "kk", "the_course")
    assert page in text_of(signed_in(editor), address("work"))
    assert page not in text_of(desk, address("work"))
