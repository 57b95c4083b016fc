"""Many small blobs in one answer: `POST /exchange/blobs`.

The question is canonical JSON `{"blobs": [hash, ...]}`: 1 to 256 different hashes, in any order.
The answer has, for each hash in the order asked, one byte: 0 and then the length as big-endian
uint32 and the bytes; or 1 and nothing more: not given in this answer, ask for it by itself, which
says why. Nothing follows. What the bytes are is for the asker to check.
"""

from __future__ import annotations

from collections.abc import Sequence

from chorsu.wire.envelope import canonical_json, is_blob_hash, parse_json
from chorsu.wire.errors import WireError

BATCH_PATH = "blobs"
MAX_BATCH = 256
MAX_BATCH_BYTES = 8 * 1024 * 1024
"""Of blobs in one answer; what goes beyond is not given in it."""
MAX_QUESTION_BYTES = 20 * 1024
GIVEN, NOT_GIVEN = b"\x00", b"\x01"
HEADER_BYTES = 5
"""Before each blob that is given."""


def encode_question(hashes: Sequence[str]) -> bytes:
    """The body that asks for these blobs; raises `batch-malformed`."""
    _require(0 < len(hashes) <= MAX_BATCH, f"{len(hashes)} hashes")
    _require(len(set(hashes)) == len(hashes), "a hash twice")
    _require(all(map(is_blob_hash, hashes)), "not a hash")
    return canonical_json({"blobs": list(hashes)})


def parse_question(data: bytes) -> list[str]:
    """The hashes asked for; raises `batch-malformed` or an error of JSON."""
    value = parse_json(data, MAX_QUESTION_BYTES, max_depth=2)
    hashes = value.get("blobs") if isinstance(value, dict) and len(value) == 1 else None
    _require(isinstance(hashes, list), "members")
    found = [one for one in hashes if isinstance(one, str)] if isinstance(hashes, list) else []
    _require(isinstance(hashes, list) and len(found) == len(hashes), "not a hash")
    encode_question(found)
    return found


def encode_answer(blobs: Sequence[bytes | None]) -> bytes:
    """The blobs in the order asked; None: not given. The caller keeps to `MAX_BATCH_BYTES`."""
    return b"".join(
        NOT_GIVEN if blob is None else GIVEN + len(blob).to_bytes(4, "big") + blob for blob in blobs
    )


def decode_answer(data: bytes, count: int) -> list[bytes | None]:
    """Exactly `count` answers and nothing after them; raises `batch-malformed`."""
    cap = MAX_BATCH_BYTES + HEADER_BYTES * MAX_BATCH
    _require(0 <= count <= MAX_BATCH and len(data) <= cap, f"{len(data)} bytes for {count}")
    blobs: list[bytes | None] = []
    at = 0
    for _ in range(count):
        mark, start = data[at : at + 1], at + HEADER_BYTES
        if mark == NOT_GIVEN:
            blobs.append(None)
            at += 1
            continue
        end = start + int.from_bytes(data[at + 1 : start], "big")
        if mark != GIVEN or start > len(data) or end > len(data):
            raise WireError("batch-malformed", f"cut short after {len(blobs)} of {count}")
        blobs.append(data[start:end])
        at = end
    _require(at == len(data), f"{len(data) - at} bytes after blob {count}")
    return blobs


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("batch-malformed", what)
