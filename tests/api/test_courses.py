"""Courses by the API: what strangers may read of them, in their language."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client

from chorsu.flows import teaching
from chorsu.institutions.models import Person
from chorsu.search.learning import learn_waiting
from chorsu.training.actions import courses
from chorsu.training.wire.courses import PublishedCourse, parse_payload
from tests.training.courses.content import FACTS, RUSSIAN, WORDS, ready_draft


def publish(editor: Person, now: datetime, audience: str = "public") -> PublishedCourse:
    draft = ready_draft(editor, now)
    saved = courses.save_draft(
        draft_id=draft.id, version=draft.version, words=draft.words, facts=draft.facts,
        audience=audience, note="First", by=editor, now=now,
    )  # fmt: skip
    form = teaching.publish_course(draft_id=saved.id, version=saved.version, by=editor, now=now)
    courses.save_translation(
        course_id=form.id, language="ru", version=0, words=RUSSIAN, provenance="machine",
        by=editor, now=now,
    )  # fmt: skip
    approved = teaching.approve_course_translation(
        course_id=form.id, language="ru", version=1, by=editor, now=now
    )
    return parse_payload(approved.payload, "hub.chorsu.example")


def get(client: Client, path: str, status: int = 200) -> Any:  # noqa: ANN401
    response = client.get(f"/api/v1{path}")
    assert response.status_code == status
    return json.loads(response.content)


def test_a_course_is_answered_with_all_its_texts(
    client: Client, editor: Person, now: datetime
) -> None:
    course = publish(editor, now)

    [line] = get(client, "/courses?language=ru")["items"]
    assert (line["title"], line["provenance"], line["hours"]) == (RUSSIAN["title"], "machine", 12)
    whole = get(client, f"/courses/{course.id}")
    assert {one["language"]: one["words"] for one in whole["texts"]} == {
        "en": WORDS,
        "ru": RUSSIAN,
    }
    assert whole["facts"]["assessment"] == FACTS["assessment"]
    units = whole["facts"]["modules"][0]["units"]
    assert [(one["key"], one["kind"], one["minutes"]) for one in units] == [
        ("visit", "reading", 20),
        ("check", "quiz", 10),
    ]


def test_search_brings_courses_where_they_are_asked_for(
    client: Client, editor: Person, now: datetime
) -> None:
    course = publish(editor, now)
    asked = urlencode({"q": WORDS["title"]})
    assert get(client, f"/search?{asked}")["items"] == []
    [one] = get(client, f"/search?{asked}&also=course&also=foreign&language=ru")["items"]
    assert (one["course"]["id"], one["practice"]) == (course.id, None)
    assert one["course"]["title"] == RUSSIAN["title"]
    assert get(client, f"/search?{asked}&also=people", 422)["status"] == 422


def test_titles_of_courses_and_terms_of_their_glossaries_are_offered_while_typing(
    client: Client, editor: Person, now: datetime
) -> None:
    course = publish(editor, now)
    learn_waiting(limit=10)

    def offered(typed: str) -> list[tuple[str, str, str]]:
        asked = urlencode({"q": typed, "language": "en"})
        items = get(client, f"/suggest?{asked}")["items"]
        return [(one["sort"], one["text"], urlsplit(one["url"]).path) for one in items]

    title, page = WORDS["title"], f"/en/courses/{course.id}/"
    assert ("course", title, page) in offered(title.split()[-1][:5])
    [term] = [WORDS[f"terms.{key}.name"] for key in FACTS["terms"]][:1]
    assert ("term", term, "/en/search/") in offered(term[:4])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("competence=one-window", 1),
        ("competence=law", 0),
        ("hours_from=13", 0),
        ("hours_to=12&theme=service-delivery&text=ru", 1),
        ("position=local", 0),
    ],
)
def test_the_list_is_narrowed(
    client: Client, editor: Person, now: datetime, asked: str, found: int
) -> None:
    publish(editor, now)

    assert len(get(client, f"/courses?{asked}")["items"]) == found


def test_a_mistyped_parameter_is_told(client: Client, db: None) -> None:
    assert get(client, "/courses?hour_from=3", 422)["errors"][0]["parameter"] == "hour_from"


def test_strangers_read_nothing_of_the_network_and_are_told_of_a_withdrawal(
    client: Client, editor: Person, now: datetime
) -> None:
    closed, course = publish(editor, now, "network"), publish(editor, now + timedelta(hours=1))
    assert [one["id"] for one in get(client, "/courses")["items"]] == [course.id]
    get(client, f"/courses/{closed.id}", 404)

    teaching.withdraw_course(course_id=course.id, reason="A new law.", by=editor, now=now)
    assert "A new law." in get(client, f"/courses/{course.id}", 410)["detail"]
    assert get(client, "/courses")["items"] == []
