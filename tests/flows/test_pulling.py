"""Contents and files come whole or wait, and hold up nothing. Named after what goes wrong."""

from __future__ import annotations

import itertools
import os
import time
import uuid
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from chorsu.config.node import read_settings
from chorsu.exchange import actions, blobs, queries
from chorsu.exchange.locks import lock_number
from chorsu.exchange.models import BlobUse, WantedBlob
from chorsu.flows import pulling
from chorsu.flows.peering import PULL_JOB
from chorsu.flows.pulling import pull
from chorsu.kernel.ids import new_id
from chorsu.practices.models import Practice, PracticeText
from chorsu.practices.wire import PublishedFile
from chorsu.wire.envelope import blob_hash
from tests.flows.remote import make_peer, publish, reasons, states
from tests.memory_node import MemoryNode


def titles() -> list[str]:
    return sorted(PracticeText.objects.values_list("title", flat=True))


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        ("serve_blob_flipped", "blob-hash"),
        ("serve_blob_cut", "blob-size"),
        ("serve_blob_endless", "answer-too-large"),
    ],
)
def test_blob_damaged(beijing: MemoryNode, now: datetime, attack: str, code: str) -> None:
    publish(beijing, new_id())
    getattr(beijing, attack)()
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), reasons(beijing)) == (["stored"], [code])
    assert Practice.objects.count() == 0
    beijing.behave()
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["stored"], "it waits for its next try"
    pull(peer_name=beijing.name, now=now + timedelta(seconds=11))
    assert (states(beijing), reasons(beijing)) == (["accepted"], [""])


def test_a_missing_blob_holds_up_no_other_record(beijing: MemoryNode, now: datetime) -> None:
    lost = publish(beijing, new_id(), title="一")
    publish(beijing, new_id(), title="二")
    beijing.erase_blob(lost.blob or "")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["stored", "accepted"]
    assert reasons(beijing) == ["peer-erased", ""]
    assert not queries.peer(beijing.name).in_sync


def test_an_erased_blob_of_an_earlier_revision_is_not_missed(
    beijing: MemoryNode, now: datetime
) -> None:
    record = new_id()
    first = publish(beijing, record, title="一")
    publish(beijing, record, revision=2, title="二")
    beijing.erase_blob(first.blob or "")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["superseded", "accepted"]
    assert titles() == ["二"]


def test_for_the_network_is_asked_for_with_a_signature(beijing: MemoryNode, now: datetime) -> None:
    entry = publish(beijing, new_id(), audience="network")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]
    blob = entry.blob or ""
    assert queries.blob_access(blob) == queries.Access.FORBIDDEN
    assert queries.blob_access(blob, member=True) == queries.Access.ALLOWED
    # Beijing gave it to this node, not to this node's other peers.
    assert queries.blob_access(blob, peer="astana.chorsu.example") == queries.Access.FORBIDDEN


def test_for_the_network_waits_until_the_peer_confirms(beijing: MemoryNode, now: datetime) -> None:
    beijing.peers.clear()
    publish(beijing, new_id(), audience="network")
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), reasons(beijing)) == (["stored"], ["peer-forbids"])


def picture(beijing: MemoryNode, data: bytes) -> PublishedFile:
    return PublishedFile(beijing.add_blob(data), len(data), "image/png", "map.png", "")


def test_files_follow_their_record(beijing: MemoryNode, now: datetime) -> None:
    file = picture(beijing, b"a picture")
    record = new_id()
    publish(beijing, record, files=(file,))
    pull(peer_name=beijing.name, now=now)
    assert blobs.read(file.sha256) == b"a picture"
    assert WantedBlob.objects.count() == 0
    assert BlobUse.objects.filter(record_id=uuid.UUID(record)).count() == 2


def test_a_file_that_is_gone_delays_no_words(beijing: MemoryNode, now: datetime) -> None:
    file = picture(beijing, b"a lost picture")
    beijing.erase_blob(file.sha256)
    publish(beijing, new_id(), files=(file,))
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]
    wanted = WantedBlob.objects.get()
    assert (wanted.trouble, wanted.tries) == ("peer-erased", 1)


def test_a_file_larger_than_this_node_takes(beijing: MemoryNode, now: datetime) -> None:
    file = PublishedFile(blob_hash(b"?"), 10**12, "application/pdf", "all.pdf", "")
    publish(beijing, new_id(), files=(file,))
    pull(peer_name=beijing.name, now=now)
    assert WantedBlob.objects.get().trouble == "answer-too-large"


def test_a_cut_download_is_taken_up_where_it_was(beijing: MemoryNode, now: datetime) -> None:
    file = picture(beijing, b"first half, second half")
    blobs.partial_path(file.sha256).write_bytes(b"first half")
    publish(beijing, new_id(), files=(file,))
    pull(peer_name=beijing.name, now=now)
    assert blobs.read(file.sha256) == b"first half, second half"


def test_two_workers_do_not_read_one_peer_at_once(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    number = lock_number(f"pull {beijing.name}")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])
            pull(peer_name=beijing.name, now=now)
            assert beijing.requests == []
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
    finally:
        other.close()
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]


def test_after_a_ping_during_a_look_the_log_is_read_again_before_the_rest_of_the_look(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    moments = iter(now + timedelta(seconds=seconds) for seconds in (0, 2, 3, 4))

    def clock() -> datetime:
        moment = next(moments)
        if moment == now:
            actions.want_look(name=beijing.name, now=now + timedelta(seconds=1))
        return moment

    pulling.pull_until_quiet(peer_name=beijing.name, clock=clock)
    asked = [path for _, path in beijing.requests]
    assert asked.count("/exchange/checkpoint") == 2
    rest = next(n for n, path in enumerate(asked) if path.startswith("/exchange/witness/"))
    assert "/exchange/checkpoint" not in asked[rest:]


def test_pings_without_end_do_not_keep_a_look_from_its_end(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    moments = itertools.count(1)

    def clock() -> datetime:
        moment = now + timedelta(seconds=next(moments))
        actions.want_look(name=beijing.name, now=moment)
        return moment

    pull(peer_name=beijing.name, now=now, clock=clock)
    asked = [path for _, path in beijing.requests]
    assert asked.count("/exchange/checkpoint") == pulling.LOOKS_TOGETHER
    assert any(path.startswith("/exchange/witness/") for path in asked)


def test_pings_without_end_do_not_keep_a_worker(beijing: MemoryNode, now: datetime) -> None:
    moments = itertools.count(1)

    def clock() -> datetime:
        moment = now + timedelta(seconds=next(moments))
        actions.want_look(name=beijing.name, now=moment)
        return moment

    def jobs() -> int:
        waiting = ProcrastinateJob.objects.filter(task_name=PULL_JOB, status="todo")
        return waiting.filter(args={"peer_name": beijing.name}).count()

    pulling.pull_until_quiet(peer_name=beijing.name, clock=clock)
    looks = [path for _, path in beijing.requests if path == "/exchange/checkpoint"]
    assert len(looks) == pulling.LOOKS_TOGETHER * pulling.PULLS_TOGETHER
    assert jobs() == 1


def test_a_wish_noted_by_a_clock_ahead_is_not_wanted_without_end(
    beijing: MemoryNode, now: datetime
) -> None:
    actions.want_look(name=beijing.name, now=now + timedelta(days=365))
    moments = iter(now + timedelta(seconds=seconds) for seconds in (0, 2, 3))
    pulling.pull_until_quiet(peer_name=beijing.name, clock=lambda: next(moments))
    looks = [path for _, path in beijing.requests if path == "/exchange/checkpoint"]
    assert len(looks) == 1


def test_pauses_begun_by_a_clock_ahead_end_when_it_is_set_right(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    beijing.serve_blob_flipped()
    pull(peer_name=beijing.name, now=now + timedelta(days=365))
    assert (states(beijing), reasons(beijing)) == (["stored"], ["blob-hash"])
    minute_ago = now - timedelta(minutes=1)
    assert queries.peers_to_look_at(minute_ago, now) == [beijing.name]
    beijing.behave()
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]
    assert queries.peers_to_look_at(minute_ago, now) == []


def test_re_adding_a_forgotten_peer_brings_nothing_twice(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    actions.forget_peer(name=beijing.name)
    make_peer(beijing, now)
    pull(peer_name=beijing.name, now=now)
    assert Practice.objects.count() == 1
    assert states(beijing) == ["superseded"]


def test_small_files_come_before_large_ones(
    beijing: MemoryNode, now: datetime, settings: LazySettings
) -> None:
    settings.NODE = read_settings(
        {"CHORSU_EXCHANGE_PRIVATE_PEERS": "true", "CHORSU_EXCHANGE_DOWNLOADS_AT_ONCE": "1"}
    )
    large, small = picture(beijing, b"a film" * 50_000), picture(beijing, b"a map")
    publish(beijing, new_id(), files=(large, small))
    pull(peer_name=beijing.name, now=now)
    asked = [path for _, path in beijing.requests if "/blob/" in path]
    assert asked[-2:] == [f"/exchange/blob/{one.sha256}" for one in (small, large)]


def test_a_limit_of_the_line_is_kept(
    beijing: MemoryNode, now: datetime, settings: LazySettings
) -> None:
    settings.NODE = read_settings({**os.environ, "CHORSU_EXCHANGE_MAX_KB_PER_SECOND": "200"})
    file = picture(beijing, os.urandom(300_000))
    publish(beijing, new_id(), files=(file,))
    begun = time.monotonic()
    pull(peer_name=beijing.name, now=now)
    assert time.monotonic() - begun > 1.4
    assert blobs.is_here(file.sha256)
