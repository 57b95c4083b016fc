"""Proofs that an entry is in a log, as one text: c2sp.org/tlog-proof@v1.

The place of the entry, the hashes that lead from it to the root, and the checkpoint note that
signs the root, verbatim. It proves something only with the entry and with keys one trusts.
"""

from __future__ import annotations

import base64
import functools
import re
from dataclasses import dataclass, field

from chorsu.wire.checkpoint import MAX_SIZE
from chorsu.wire.errors import WireError
from chorsu.wire.keys import decode_base64
from chorsu.wire.merkle import HASH_BYTES
from chorsu.wire.note import MAX_NOTE_BYTES, Note, parse_note

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63
MAX_EXTRA_BYTES = 32 * 1024
MAX_PROOF_BYTES = MAX_NOTE_BYTES + 64 * 1024
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)
_EXTRA = "extra "


@dataclass(frozen=True, slots=True)
class Proof:
    """`index` counts from 0; `hashes` lowest sibling first; `note` as the log served it.

    `extra` is opaque and signed by nobody; None: there is none. Raises `proof-malformed` or what
    `parse_note` raises.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: bytes
    extra: bytes | None = None
    parsed: Note = field(init=False, repr=False, compare=False)
    """The note, split: whoever reads a proof needs it several times."""

    def __post_init__(self) -> None:
        _require(0 <= self.index <= MAX_SIZE, f"index {self.index}")
        _require(len(self.hashes) <= MAX_HASHES, f"{len(self.hashes)} hashes")
        _require(all(len(one) == HASH_BYTES for one in self.hashes), "a hash that is not 32 bytes")
        _require(self.extra is None or len(self.extra) <= MAX_EXTRA_BYTES, "extra data")
        object.__setattr__(self, "parsed", split_note(self.note))

    def to_bytes(self) -> bytes:
        """The proof as printed."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(_EXTRA + base64.b64encode(self.extra).decode())
        lines.append(f"index {self.index}")
        lines += [base64.b64encode(one).decode() for one in self.hashes]
        return "".join(f"{line}\n" for line in (*lines, "")).encode() + self.note


# The proofs of one file mostly bring the same checkpoint.
split_note = functools.lru_cache(maxsize=16)(parse_note)


def parse_proof(data: bytes) -> Proof:
    """Read a proof without believing it; raises `proof-malformed` and what `parse_note` raises."""
    _require(len(data) <= MAX_PROOF_BYTES, f"{len(data)} bytes, cap {MAX_PROOF_BYTES}")
    head, blank, note = data.partition(b"\n\n")
    _require(blank, "no blank line before the checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise WireError("proof-malformed", "not ASCII above the checkpoint") from error
    _require(lines.pop(0) == HEADER, f"not {HEADER}")
    extra = None
    if lines and lines[0].startswith(_EXTRA):
        extra = _material(lines.pop(0)[len(_EXTRA) :])
    place = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if place is None:
        raise WireError("proof-malformed", "no index")
    return Proof(int(place[1]), tuple(map(_material, lines)), note, extra)


def _material(line: str) -> bytes:
    data = decode_base64(line)
    if not data:
        raise WireError("proof-malformed", f"not base64: {line[:60]!r}")
    return data


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("proof-malformed", what)
