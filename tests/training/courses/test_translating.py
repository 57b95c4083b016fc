"""Translations of courses: saved, finished, overtaken by their original."""

from __future__ import annotations

from datetime import datetime

import pytest

from chorsu.institutions.models import Person
from chorsu.records.fields import InvalidRecord
from chorsu.records.viewer import Viewer
from chorsu.training.actions import courses
from chorsu.training.errors.courses import (
    CourseTranslationConflict,
    NoSuchCourse,
)
from chorsu.training.queries import courses as queries
from chorsu.training.wire.courses import parse_payload
from tests.training.courses.content import RUSSIAN, WORDS, ready_draft
from tests.training.courses.making import add_russian, errors, published, revised

PUBLIC = Viewer(member=False)


def test_a_translation_is_saved_finished_and_published(
    editor: Person, translator: Person, now: datetime
) -> None:
    course = published(editor, now)
    part = {name: text for name, text in RUSSIAN.items() if name != "aims"}
    saved = courses.save_translation(
        course_id=course.id, language="ru", version=0, words=part, provenance="human",
        by=translator, now=now, translated_by="Hub office",
    )  # fmt: skip
    assert saved.missing == ["aims"]
    with pytest.raises(InvalidRecord) as caught:
        courses.approve_translation(
            course_id=course.id, language="ru", version=1, by=translator, now=now
        )
    assert errors(caught) == {("aims", "missing")}
    with pytest.raises(CourseTranslationConflict):
        courses.save_translation(
            course_id=course.id, language="ru", version=0, words=RUSSIAN, provenance="human",
            by=translator, now=now,
        )  # fmt: skip
    courses.save_translation(
        course_id=course.id, language="ru", version=1, words=RUSSIAN, provenance="human",
        by=translator, now=now, translated_by="Hub office",
    )  # fmt: skip

    approved = courses.approve_translation(
        course_id=course.id, language="ru", version=2, by=translator, now=now
    )
    assert (approved.kind, approved.record_id) == ("course", course.id)
    form = parse_payload(approved.payload, "hub.chorsu.example")
    assert (form.revision, sorted(form.texts)) == (1, ["en", "ru"])
    text = queries.course(course.id, Viewer(member=False, languages=("ru",))).text
    assert (text.title, text.provenance, text.stale) == (RUSSIAN["title"], "human", False)
    # A cohort of this revision has the new language too.
    assert queries.taught(course.id, 1).text(["ru"]).language == "ru"
    states = {one.language: one for one in queries.language_states(course.id, PUBLIC)}
    assert (states["ru"].missing, states["ru"].fields) == ([], len(WORDS))
    assert (states["tk"].provenance, len(states["tk"].missing)) == ("", len(WORDS))


def test_a_revision_makes_translations_stale_but_for_those_of_the_running_one(
    editor: Person, now: datetime
) -> None:
    course = published(editor, now)
    add_russian(course, editor, now)

    revised(course, editor, now, title="Two windows")
    view = queries.course(course.id, Viewer(member=False, languages=("ru",)))
    assert (view.revision, view.text.revision, view.text.stale) == (2, 1, True)
    assert not queries.taught(course.id, 1).text(["ru"]).stale
    assert queries.taught(course.id, 2).text(["ru"]).stale


def test_what_was_for_the_network_is_not_told_to_all_by_its_translation(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    draft = courses.save_draft(
        draft_id=draft.id, version=draft.version, words=draft.words, facts=draft.facts,
        audience="network", by=editor, now=now,
    )  # fmt: skip
    course = courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)
    add_russian(course, editor, now)
    with pytest.raises(NoSuchCourse):
        queries.course(course.id, PUBLIC)

    draft = courses.revise(course_id=course.id, by=editor, now=now)
    draft = courses.save_draft(
        draft_id=draft.id, version=draft.version, words={**draft.words, "title": "For all"},
        facts=draft.facts, audience="public", by=editor, now=now,
    )  # fmt: skip
    form = courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)
    assert sorted(form.texts) == ["en"]
    closed = queries.history(course.id, PUBLIC)[1]
    assert (closed.is_closed, closed.is_here) == (True, False)
    # A cohort of the network goes on with it.
    assert sorted(queries.taught(course.id, 1).texts) == ["en", "ru"]
