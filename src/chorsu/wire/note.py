"""Signed notes, c2sp.org/signed-note: a text and the signatures under it.

A text is worth nothing until a key one trusts has signed it: use `open_note`; `parse_note` is for
software that adds signatures or shows them.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey, decode_base64

MAX_NOTE_BYTES = 64 * 1024
MAX_SIGNATURES = 64
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_SIGNATURE_LINE = re.compile(r"— ([^\s+\x00-\x1f]+) ([A-Za-z0-9+/=]+)")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who claims it, the 32-bit id of the key, the signature's bytes."""

    name: str
    key_id: int
    value: bytes

    def line(self) -> str:
        """The line as printed, with its newline."""
        material = self.key_id.to_bytes(4, "big") + self.value
        return f"— {self.name} {base64.b64encode(material).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, ending in a newline, with its signatures in order."""

    text: str
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        """The note as printed; raises `note-malformed` or `note-too-large`."""
        _check_text(self.text)
        data = (self.text + "\n" + "".join(s.line() for s in self.signatures)).encode()
        if len(data) > MAX_NOTE_BYTES or len(self.signatures) > MAX_SIGNATURES:
            raise WireError("note-too-large", f"{len(data)} bytes")
        return data


def sign(text: str, key: SigningKey) -> bytes:
    """A note of `text` with one Ed25519 signature; `text` must end in a newline."""
    signature = Signature(key.name, key.key_id, key.sign(_check_text(text)))
    return Note(text, (signature,)).to_bytes()


def parse_note(data: bytes) -> Note:
    """Split a note without verifying anything; raises `note-malformed` or `note-too-large`."""
    if len(data) > MAX_NOTE_BYTES:
        raise WireError("note-too-large", f"{len(data)} bytes, cap {MAX_NOTE_BYTES}")
    try:
        whole = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise WireError("note-malformed", "not UTF-8") from error
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise WireError("note-malformed", "no blank line before the signatures, or a cut end")
    text += "\n"
    _check_text(text)
    signature_lines = lines[:-1].split("\n")
    if len(signature_lines) > MAX_SIGNATURES:
        raise WireError("note-too-large", f"{len(signature_lines)} signatures")
    return Note(text, tuple(_parse_signature(line) for line in signature_lines))


def open_note(data: bytes, keys: Iterable[VerifyKey]) -> Note:
    """Read a note that at least one of `keys` signed; `signatures` holds only the verified ones.

    Signatures of other keys are ignored. Raises `bad-signature` if a line names one of `keys` and
    does not verify, `wrong-key` if none of them signed, and what `parse_note` raises.
    """
    return open_parsed(parse_note(data), keys)


def open_parsed(note: Note, keys: Iterable[VerifyKey]) -> Note:
    """As `open_note`, of a note that was split already."""
    known = {(key.name, key.key_id): key for key in keys}
    message = note.text.encode()
    verified: list[Signature] = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not key.verify(signature.value, message):
            raise WireError("bad-signature", f"of {signature.name}")
        verified.append(signature)
    if not verified:
        names = ", ".join(sorted(name for name, _ in known)) or "nobody"
        raise WireError("wrong-key", f"not signed by {names}")
    return Note(note.text, tuple(verified))


def _check_text(text: str) -> bytes:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise WireError("note-malformed", "a text ends in a newline and has no control characters")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise WireError("note-malformed", "a lone surrogate") from error


def _parse_signature(line: str) -> Signature:
    match = _SIGNATURE_LINE.fullmatch(line)
    material = decode_base64(match[2]) if match else None
    if match is None or material is None or len(material) < 5:
        raise WireError("note-malformed", f"not a signature line: {line[:80]!r}")
    return Signature(match[1], int.from_bytes(material[:4], "big"), material[4:])
