"""A course of one academy is read at another, revised, withdrawn. Named after what may go wrong."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

import pytest

from chorsu.exchange import blobs
from chorsu.exchange.models import BlobUse, FeedEntry
from chorsu.flows import teaching
from chorsu.flows.pulling import pull
from chorsu.institutions.models import Institution, Person
from chorsu.kernel.ids import new_id
from chorsu.language.models import TranslationRequest
from chorsu.records.fields import InvalidRecord
from chorsu.records.forms import PublishedFile, PublishedRevision, PublishedText, withdrawal_bytes
from chorsu.records.shapes import Arrival
from chorsu.records.viewer import Viewer
from chorsu.search.queries import search
from chorsu.search.rules import Filters
from chorsu.training.actions import courses
from chorsu.training.errors.courses import CourseWithdrawn, NoSuchCourse
from chorsu.training.models import Course
from chorsu.training.queries import courses as queries
from chorsu.training.rules.facts import clean_facts
from chorsu.training.rules.fields import clean_words
from chorsu.training.wire.courses import KIND, PublishedCourse, build_payload, parse_payload
from chorsu.wire.entry import Audience
from chorsu.wire.envelope import blob_hash
from tests.flows.remote import practice, reasons, states, take_in
from tests.memory_node import MemoryNode
from tests.training.courses.content import FACTS, RUSSIAN, WORDS, ready_draft

MEMBER = Viewer(member=True)
PUBLIC = Viewer(member=False)


def course(
    node: MemoryNode, record_id: str, *, revision: int = 1, **changes: str
) -> PublishedCourse:
    """A course as the node would publish it."""
    at = node.now().replace(microsecond=0)
    words = clean_words({**WORDS, **changes})
    texts = {
        "en": PublishedText("en", "original", revision, "", None, words),
        "ru": PublishedText("ru", "machine", 1, "Engine 1", None, clean_words(RUSSIAN)),
    }
    return PublishedCourse(
        id=record_id, revision=revision, origin=node.name, institution="cn-nag",
        audience="public", licence="CC-BY-4.0", original_language="en", published_at=at,
        updated_at=at, texts=texts, files=[],
        history=[PublishedRevision(number, at, "") for number in range(1, revision + 1)],
        facts=clean_facts(FACTS),
    )  # fmt: skip


def publish(node: MemoryNode, form: PublishedCourse) -> None:
    audience: Audience = "network" if form.audience == "network" else "public"
    node.publish(KIND, form.id, form.revision, form.to_bytes(), audience)


def withdraw(node: MemoryNode, record_id: str) -> None:
    last = next(entry for entry in reversed(node.entries()) if entry.id == record_id)
    data = withdrawal_bytes(kind=KIND, record_id=record_id, reason="A new law.")
    blob = node.add_blob(data, last.audience)
    entry = replace(last, action="withdraw", blob=blob, size=len(data), time=node.now())
    node.append_raw(entry.to_bytes())


def test_a_course_is_read_at_another_node_revised_and_withdrawn(
    beijing: MemoryNode, now: datetime
) -> None:
    record = new_id()
    publish(beijing, course(beijing, record))
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]
    view = queries.course(record, Viewer(member=False, languages=("ru",)))
    assert (view.origin, view.is_own, view.text.title) == (beijing.name, False, RUSSIAN["title"])
    assert (view.original.title, view.text.supplied_by) == (WORDS["title"], beijing.name)
    # Translators here are asked for the other six, readers here find it.
    wanted = TranslationRequest.objects.filter(kind=KIND, record_id=record)
    assert wanted.count() == 6
    hits = search("one window in a village", MEMBER, Filters(), kinds=[KIND], offset=0, limit=5)
    assert [hit.record_id for hit in hits.hits] == [record]

    publish(beijing, course(beijing, record, revision=2, title="Two windows"))
    pull(peer_name=beijing.name, now=now)
    assert queries.course(record, PUBLIC).text.title == "Two windows"
    first = queries.taught(record, 1)
    assert (first.original.title, first.newest) == (WORDS["title"], 2)

    withdraw(beijing, record)
    pull(peer_name=beijing.name, now=now)
    assert states(beijing)[-1] == "accepted"
    with pytest.raises(CourseWithdrawn) as caught:
        queries.course(record, PUBLIC)
    assert caught.value.reason == "A new law."
    with pytest.raises(NoSuchCourse):
        queries.taught(record, 1)
    assert wanted.count() == 0


def test_only_the_origin_changes_a_course(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    record = new_id()
    publish(beijing, course(beijing, record))
    pull(peer_name=beijing.name, now=now)
    publish(astana, course(astana, record, title="Stolen"))
    withdraw(astana, record)
    pull(peer_name=astana.name, now=now)

    assert reasons(astana) == ["not-the-origin", "not-the-origin"]
    assert queries.course(record, PUBLIC).text.title == WORDS["title"]


def test_a_node_does_not_teach_for_an_institution_of_another(
    astana: MemoryNode, now: datetime
) -> None:
    Institution.objects.create(
        id="cn-nag", kind="academy", country="CN", node="beijing.chorsu.example"
    )
    publish(astana, course(astana, new_id()))
    pull(peer_name=astana.name, now=now)

    assert (states(astana), reasons(astana)) == (["refused"], ["not-the-host"])


def test_a_blob_that_says_something_else_than_its_entry(beijing: MemoryNode, now: datetime) -> None:
    form = course(beijing, new_id())
    beijing.publish(KIND, form.id, 2, form.to_bytes())
    beijing.publish(KIND, new_id(), 1, {**build_payload(form), "learners": ["Somebody"]})
    pull(peer_name=beijing.name, now=now)

    assert reasons(beijing) == ["payload-entry-mismatch", "payload-malformed"]


def test_a_withdrawal_that_comes_before_its_course_is_not_undone(
    beijing: MemoryNode, now: datetime
) -> None:
    record = new_id()
    publish(beijing, course(beijing, record))
    withdraw(beijing, record)
    pull(peer_name=beijing.name, now=now)

    with pytest.raises(CourseWithdrawn):
        queries.course(record, MEMBER)


def test_a_file_of_an_earlier_revision_is_kept_for_those_who_learn_it(
    beijing: MemoryNode, now: datetime
) -> None:
    record, data = new_id(), b"a film"
    file = PublishedFile(beijing.add_blob(data), len(data), "video/mp4", "film.mp4", "")
    publish(beijing, replace(course(beijing, record), files=[file]))
    pull(peer_name=beijing.name, now=now)
    assert blobs.read(file.sha256) == data
    publish(beijing, course(beijing, record, revision=2, title="Without the film"))
    pull(peer_name=beijing.name, now=now)

    assert queries.course(record, PUBLIC).files == []
    assert [one.name for one in queries.taught(record, 1).files] == ["film.mp4"]
    used = BlobUse.objects.filter(record_id=uuid.UUID(record)).values_list("blob_id", flat=True)
    assert file.sha256 in used


def test_an_own_course_enters_the_feed_once_per_change(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    form = teaching.publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
    teaching.withdraw_course(course_id=form.id, reason="A new law.", by=editor, now=now)

    entries = FeedEntry.objects.order_by("index")
    assert list(entries.values_list("kind", "revision", "action")) == [
        (KIND, 1, "publish"),
        (KIND, 1, "withdraw"),
    ]
    payload = blobs.read(entries[0].blob)
    assert payload is not None
    assert parse_payload(payload, form.origin) == form


def test_no_person_enters_the_feed(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now, **{"units.visit.body": f"Ask {editor.name}."})
    with pytest.raises(InvalidRecord):
        teaching.publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
    assert FeedEntry.objects.count() == 0

    draft = ready_draft(editor, now)
    form = teaching.publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
    told = form.to_bytes().decode()
    assert editor.name not in told
    assert editor.email not in told


def test_teach_this_begins_a_course_that_shows_the_practice(
    editor: Person, beijing: MemoryNode, now: datetime
) -> None:
    shown = practice(beijing, new_id())
    take_in(beijing, shown, at=now, now=now)
    draft = teaching.teach_practice(
        practice_id=shown.id, institution_id="hub-astana", language="en", by=editor, now=now
    )
    [module] = draft.facts["modules"]
    assert [unit["practice"] for unit in module["units"]] == [shown.id]
    assert draft.facts["themes"] == ["digital-government"]
    assert draft.words["title"] == shown.original.words["title"]


def test_a_course_made_again_from_the_log_reads_as_before(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)
    form = teaching.publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
    before = queries.course(form.id, PUBLIC)
    Course.objects.all().delete()
    payload = form.to_bytes()
    arrival = Arrival(payload, form.id, 1, "public", 0, now, blob_hash(payload))
    courses.restore(arrival=arrival, origin=form.origin, now=now)

    assert replace(queries.course(form.id, PUBLIC), arrived_at=before.arrived_at) == before
    assert queries.taught(form.id, 1).original.words == form.original.words
