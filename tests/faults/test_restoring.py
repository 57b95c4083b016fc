"""Whole nodes: one loses all but its key, is killed time and again while it restores, is whole."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.nodes import Node
from tests.faults.rounds import free_ports

KILLS = 12


@pytest.fixture
def nodes() -> Iterator[tuple[Node, Node]]:
    # The server's own user must get there, which pytest's folders do not allow.
    folder = Path(tempfile.mkdtemp(prefix="chorsu-restoring-"))
    ports = free_ports(4)
    beijing = Node(folder, "beijing", "cn-nag", ports[0], ports[1])
    ashgabat = Node(folder, "ashgabat", "tm-acs", ports[2], ports[3])
    try:
        for node in (beijing, ashgabat):
            node.make()
            node.serve()
        for node, other in ((beijing, ashgabat), (ashgabat, beijing)):
            node.tell("found", peers=[other.address])
        yield beijing, ashgabat
    finally:
        beijing.stop()
        ashgabat.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.nodes
@pytest.mark.xdist_group("faults")
def test_a_node_killed_at_any_line_of_its_restoring_is_made_whole(
    nodes: tuple[Node, Node],
) -> None:
    beijing, ashgabat = nodes
    kept = beijing.tell("publish", seed=1, audience="public", files=[2000])
    gone = beijing.tell("publish", seed=2, audience="network", files=[500, 90_000])
    ashgabat.tell("pull", peer=beijing.name)
    beijing.tell("revise", record=kept, seed=3, audience="public")
    seen = ashgabat.tell("pull", peer=beijing.name)
    assert (seen["waiting"], seen["wanted"]) == (0, 0)
    beijing.tell("withdraw", record=gone)
    beijing.tell("publish", seed=4, audience="network", files=[])
    ashgabat.tell("pull", peer=beijing.name)
    before = beijing.tell("own_state")

    beijing.lose_all_but_the_key()
    beijing.tell("found", peers=[ashgabat.address])
    beijing.serve()
    assert beijing.tell("published") == []
    whole = beijing.do("restore", count=True, kill_at=700)
    chance, killed, most = random.Random(7), 0, 700
    while killed < KILLS and whole["signal"]:
        killed, most = killed + 1, most + chance.randint(300, 3000)
        seen = ashgabat.tell("pull", peer=beijing.name)
        assert seen["state"] == "confirmed", "a shorter log is not shown"
        assert beijing.tell("stopped") or not beijing.tell("published")
        whole = beijing.do("restore", kill_at=most)
    assert killed >= 3
    assert beijing.tell("restore") == 5
    after = beijing.tell("own_state")
    assert {kind for kind in before if before[kind] != after[kind]} == set()
    assert not beijing.tell("stopped")

    beijing.tell("publish", seed=5, audience="public", files=[100])
    seen = ashgabat.tell("pull", peer=beijing.name, later=True)
    assert (seen["state"], seen["trouble"], seen["waiting"]) == ("confirmed", "", 0)
    assert len(ashgabat.tell("held", peer=beijing.name)["entries"]) == 6
