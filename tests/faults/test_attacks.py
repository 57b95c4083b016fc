"""A whole node meets each hostile peer once: it says what is wrong, in bounded time and memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.hostile import ATTACKS
from tests.faults.rounds import Rounds


@pytest.fixture(scope="module")
def game() -> Iterator[Rounds]:
    # The server's own user must get there, which pytest's folders do not allow.
    folder = Path(tempfile.mkdtemp(prefix="chorsu-attacks-"))
    game = Rounds(folder, seed=1)
    try:
        game.begin()
        yield game
    finally:
        for node in game.nodes:
            node.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.nodes
@pytest.mark.xdist_group("faults")
@pytest.mark.parametrize("name", sorted(ATTACKS))
def test_a_hostile_peer_does_no_harm(game: Rounds, name: str) -> None:
    game.attack(game.nodes[1], name)
    assert game.peak_mb < 150
