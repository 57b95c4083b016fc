"""Vectors of keys, notes, checkpoints and cosignatures."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import replace

from chorsu.wire.checkpoint import Checkpoint, cosign, sign_checkpoint
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import Range
from chorsu.wire.note import Note, parse_note, sign
from tests.vectors.sample import (
    ASTANA,
    BEIJING,
    CHECKPOINT,
    NOW,
    ROOT,
    Vector,
)


def key_vectors() -> Iterator[Vector]:
    for key in (BEIJING, ASTANA):
        short = key.name.partition(".")[0]
        yield f"seeds/{short}.hex", key.seed.hex().encode()
        yield f"key/accepted/{short}.vkey", key.vkey.encode()
    name, digest, material = BEIJING.vkey.split("+", 2)
    bad = {
        "another-name": f"beijlng.chorsu.example+{digest}+{material}",
        "another-key-id": f"{name}+00000000+{material}",
        "key-id-upper-case": f"{name}+{digest.upper()}+{material}",
        "cut-short": BEIJING.vkey[:-4],
        "base64-loose-bits": f"{name}+{digest}+{material[:-1]}B",
        "newline-at-end": BEIJING.vkey + "\n",
        "no-name": f"+{digest}+{material}",
        "cosigner-algorithm": _vkey(name, 4, BEIJING.verify_key.public),
        "small-order-point": _vkey(name, 1, bytes([1]) + bytes(31)),
        "all-zero-point": _vkey(name, 1, bytes(32)),
    }
    for attack, vkey in bad.items():
        yield f"key/refused/key-malformed/{attack}.vkey", vkey.encode()
    for attack, wrong in {
        "upper-case": "Beijing.chorsu.example",
        "cyrillic-look-alike": "b\u0435ijing.chorsu.example",
        "with-path": "beijing.chorsu.example/x",
        "trailing-dot": "beijing.chorsu.example.",
        "space": "beijing chorsu.example",
    }.items():
        vkey = _vkey(wrong, 1, BEIJING.verify_key.public)
        yield f"key/refused/name-malformed/{attack}.vkey", vkey.encode()


def _vkey(name: str, algorithm: int, public: bytes) -> str:
    material = bytes([algorithm]) + public
    digest = hashlib.sha256(name.encode() + b"\n" + material).hexdigest()[:8]
    return f"{name}+{digest}+{base64.b64encode(material).decode()}"


def note_vectors() -> Iterator[Vector]:
    good = sign("First line\n\nText after an empty line: 吉 ғ ü\n", BEIJING)
    yield "note/accepted/empty-line-in-text.note", good
    stranger = "— example.org/x AAAAAQI=\n".encode()
    yield (
        "note/accepted/unknown-signer-beside.note",
        good + stranger,
    )
    lines = good.splitlines(keepends=True)
    body, signature = b"".join(lines[:-1]), lines[-1]
    malformed = {
        "no-signature": body,
        "no-blank-line": good.replace(b"\n\n", b"\n"),
        "newline-missing-at-end": good[:-1],
        "carriage-return": good.replace(b"First line\n", b"First line\r\n"),
        "control-character": good.replace(b"First", b"Fi\x07rst"),
        "not-utf-8": good.replace(b"First", b"Fi\xffrst"),
        "hyphen-for-dash": body + signature.replace("—".encode(), b"-"),
        "two-spaces": body + signature.replace(b" ", b"  ", 1),
        "base64-without-padding": body + signature.replace(b"=", b""),
        "base64-url-alphabet": body + signature[:-3] + b"-_\n",
        "control-character-in-a-name": good + "— exa\x01mple AAAAAQI=\n".encode(),
        "signature-empty": body + "— beijing.chorsu.example \n".encode(),
        "empty": b"",
    }
    for attack, data in malformed.items():
        yield f"note/refused/note-malformed/{attack}.note", data
    yield "note/refused/bad-signature/text-changed.note", good.replace(b"First", b"Last!")
    parsed = parse_note(good)
    cut = replace(parsed.signatures[0], value=parsed.signatures[0].value[:-1])
    yield "note/refused/bad-signature/cut-signature.note", Note(parsed.text, (cut,)).to_bytes()
    yield "note/refused/wrong-key/signed-by-another.note", sign(parsed.text, ASTANA)
    impostor = SigningKey.from_bytes(bytes(32), BEIJING.name)
    yield "note/refused/wrong-key/same-name-other-key.note", sign(parsed.text, impostor)
    many = Note(parsed.text, parsed.signatures * 64).to_bytes() + signature
    yield "note/refused/note-too-large/sixty-five-signatures.note", many


def checkpoint_vectors() -> Iterator[Vector]:
    empty = Checkpoint(BEIJING.name, 0, Range.empty().root())
    yield "checkpoint/accepted/empty-log.note", sign_checkpoint(empty, BEIJING)
    yield "checkpoint/accepted/three-entries.note", sign_checkpoint(CHECKPOINT, BEIJING)
    extended = replace(CHECKPOINT, extensions=("an extension line",))
    yield "checkpoint/accepted/extension-line.note", sign_checkpoint(extended, BEIJING)
    sizes = {
        "negative": "-3",
        "plus-sign": "+3",
        "underscore": "1_3",
        "arabic-indic-digits": "٣",
        "leading-zero": "03",
        "double-zero": "00",
        "space-before": " 3",
        "space-after": "3 ",
        "hexadecimal": "0x3",
        "exponent": "3e0",
        "empty": "",
        "two-to-the-63": str(2**63),
        "hundred-digits": "9" * 100,
    }
    for attack, size in sizes.items():
        text = f"{BEIJING.name}\n{size}\n{ROOT}\n"
        yield f"checkpoint/refused/checkpoint-malformed/size-{attack}.note", sign(text, BEIJING)
    texts = {
        "origin-empty": f"\n3\n{ROOT}\n",
        "two-lines": f"{BEIJING.name}\n3\n",
        "root-cut": f"{BEIJING.name}\n3\n{ROOT[:-4]}\n",
        "root-loose-bits": f"{BEIJING.name}\n3\n{ROOT[:-2]}{chr(ord(ROOT[-2]) + 1)}=\n",
        "root-not-base64": f"{BEIJING.name}\n3\n{'!' * 44}\n",
        "root-of-empty-log-wrong": f"{BEIJING.name}\n0\n{ROOT}\n",
        "extension-line-empty": f"{BEIJING.name}\n3\n{ROOT}\n\nmore\n",
    }
    for attack, text in texts.items():
        yield f"checkpoint/refused/checkpoint-malformed/{attack}.note", sign(text, BEIJING)
    other = replace(CHECKPOINT, origin=ASTANA.name)
    yield "checkpoint/refused/wrong-origin/of-another-log.note", sign(other.text(), BEIJING)
    spaced = replace(CHECKPOINT, origin=BEIJING.name + " ")
    yield "checkpoint/refused/wrong-origin/space-after.note", sign(spaced.text(), BEIJING)
    yield "checkpoint/refused/wrong-key/signed-by-a-peer.note", sign(CHECKPOINT.text(), ASTANA)


def cosignature_vectors() -> Iterator[Vector]:
    note = sign_checkpoint(CHECKPOINT, BEIJING)
    good = cosign(note, ASTANA, NOW)
    yield "cosignature/accepted/by-a-peer.note", good
    yield "cosignature/refused/wrong-key/none.note", note
    parsed = parse_note(good)
    log_line, line = parsed.signatures

    def with_value(value: bytes) -> bytes:
        return Note(parsed.text, (log_line, replace(line, value=value))).to_bytes()

    later = (int.from_bytes(line.value[:8], "big") + 1).to_bytes(8, "big")
    yield "cosignature/refused/bad-signature/time-moved.note", with_value(later + line.value[8:])
    yield "cosignature/refused/cosignature-malformed/cut-short.note", with_value(line.value[:-1])
    far = bytes([0x7F] * 8) + line.value[8:]
    yield "cosignature/refused/cosignature-malformed/far-future.note", with_value(far)
    plain = replace(line, value=bytes(8) + ASTANA.sign(parsed.text.encode()))
    as_note = Note(parsed.text, (log_line, plain)).to_bytes()
    yield "cosignature/refused/bad-signature/a-note-signature-passed-off.note", as_note
