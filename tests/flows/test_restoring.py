"""A node that lost entries of its log has them and their records back from its peers, or is told
why not; it never publishes a second history.
"""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions, blobs, keys, queries, restorations, witnesses
from chorsu.exchange.models import BlobUse, FeedEntry, Peer
from chorsu.flows import restoring
from chorsu.flows.indexing import index_some
from chorsu.flows.publishing import publish_draft
from chorsu.flows.pulling import pull
from chorsu.flows.restoring import NotRestored, Restored
from chorsu.flows.translating import approve_translation
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.models import AuditEvent, Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.practices import actions as practices
from chorsu.practices.models import Draft, Practice, PracticeFile, PracticeRevision, PracticeText
from chorsu.search.models import Document
from chorsu.wire.checkpoint import Checkpoint, sign_checkpoint
from tests.flows.copies import give_copy, set_back, state, with_file
from tests.flows.remote import publish as publish_there
from tests.flows.remote import withdraw as withdraw_there
from tests.memory_node import MemoryNode
from tests.practices.content import RUSSIAN, WORDS, ready_draft
from tests.web.library import publish


def restore() -> Restored:
    return restoring.restore(clock=utc_now, progress=lambda done, total: None)


def revise(practice_id: str, editor: Person, now: datetime, **changes: str) -> None:
    draft = practices.revise(practice_id=practice_id, by=editor, now=now)
    saved = practices.save_draft(
        draft_id=draft.id, version=draft.version, words={**WORDS, **changes}, facts=draft.facts,
        by=editor, now=now,
    )  # fmt: skip
    publish_draft(draft_id=draft.id, version=saved.version, by=editor, now=now)


def translate(practice_id: str, editor: Person, now: datetime) -> None:
    practices.save_translation(
        practice_id=practice_id, language="ru", version=0, words=RUSSIAN, provenance="human",
        translated_by="Office", by=editor, now=now,
    )  # fmt: skip
    approve_translation(practice_id=practice_id, language="ru", version=1, by=editor, now=now)


def a_busy_day(kept: str, editor: Person, now: datetime) -> None:
    """Everything that can enter a log: new, revised, translated, for the network, withdrawn."""
    revise(kept, editor, now, results="- waiting fell to one day")
    translate(kept, editor, now)
    first = with_file(editor, now, "A garden for each school")
    with_file(editor, now, "Ice roads", audience="network")
    withdraw_practice(practice_id=first, reason="Its figures were wrong.", by=editor, now=now)
    other = with_file(editor, now, "A bridge of boats")
    revise(other, editor, now, title="A bridge of boats, mended")
    withdraw_practice(practice_id=kept, reason="There is a better one.", by=editor, now=now)


def test_a_backup_from_before_a_busy_day_is_made_whole(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    kept = with_file(editor, now, "One window for all papers")
    with set_back():
        a_busy_day(kept, editor, now)
        before = state()
        give_copy(beijing)
    assert queries.feed_size() == 1

    pull(peer_name=beijing.name, now=now)
    assert witnesses.stopped()
    restored = restore()

    assert state() == before
    assert (restored.since, restored.size, restored.lost) == (1, 9, 0)
    assert not witnesses.stopped()
    assert not Draft.objects.exists(), "what was published is a draft no more"
    index_some(limit=10)
    live = Practice.objects.filter(withdrawn_at=None).values_list("id", flat=True)
    assert set(Document.objects.values_list("record_id", flat=True)) == set(live)
    publish(now)
    assert queries.feed_size() == 10


def test_an_empty_database_with_the_key_kept_is_made_whole(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        kept = with_file(editor, now, "One window for all papers")
        a_busy_day(kept, editor, now)
        before = state()
        give_copy(beijing)
    assert not Practice.objects.exists()

    restored = restore()

    assert state() == before
    assert (restored.since, restored.size) == (0, 9)
    assert blobs.read(PracticeFile.objects.all()[0].sha256) is not None
    events = AuditEvent.objects.filter(action__startswith="log.").order_by("id")
    assert list(events.values_list("action", flat=True)) == ["log.stopped", "log.restored"]


def test_a_long_log_comes_back_with_its_tiles(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        for _ in range(600):
            with transaction.atomic():
                actions.append(
                    kind="poem", record_id=new_id(), revision=1, action="publish",
                    audience="public", payload=b"{}", now=now,
                )  # fmt: skip
        before = state()
        give_copy(beijing)
    restore()
    assert state()["Tile"] == before["Tile"] != []
    assert state()["FeedEntry"] == before["FeedEntry"]


def test_a_translation_of_a_peers_practice_comes_back(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    there = new_id()
    publish_there(beijing, there)
    pull(peer_name=beijing.name, now=now)
    with set_back():
        practices.save_translation(
            practice_id=there, language="ru", version=0,
            words={"title": "Сход", "summary": "Раз в месяц."}, provenance="human",
            translated_by="Office", by=editor, now=now,
        )  # fmt: skip
        approve_translation(practice_id=there, language="ru", version=1, by=editor, now=now)
        before = state()
        give_copy(beijing)
    restore()
    assert state() == before


def test_a_translation_whose_practice_was_withdrawn_meanwhile_is_withdrawn_after_all(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    there = new_id()
    publish_there(beijing, there)
    pull(peer_name=beijing.name, now=now)
    practices.save_translation(
        practice_id=there, language="ru", version=0,
        words={"title": "Сход", "summary": "Раз в месяц."}, provenance="human",
        translated_by="Office", by=editor, now=now,
    )  # fmt: skip
    approve_translation(practice_id=there, language="ru", version=1, by=editor, now=now)
    with set_back():
        publish(now)
        give_copy(beijing)
    pull(peer_name=beijing.name, now=now)
    assert witnesses.stopped()
    withdraw_there(beijing, there)
    pull(peer_name=beijing.name, now=now)
    assert queries.feed_size() == 1

    restore()

    last = FeedEntry.objects.order_by("index").values_list("kind", "action")
    assert list(last) == [
        ("practice-text", "publish"), ("practice", "publish"), ("practice-text", "withdraw"),
    ]  # fmt: skip
    restore()
    assert queries.feed_size() == 3, "once is enough"


def test_a_restoring_killed_anywhere_goes_on_where_it_was(
    beijing: MemoryNode, editor: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = with_file(editor, now, "One window for all papers")
    with set_back():
        a_busy_day(kept, editor, now)
        before = state()
        give_copy(beijing)
    pull(peer_name=beijing.name, now=now)

    steps = 0
    while True:
        # Dies at one action further with each try.
        left = steps
        with monkeypatch.context() as patch:
            for name in ("put_back", "use_again", "note_lost", "lift_stop", "end_restoration"):
                whole = getattr(actions, name)

                def dying(*args: object, whole: object = whole, **given: object) -> object:
                    nonlocal left
                    if left == 0:
                        raise KeyboardInterrupt
                    left -= 1
                    return whole(*args, **given)  # type: ignore[operator]

                patch.setattr(actions, name, dying)
            try:
                restore()
            except KeyboardInterrupt:
                steps += 1
                lifted = not witnesses.stopped()
                assert not lifted or Practice.objects.count() == 4
                continue
        break
    assert steps >= 3
    assert state() == before
    assert not witnesses.stopped()


def test_what_no_peer_has_is_named_and_the_log_goes_on_until_it_comes_after_all(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        with_file(editor, now, "Ice roads")
        publish(now)
        before = state()
        copy = give_copy(beijing)
        words = FeedEntry.objects.get(index=1).blob
        file = PracticeFile.objects.get().sha256
    held = {sha256: copy.blobs.pop(sha256) for sha256 in (words, file)}

    assert restore().lost == 2
    assert [(one.index, one.is_file, one.reason) for one in restorations.lost()] == [
        (0, True, "peer-lacks"), (1, False, "peer-lacks"),
    ]  # fmt: skip
    assert Practice.objects.count() == 1
    assert not BlobUse.objects.filter(blob_id=file).exists()
    publish(now, new_id())
    assert queries.feed_size() == 3

    copy.blobs |= held
    assert restore().lost == 0
    assert blobs.read(file) == held[file]
    after = state()
    for model in ("PracticeFile", "PracticeRevision", "Practice", "PracticeText"):
        assert set(before[model]) <= set(after[model])


def test_a_peer_that_falls_silent_loses_nothing(
    beijing: MemoryNode, editor: Person, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with set_back():
        with_file(editor, now, "Ice roads")
        before = state()
        copy = give_copy(beijing)
    monkeypatch.setattr(restoring.Copy, "bring", lambda *args: "timeout")
    with pytest.raises(NotRestored, match="timeout"):
        restore()
    assert copy.blobs
    assert witnesses.stopped()
    assert restorations.count_lost() == 0
    monkeypatch.undo()
    restore()
    assert state() == before


def test_the_node_that_has_all_is_told_so(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    publish(now)
    give_copy(beijing)
    before = state()
    restored = restore()
    assert (restored.since, restored.size, restored.lost) == (1, 1, 0)
    assert state() == before


def test_without_peers_there_is_nothing_to_restore_from(db: None) -> None:
    with pytest.raises(NotRestored, match="no-copy"):
        restore()


def test_a_peer_set_aside_here_is_asked_all_the_same(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        publish(now)
        give_copy(beijing)
    Peer.objects.update(state=Peer.State.SET_ASIDE)
    assert restore().size == 1


def test_drafts_that_were_not_published_stay(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    kept = with_file(editor, now, "Ice roads")
    mine = ready_draft(editor, now, title="Not yet")
    open_draft = practices.revise(practice_id=kept, by=editor, now=now)
    with set_back():
        withdraw_practice(practice_id=kept, reason="Wrong.", by=editor, now=now)
        give_copy(beijing)
    restore()
    assert Draft.objects.filter(pk=mine.id).exists()
    carried = Draft.objects.get(earlier_id=open_draft.id)
    assert PracticeFile.objects.filter(practice_id=carried.pk, in_draft=True).exists()
    assert Practice.objects.get(pk=kept).withdrawal_reason == "Wrong."


def test_history_is_whole_with_the_words_of_each_revision(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        kept = with_file(editor, now, "Ice roads")
        revise(kept, editor, now, title="Ice roads, mended")
        give_copy(beijing)
    restore()
    rows = PracticeRevision.objects.filter(practice_id=kept).order_by("revision")
    assert [row.words["title"] for row in rows] == ["Ice roads", "Ice roads, mended"]
    assert PracticeText.objects.get().feed_index is None


def test_a_checkpoint_of_another_size_is_signed_by_nobody_but_this_node(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        publish(now)
        copy = give_copy(beijing)
    longer = Checkpoint(settings.NODE_NAME, 5, bytes(range(32)))
    copy.serve_checkpoint(sign_checkpoint(longer, keys.signing_key()))
    with pytest.raises(NotRestored, match="copy-incomplete"):
        restore()


def test_what_comes_after_all_does_not_overwrite_what_was_published_since(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    kept = with_file(editor, now, "Ice roads")
    with set_back():
        revise(kept, editor, now, title="Ice roads, mended")
        copy = give_copy(beijing)
        sha256 = FeedEntry.objects.get(index=1).blob
    held = copy.blobs.pop(sha256)
    restore()
    revise(kept, editor, now, title="Ice roads, mended again")
    copy.blobs[sha256] = held
    restore()
    assert restorations.count_lost() == 0
    assert PracticeText.objects.get(practice=kept).title == "Ice roads, mended again"
