"""What peers show of a lost log is not believed because they show it."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.conf import settings

from chorsu.exchange import queries, witnesses
from chorsu.exchange.models import Feed
from chorsu.flows import restoring
from chorsu.flows.restoring import NotRestored, Restored
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from tests.flows.copies import give_copy, set_back, state, with_file
from tests.flows.remote import publish as publish_there
from tests.memory_node import MemoryNode
from tests.web.library import publish


def restore() -> Restored:
    return restoring.restore(clock=utc_now, progress=lambda done, total: None)


def test_wrong_leaves_are_not_believed_and_another_peer_gives_the_true_ones(
    beijing: MemoryNode, astana: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        with_file(editor, now, "Ice roads")
        before = state()
        give_copy(astana).serve_entry_flipped()
        give_copy(beijing)
    restore()
    assert state() == before


def test_with_wrong_leaves_alone_nothing_is_put_back(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        publish(now)
        give_copy(beijing).serve_entry_flipped()
    with pytest.raises(NotRestored, match="copy-incomplete"):
        restore()
    assert queries.feed_size() == 0
    assert witnesses.stopped()


def test_a_wrong_blob_is_not_believed_and_another_peer_gives_the_true_one(
    beijing: MemoryNode, astana: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        with_file(editor, now, "Ice roads")
        before = state()
        give_copy(astana).serve_blob_flipped()
        give_copy(beijing)
    restore()
    assert state() == before


def test_two_peers_with_two_logs_of_this_key_are_shown_and_nothing_is_changed(
    beijing: MemoryNode, astana: MemoryNode, editor: Person, now: datetime
) -> None:
    for peer, count in ((beijing, 1), (astana, 2)):
        with set_back():
            for _ in range(count):
                publish(now, new_id())
            give_copy(peer)
    with pytest.raises(NotRestored, match="log-forked") as refused:
        restore()
    assert queries.feed_size() == 0
    assert not Feed.objects.filter(size__gt=0).exists()
    for peer in (beijing, astana):
        assert peer.name in refused.value.detail
    assert refused.value.detail.count(f"\u2014 {settings.NODE_NAME} ") == 2


def test_a_log_that_went_on_from_the_old_copy_is_not_mended_in_silence(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    publish(now)
    with set_back():
        publish(now, new_id())
        publish(now, new_id())
        give_copy(beijing)
    publish(now, new_id())
    with pytest.raises(NotRestored, match="log-forked"):
        restore()
    assert queries.feed_size() == 2


def test_a_strangers_log_of_this_name_is_no_copy(
    beijing: MemoryNode, editor: Person, now: datetime
) -> None:
    impostor = MemoryNode(settings.NODE_NAME)
    publish_there(impostor, new_id())
    beijing.keep_copy(impostor.honest_checkpoint_note(), impostor.leaves, impostor.blobs)
    with pytest.raises(NotRestored, match="no-copy"):
        restore()
    assert not witnesses.stopped()


def test_a_peer_that_promises_more_than_it_has_keeps_the_log_stopped(
    beijing: MemoryNode, astana: MemoryNode, editor: Person, now: datetime
) -> None:
    with set_back():
        publish(now)
        give_copy(astana)
        publish(now, new_id())
        give_copy(beijing).leaves.pop()
    with pytest.raises(NotRestored, match="copy-incomplete"):
        restore()
    assert queries.feed_size() == 1, "what another has and proves is here"
    assert witnesses.stopped()
