"""What must hold after any fault, played between whole nodes; `make faults` plays more of it."""

from __future__ import annotations

import json

import pytest

from tests.faults.rounds import MOST_MB, play

ROUNDS = 40
SEED = 1
FOUND = {
    (1, 15): "bytes that a node killed while it published had kept for good",
}
"""Seed and number of rounds that once failed -> what they found; played again before the others.

What else was found, and the tests of it: `docs/faults.md`.
"""


@pytest.mark.nodes
@pytest.mark.xdist_group("faults")
def test_nothing_is_lost_doubled_or_believed_whatever_fails() -> None:
    figures = play(ROUNDS, SEED, again=list(FOUND), say=False)
    assert "wrong" not in figures, json.dumps(figures, indent=1)
    assert figures["rounds"] == ROUNDS
    assert figures["kills"] > 0
    assert figures["kills of PostgreSQL"] > 0
    assert figures["peak_mb"] < MOST_MB
