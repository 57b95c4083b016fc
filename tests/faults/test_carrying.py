"""Whole nodes that share no wire: neither ever serves, and only files go from one to the other."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.nodes import Node
from tests.faults.rounds import free_ports

pytestmark = [pytest.mark.nodes, pytest.mark.xdist_group("faults")]


@pytest.fixture
def nodes() -> Iterator[tuple[Node, Node]]:
    # The server's own user must get there, which pytest's folders do not allow.
    folder = Path(tempfile.mkdtemp(prefix="chorsu-carrying-"))
    ports = free_ports(4)
    beijing = Node(folder, "beijing", "cn-nag", ports[0], ports[1])
    ashgabat = Node(folder, "ashgabat", "tm-acs", ports[2], ports[3])
    try:
        for node in (beijing, ashgabat):
            node.make()
            node.tell("found", peers=[])
        for node, other in ((beijing, ashgabat), (ashgabat, beijing)):
            met = node.folder / "node.chorsu-node"
            other.command("peers", "export-document", str(met))
            meet(node)
        yield beijing, ashgabat
    finally:
        beijing.stop()
        ashgabat.stop()
        shutil.rmtree(folder, ignore_errors=True)


def meet(node: Node) -> None:
    """Take in the file that the other has written before, and confirm it."""
    met = str(node.folder / "node.chorsu-node")
    node.command("peers", "add", "--from-file", met, "--confirm")


def bundle(source: Node, target: Node, *, may_fail: bool = False) -> tuple[list[Path], str]:
    """Everything of one node carried to the other; the files, and what their importing said."""
    stick = target.folder / f"from-{source.name}"
    shutil.rmtree(stick, ignore_errors=True)
    stick.mkdir()
    made = str(stick / "stick.zip")
    source.command("bundle", "export", "--for", target.name, "--max-size", "1M", made)
    files = sorted(stick.iterdir())
    return files, target.command("bundle", "import", *map(str, files), may_fail=may_fail)


def test_two_nodes_without_a_wire_have_each_others_records(nodes: tuple[Node, Node]) -> None:
    beijing, ashgabat = nodes
    beijing.tell("publish", seed=1, audience="public", files=[2000])
    beijing.tell("publish", seed=2, audience="network", files=[400_000, 300_000])
    ashgabat.tell("publish", seed=3, audience="network", files=[500])
    for source, target, records in ((beijing, ashgabat, 2), (ashgabat, beijing, 1)):
        files, said = bundle(source, target)
        assert len(files) == (2 if source is beijing else 1)
        assert all(one.name.endswith(".zip.age") for one in files)
        assert f"{source.name}: nothing is missing" in said
        held = target.tell("held", peer=source.name)
        assert (held["verified"], len(held["practices"])) == (records, records)
        assert [state for _, state, _, _ in held["entries"]] == ["accepted"] * records
    # Each looks at what it may look at, which is nothing.
    for node, other in ((beijing, ashgabat), (ashgabat, beijing)):
        assert "by bundles" in node.command("peers", "list")
        assert node.tell("pull", peer=other.name)["state"] == "confirmed"
        assert "carried by bundles" in node.command("doctor", may_fail=True)


def test_a_node_that_lost_all_but_its_key_is_restored_from_a_bundle(
    nodes: tuple[Node, Node],
) -> None:
    beijing, ashgabat = nodes
    kept = beijing.tell("publish", seed=1, audience="public", files=[2000])
    beijing.tell("publish", seed=2, audience="network", files=[500])
    bundle(beijing, ashgabat)
    beijing.tell("revise", record=kept, seed=3, audience="public")
    bundle(beijing, ashgabat)
    before = beijing.tell("own_state")
    beijing.lose_all_but_the_key()
    beijing.tell("found", peers=[])
    meet(beijing)
    assert beijing.tell("published") == []
    copy = beijing.folder / "copy.zip"
    ashgabat.command("bundle", "export", "--for", beijing.name, "--mirror", str(copy))
    said = beijing.command("restore", "--from", f"{copy}.age")
    assert f"{ashgabat.name}: 3 entries" in said
    assert "3 entries brought back: the log has 3" in said
    assert beijing.tell("own_state") == before
    beijing.tell("publish", seed=4, audience="public", files=[])
    _, said = bundle(beijing, ashgabat)
    assert "new entries 1" in said


def test_a_node_put_back_with_a_key_that_it_had_replaced_learns_it_from_a_stick(
    nodes: tuple[Node, Node],
) -> None:
    beijing, ashgabat = nodes
    folder = ashgabat.folder / "data" / "keys"
    shutil.copytree(folder, folder.with_name("keys-of-the-day-before"))
    ashgabat.tell("publish", seed=1, audience="public", files=[])
    ashgabat.tell("change_key", revoked=False)
    bundle(ashgabat, beijing)
    assert beijing.tell("vkey_of", peer=ashgabat.name) == ashgabat.tell("vkey_of", peer="")
    beijing.tell("publish", seed=2, audience="network", files=[])
    shutil.move(folder, folder.with_name("keys-newest"))
    shutil.move(folder.with_name("keys-of-the-day-before"), folder)
    ashgabat.lose_all_but_the_key()
    ashgabat.tell("found", peers=[])
    beijing.command("peers", "export-document", str(ashgabat.folder / "node.chorsu-node"))
    meet(ashgabat)

    files, said = bundle(beijing, ashgabat, may_fail=True)
    assert [one.name for one in files] == ["stick.keys.zip", "stick.zip.age"]
    assert f"part 1 of 1 of {beijing.name}, entries 1 to 1" in said
    assert ashgabat.tell("stopped")
    assert not ashgabat.do("publish", seed=3, audience="public", files=[])["ok"]
    assert "data/keys" in ashgabat.command("doctor", may_fail=True)

    shutil.rmtree(folder)
    shutil.move(folder.with_name("keys-newest"), folder)
    # The newest key was made when the log had an entry that the database has lost.
    assert ashgabat.tell("stopped")
    copy = ashgabat.folder / "copy.zip"
    beijing.command("bundle", "export", "--for", ashgabat.name, "--mirror", str(copy))
    assert "the log has 1" in ashgabat.command("restore", "--from", f"{copy}.age")
    assert not ashgabat.tell("stopped")
    _, said = bundle(beijing, ashgabat)
    assert "new entries 1, records 1" in said
    ashgabat.tell("publish", seed=3, audience="public", files=[])
