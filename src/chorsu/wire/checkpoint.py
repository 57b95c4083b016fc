"""Checkpoints (c2sp.org/tlog-checkpoint) and cosignatures (c2sp.org/tlog-cosignature, v1).

A checkpoint says: the log `origin` has `size` entries whose Merkle root is `root`. In this network
the origin is the node's name, and the name of the key that signs.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chorsu.kernel.clock import whole_seconds
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey, decode_base64
from chorsu.wire.merkle import EMPTY_ROOT
from chorsu.wire.note import (
    MAX_NOTE_BYTES,
    MAX_SIGNATURES,
    Note,
    Signature,
    open_note,
    parse_note,
    sign,
)

MAX_SIZE = 2**63 - 1
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
# Year 9999: later timestamps are valid in the format, and nothing this software could show.
_MAX_TIMESTAMP = 253402300799


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin, number of entries, 32-byte root, and opaque extension lines (we write none)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if any(not line or "\n" in line for line in lines):
            raise WireError("checkpoint-malformed", "an empty or broken line")
        if not 0 <= self.size <= MAX_SIZE:
            raise WireError("checkpoint-malformed", f"size {self.size}")
        if len(self.root) != 32 or (self.size == 0 and self.root != EMPTY_ROOT):
            raise WireError("checkpoint-malformed", "not a root of this size")

    def text(self) -> str:
        """The note text: the lines, each ended by a newline."""
        root = base64.b64encode(self.root).decode()
        return "".join(
            f"{line}\n" for line in (self.origin, str(self.size), root, *self.extensions)
        )


@dataclass(frozen=True, slots=True)
class Cosignature:
    """That `witness` saw `checkpoint` at `time` (UTC) and knew of no other history."""

    witness: str
    checkpoint: Checkpoint
    time: datetime


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a note text that is a checkpoint; raises `checkpoint-malformed`."""
    if len(text) > MAX_NOTE_BYTES:
        raise WireError("checkpoint-malformed", f"{len(text)} characters")
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] != "":
        raise WireError("checkpoint-malformed", "fewer than three whole lines")
    origin, size, root64 = lines[:3]
    root = decode_base64(root64)
    if _DECIMAL.fullmatch(size) is None or root is None:
        raise WireError("checkpoint-malformed", f"size {size[:40]!r}, root {root64[:60]!r}")
    return Checkpoint(origin, int(size), root, tuple(lines[3:-1]))


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """The signed note of a node's own checkpoint; raises `wrong-origin` for another's."""
    if checkpoint.origin != key.name:
        raise WireError("wrong-origin", f"{key.name} does not speak for {checkpoint.origin}")
    return sign(checkpoint.text(), key)


def open_checkpoint(data: bytes, key: VerifyKey, *older: VerifyKey) -> Checkpoint:
    """Read the checkpoint of the log whose key is `key`, or was one of `older`.

    Raises `wrong-key`, `bad-signature`, `checkpoint-malformed`, `wrong-origin`, or a note's errors.
    """
    checkpoint = parse_checkpoint(open_note(data, [key, *older]).text)
    if checkpoint.origin != key.name:
        raise WireError("wrong-origin", f"{checkpoint.origin!r} signed by {key.name}")
    return checkpoint


def cosign(note: bytes, key: SigningKey, now: datetime) -> bytes:
    """The note with a cosignature of `key` added, in place of an older one of the same key.

    The caller has verified the checkpoint (see `trust.advance`): a cosignature says so.
    """
    parsed = parse_note(note)
    parse_checkpoint(parsed.text)
    timestamp = int(whole_seconds(now).timestamp())
    if not 0 <= timestamp <= _MAX_TIMESTAMP:
        raise WireError("cosignature-malformed", f"timestamp {timestamp}")
    cosigner = key.verify_key.cosigner_key_id
    signature = key.sign(_cosigned_message(timestamp, parsed.text))
    line = Signature(key.name, cosigner, timestamp.to_bytes(8, "big") + signature)
    others = tuple(s for s in parsed.signatures if (s.name, s.key_id) != (key.name, cosigner))
    return Note(parsed.text, (*others, line)).to_bytes()


def narrow(note: bytes, signers: Collection[tuple[str, int]]) -> bytes:
    """The note with no other signatures than those of these names and key ids."""
    parsed = parse_note(note)
    kept = tuple(one for one in parsed.signatures if (one.name, one.key_id) in signers)
    return Note(parsed.text, kept).to_bytes()


def gather(notes: Sequence[bytes]) -> bytes:
    """The first note with the signatures of all that have the same text, each once."""
    first, *others = [parse_note(note) for note in notes]
    found = list(first.signatures)
    for other in others:
        if other.text == first.text:
            found += [one for one in other.signatures if one not in found]
    return Note(first.text, tuple(found[:MAX_SIGNATURES])).to_bytes()


def open_cosignature(note: bytes, key: VerifyKey) -> Cosignature:
    """The newest cosignature of `key` on a checkpoint note.

    Raises `wrong-key` if there is none, `bad-signature`, `cosignature-malformed`. The log's own
    signature is not looked at: use `open_checkpoint` with the log's key for that.
    """
    return cosignature_in(parse_note(note), key)


def cosignature_in(parsed: Note, key: VerifyKey) -> Cosignature:
    """As `open_cosignature`, of a note that was split already."""
    wanted = (key.name, key.cosigner_key_id)
    times = [
        _verified_time(signature.value, parsed.text, key)
        for signature in parsed.signatures
        if (signature.name, signature.key_id) == wanted
    ]
    if not times:
        raise WireError("wrong-key", f"not cosigned by {key.name}")
    return Cosignature(key.name, parse_checkpoint(parsed.text), max(times))


def _verified_time(value: bytes, text: str, key: VerifyKey) -> datetime:
    timestamp = int.from_bytes(value[:8], "big")
    if len(value) != 72 or timestamp > _MAX_TIMESTAMP:
        raise WireError("cosignature-malformed", f"of {key.name}")
    if not key.verify(value[8:], _cosigned_message(timestamp, text)):
        raise WireError("bad-signature", f"cosignature of {key.name}")
    return datetime.fromtimestamp(timestamp, UTC)


def _cosigned_message(timestamp: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
