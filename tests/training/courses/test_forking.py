"""A fork has all the languages of the course it was made from, each with who made it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from django.conf import settings

from chorsu.institutions.models import Person
from chorsu.institutions.queries import institution
from chorsu.records.content import ReadyRecord
from chorsu.records.forms import PublishedText
from chorsu.records.viewer import Viewer
from chorsu.training.actions import courses
from chorsu.training.queries import courses as queries
from chorsu.training.shapes.courses import CourseDraftView
from chorsu.training.wire.courses import PublishedCourse, parse_payload
from tests.training.courses.content import FACTS, RUSSIAN, WORDS

PUBLIC = Viewer(member=False)
TURKMEN = {
    **RUSSIAN,
    "title": "Obada ýeke penjire",
    "units.visit.body": "Oba adamlary **dört** edara barmaly boldy.",
}
RU = PublishedText("ru", "human", 1, "Centre of translation", date(2026, 5, 4), RUSSIAN)  # type: ignore[arg-type]
TK = PublishedText("tk", "machine", 1, "engine 2", date(2026, 6, 1), TURKMEN)  # type: ignore[arg-type]


@pytest.fixture
def source(academy: object, editor: Person, now: datetime) -> PublishedCourse:
    """A course in English with a Russian and a Turkmen text."""
    found = courses.publish_ready(ready=_ready(), now=now)
    assert found is not None
    return found


def _ready(**changes: object) -> ReadyRecord:
    ready = ReadyRecord(
        id="019349fb-2d10-7a44-8c1e-5b7d90a3e622",
        institution_id="hub-astana",
        language="en",
        audience="public",
        licence="CC-BY-4.0",
        words=WORDS,
        facts=FACTS,
        texts=(RU, TK),
    )
    return replace(ready, **changes)  # type: ignore[arg-type]


def forked(source: PublishedCourse, language: str, by: Person, now: datetime) -> CourseDraftView:
    return courses.fork(
        course_id=source.id, institution_id="hub-astana", language=language, by=by, now=now
    )


def published(draft: CourseDraftView, by: Person, now: datetime, **words: str) -> PublishedCourse:
    saved = courses.save_draft(
        draft_id=draft.id, version=draft.version, words={**draft.words, **words},
        facts=draft.facts, by=by, now=now,
    )  # fmt: skip
    course = courses.publish(draft_id=saved.id, version=saved.version, by=by, now=now)
    assert parse_payload(course.to_bytes(), settings.NODE_NAME) == course
    return course


def test_a_fork_is_published_in_all_languages_of_its_source(
    source: PublishedCourse, editor: Person, now: datetime
) -> None:
    course = published(forked(source, "en", editor, now), editor, now)
    assert course.revision == 1
    assert course.texts == source.texts
    assert course.texts["ru"] == RU
    assert [line.stale for line in queries.texts(course.id, PUBLIC)] == [False, False, False]
    assert "text" not in (course.facts["forked_from"] or {})


def test_a_text_whose_original_was_changed_in_the_fork_is_out_of_date(
    source: PublishedCourse, editor: Person, now: datetime
) -> None:
    course = published(forked(source, "en", editor, now), editor, now, title="Another window")
    assert (course.revision, course.original.revision) == (2, 2)
    assert course.texts["ru"] == RU
    stale = {line.language: line.stale for line in queries.texts(course.id, PUBLIC)}
    assert stale == {"en": False, "ru": True, "tk": True}


def test_words_of_what_the_fork_leaves_out_go_and_the_rest_stays_fresh(
    source: PublishedCourse, editor: Person, now: datetime
) -> None:
    draft = forked(source, "en", editor, now)
    draft = courses.save_draft(
        draft_id=draft.id, version=draft.version, words=draft.words,
        facts={**draft.facts, "terms": []}, by=editor, now=now,
    )  # fmt: skip
    course = courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)
    assert course.revision == 1
    assert "terms.window.name" not in course.texts["ru"].words
    assert course.texts["ru"].words["title"] == RUSSIAN["title"]


def test_a_fork_of_a_translation_says_whose_it_was_and_keeps_the_authors_words(
    source: PublishedCourse, editor: Person, now: datetime
) -> None:
    course = published(forked(source, "tk", editor, now), editor, now)
    assert course.facts["forked_from"] == {
        "course": source.id,
        "revision": 1,
        "origin": settings.NODE_NAME,
        "text": {"language": "tk", "provenance": "machine", "translated_by": "engine 2"},
    }
    assert course.original.words == TURKMEN
    english = course.texts["en"]
    named = institution("hub-astana").name("en")
    assert (english.provenance, english.translated_by) == ("human", named)
    assert english.words == source.original.words
    assert course.texts["ru"] == RU


def test_a_text_that_gave_another_revision_than_the_forks_is_out_of_date(
    source: PublishedCourse, editor: Person, now: datetime
) -> None:
    moved = courses.publish_ready(
        ready=_ready(words={**WORDS, "title": "Newer"}, texts=(RU, replace(TK, revision=2))),
        now=now,
    )
    assert moved is not None
    course = published(forked(moved, "en", editor, now), editor, now)
    revisions = {tag: text.revision for tag, text in course.texts.items()}
    assert (course.revision, revisions) == (2, {"en": 2, "ru": 1, "tk": 2})


def test_a_text_that_names_a_person_of_this_node_goes_to_the_translators_first(
    source: PublishedCourse, editor: Person, translator: Person, now: datetime
) -> None:
    Person.objects.filter(pk=translator.pk).update(name="Жители Села")
    course = published(forked(source, "en", editor, now), editor, now)
    assert course.texts.keys() == {"en", "tk"}
    work = queries.translation(course.id, "ru", translator)
    assert (work.version, work.words["title"], work.translated_by) == (
        1, RUSSIAN["title"], RU.translated_by,
    )  # fmt: skip


def test_texts_for_the_network_are_not_made_public_unseen(
    academy: object, editor: Person, translator: Person, now: datetime
) -> None:
    source = courses.publish_ready(ready=_ready(audience="network"), now=now)
    assert source is not None
    draft = forked(source, "en", editor, now)
    draft = courses.save_draft(
        draft_id=draft.id, version=draft.version, words=draft.words, facts=draft.facts,
        audience="public", by=editor, now=now,
    )  # fmt: skip
    course = courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)
    assert course.texts.keys() == {"en"}
    assert queries.translation(course.id, "tk", translator).words == TURKMEN


def test_what_is_published_first_takes_the_texts_along_once(
    source: PublishedCourse, editor: Person, now: datetime
) -> None:
    course = published(forked(source, "en", editor, now), editor, now)
    draft = courses.revise(course_id=course.id, by=editor, now=now)
    again = published(draft, editor, now, aims="To plan a window.")
    assert (again.revision, again.texts["ru"].revision) == (2, 1)
