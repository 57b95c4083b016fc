"""Every reader refuses what is over its cap before it reads it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from chorsu.wire.batch import MAX_BATCH_BYTES, MAX_QUESTION_BYTES, decode_answer, parse_question
from chorsu.wire.bundle import MAX_MANIFEST_BYTES, parse_manifest
from chorsu.wire.checkpoint import parse_checkpoint
from chorsu.wire.entry import MAX_ENTRY_BYTES, parse_entry
from chorsu.wire.keys import MAX_NAME, VerifyKey, parse_name
from chorsu.wire.merkle import MAX_RANGE_BYTES, Range
from chorsu.wire.node import MAX_ADDRESS, MAX_NODE_BYTES, parse_address, parse_node
from chorsu.wire.note import MAX_NOTE_BYTES, parse_note
from chorsu.wire.proof import MAX_PROOF_BYTES, parse_proof
from chorsu.wire.requests import MAX_HEADER_CHARS, verify_signature
from chorsu.wire.saved import MAX_SAVED_BYTES, parse_saved
from chorsu.wire.tiles import MAX_ENTRY_BYTES as MAX_LEAF_BYTES
from chorsu.wire.tiles import MAX_PATH, decode_bundle, parse_tile_path
from tests.vectors import sample
from tests.wire.refusal import refusal


def _signature(data: bytes) -> object:
    headers = {"Signature-Input": data.decode(), "Signature": "chorsu=:AAAA:"}
    url = "https://beijing.chorsu.example/"
    return verify_signature("GET", url, headers, b"", lambda name: None, sample.NOW)


CAPS: dict[str, tuple[Callable[[bytes], object], int, str]] = {
    "batch-question": (parse_question, MAX_QUESTION_BYTES, "json-too-large"),
    "batch-answer": (
        lambda data: decode_answer(data, 256), MAX_BATCH_BYTES + 256 * 5, "batch-malformed",
    ),
    "manifest": (parse_manifest, MAX_MANIFEST_BYTES, "json-too-large"),
    "checkpoint": (
        lambda data: parse_checkpoint(data.decode()), MAX_NOTE_BYTES, "checkpoint-malformed",
    ),
    "entry": (parse_entry, MAX_ENTRY_BYTES, "entry-too-large"),
    "name": (lambda data: parse_name(data.decode()), MAX_NAME, "name-malformed"),
    "key": (lambda data: VerifyKey.parse(data.decode()), MAX_NAME + 60, "key-malformed"),
    "range": (Range.from_bytes, MAX_RANGE_BYTES, "range-malformed"),
    "address": (lambda data: parse_address(data.decode()), MAX_ADDRESS, "node-malformed"),
    "node": (parse_node, MAX_NODE_BYTES, "json-too-large"),
    "note": (parse_note, MAX_NOTE_BYTES, "note-too-large"),
    "proof": (parse_proof, MAX_PROOF_BYTES, "proof-malformed"),
    "saved": (parse_saved, MAX_SAVED_BYTES, "json-too-large"),
    "request": (_signature, MAX_HEADER_CHARS, "request-signature"),
    "bundle": (lambda d: decode_bundle(d, 256), 256 * (2 + MAX_LEAF_BYTES), "bundle-malformed"),
    "tile-path": (lambda data: parse_tile_path(data.decode()), MAX_PATH, "tile-path"),
}  # fmt: skip


@pytest.mark.parametrize("name", CAPS)
def test_one_byte_over_the_cap_is_refused_at_once(name: str) -> None:
    read, cap, code = CAPS[name]
    over = b"1" * (cap + 1)
    begun = time.process_time()
    assert refusal(lambda: read(over)) == code
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("count", [-1, 257])
def test_no_more_is_read_than_can_be_asked_for(count: int) -> None:
    assert refusal(lambda: decode_answer(b"", count)) == "batch-malformed"
    assert refusal(lambda: decode_bundle(b"", count)) == "bundle-malformed"


def test_the_longest_honest_range_and_path_are_read() -> None:
    edge = Range(2**63 - 1, (bytes(32),) * 63)
    assert Range.from_bytes(edge.to_bytes()) == edge
    assert parse_tile_path("tile/entries/x999/x999/x999/x999/x999/x999/999.p/255").width == 255
