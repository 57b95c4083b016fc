"""Two people at the same moment, each with a connection of their own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier, Event
from time import sleep

import pytest
from django.db import connection

from chorsu.exchange import actions as exchange
from chorsu.exchange.models import Erasure, FeedEntry
from chorsu.flows import erasing
from chorsu.flows.erasing import Reason
from chorsu.flows.indexing import index_some
from chorsu.flows.publishing import publish_draft
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.models import Person
from chorsu.practices import actions, queries
from chorsu.practices.errors import DraftConflict, NoSuchDraft, PracticeWithdrawn
from chorsu.practices.models import Draft, Practice
from chorsu.search import actions as search
from chorsu.search.models import Passage
from chorsu.search.rules import DocumentToIndex
from tests.practices.content import WORDS, ready_draft

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act returned or raised; all begin together."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(10)
        try:
            return act()
        except (DraftConflict, NoSuchDraft, PracticeWithdrawn) as error:
            return type(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_two_who_save_at_once_one_is_told(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)

    def save(title: str) -> object:
        return actions.save_draft(
            draft_id=draft.id, version=2, words={**WORDS, "title": title}, facts=draft.facts,
            by=editor, now=now,
        ).words["title"]  # fmt: skip

    results = at_once(lambda: save("Mine"), lambda: save("Theirs"))
    assert results.count(DraftConflict) == 1
    assert queries.draft(draft.id, editor).words["title"] in results


def test_a_draft_is_published_once(editor: Person, now: datetime) -> None:
    draft = ready_draft(editor, now)

    def publish() -> object:
        return publish_draft(draft_id=draft.id, version=2, by=editor, now=now)

    results = at_once(publish, publish, publish)
    assert results.count(NoSuchDraft) == 2
    assert FeedEntry.objects.count() == 1


def test_publishing_and_withdrawing_at_once_end_in_one_of_their_orders(
    editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    copy = actions.revise(practice_id=draft.id, by=editor, now=now)
    actions.save_draft(
        draft_id=copy.id, version=1, words={**copy.words, "title": "New"}, facts=copy.facts,
        by=editor, now=now,
    )  # fmt: skip
    at_once(
        lambda: publish_draft(draft_id=draft.id, version=2, by=editor, now=now),
        lambda: withdraw_practice(practice_id=draft.id, reason="x", by=editor, now=now),
    )
    assert Practice.objects.get().withdrawn_at is not None
    # Published first, it is no draft any more; withdrawn first, it is one of a new practice.
    assert draft.id not in {str(pk) for pk in Draft.objects.values_list("pk", flat=True)}
    newest = FeedEntry.objects.order_by("-index").values_list("action", flat=True)[0]
    assert newest == "withdraw"


def test_erasing_waits_for_who_publishes_the_same_practice(
    editor: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = ready_draft(editor, now)
    publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    first = FeedEntry.objects.get().blob
    copy = actions.revise(practice_id=draft.id, by=editor, now=now)
    changed = actions.save_draft(
        draft_id=copy.id, version=1, words={**copy.words, "title": "New"}, facts=copy.facts,
        by=editor, now=now,
    )  # fmt: skip
    publish_draft(draft_id=draft.id, version=changed.version, by=editor, now=now)
    held, honest = Event(), exchange.append

    def slowly(**named: object) -> int:
        held.set()
        sleep(0.5)
        return honest(**named)  # type: ignore[arg-type]

    monkeypatch.setattr(exchange, "append", slowly)

    def erase() -> object:
        held.wait(10)
        reason = Reason("rights", "Not ours to publish.", "en")
        return erasing.erase(
            record_id=uuid.UUID(draft.id), blob=first, reason=reason, by=None, now=now
        )

    at_once(lambda: withdraw_practice(practice_id=draft.id, reason="x", by=editor, now=now), erase)
    assert FeedEntry.objects.count() == 3
    assert Erasure.objects.get().blob == first


def test_a_worker_never_indexes_older_words_after_newer(
    editor: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = ready_draft(editor, now)
    published = publish_draft(draft_id=draft.id, version=2, by=editor, now=now)
    begun, take_in = Event(), search.index

    def slowly(document: DocumentToIndex) -> int:
        if document.texts[0].title == WORDS["title"]:
            begun.set()
            sleep(0.5)
        return take_in(document)

    def revise() -> None:
        begun.wait(10)
        again = actions.revise(practice_id=published.id, by=editor, now=now)
        saved = actions.save_draft(
            draft_id=again.id, version=again.version, words={**WORDS, "title": "Newer"},
            facts=again.facts, by=editor, now=now,
        )  # fmt: skip
        publish_draft(draft_id=again.id, version=saved.version, by=editor, now=now)

    monkeypatch.setattr(search, "index", slowly)
    at_once(lambda: index_some(limit=1), revise)
    titles = Passage.objects.filter(position=0, field="title").values_list("text", flat=True)
    assert list(titles) == ["Newer"]
