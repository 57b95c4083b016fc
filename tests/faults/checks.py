"""What must be true of two nodes after any round, told from outside and from their tables."""

from __future__ import annotations

from typing import Any

import httpx

from chorsu.wire.checkpoint import Checkpoint, open_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.merkle import Range, leaf_hash
from chorsu.wire.node import parse_node
from chorsu.wire.tiles import bundles_for, decode_bundle
from tests.faults.nodes import Node

EXPLAINED = ("from-the-future",)
"""Why an entry may wait though all is well: its own node's clock was wrong when it was written."""


class Wrong(AssertionError):
    """Something was lost, doubled, spoilt or believed."""


def check_log(node: Node) -> int:
    """Verify a node's log from leaf 0 as a stranger would; returns its size."""
    try:
        try:
            newest, edge = _read_log(node)
        except httpx.TransportError:
            # A server that was to be killed at some line may reach that line only now.
            node.serve()
            newest, edge = _read_log(node)
    except (WireError, httpx.HTTPError) as error:
        raise Wrong(f"{node.name}: its log can't be read: {error}") from error
    if edge.root() != newest.root:
        raise Wrong(f"{node.name}: {edge.size} leaves do not give the signed root")
    return newest.size


def _read_log(node: Node) -> tuple[Checkpoint, Range]:
    """What is signed, and what all leaves come to."""
    # Its line is not encrypted: reading whose certificates are believed would be for nothing.
    with httpx.Client(base_url=node.direct, timeout=30, verify=False) as client:
        document = parse_node(client.get("/.well-known/chorsu").content)
        note = client.get("/exchange/checkpoint").content
        newest = open_checkpoint(note, document.verify_key)
        edge = Range.empty()
        for place in bundles_for(0, newest.size):
            answer = client.get(f"/exchange/{place.path}")
            leaves = decode_bundle(answer.content, place.width)
            edge = edge.append_all(map(leaf_hash, leaves))
    return newest, edge


def check_all(reader: Node, origin: Node, *, every_blob: bool = False) -> None:
    """Every record that `origin` published is at `reader` once, byte for byte, or explained."""
    stopped, wrong, own, published = origin.ask(
        ("stopped", {}), ("wrong_with_keys", {}), ("vkey_of", {"peer": ""}), ("published", {})
    )
    if stopped:
        raise Wrong(f"{origin.name}: a peer has seen entries that were lost")
    if wrong:
        raise Wrong(f"{origin.name}: {wrong}")
    known, held, store = reader.ask(
        ("vkey_of", {"peer": origin.name}), ("held", {"peer": origin.name}), ("store", {})
    )
    if known != own:
        raise Wrong(f"{reader.name}: did not follow {origin.name} to its present key")
    _check_entries(reader, published, held)
    _check_records(reader, published, held, every_blob=every_blob)
    for what, which in store.items():
        if which:
            raise Wrong(f"{reader.name}: {what}: {which[:3]} ({len(which)})")


def _check_entries(reader: Node, published: list[dict[str, Any]], held: dict[str, Any]) -> None:
    here = [[index, leaf] for index, _, _, leaf in held["entries"]]
    there = [[row["index"], row["leaf"]] for row in published]
    if here != there:
        raise Wrong(f"{reader.name}: holds {len(here)} leaves of {len(there)}, or others")
    for index, state, reason, _ in held["entries"]:
        settled = state in ("accepted", "superseded") or (state == "refused" and reason)
        if not settled and reason not in EXPLAINED:
            raise Wrong(f"{reader.name}: entry {index} is {state}: {reason!r}")
    refused = [one for one in held["entries"] if one[1] == "refused"]
    if refused:
        raise Wrong(f"{reader.name}: an honest entry was refused: {refused[0][:3]}")


def _check_records(
    reader: Node, published: list[dict[str, Any]], held: dict[str, Any], *, every_blob: bool
) -> None:
    states = {index: state for index, state, _, _ in held["entries"]}
    newest = {row["record"]: row for row in published if row["kind"] == "practice"}
    for record, row in list(newest.items()):
        if states[row["index"]] in ("stored", "fetched"):
            # It waits for its time: until then what was accepted before it stands, if anything was.
            same = [one for one in published if one["record"] == record]
            before = [one for one in same if states[one["index"]] == "accepted"]
            newest |= {record: before[-1]} if before else {}
            if not before:
                del newest[record]
    expected = {
        record: [row["revision"], row["audience"], row["action"] == "withdraw", row["blob"]]
        for record, row in newest.items()
    }
    if held["practices"] != expected:
        wrong = {
            record
            for record in expected.keys() | held["practices"].keys()
            if expected.get(record) != held["practices"].get(record)
        }
        one = sorted(wrong)[0]
        raise Wrong(
            f"{reader.name}: {len(wrong)} records differ, as {one}: expected {expected.get(one)}, "
            f"holds {held['practices'].get(one)}"
        )
    standing = {record for record, row in newest.items() if row["action"] == "publish"}
    if set(held["texts"]) != standing:
        raise Wrong(f"{reader.name}: texts of {len(held['texts'])} of {len(standing)} records")
    rows = list(newest.values())
    looked = rows if every_blob else rows[-3:]
    wanted = {row["blob"]: row["record"] for row in looked if row["action"] == "publish"}
    for sha256 in reader.tell("lacking", blobs_wanted=list(wanted)):
        raise Wrong(f"{reader.name}: the blob of {wanted[sha256]} is not there")
