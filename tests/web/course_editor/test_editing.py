"""Writing a course over HTTP, without a script."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from chorsu.institutions.models import Institution, Person
from chorsu.kernel.clock import utc_now
from chorsu.training.actions import courses as actions
from chorsu.training.rules.fields import Module
from chorsu.training.shapes.courses import CourseDraftView
from tests.practices.conftest import person
from tests.records.test_films import box, film
from tests.web.course_editor.content import MODULES, draft_of, form_of, keys_of, unit
from tests.web.writing_desk import address, errors_of, signed_in

pytestmark = pytest.mark.django_db
Posted = dict[str, list[str]]


def course_page(draft: CourseDraftView) -> str:
    return address("course-draft-edit", draft.id)


def unit_page(draft: CourseDraftView, key: str) -> str:
    return address("course-draft-unit", draft.id, key)


def opened(desk: Client, page: str) -> Posted:
    answer = desk.get(page)
    assert answer.status_code == 200
    return form_of(answer.content.decode())


def test_a_course_is_begun_for_an_institution_in_a_language(desk: Client, aigul: Person) -> None:
    begin = address("course-draft-new")
    answer = desk.post(begin, {"institution": "hub-astana", "language": "kk"})
    assert answer.status_code == 302
    made = answer.headers["Location"].rstrip("/").split("/")[-1]
    assert (draft_of(made, aigul).language, draft_of(made, aigul).words) == ("kk", {})
    assert desk.post(begin, {"institution": "elsewhere", "language": "kk"}).status_code == 422
    assert desk.post(begin, {"institution": "hub-astana", "language": "xx"}).status_code == 422


def test_saving_what_the_pages_show_changes_nothing(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    for page in (course_page(draft), unit_page(draft, "rooms"), unit_page(draft, "check")):
        answer = desk.post(page, {**opened(desk, page), "do": "save"})
        assert answer.status_code == 302
    saved = draft_of(draft.id, aigul)
    assert (saved.version, saved.words, saved.facts) == (1, draft.words, draft.facts)


def test_words_facts_terms_and_rows_are_saved_together(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    form = opened(desk, course_page(draft))
    changed = {
        "title": ["Receptions"],
        "hours.live": ["4"],
        "assessment.pass_percent": ["75"],
        "assessment.required_units": ["check"],
        "themes": ["transport", "service-delivery"],
        "terms-1-name": ["queue"],
        "terms-1-meaning": ["people who wait"],
        "modules.second.about": ["One day."],
        "note": ["Shorter"],
    }
    answer = desk.post(course_page(draft), {**form, **changed, "do": "save"})
    assert answer.status_code == 302
    saved = draft_of(draft.id, aigul)
    assert saved.words["title"] == "Receptions"
    assert saved.words["modules.second.about"] == "One day."
    assert saved.facts["hours"] == {"in_person": 8, "live": 4, "self_study": 6}
    assert saved.facts["assessment"] == {
        "pass_percent": 75, "attendance_percent": 0, "required_units": ["check"],
    }  # fmt: skip
    assert saved.facts["themes"] == ["transport", "service-delivery"]
    assert saved.facts["terms"][0] == "window"
    queue = saved.facts["terms"][1]
    assert saved.words[f"terms.{queue}.name"] == "queue"
    assert saved.note == "Shorter"


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("down:u:check", [("first", ["rooms"]), ("second", ["check", "talk"])]),
        ("up:m:second", [("second", ["talk"]), ("first", ["rooms", "check"])]),
        ("remove:u:talk", [("first", ["rooms", "check"]), ("second", [])]),
    ],
)
def test_the_outline_is_changed_by_its_buttons_and_keeps_what_was_typed(
    desk: Client,
    draft: CourseDraftView,
    aigul: Person,
    action: str,
    expected: list[tuple[str, list[str]]],
) -> None:
    form = {**opened(desk, course_page(draft)), "summary": ["In a sentence."]}
    answer = desk.post(course_page(draft), {**form, "do": action})
    assert answer.headers["Location"].endswith("#outline")
    saved = draft_of(draft.id, aigul)
    assert keys_of(saved) == expected
    assert saved.words["summary"] == "In a sentence."


def test_a_unit_is_added_to_its_module_and_opened(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    form = opened(desk, course_page(draft))
    typed = {"new-first-title": ["A survey"], "new-first-kind": ["survey"]}
    answer = desk.post(course_page(draft), {**form, **typed, "do": "add-unit:first"})
    saved = draft_of(draft.id, aigul)
    made = saved.facts["modules"][0]["units"][-1]
    assert answer.headers["Location"] == unit_page(draft, made["key"])
    assert (made["kind"], made["survey"]) == ("survey", [])
    assert saved.words[f"units.{made['key']}.title"] == "A survey"
    page = desk.get(unit_page(draft, made["key"])).content.decode()
    assert "questions-0-text" in page


def test_a_module_is_added_at_the_end(desk: Client, draft: CourseDraftView, aigul: Person) -> None:
    form = opened(desk, course_page(draft))
    typed = {"new-module-title": ["Afterwards"]}
    desk.post(course_page(draft), {**form, **typed, "do": "add-module"})
    saved = draft_of(draft.id, aigul)
    assert [key for key, _units in keys_of(saved)][:2] == ["first", "second"]
    added = keys_of(saved)[2]
    assert (saved.words[f"modules.{added[0]}.title"], added[1]) == ("Afterwards", [])


def test_a_name_typed_for_a_new_unit_is_not_lost_when_another_button_is_pressed(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    form = opened(desk, course_page(draft))
    typed = {"new-second-title": ["Feedback"], "new-second-kind": ["live"]}
    desk.post(course_page(draft), {**form, **typed, "do": "save"})
    saved = draft_of(draft.id, aigul)
    made = saved.facts["modules"][1]["units"][-1]["key"]
    assert saved.words[f"units.{made}.title"] == "Feedback"


def test_wrong_input_names_its_field_keeps_what_was_typed_and_changes_nothing(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    form = opened(desk, course_page(draft))
    wrong = {
        "title": ["x" * 201],
        "hours.live": ["two"],
        "competences-0-code": ["no-such-thing"],
        "new-first-title": ["y" * 201],
        "new-first-kind": ["live"],
        "aims": ["Still here."],
    }
    answer = desk.post(course_page(draft), {**form, **wrong, "do": "save"})
    page = answer.content.decode()
    assert answer.status_code == 422
    told = errors_of(page)
    assert told["f-title"] == "Too long: at most 200 characters."
    assert told["f-new-first-title"] == "Too long: at most 200 characters."
    assert {"f-hours.live", "f-competences-0-code", "f-competences-0-level"} <= told.keys()
    typed = form_of(page)
    assert typed["hours.live"] == ["two"]
    assert typed["aims"] == ["Still here."]
    assert typed["version"] == form["version"]
    assert draft_of(draft.id, aigul).version == 1


def test_a_quiz_draws_from_the_bank_by_competence(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    page = unit_page(draft, "check")
    form = opened(desk, page)
    changed = {"draws-0-count": ["8"], "quiz.minutes": ["20"], "weight": ["3"]}
    form.pop("quiz.shuffle")
    desk.post(page, {**form, **changed, "do": "save"})
    unit = draft_of(draft.id, aigul).facts["modules"][0]["units"][1]
    assert unit["quiz"] == {
        "draws": [{"competence": "", "count": 8}],
        "minutes": 20, "attempts": 2, "shuffle": False, "review": "answers", "weight": 3,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["lab", "tool"])
def test_a_lab_or_tool_is_for_practice_until_its_author_gives_it_a_weight(
    desk: Client, draft: CourseDraftView, aigul: Person, kind: str
) -> None:
    form = opened(desk, course_page(draft))
    typed = {"new-first-title": ["The village"], "new-first-kind": [kind]}
    page = desk.post(course_page(draft), {**form, **typed, "do": "add-unit:first"})["Location"]
    assert opened(desk, page)["weight"] == ["0"]

    refused = desk.post(page, {**opened(desk, page), "weight": ["many"], "do": "save"})
    assert set(errors_of(refused.content.decode())) == {"f-weight"}
    desk.post(page, {**opened(desk, page), "weight": ["3"], "do": "save"})
    assert draft_of(draft.id, aigul).facts["modules"][0]["units"][-1].get("weight") == 3
    assert opened(desk, page)["weight"] == ["3"]


def test_a_lab_of_an_older_course_shows_what_it_counts_and_states_nothing_until_it_is_changed(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    modules = [*MODULES, Module(key="third", units=[unit("town", "lab", lab="village-budget")])]
    assessment = {**draft.facts["assessment"], "required_units": ["town"]}
    old = actions.save_draft(
        draft_id=draft.id, version=draft.version, words=draft.words, by=aigul, now=utc_now(),
        facts={**draft.facts, "modules": modules, "assessment": assessment},
    )  # fmt: skip
    page = unit_page(old, "town")
    form = opened(desk, page)
    assert form["weight"] == ["1"]
    desk.post(page, {**form, "do": "save"})
    assert draft_of(draft.id, aigul).version == old.version

    desk.post(page, {**form, "weight": ["0"], "do": "save"})
    assert draft_of(draft.id, aigul).facts["modules"][2]["units"][0].get("weight") == 0


def test_what_is_wrong_in_a_unit_is_told_at_its_control(
    desk: Client, draft: CourseDraftView
) -> None:
    page = unit_page(draft, "check")
    wrong = {"draws-0-count": ["many"], "quiz.attempts": ["-1"], "minutes": ["99999"]}
    answer = desk.post(page, {**opened(desk, page), **wrong, "do": "save"})
    assert answer.status_code == 422
    assert set(errors_of(answer.content.decode())) == {
        "f-draws-0-count", "f-quiz.attempts", "f-minutes",
    }  # fmt: skip


def test_an_assignment_has_criteria_with_points(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    form = opened(desk, course_page(draft))
    typed = {"new-first-title": ["A letter"], "new-first-kind": ["assignment"]}
    made = desk.post(course_page(draft), {**form, **typed, "do": "add-unit:first"})
    page = made.headers["Location"]
    rows = {
        "assignment.forms": ["text", "file"],
        "assignment.second_marker": ["on"],
        "rubrics-0-criterion": ["Answers the question"],
        "rubrics-0-points": ["5"],
        "rubrics-0-levels": ["5: all of it"],
    }
    answer = desk.post(page, {**opened(desk, page), **rows, "do": "save"})
    assert answer.status_code == 302
    saved = draft_of(draft.id, aigul)
    work = saved.facts["modules"][0]["units"][-1]["assignment"]
    assert work is not None
    assert (work["forms"], work["second_marker"], work["weight"]) == (["text", "file"], True, 1)
    assert [row["points"] for row in work["rubric"]] == [5]
    key = work["rubric"][0]["key"]
    assert saved.words[f"rubrics.{key}.criterion"] == "Answers the question"
    again = opened(desk, page)
    assert again["rubrics-0-levels"] == ["5: all of it"]
    assert again["rubrics-1-criterion"] == [""]


def test_a_figure_uploaded_on_a_unit_s_page_can_be_put_into_its_text(
    desk: Client, draft: CourseDraftView
) -> None:
    picture = BytesIO()
    Image.new("RGB", (4, 3), "teal").save(picture, "PNG")
    picture.seek(0)
    picture.name = "the room.png"
    page = unit_page(draft, "rooms")
    answer = desk.post(page, {**opened(desk, page), "file": picture, "do": "upload"})
    assert answer.headers["Location"].endswith("#files-part")
    assert "![](the%20room.png)" in desk.get(page).content.decode()


def test_a_practice_is_found_and_chosen_without_a_script(
    desk: Client, draft: CourseDraftView, aigul: Person, practice: str
) -> None:
    page = unit_page(draft, "rooms")
    found = desk.post(page, {**opened(desk, page), "find": "window", "do": "find"})
    assert f'name="practice" value="{practice}"' in found.content.decode()
    desk.post(page, {**opened(desk, page), "practice": practice, "do": "save"})
    unit = draft_of(draft.id, aigul).facts["modules"][0]["units"][0]
    assert unit["practice"] == practice


def test_the_course_s_page_leads_to_every_unit_and_says_which_are_incomplete(
    desk: Client, draft: CourseDraftView
) -> None:
    form = opened(desk, course_page(draft))
    typed = {"new-first-title": ["A film"], "new-first-kind": ["video"]}
    desk.post(course_page(draft), {**form, **typed, "do": "add-unit:first"})
    page = desk.get(course_page(draft)).content.decode()
    for key in ("rooms", "check", "talk"):
        assert unit_page(draft, key) in page
    assert len(re.findall("Incomplete", page)) == 1


def test_nobody_else_opens_a_draft(draft: CourseDraftView, academy: Institution) -> None:
    stranger = signed_in(person(academy, "reader@hub.example", "Reader Four", "reader"))
    for page in (course_page(draft), unit_page(draft, "rooms")):
        assert stranger.get(page).status_code == 403
        assert stranger.post(page, {"do": "save"}).status_code == 403
        assert Client().get(page).status_code == 302


def test_what_was_typed_into_a_unit_that_is_gone_is_shown_to_be_copied(
    desk: Client, draft: CourseDraftView
) -> None:
    form = opened(desk, unit_page(draft, "talk"))
    course = opened(desk, course_page(draft))
    desk.post(course_page(draft), {**course, "do": "remove:u:talk"})
    answer = desk.post(unit_page(draft, "talk"), {**form, "body": ["Bring a chair."], "do": "save"})
    assert answer.status_code == 409
    assert "Bring a chair." in answer.content.decode()
    assert desk.get(unit_page(draft, "talk")).status_code == 404


def test_a_film_is_put_together_of_its_files_the_smallest_first(
    desk: Client, draft: CourseDraftView, aigul: Person
) -> None:
    form = opened(desk, course_page(draft))
    typed = {"new-first-title": ["A film"], "new-first-kind": ["video"]}
    page = desk.post(course_page(draft), {**form, **typed, "do": "add-unit:first"}).headers[
        "Location"
    ]
    files = {
        "large.mp4": film() + box(b"free", bytes(500)),
        "small.mp4": film(),
        "kk.vtt": "WEBVTT\n\n00:00.000 --> 00:02.000\nСәлем!\n".encode(),
    }
    for name, data in files.items():
        upload = BytesIO(data)
        upload.name = name
        desk.post(page, {**opened(desk, page), "file": upload, "do": "upload"})
    by_name = {file.name: file.sha256 for file in draft_of(draft.id, aigul).files}
    chosen = {
        "variants-0-sha256": [by_name["large.mp4"]],
        "variants-1-key": ["r1"],
        "variants-1-sha256": [by_name["small.mp4"]],
        "captions-0-language": ["kk"],
        "captions-0-sha256": [by_name["kk.vtt"]],
    }
    answer = desk.post(page, {**opened(desk, page), **chosen, "do": "save"})
    assert answer.status_code == 302
    video = draft_of(draft.id, aigul).facts["modules"][0]["units"][-1]["video"]
    assert video == {
        "variants": [by_name["small.mp4"], by_name["large.mp4"]],
        "captions": [{"language": "kk", "sha256": by_name["kk.vtt"]}],
    }
    preview = desk.get(page.replace("/units/", "/preview/")).content.decode()
    assert address("course-draft-file", draft.id, by_name["small.mp4"]) in preview
    assert 'srclang="kk"' in preview
