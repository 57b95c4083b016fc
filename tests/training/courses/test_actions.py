"""Courses from a draft to a revision: who may, what is kept, what a cohort goes on reading."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.conf import settings

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.records.content import ReadyRecord
from chorsu.records.fields import InvalidRecord
from chorsu.records.forms import PublishedText
from chorsu.records.shapes import FileView
from chorsu.records.viewer import Viewer
from chorsu.training.actions import courses
from chorsu.training.errors.courses import (
    CourseDraftConflict,
    CourseWithdrawn,
    NoSuchCourse,
    NoSuchCourseDraft,
)
from chorsu.training.queries import courses as queries
from chorsu.training.rules.fields import clean_words
from chorsu.training.shapes.courses import CourseFilters
from chorsu.training.wire.courses import parse_payload
from tests.training.courses.content import FACTS, RUSSIAN, WORDS, ready_draft
from tests.training.courses.making import add_russian, errors, published, revised

PUBLIC = Viewer(member=False)
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
    b"\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99="
    b"\x1d\x00\x00\x00\x00IEND\xaeB`\x82"
)


def test_a_contributor_writes_and_an_editor_publishes(
    contributor: Person, editor: Person, now: datetime
) -> None:
    draft = ready_draft(contributor, now)
    with pytest.raises(NotAllowed):
        courses.publish(draft_id=draft.id, version=draft.version, by=contributor, now=now)

    course = courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)
    assert parse_payload(course.to_bytes(), settings.NODE_NAME) == course
    view = queries.course(course.id, PUBLIC)
    assert (view.revision, view.text.title) == (1, "One window in a village")
    assert queries.drafts_for(editor) == []
    events = AuditEvent.objects.filter(subject_id=course.id).order_by("id")
    assert list(events.values_list("action", flat=True)) == [
        "course-draft.begun",
        "course.published",
    ]


def test_a_reader_writes_nothing(reader: Person, editor: Person, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        courses.begin_draft(by=reader, institution_id="hub-astana", language="en", now=now)
    with pytest.raises(NotAllowed):
        queries.draft(ready_draft(editor, now).id, reader)


def test_of_two_who_save_the_second_loses_nothing(
    contributor: Person, editor: Person, now: datetime
) -> None:
    draft = ready_draft(contributor, now)
    words = {**draft.words, "title": "Theirs"}
    courses.save_draft(
        draft_id=draft.id, version=draft.version, words=words, facts=draft.facts, by=editor, now=now
    )
    with pytest.raises(CourseDraftConflict) as caught:
        courses.save_draft(
            draft_id=draft.id,
            version=draft.version,
            words={**draft.words, "title": "Mine"},
            facts=draft.facts,
            by=contributor,
            now=now,
        )

    assert caught.value.current.words["title"] == "Theirs"
    assert queries.draft(draft.id, editor).words["title"] == "Theirs"
    back = courses.restore_version(
        draft_id=draft.id, version=draft.version + 1, restored=draft.version, by=editor, now=now
    )
    assert back.words == draft.words


def test_saving_what_is_there_makes_no_version(contributor: Person, now: datetime) -> None:
    draft = ready_draft(contributor, now)

    again = courses.save_draft(
        draft_id=draft.id,
        version=draft.version,
        words=draft.words,
        facts=draft.facts,
        by=contributor,
        now=now + timedelta(minutes=1),
    )
    assert again == draft


def test_what_is_wrong_is_told_at_once_and_changes_nothing(
    contributor: Person, now: datetime
) -> None:
    draft = ready_draft(contributor, now)
    with pytest.raises(InvalidRecord) as caught:
        courses.save_draft(
            draft_id=draft.id,
            version=draft.version,
            words={"title": "x" * 201},
            facts={**FACTS, "valid_months": -1},
            by=contributor,
            now=now,
            licence="none",
        )

    assert errors(caught) == {
        ("title", "too_long"),
        ("valid_months", "not_a_number"),
        ("licence", "unknown"),
    }
    assert queries.draft(draft.id, contributor) == draft


def test_an_unready_draft_is_not_published(editor: Person, now: datetime) -> None:
    draft = courses.begin_draft(by=editor, institution_id="hub-astana", language="en", now=now)
    with pytest.raises(InvalidRecord) as caught:
        courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)

    assert ("title", "missing") in errors(caught)
    assert ("modules", "missing") in errors(caught)


def test_a_person_does_not_show_in_a_course(
    contributor: Person, editor: Person, now: datetime
) -> None:
    draft = ready_draft(
        contributor,
        now,
        **{"units.visit.body": f"Ask {contributor.name}.", "aims": f"Write to {editor.email}."},
    )
    with pytest.raises(InvalidRecord) as caught:
        courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)

    assert errors(caught) == {("units.visit.body", "personal_name"), ("aims", "personal_email")}


def test_a_running_revision_never_changes(editor: Person, now: datetime) -> None:
    course = published(editor, now)
    before = queries.taught(course.id, 1)

    later = now + timedelta(days=1)
    body = {"units.visit.body": "Now they go to one."}
    assert revised(course, editor, later, **body) == 2
    after = queries.taught(course.id, 1)
    assert (after.texts, after.facts, after.newest) == (before.texts, before.facts, 2)
    assert after.text(["tk"]).words["units.visit.body"] == WORDS["units.visit.body"]
    assert (
        queries.taught(course.id, 2).original.words["units.visit.body"] == body["units.visit.body"]
    )
    assert [line.revision for line in queries.history(course.id, PUBLIC)] == [2, 1]
    with pytest.raises(NoSuchCourse):
        queries.taught(course.id, 3)


def test_publishing_what_is_published_is_refused(editor: Person, now: datetime) -> None:
    course = published(editor, now)
    draft = courses.revise(course_id=course.id, by=editor, now=now)
    with pytest.raises(InvalidRecord) as caught:
        courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)

    assert errors(caught) == {("", "unchanged")}


def test_a_fork_of_what_is_for_the_network_begins_for_the_network(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    draft = courses.save_draft(
        draft_id=draft.id, version=draft.version, words=draft.words, facts=draft.facts,
        audience="network", by=editor, now=now,
    )  # fmt: skip
    course = courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)

    forked = courses.fork(
        course_id=course.id, institution_id="hub-astana", language="en", by=editor, now=now
    )
    assert forked.audience == "network"


def test_a_fork_says_where_it_comes_from_and_keeps_saying_so(editor: Person, now: datetime) -> None:
    course = published(editor, now)
    draft = courses.fork(
        course_id=course.id, institution_id="hub-astana", language="en", by=editor, now=now
    )
    source = {"course": course.id, "revision": 1, "origin": settings.NODE_NAME}
    assert (draft.facts["forked_from"], draft.words) == (source, course.original.words)
    assert draft.id != course.id

    saved = courses.save_draft(
        draft_id=draft.id, version=draft.version, words=draft.words,
        facts={**draft.facts, "forked_from": None}, by=editor, now=now,
    )  # fmt: skip
    assert saved.facts["forked_from"] == source
    with pytest.raises(NoSuchCourse):
        courses.fork(
            course_id=course.id, institution_id="hub-astana", language="tk", by=editor, now=now
        )


def test_a_withdrawn_course_is_taught_no_more_and_its_draft_goes_on(
    editor: Person, now: datetime
) -> None:
    course = published(editor, now)
    courses.revise(course_id=course.id, by=editor, now=now)
    courses.withdraw(course_id=course.id, reason="A mistake in the law.", by=editor, now=now)

    with pytest.raises(CourseWithdrawn) as caught:
        queries.course(course.id, PUBLIC)
    assert caught.value.reason == "A mistake in the law."
    with pytest.raises(CourseWithdrawn):
        queries.taught(course.id, 1)
    [line] = queries.drafts_for(editor)
    assert (line.title, line.based_on, line.id != course.id) == (WORDS["title"], 0, True)


def test_files_go_along_and_stay_for_the_revision_that_had_them(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    file = courses.add_file(
        draft_id=draft.id, upload=BytesIO(PNG), name="map.png", language="", by=editor, now=now
    )
    with pytest.raises(InvalidRecord) as caught:
        courses.add_file(
            draft_id=draft.id, upload=BytesIO(PNG), name="b.png", language="", by=editor, now=now
        )
    assert errors(caught) == {("file", "file_twice")}
    course = courses.publish(draft_id=draft.id, version=draft.version, by=editor, now=now)
    assert [one.name for one in course.files] == ["map.png"]

    again = courses.revise(course_id=course.id, by=editor, now=now)
    assert again.files == [file]
    courses.remove_file(draft_id=again.id, sha256=file.sha256, by=editor, now=now)
    courses.publish(draft_id=again.id, version=again.version, by=editor, now=now)
    assert queries.course(course.id, PUBLIC).files == []
    assert queries.taught(course.id, 1).files == [file]
    assert courses.hashes_needed(course.id) == [file.sha256]


def test_captions_that_name_a_person_are_not_taken(
    editor: Person, contributor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    spoken = "WEBVTT\n\n00:01.000 --> 00:02.000\n{}\n"

    def add(words: str) -> FileView:
        return courses.add_file(
            draft_id=draft.id, upload=BytesIO(spoken.format(words).encode()), name="a.vtt",
            language="en", by=editor, now=now,
        )  # fmt: skip

    with pytest.raises(InvalidRecord) as caught:
        add(f"Thanks to {contributor.name}")
    assert errors(caught) == {("file", "personal_name")}
    assert add("Thanks to all").media_type == "text/vtt"


def test_a_discarded_draft_is_gone_and_what_is_published_stays(
    editor: Person, contributor: Person, now: datetime
) -> None:
    course = published(editor, now)
    draft = courses.revise(course_id=course.id, by=editor, now=now)
    with pytest.raises(NotAllowed):
        courses.discard_draft(draft_id=draft.id, version=draft.version, by=contributor, now=now)
    courses.discard_draft(draft_id=draft.id, version=draft.version, by=editor, now=now)

    with pytest.raises(NoSuchCourseDraft):
        queries.draft(draft.id, editor)
    assert queries.course(course.id, PUBLIC).revision == 1


def test_a_ready_course_is_published_once(academy: Institution, now: datetime) -> None:
    ready = ReadyRecord(
        id="019349fb-2d10-7a44-8c1e-5b7d90a3e621",
        institution_id="hub-astana",
        language="en",
        audience="public",
        licence="CC-BY-4.0",
        words=WORDS,
        facts=FACTS,
        texts=[PublishedText("ru", "machine", 1, "", None, clean_words(RUSSIAN))],
    )
    first = courses.publish_ready(ready=ready, now=now)
    assert first is not None
    assert sorted(first.texts) == ["en", "ru"]
    assert courses.publish_ready(ready=ready, now=now + timedelta(hours=1)) is None


def test_lists_are_narrowed_and_counted_in_few_queries(
    editor: Person, now: datetime, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    course = published(editor, now)
    for hours in (1, 2):
        published(editor, now + timedelta(hours=hours), title=f"Course {hours}")
    add_russian(course, editor, now)

    with django_assert_num_queries(2):
        page = queries.courses(PUBLIC, limit=2)
    assert [card.title for card in page.items] == ["Course 2", "Course 1"]
    rest = queries.courses(PUBLIC, after=page.next_cursor, limit=2)
    assert [(card.title, card.hours) for card in rest.items] == [(WORDS["title"], 12)]
    narrowed = {
        CourseFilters(theme="service-delivery"): 3,
        CourseFilters(theme="integrity"): 0,
        CourseFilters(language="ru"): 1,
        CourseFilters(institution="hub-astana", hours_from=12, hours_to=12): 3,
        CourseFilters(hours_from=13): 0,
        CourseFilters(competence="one-window"): 3,
        CourseFilters(competence="law"): 0,
        CourseFilters(position="middle"): 3,
        CourseFilters(position="local"): 0,
    }
    found = {filters: len(queries.courses(PUBLIC, filters).items) for filters in narrowed}
    assert found == narrowed
    with django_assert_num_queries(1):
        counts = queries.counts(PUBLIC)
    assert (counts.total, counts.language, counts.theme) == (
        3,
        {"en": 3, "ru": 1},
        {"service-delivery": 3},
    )
