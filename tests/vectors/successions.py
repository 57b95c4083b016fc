"""Vectors of key successions and of chains of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import Range, leaf_hash
from chorsu.wire.note import Note, Signature, parse_note
from chorsu.wire.succession import Succession, Why, sign_succession
from tests.vectors.sample import ASTANA, BEIJING, CHECKPOINT, LEAVES, NOW, ROOT, Vector

SECOND = SigningKey.from_bytes(bytes(range(64, 96)), BEIJING.name)
THIRD = SigningKey.from_bytes(bytes(range(96, 128)), BEIJING.name)
OTHER = SigningKey.from_bytes(bytes(range(128, 160)), BEIJING.name)
EMPTY = Range.empty()
TWO = EMPTY.append_all(map(leaf_hash, LEAVES[:2]))
FOUR = EMPTY.append_all(map(leaf_hash, [*LEAVES, b"one more"]))


def changed(
    old: SigningKey, new: SigningKey, edge: Range, hours: int = 0, why: Why = "rotated"
) -> Succession:
    time = NOW + timedelta(hours=hours)
    return sign_succession(old, new, size=edge.size, root=edge.root(), time=time, why=why)


FIRST = sign_succession(
    BEIJING, SECOND, size=3, root=CHECKPOINT.root, time=NOW + timedelta(hours=2), why="rotated"
)
NEXT = changed(SECOND, THIRD, FOUR, 3, "revoked")


def signed(text: str, *keys: SigningKey) -> bytes:
    """A note signed by whoever, whatever it says."""
    lines = [Signature(key.name, key.key_id, key.sign(text.encode())) for key in keys]
    return Note(text, tuple(lines)).to_bytes()


def succession_vectors() -> Iterator[Vector]:
    for number, key in (("second", SECOND), ("third", THIRD)):
        yield f"seeds/beijing-{number}.hex", key.seed.hex().encode()
    yield "succession/accepted/rotated.note", FIRST.note
    yield "succession/accepted/revoked.note", NEXT.note
    yield "succession/accepted/of-an-empty-log.note", changed(BEIJING, SECOND, EMPTY).note
    text, refused = FIRST.text(), "succession/refused"
    yield f"{refused}/wrong-key/not-by-the-old-key.note", signed(text, SECOND)
    yield f"{refused}/wrong-key/not-by-the-new-key.note", signed(text, BEIJING)
    yield f"{refused}/wrong-key/by-a-peer.note", signed(text, ASTANA, SECOND)
    lines = parse_note(FIRST.note).signatures
    for name, place in (("old", 0), ("new", 1)):
        forged = list(lines)
        forged[place] = replace(lines[place], value=OTHER.sign(text.encode()))
        claimed = Note(text, tuple(forged)).to_bytes()
        yield f"{refused}/bad-signature/{name}-key-claimed.note", claimed
    moved = text.replace("T04:", "T05:")
    yield f"{refused}/bad-signature/time-moved.note", Note(moved, lines).to_bytes()
    malformed = {
        "checkpoint": (f"{BEIJING.name}\n3\n{ROOT}\n", (BEIJING, SECOND)),
        "another-version": (text.replace("/v1", "/v2"), (BEIJING, SECOND)),
        "keys-of-another-name": (
            text.replace(f"{BEIJING.name}\n", f"{ASTANA.name}\n", 1),
            (BEIJING, SECOND),
        ),
        "key-of-a-peer": (text.replace(SECOND.vkey, ASTANA.vkey), (BEIJING, ASTANA)),
        "same-key": (text.replace(SECOND.vkey, BEIJING.vkey), (BEIJING, BEIJING)),
        "signatures-in-the-other-order": (text, (SECOND, BEIJING)),
        "signed-by-a-third-too": (text, (BEIJING, SECOND, ASTANA)),
        "signed-twice-by-one": (text, (BEIJING, BEIJING, SECOND)),
        "line-too-many": (text + "more\n", (BEIJING, SECOND)),
        "line-missing": (text.removesuffix("rotated\n"), (BEIJING, SECOND)),
        "size-leading-zero": (text.replace("\n3\n", "\n03\n"), (BEIJING, SECOND)),
        "size-negative": (text.replace("\n3\n", "\n-3\n"), (BEIJING, SECOND)),
        "size-two-to-the-63": (text.replace("\n3\n", f"\n{2**63}\n"), (BEIJING, SECOND)),
        "root-cut": (text.replace(ROOT, ROOT[:-4]), (BEIJING, SECOND)),
        "root-of-empty-log-wrong": (text.replace("\n3\n", "\n0\n"), (BEIJING, SECOND)),
        "time-with-offset": (text.replace(":43Z", ":43+00:00"), (BEIJING, SECOND)),
        "why-unknown": (text.replace("\nrotated\n", "\nlost\n"), (BEIJING, SECOND)),
        "why-upper-case": (text.replace("\nrotated\n", "\nRotated\n"), (BEIJING, SECOND)),
    }
    for attack, (said, keys) in malformed.items():
        yield f"{refused}/succession-malformed/{attack}.note", signed(said, *keys)
    long = Note(text, (*lines, *(lines[0] for _ in range(20)))).to_bytes()
    yield f"{refused}/succession-malformed/too-long.note", long
    cut = text.replace(SECOND.vkey, SECOND.vkey[:-4])
    yield f"{refused}/key-malformed/new-key-cut.note", signed(cut, BEIJING, SECOND)
    yield f"{refused}/note-malformed/not-signed.note", text.encode()


def chain_vectors() -> Iterator[Vector]:
    yield "chain/accepted/first-key.txt", b""
    yield "chain/accepted/changed-once.txt", FIRST.note
    yield "chain/accepted/changed-twice.txt", FIRST.note + NEXT.note
    broken = {
        "wrong-order": (NEXT, FIRST),
        "one-left-out": (FIRST, changed(THIRD, OTHER, FOUR)),
        "same-twice": (FIRST, FIRST),
        "two-from-one-key": (FIRST, changed(BEIJING, OTHER, FOUR)),
        "back-to-the-first-key": (FIRST, changed(SECOND, BEIJING, FOUR)),
        "smaller-log": (FIRST, changed(SECOND, THIRD, TWO)),
        "another-log-of-the-same-size": (
            FIRST,
            changed(SECOND, THIRD, EMPTY.append_all([leaf_hash(b"another")] * 3)),
        ),
        "of-another-node": (
            FIRST,
            changed(ASTANA, SigningKey.from_bytes(OTHER.seed, ASTANA.name), FOUR),
        ),
    }
    for attack, parts in broken.items():
        yield f"chain/refused/chain-broken/{attack}.txt", b"".join(one.note for one in parts)
    malformed = {
        "cut": FIRST.note + NEXT.note[:-1],
        "half": FIRST.note + NEXT.note.split(b"\n\n")[0],
        "empty-line-between": FIRST.note + b"\n" + NEXT.note,
        "carriage-returns": FIRST.note.replace(b"\n", b"\r\n")[:-2],
    }
    for attack, data in malformed.items():
        yield f"chain/refused/chain-malformed/{attack}.txt", data
    unsigned = signed(NEXT.text(), OTHER, THIRD)
    yield "chain/refused/wrong-key/second-not-by-its-old-key.txt", FIRST.note + unsigned
    yield "chain/refused/note-malformed/eleven-lines-of-nothing.txt", b"x\n" * 11
