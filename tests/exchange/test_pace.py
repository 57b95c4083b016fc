"""A line shared by several keeps its speed, and lets the small go first."""

from __future__ import annotations

import threading
import time

from chorsu.exchange.pace import Pace


def use(pace: Pace, pieces: int, size: int, rank: int, ended: list[int]) -> threading.Thread:
    def run() -> None:
        for _ in range(pieces):
            pace.keep(size, rank=rank)
        ended.append(rank)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_all_who_share_a_line_together_keep_its_speed() -> None:
    pace, ended = Pace(100_000), list[int]()
    begun = time.monotonic()
    threads = [use(pace, 5, 5_000, rank, ended) for rank in range(4)]
    for thread in threads:
        thread.join()
    assert 0.95 < time.monotonic() - begun < 3


def test_the_small_goes_before_the_large() -> None:
    pace, ended = Pace(100_000), list[int]()
    large = use(pace, 10, 10_000, 9, ended)
    time.sleep(0.05)
    small = use(pace, 2, 5_000, 1, ended)
    small.join(0.7)
    assert ended == [1], "it waited for one piece of the large one, not for its end"
    large.join()
    assert ended == [1, 9]


def test_who_gives_up_waits_no_longer() -> None:
    pace, gone = Pace(1), threading.Event()
    thread = threading.Thread(target=lambda: pace.keep(1000, given_up=gone.is_set))
    thread.start()
    gone.set()
    pace.wake()
    thread.join(2)
    assert not thread.is_alive()


def test_without_a_limit_nobody_waits() -> None:
    assert Pace().keep(10**9) == 0


def test_the_time_of_reading_is_part_of_the_time() -> None:
    pace, waited = Pace(100_000), 0.0
    begun = time.monotonic()
    for _ in range(10):
        since = time.monotonic()
        time.sleep(0.05)
        waited += pace.keep(10_000, since=since)
    assert waited < 0.75, "ten times 0.1 s, of which half was spent reading"
    assert time.monotonic() - begun > 0.95


def test_a_limit_lifted_while_somebody_waits() -> None:
    pace, ended = Pace(1000), list[int]()
    threads = [use(pace, 1, 300, rank, ended) for rank in (1, 2)]
    pace.bytes_per_second = 0
    for thread in threads:
        thread.join(3)
    assert sorted(ended) == [1, 2]
