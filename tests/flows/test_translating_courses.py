"""Three nodes and one course: one teaches it, another translates it, this one reads and answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from chorsu.exchange import blobs
from chorsu.exchange.actions import stop_log
from chorsu.exchange.models import FeedEntry
from chorsu.exchange.queries import Access, blob_access
from chorsu.flows import teaching
from chorsu.flows.pulling import pull
from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.language.models import TranslationRequest
from chorsu.records.forms import PublishedText, PublishedTranslation, withdrawal_bytes
from chorsu.records.reading import parse_withdrawal
from chorsu.records.viewer import Viewer
from chorsu.search.queries import search
from chorsu.search.rules import Filters
from chorsu.training.actions import courses
from chorsu.training.models import CourseText
from chorsu.training.queries import courses as queries
from chorsu.training.rules.fields import clean_words
from chorsu.training.wire.courses import KIND, TEXT_KIND, PublishedCourse, parse_text_payload
from chorsu.wire.entry import Audience, Entry
from tests.flows.remote import reasons, states
from tests.flows.test_teaching import course, publish, withdraw
from tests.memory_node import MemoryNode
from tests.training.courses.content import RUSSIAN, WORDS, ready_draft

READER = Viewer(member=False, languages=("ru",))
MEMBER = Viewer(member=True)


def english(node: MemoryNode, record: str, **changes: object) -> PublishedCourse:
    """A course in English alone."""
    form = course(node, record)
    form = replace(form, texts={"en": form.texts["en"]})
    return replace(form, **changes)  # type: ignore[arg-type]


def translate(
    node: MemoryNode,
    record: str,
    origin: str,
    *,
    own: str = "",
    number: int = 1,
    revision: int = 1,
    audience: Audience = "public",
    **words: str,
) -> Entry:
    """A translation into Russian, in the log of the node that made it."""
    told = clean_words({**RUSSIAN, **words})
    text = PublishedText("ru", "human", revision, "Academy", None, told)
    form = PublishedTranslation("course", own or new_id(), record, origin, text)
    return node.publish(TEXT_KIND, form.id, number, form.to_bytes(), audience)


def take_back(node: MemoryNode, entry: Entry) -> None:
    """Withdraw a translation in the log of who made it."""
    data = withdrawal_bytes(kind=TEXT_KIND, record_id=entry.id, reason="")
    blob = node.add_blob(data, entry.audience)
    gone = replace(entry, action="withdraw", blob=blob, size=len(data), time=node.now())
    node.append_raw(gone.to_bytes())


def russian_here(record: str, by: Person, now: datetime, **words: str) -> None:
    version = queries.translation(record, "ru", by).version
    courses.save_translation(
        course_id=record, language="ru", version=version, words={**RUSSIAN, **words},
        provenance="human", by=by, now=now,
    )  # fmt: skip
    teaching.approve_course_translation(
        course_id=record, language="ru", version=version + 1, by=by, now=now
    )


def found(asked: str) -> list[str]:
    hits = search(asked, MEMBER, Filters(), kinds=[KIND], offset=0, limit=5)
    return [hit.record_id for hit in hits.hits]


def test_a_third_node_translates_a_course_and_takes_it_back(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    record = new_id()
    entry = translate(astana, record, beijing.name)
    pull(peer_name=astana.name, now=now)
    assert states(astana) == ["accepted"]
    assert blob_access(entry.blob or "") == Access.FORBIDDEN, "of what is not here yet"

    publish(beijing, english(beijing, record))
    pull(peer_name=beijing.name, now=now)
    text = queries.course(record, READER).text
    assert (text.title, text.supplied_by) == (RUSSIAN["title"], astana.name)
    assert blob_access(entry.blob or "") == Access.ALLOWED
    wanted = TranslationRequest.objects.filter(kind=KIND, record_id=record)
    assert "ru" not in wanted.values_list("language", flat=True)
    assert found("одно окно в селе") == [record]

    take_back(astana, entry)
    pull(peer_name=astana.name, now=now)
    assert queries.course(record, READER).text.language == "en"
    assert wanted.filter(language="ru").exists()


def test_a_withdrawn_course_takes_a_third_nodes_translation_along(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    record = new_id()
    publish(beijing, english(beijing, record))
    entry = translate(astana, record, beijing.name)
    for node in (beijing, astana):
        pull(peer_name=node.name, now=now)
    withdraw(beijing, record)
    pull(peer_name=beijing.name, now=now)
    assert not CourseText.objects.exists()
    assert blob_access(entry.blob or "") == Access.MISSING
    late = translate(astana, record, beijing.name, own=entry.id, number=2)
    take_back(astana, late)
    pull(peer_name=astana.name, now=now)
    assert states(astana) == ["accepted", "superseded", "superseded"]
    assert blob_access(late.blob or "") != Access.ALLOWED


def test_nobody_translates_a_course_in_anothers_name(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    record = new_id()
    publish(beijing, english(beijing, record))
    own = translate(beijing, record, beijing.name)
    translate(astana, record, astana.name)
    stolen = translate(astana, record, beijing.name, own=record)
    for node in (beijing, astana):
        pull(peer_name=node.name, now=now)
    assert reasons(beijing) == ["", "payload-entry-mismatch"]
    assert reasons(astana) == ["payload-entry-mismatch", "not-the-origin"]
    assert {own.kind, stolen.kind} == {TEXT_KIND}
    assert sorted(queries.course(record, MEMBER).text.words) == sorted(WORDS)


def test_our_translation_goes_out_and_is_withdrawn_with_the_course(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    record = new_id()
    publish(beijing, english(beijing, record))
    pull(peer_name=beijing.name, now=now)
    russian_here(record, editor, now)
    [ours] = FeedEntry.objects.all()
    assert (ours.kind, ours.action, ours.audience) == (TEXT_KIND, "publish", "public")
    told = parse_text_payload(blobs.read(ours.blob) or b"")
    assert (told.record, told.origin, told.id) == (record, beijing.name, str(ours.record_id))
    assert blob_access(ours.blob) == Access.ALLOWED
    assert queries.course(record, READER).text.supplied_by == "hub.chorsu.example"
    assert found("одно окно в селе") == [record]

    withdraw(beijing, record)
    pull(peer_name=beijing.name, now=now)
    first, second = FeedEntry.objects.order_by("index")
    assert (second.kind, second.record_id, second.action) == (
        TEXT_KIND, first.record_id, "withdraw",
    )  # fmt: skip
    assert blob_access(first.blob) == Access.GONE
    reason = parse_withdrawal(blobs.read(second.blob) or b"", TEXT_KIND, str(first.record_id))
    assert reason == "A new law."
    assert found("одно окно в селе") == []


def test_our_translation_is_told_again_to_the_readers_that_the_course_has(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    record = new_id()
    publish(beijing, english(beijing, record))
    pull(peer_name=beijing.name, now=now)
    russian_here(record, editor, now)
    publish(beijing, english(beijing, record, audience="network"))
    pull(peer_name=beijing.name, now=now)
    first, second = FeedEntry.objects.order_by("index")
    assert (second.kind, second.revision, second.audience) == (TEXT_KIND, 2, "network")
    assert blob_access(first.blob) == Access.FORBIDDEN


def test_what_a_stopped_log_could_not_say_is_concealed(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    record = new_id()
    publish(beijing, english(beijing, record))
    pull(peer_name=beijing.name, now=now)
    russian_here(record, editor, now)
    [ours] = FeedEntry.objects.all()
    stop_log(note=b"evidence")
    withdraw(beijing, record)
    pull(peer_name=beijing.name, now=now)
    assert blob_access(ours.blob) == Access.GONE
    assert FeedEntry.objects.count() == 1, "nothing is appended"


def test_a_peers_translation_of_our_course_goes_when_we_withdraw(
    astana: MemoryNode, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    own = teaching.publish_course(draft_id=draft.id, version=draft.version, by=editor, now=now)
    entry = translate(astana, own.id, "hub.chorsu.example")
    pull(peer_name=astana.name, now=now)
    assert blob_access(entry.blob or "") == Access.ALLOWED
    assert queries.course(own.id, READER).text.supplied_by == astana.name
    teaching.withdraw_course(course_id=own.id, reason="A mistake.", by=editor, now=now)
    assert blob_access(entry.blob or "") == Access.MISSING


@pytest.mark.parametrize("asked", ["network", "public"])
def test_a_translation_has_no_more_readers_than_its_course(
    beijing: MemoryNode, astana: MemoryNode, now: datetime, asked: Audience
) -> None:
    record = new_id()
    publish(beijing, english(beijing, record, audience="network"))
    entry = translate(astana, record, beijing.name, audience=asked)
    for node in (beijing, astana):
        pull(peer_name=node.name, now=now)
    assert blob_access(entry.blob or "") == Access.FORBIDDEN
    assert queries.course(record, Viewer(member=True, languages=("ru",))).text.language == "ru"
