"""Files come several at a time, small ones first, and as the policy for their peer says."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import LazySettings
from django.db import connection

from chorsu.config.node import read_settings
from chorsu.exchange import actions, blobs, queries, wanting
from chorsu.exchange.actions import Wish
from chorsu.exchange.actions.wishes import MAX_OF_STRANGERS
from chorsu.exchange.locks import lock_number
from chorsu.exchange.models import BlobUse, Peer, WantedBlob
from chorsu.flows.pulling import pull
from chorsu.kernel.ids import new_id
from chorsu.practices.models import PracticeText
from chorsu.practices.wire import PublishedFile
from tests.flows.remote import publish, row, states
from tests.memory_node import MemoryNode

KB = 1000


def attached(node: MemoryNode, size: int, kind: str = "application/pdf") -> PublishedFile:
    """A file of so many bytes at the node."""
    return PublishedFile(node.add_blob(os.urandom(size)), size, kind, "a-file", "")


def use_settings(settings: LazySettings, **values: object) -> None:
    given = {f"CHORSU_EXCHANGE_{name.upper()}": str(value) for name, value in values.items()}
    settings.NODE = read_settings({**os.environ, **given})


def asked(node: MemoryNode, *files: PublishedFile) -> list[int]:
    """Which of the files were asked for, in order, by their places in the list."""
    places = {f"/exchange/blob/{one.sha256}": place for place, one in enumerate(files)}
    return [places[path] for _, path in node.requests if path in places]


def policy(node: MemoryNode, files: str, **more: int | None) -> None:
    given = {"ahead_max_mb": None, "max_kb_per_second": None, **more}
    actions.set_policy(name=node.name, files=files, **given)


def wish(record: str, file: PublishedFile, now: datetime, *, member: bool = False) -> Wish:
    return actions.wish(record_id=record, sha256=file.sha256, member=member, now=now)[0]


@contextmanager
def lock_held(what: str) -> Iterator[None]:
    """As if another worker had it."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [lock_number(what)])
            yield
            cursor.execute("SELECT pg_advisory_unlock(%s)", [lock_number(what)])
    finally:
        other.close()


# Several at a time


def test_several_take_the_time_of_the_slowest_not_the_sum(
    beijing: MemoryNode, now: datetime, settings: LazySettings
) -> None:
    beijing.blob_bytes_a_second = 50 * KB
    took = {}
    for at_once in (1, 4):
        use_settings(settings, downloads_at_once=at_once)
        files = tuple(attached(beijing, 50 * KB) for _ in range(4))
        publish(beijing, new_id(), files=files)
        begun = time.monotonic()
        pull(peer_name=beijing.name, now=now)
        took[at_once] = time.monotonic() - begun
        assert all(blobs.is_here(file.sha256) for file in files)
        assert beijing.most_at_once == at_once
    assert took[4] < 0.6 * took[1]


def test_no_more_at_once_than_the_setting_says(
    beijing: MemoryNode, now: datetime, settings: LazySettings
) -> None:
    use_settings(settings, downloads_at_once=2)
    publish(beijing, new_id(), files=tuple(attached(beijing, 10 * KB) for _ in range(6)))
    beijing.blob_bytes_a_second = 100 * KB
    pull(peer_name=beijing.name, now=now)
    assert (beijing.most_at_once, WantedBlob.objects.count()) == (2, 0)


def test_large_contents_of_records_come_together_too(beijing: MemoryNode, now: datetime) -> None:
    for letter in "abc":
        long = "\n\n".join(f"{letter}{number} " * 20 for number in range(4000))
        beijing.publish("practice", new_id(), 1, {"padding": long})
    beijing.blob_bytes_a_second = 1000 * KB
    pull(peer_name=beijing.name, now=now)
    assert beijing.most_at_once == 3
    assert states(beijing) == ["refused"] * 3
    assert len(beijing.sent) == 3, "what the threads had brought was not fetched again"


def test_the_limit_of_a_peer_holds_for_all_its_files_together(
    beijing: MemoryNode, now: datetime, settings: LazySettings
) -> None:
    use_settings(settings, max_kb_per_second=1)
    policy(beijing, "ahead", max_kb_per_second=200)
    files = tuple(attached(beijing, 100 * KB) for _ in range(3))
    publish(beijing, new_id(), files=files)
    begun = time.monotonic()
    pull(peer_name=beijing.name, now=now)
    assert all(blobs.is_here(file.sha256) for file in files)
    assert time.monotonic() - begun > 1.4, "300 kB at 200 kB a second"


def test_without_a_limit_of_its_own_the_setting_holds(
    beijing: MemoryNode, now: datetime, settings: LazySettings
) -> None:
    use_settings(settings, max_kb_per_second=200)
    publish(beijing, new_id(), files=(attached(beijing, 150 * KB), attached(beijing, 150 * KB)))
    begun = time.monotonic()
    pull(peer_name=beijing.name, now=now)
    assert time.monotonic() - begun > 1.4


def test_words_and_small_files_overtake_large_ones_on_their_way(
    beijing: MemoryNode, now: datetime
) -> None:
    films = (attached(beijing, 900 * KB), attached(beijing, 900 * KB), attached(beijing, 900 * KB))
    publish(beijing, new_id(), files=films)
    beijing.blob_bytes_a_second = 300 * KB
    begun = time.monotonic()
    small: list[PublishedFile] = []

    def publish_more() -> None:
        small.append(attached(beijing, KB))
        publish(beijing, new_id(), title="后来", files=tuple(small))

    timer = threading.Timer(0.3, publish_more)
    timer.start()
    # A minute passes every second: the log is looked at again while the films come.
    pull(
        peer_name=beijing.name,
        now=now,
        clock=lambda: now + timedelta(minutes=time.monotonic() - begun),
    )
    assert PracticeText.objects.filter(title="后来").exists()
    files = [one for one in beijing.sent if one in {film.sha256 for film in films}]
    assert len(files) == 3
    assert beijing.sent.index(small[0].sha256) < beijing.sent.index(files[0])
    assert WantedBlob.objects.count() == 0


def test_one_file_that_two_records_name_is_fetched_once(beijing: MemoryNode, now: datetime) -> None:
    file = attached(beijing, KB)
    records = [new_id(), new_id()]
    for record in records:
        publish(beijing, record, files=(file,))
    pull(peer_name=beijing.name, now=now)
    assert asked(beijing, file) == [0]
    uses = BlobUse.objects.filter(blob_id=file.sha256).values_list("record_id", flat=True)
    assert {str(one) for one in uses} == set(records)
    assert WantedBlob.objects.count() == 0


def test_a_file_that_another_worker_fetches_is_left_to_it(
    beijing: MemoryNode, now: datetime
) -> None:
    file = attached(beijing, KB)
    publish(beijing, new_id(), files=(file,))
    with lock_held(f"blob {file.sha256}"):
        pull(peer_name=beijing.name, now=now)
        assert asked(beijing, file) == []
    pull(peer_name=beijing.name, now=now)
    assert asked(beijing, file) == [0]


def test_a_dead_line_ends_all_and_each_goes_on_where_it_was(
    beijing: MemoryNode, now: datetime, settings: LazySettings
) -> None:
    use_settings(settings, timeout_seconds=1)
    files = tuple(attached(beijing, 100 * KB) for _ in range(3))
    publish(beijing, new_id(), files=files)
    beijing.blob_bytes_a_second, beijing.stalls_after = 200 * KB, 50 * KB
    begun = time.monotonic()
    pull(peer_name=beijing.name, now=now)
    assert time.monotonic() - begun < 8
    assert row(beijing).trouble == "timeout"
    came = sorted(blobs.arrived_bytes(file.sha256) for file in files)
    assert came[0] > 0, "what came is kept"
    beijing.behave()
    pull(peer_name=beijing.name, now=now + timedelta(minutes=1))
    assert all(blobs.is_here(file.sha256) for file in files)
    assert sorted(beijing.ranges) == sorted(f"bytes={count}-" for count in came)
    assert row(beijing).trouble == ""


def test_a_damaged_file_harms_no_other(beijing: MemoryNode, now: datetime) -> None:
    whole, lost = attached(beijing, KB), attached(beijing, 2 * KB)
    beijing.erase_blob(lost.sha256)
    publish(beijing, new_id(), files=(whole, lost))
    pull(peer_name=beijing.name, now=now)
    assert blobs.is_here(whole.sha256)
    assert [one.trouble for one in WantedBlob.objects.all()] == ["peer-erased"]
    assert row(beijing).trouble == ""


# What comes, by the policy


def test_when_wanted_only_words_and_small_pictures_come(beijing: MemoryNode, now: datetime) -> None:
    policy(beijing, "wanted")
    paper, map_, poster = (
        attached(beijing, KB),
        attached(beijing, 2 * KB, "image/png"),
        attached(beijing, wanting.IMAGE_AHEAD_BYTES + 1, "image/png"),
    )
    publish(beijing, new_id(), files=(paper, map_, poster))
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]
    assert asked(beijing, paper, map_, poster) == [1]
    shown = queries.peer(beijing.name)
    assert shown.in_sync, "what rests is not missed"
    assert (shown.awaited.resting, shown.awaited.resting_bytes) == (2, KB + poster.size)


def test_large_ones_wait_for_a_wish_though_files_come_ahead(
    beijing: MemoryNode, now: datetime
) -> None:
    policy(beijing, "ahead", ahead_max_mb=1)
    small, large = attached(beijing, KB), attached(beijing, 2**20 + 1)
    publish(beijing, new_id(), files=(large, small))
    pull(peer_name=beijing.name, now=now)
    assert asked(beijing, small, large) == [0]


def test_files_come_once_the_policy_says_ahead(beijing: MemoryNode, now: datetime) -> None:
    policy(beijing, "wanted")
    file = attached(beijing, KB)
    publish(beijing, new_id(), files=(file,))
    pull(peer_name=beijing.name, now=now)
    policy(beijing, "ahead")
    pull(peer_name=beijing.name, now=now)
    assert blobs.is_here(file.sha256)


def test_a_new_peer_has_the_policy_of_the_setting(
    db: None, now: datetime, settings: LazySettings
) -> None:
    use_settings(settings, files="wanted")
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    actions.add_peer(document=node.document(), now=now)
    assert Peer.objects.get().files == "wanted"


def test_what_a_reader_waits_for_comes_before_all_else(
    beijing: MemoryNode, now: datetime, settings: LazySettings
) -> None:
    use_settings(settings, downloads_at_once=1)
    policy(beijing, "wanted")
    first, wished = attached(beijing, KB), attached(beijing, 5 * KB)
    record = new_id()
    publish(beijing, record, files=(first, wished))
    pull(peer_name=beijing.name, now=now)
    assert wish(record, wished, now) is Wish.NOTED
    policy(beijing, "ahead")
    pull(peer_name=beijing.name, now=now)
    assert asked(beijing, first, wished) == [1, 0]


def test_a_wish_takes_the_place_of_a_large_file_on_its_way(
    beijing: MemoryNode, now: datetime, settings: LazySettings
) -> None:
    use_settings(settings, downloads_at_once=1)
    film, wished = attached(beijing, 600 * KB), attached(beijing, 700 * KB)
    record = new_id()
    policy(beijing, "ahead")
    publish(beijing, record, files=(film, wished))
    beijing.blob_bytes_a_second = 100 * KB  # the film is on its way until the wish is seen
    wishes: list[Wish] = []

    def clock() -> datetime:
        if not wishes and asked(beijing, film, wished):
            wishes.append(wish(record, wished, now))
        if 1 in asked(beijing, film, wished):
            beijing.blob_bytes_a_second = 0
        return now

    pull(peer_name=beijing.name, now=now, clock=clock)
    assert [one for one in beijing.sent if one != film.sha256][-1] == wished.sha256
    assert beijing.sent[-1] == film.sha256
    assert asked(beijing, film, wished) == [0, 1, 0]
    assert len(beijing.ranges) == 1, "the film went on where it had been left"


def test_a_wish_outlives_a_new_revision(beijing: MemoryNode, now: datetime) -> None:
    policy(beijing, "wanted")
    file, record = attached(beijing, KB), new_id()
    publish(beijing, record, files=(file,))
    pull(peer_name=beijing.name, now=now)
    wish(record, file, now)
    beijing.erase_blob(file.sha256)
    publish(beijing, record, revision=2, files=(file,))
    pull(peer_name=beijing.name, now=now)
    assert WantedBlob.objects.get().wished_at == now


# Wishes are bounded


def test_a_wish_repeated_soon_changes_nothing(beijing: MemoryNode, now: datetime) -> None:
    policy(beijing, "wanted")
    file, record = attached(beijing, KB), new_id()
    publish(beijing, record, files=(file,))
    pull(peer_name=beijing.name, now=now)
    later = [now + timedelta(seconds=seconds) for seconds in (0, 1, 59, 60)]
    assert [wish(record, file, at) for at in later] == [
        Wish.NOTED, Wish.KNOWN, Wish.KNOWN, Wish.NOTED,
    ]  # fmt: skip


def test_strangers_can_have_so_many_files_fetched_and_members_more(
    beijing: MemoryNode, now: datetime
) -> None:
    policy(beijing, "wanted")
    files = tuple(attached(beijing, KB) for _ in range(MAX_OF_STRANGERS + 2))
    record = new_id()
    publish(beijing, record, files=files)
    pull(peer_name=beijing.name, now=now)
    noted = [wish(record, file, now) for file in files[:MAX_OF_STRANGERS]]
    assert noted == [Wish.NOTED] * MAX_OF_STRANGERS
    assert wish(record, files[-2], now) is Wish.TOO_MANY
    assert wish(record, files[-1], now, member=True) is Wish.NOTED
    assert wish(record, files[0], now + timedelta(minutes=2)) is Wish.NOTED, "an old one may wait"
    assert wish(record, files[-2], now + timedelta(days=2)) is Wish.NOTED


def test_nothing_is_wished_of_a_node_that_is_no_peer(beijing: MemoryNode, now: datetime) -> None:
    policy(beijing, "wanted")
    file, record = attached(beijing, KB), new_id()
    publish(beijing, record, files=(file,))
    pull(peer_name=beijing.name, now=now)
    actions.refuse_peer(name=beijing.name)
    assert wish(record, file, now) is Wish.NOT_WANTED
    assert wish(str(uuid.uuid4()), file, now) is Wish.NOT_WANTED
    assert WantedBlob.objects.get().wished_at is None


# Killed in the middle

WORKER = """
import sys, django
django.setup()
from chorsu.exchange.client import PeerClient
from chorsu.exchange.downloads import Download, Downloads
from chorsu.wire.keys import SigningKey
connect = lambda: PeerClient(sys.argv[1], key=SigningKey.generate("hub.chorsu.example"))
with Downloads(connect, at_once=3) as threads:
    for one in sys.argv[2:]:
        threads.begin(Download(one, 100_000, signed=False, rank=1))
    print("begun", flush=True)
    threads.wait(60)
"""


def test_what_a_killed_worker_had_of_several_files_is_taken_up(
    beijing: MemoryNode, now: datetime
) -> None:
    files = tuple(attached(beijing, 100 * KB) for _ in range(3))
    publish(beijing, new_id(), files=files)
    beijing.blob_bytes_a_second = 50 * KB
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, beijing.address, *(file.sha256 for file in files)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "chorsu.config.settings"},
        stdout=subprocess.PIPE,
    )
    with worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not all(map(_has_begun, files)):
            time.sleep(0.05)
        worker.kill()
    came = sorted(blobs.arrived_bytes(file.sha256) for file in files)
    assert 0 < came[0] <= came[-1] < 100 * KB
    beijing.behave()
    pull(peer_name=beijing.name, now=now)
    assert all(blobs.is_here(file.sha256) for file in files)
    assert sorted(beijing.ranges) == sorted(f"bytes={count}-" for count in came)


def _has_begun(file: PublishedFile) -> bool:
    return blobs.arrived_bytes(file.sha256) > 0
