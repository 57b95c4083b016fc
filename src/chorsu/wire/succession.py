"""Key successions: how a node goes over to another key, in words that both keys sign.

A succession is a signed note of exactly eight lines with exactly two signatures, the old key's and
then the new one's. A chain is the successions of one node, one note after the other, from its first
key to its present one. One spelling each: what is read prints to the same bytes.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias, cast

from chorsu.kernel.clock import InvalidTime, format_time, parse_time, whole_seconds
from chorsu.wire.checkpoint import MAX_SIZE
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey, decode_base64
from chorsu.wire.merkle import EMPTY_ROOT, HASH_BYTES
from chorsu.wire.note import Note, Signature, parse_note

FIRST_LINE = "chorsu/key-succession/v1"
"""No node's name has a slash and no size is a name: no checkpoint reads like this."""
ROTATED, REVOKED = "rotated", "revoked"
Why: TypeAlias = Literal["rotated", "revoked"]
MAX_SUCCESSION_BYTES = 2048
MAX_SUCCESSIONS = 256
MAX_CHAIN_BYTES = MAX_SUCCESSIONS * MAX_SUCCESSION_BYTES
_TEXT_LINES = 8
_NOTE_LINES = _TEXT_LINES + 1 + 2
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Succession:
    """That `new` took the place of `old` when the log had `size` entries with this root.

    `note` is what was signed, with both signatures; two successions are equal by what they say.
    """

    old: VerifyKey
    new: VerifyKey
    size: int
    root: bytes
    time: datetime
    why: Why
    note: bytes = field(default=b"", compare=False, repr=False)

    def __post_init__(self) -> None:
        _require(self.old.name == self.new.name, "keys of two names")
        # The key id too: a signature line names its key by nothing else.
        same = self.old.public == self.new.public or self.old.key_id == self.new.key_id
        _require(not same, "one key for two")
        _require(0 <= self.size <= MAX_SIZE, "size")
        _require(len(self.root) == HASH_BYTES, "root")
        _require(self.size > 0 or self.root == EMPTY_ROOT, "not the root of an empty log")
        _require(self.why in (ROTATED, REVOKED), "why")

    @property
    def name(self) -> str:
        """The node whose keys they are."""
        return self.old.name

    @property
    def revoked(self) -> bool:
        """Whether the old key may be in other hands."""
        return self.why == REVOKED

    def text(self) -> str:
        """The text that both keys sign."""
        lines = (
            FIRST_LINE,
            self.name,
            self.old.vkey,
            self.new.vkey,
            str(self.size),
            base64.b64encode(self.root).decode(),
            format_time(whole_seconds(self.time)),
            self.why,
        )
        return "".join(f"{line}\n" for line in lines)


def sign_succession(
    old: SigningKey, new: SigningKey, *, size: int, root: bytes, time: datetime, why: Why
) -> Succession:
    """The succession of two keys of one node, signed by both."""
    unsigned = Succession(old.verify_key, new.verify_key, size, root, whole_seconds(time), why)
    text = unsigned.text()
    lines = [Signature(key.name, key.key_id, key.sign(text.encode())) for key in (old, new)]
    return open_succession(Note(text, tuple(lines)).to_bytes())


def open_succession(data: bytes) -> Succession:
    """Read one succession and check both signatures.

    Raises `succession-malformed`, `wrong-key` where a key did not sign, `bad-signature`, and the
    codes of notes and keys.
    """
    _require(len(data) <= MAX_SUCCESSION_BYTES, f"{len(data)} bytes")
    note = parse_note(data)
    said = _parse_text(note.text)
    _require(said.text() == note.text, "another spelling")
    both = (said.old, said.new)
    signers = [(one.name, one.key_id) for one in note.signatures]
    expected = [(key.name, key.key_id) for key in both]
    if missing := [key.vkey for key, who in zip(both, expected, strict=True) if who not in signers]:
        raise WireError("wrong-key", f"not signed by {', '.join(missing)}")
    _require(signers == expected, "signed by the old key, then by the new one, and by no other")
    for key, signature in zip(both, note.signatures, strict=True):
        if not key.verify(signature.value, note.text.encode()):
            raise WireError("bad-signature", f"of {key.vkey}")
    return Succession(said.old, said.new, said.size, said.root, said.time, said.why, data)


def parse_chain(data: bytes) -> tuple[Succession, ...]:
    """Read a chain; nothing at all is the chain of a node that has its first key.

    Each succession is signed by both keys, begins with the key that the one before ended with, and
    names a log not smaller than that; no key comes back. Raises `chain-malformed`, `chain-broken`,
    and what `open_succession` raises.
    """
    if len(data) > MAX_CHAIN_BYTES:
        raise WireError("chain-malformed", f"{len(data)} bytes, cap {MAX_CHAIN_BYTES}")
    lines = data.split(b"\n")
    count, rest = divmod(len(lines) - 1, _NOTE_LINES)
    if rest or lines[-1] or count > MAX_SUCCESSIONS:
        raise WireError("chain-malformed", "not whole successions, or too many")
    notes = [
        b"".join(line + b"\n" for line in lines[start : start + _NOTE_LINES])
        for start in range(0, count * _NOTE_LINES, _NOTE_LINES)
    ]
    chain = tuple(open_succession(note) for note in notes)
    check_links(chain)
    return chain


def print_chain(chain: Sequence[Succession]) -> bytes:
    """The chain as served."""
    return b"".join(one.note for one in chain)


def check_links(chain: Sequence[Succession]) -> None:
    """Raise `chain-broken` unless each succession goes on from the one before."""
    seen = {chain[0].old.public} if chain else set()
    for number, one in enumerate(chain):
        before = chain[number - 1] if number else None
        if before and before.new != one.old:
            raise WireError("chain-broken", f"number {number + 1} is of another key")
        if before and one.size < before.size:
            raise WireError("chain-broken", f"number {number + 1} names a smaller log")
        if before and one.size == before.size and one.root != before.root:
            raise WireError("chain-broken", f"number {number + 1} names another log")
        if one.new.public in seen:
            raise WireError("chain-broken", f"number {number + 1} brings a key back")
        seen.add(one.new.public)


@dataclass(frozen=True, slots=True)
class OldKey:
    """A key that was replaced, as a reader remembers it: what it signed up to `size` counts."""

    key: VerifyKey
    size: int
    revoked: bool

    def line(self) -> str:
        """The line of a list of keys: the key, then `until` and the size, then `revoked` if so."""
        return f"{self.key.vkey} until {self.size}" + (" revoked" if self.revoked else "")


KnownKey: TypeAlias = VerifyKey | OldKey


def public_key(known: KnownKey) -> VerifyKey:
    """The key itself."""
    return known.key if isinstance(known, OldKey) else known


def old_keys(chain: Sequence[Succession]) -> list[OldKey]:
    """The replaced keys of a chain, newest first."""
    return [OldKey(one.old, one.size, one.revoked) for one in reversed(chain)]


def key_line(known: KnownKey) -> str:
    """The line of a list of keys, as `parse_known_key` reads it."""
    return known.line() if isinstance(known, OldKey) else known.vkey


def parse_known_key(line: str) -> KnownKey:
    """Read a line of a list of keys; raises `key-malformed`, `name-malformed`."""
    vkey, *rest = line.split(" ")
    key = VerifyKey.parse(vkey)
    if not rest:
        return key
    size = rest[1] if len(rest) > 1 else ""
    sized = rest[0] == "until" and _DECIMAL.fullmatch(size) and int(size) <= MAX_SIZE
    if not sized or rest[2:] not in ([], ["revoked"]):
        raise WireError("key-malformed", f"after the key comes until SIZE [revoked]: {line[:80]!r}")
    return OldKey(key, int(size), bool(rest[2:]))


def _parse_text(text: str) -> Succession:
    lines = text.split("\n")
    _require(len(lines) == _TEXT_LINES + 1 and lines[0] == FIRST_LINE, "not eight lines of it")
    _, name, old, new, size, root64, time, why, _ = lines
    root = decode_base64(root64)
    if root is None or _DECIMAL.fullmatch(size) is None:
        raise WireError("succession-malformed", f"size {size[:40]!r}, root {root64[:60]!r}")
    try:
        moment = parse_time(time)
    except InvalidTime as error:
        raise WireError("succession-malformed", str(error)) from error
    said = Succession(
        VerifyKey.parse(old), VerifyKey.parse(new), int(size), root, moment, cast("Why", why)
    )
    _require(said.name == name, "keys of another name")
    return said


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("succession-malformed", what)
