"""Vectors of whole logs, look after look: what a reader must take of them, and what not.

A look is a folder of files by the path at which a node serves them. `logs/followed/<what>/<look>`
is read to its end; the last look of `logs/not-taken/<code>/<attack>/<look>` is refused with that
code and changes nothing; that of `logs/set-aside/<code>/<attack>/<look>` proves that the log
contradicts what it had signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from chorsu.wire.checkpoint import Checkpoint, sign_checkpoint
from chorsu.wire.entry import Entry
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import Range, leaf_hash
from chorsu.wire.note import sign
from chorsu.wire.succession import Succession, print_chain
from chorsu.wire.tiles import ENTRIES, Tile, encode_bundle
from tests.vectors.sample import ASTANA, BEIJING, PUBLISHED, Vector
from tests.vectors.successions import OTHER, SECOND, THIRD, changed

Look = Mapping[str, bytes]


def poem(number: int) -> bytes:
    """An entry of a kind that no reader knows: it is kept, and no content is asked for."""
    made: Entry = replace(PUBLISHED, kind="poem", id=f"019349f5-3c00-7d3e-8a52-{number:012x}")
    return made.to_bytes()


LOG = [poem(number) for number in range(5)]
CHANGED_FIRST = [poem(100), *LOG[1:]]
CHANGED_THIRD = [*LOG[:2], poem(102), *LOG[3:]]


def edge(leaves: Sequence[bytes]) -> Range:
    return Range.empty().append_all(map(leaf_hash, leaves))


def note(leaves: Sequence[bytes], key: SigningKey = BEIJING) -> bytes:
    at = edge(leaves)
    return sign_checkpoint(Checkpoint(BEIJING.name, at.size, at.root()), key)


def look(
    leaves: Sequence[bytes],
    key: SigningKey = BEIJING,
    *chain: Succession,
    signed: bytes | None = None,
    bundle: bytes | None = None,
    tile: bytes | None = None,
) -> Look:
    """What a node with these leaves serves, by path; checkpoint, bundle or tile may be others."""
    width = len(leaves)
    files = {"checkpoint": note(leaves, key) if signed is None else signed}
    files["keys"] = print_chain(chain)
    if width:
        hashes = b"".join(map(leaf_hash, leaves))
        files[Tile(ENTRIES, 0, width).path] = bundle or encode_bundle(list(leaves))
        files[Tile(0, 0, width).path] = tile or hashes
    return files


FIRST = changed(BEIJING, SECOND, edge(LOG[:3]), 2)
REVOKED = changed(BEIJING, SECOND, edge(LOG[:3]), 2, "revoked")
RIVAL = changed(BEIJING, OTHER, edge(LOG[:3]), 2)
NEXT = changed(SECOND, THIRD, edge(LOG[:4]), 3)
FOREIGN = changed(OTHER, THIRD, edge(LOG[:3]), 2)
THREE = look(LOG[:3])
THREE_BY_SECOND = look(LOG[:3], SECOND, FIRST)


def _followed() -> Iterator[tuple[str, Sequence[Look]]]:
    yield "an-empty-log-then-three", [look([]), THREE]
    yield "three-then-five", [THREE, look(LOG)]
    yield "the-same-checkpoint-again", [THREE, THREE]
    damaged = look(LOG, bundle=encode_bundle([*LOG[:4], poem(104)]))
    yield "damaged-on-the-way-then-whole", [THREE, damaged, look(LOG)]
    yield "old-checkpoint-of-the-old-key-then-the-new-one", [
        THREE, THREE_BY_SECOND, look(LOG[:3], BEIJING, FIRST), look(LOG[:4], SECOND, FIRST),
    ]  # fmt: skip
    yield "key-changed-and-no-entry", [THREE, THREE_BY_SECOND]
    yield "key-changed-and-two-entries", [THREE, look(LOG, SECOND, FIRST)]
    yield "key-revoked-and-two-entries", [THREE, look(LOG, SECOND, REVOKED)]
    yield "key-changed-after-entries-not-seen", [look(LOG[:2]), look(LOG, SECOND, FIRST)]
    yield "key-changed-twice-between-two-looks", [look(LOG[:2]), look(LOG, THIRD, FIRST, NEXT)]


def _not_taken() -> Iterator[tuple[str, Sequence[Look]]]:
    yield "wrong-key/another-key-of-the-same-name", [THREE, look(LOG, OTHER)]
    text = Checkpoint(BEIJING.name, 5, edge(LOG).root()).text()
    yield "wrong-key/the-key-of-a-peer", [THREE, look(LOG, signed=sign(text, ASTANA))]
    theirs = text.replace(BEIJING.name, ASTANA.name)
    yield "wrong-origin/the-log-of-a-peer", [THREE, look(LOG, signed=sign(theirs, BEIJING))]
    fewer, more = encode_bundle(LOG[:4]), encode_bundle([*LOG, poem(5)])
    yield "bundle-malformed/one-entry-fewer-than-promised", [THREE, look(LOG, bundle=fewer)]
    yield "bundle-malformed/one-entry-more-than-promised", [THREE, look(LOG, bundle=more)]
    swapped = encode_bundle([*LOG[:3], LOG[4], LOG[3]])
    yield "root-mismatch/new-entries-in-another-order", [THREE, look(LOG, bundle=swapped)]
    another = encode_bundle([*LOG[:4], poem(104)])
    yield "root-mismatch/new-entry-changed-on-the-way", [THREE, look(LOG, bundle=another)]
    nowhere = note([*LOG[:4], poem(104)])
    yield "root-mismatch/root-that-nothing-served-leads-to", [THREE, look(LOG, signed=nowhere)]
    yield "chain-broken/chain-of-other-keys", [THREE, look(LOG, THIRD, FOREIGN)]
    yield "old-key/last-checkpoint-of-the-replaced-key-again", [
        THREE, THREE_BY_SECOND, look(LOG[:3], BEIJING, FIRST),
    ]  # fmt: skip
    thief = look(CHANGED_FIRST[:2], BEIJING, REVOKED)
    yield "old-key/fewer-entries-and-others-by-a-revoked-key", [
        THREE, look(LOG[:3], SECOND, REVOKED), thief,
    ]  # fmt: skip
    flipped = b"".join(map(leaf_hash, [*LOG[:2], poem(102), LOG[3]]))
    yield "proof-invalid/tile-changed-on-the-way-to-a-new-key", [
        look(LOG[:2]), look(LOG[:4], SECOND, FIRST, tile=flipped),
    ]  # fmt: skip


def _set_aside() -> Iterator[tuple[str, Sequence[Look]]]:
    yield "rolled-back/one-entry-fewer", [THREE, look(LOG[:2])]
    yield "rolled-back/an-empty-log", [THREE, look([])]
    yield "rolled-back/one-entry-fewer-and-another", [THREE, look(CHANGED_FIRST[:2])]
    yield "fork/another-last-entry", [THREE, look(CHANGED_THIRD[:3])]
    yield "fork/another-first-entry", [THREE, look(CHANGED_FIRST[:3])]
    yield "rewritten/an-old-entry-changed", [THREE, look(CHANGED_FIRST)]
    yield "rewritten/an-old-entry-left-out", [THREE, look([*LOG[1:], poem(5)])]
    yield "rewritten/entries-put-before", [THREE, look([poem(100), poem(101), *LOG])]
    yield "two-successors/another-successor-of-the-first-key", [
        THREE, THREE_BY_SECOND, look(LOG, OTHER, RIVAL),
    ]  # fmt: skip
    yield "old-key/goes-on-with-the-replaced-key", [
        THREE, THREE_BY_SECOND, look(LOG[:4], BEIJING, FIRST),
    ]  # fmt: skip
    yield "old-key/goes-on-with-a-revoked-key", [
        THREE, look(LOG[:3], SECOND, REVOKED), look(LOG[:4], BEIJING, REVOKED),
    ]  # fmt: skip
    yield "old-key/more-entries-accepted-than-the-succession-names", [
        look(LOG[:4]), look(LOG, SECOND, FIRST),
    ]  # fmt: skip
    yield "fork/another-log-by-the-replaced-key-at-its-last-size", [
        THREE, THREE_BY_SECOND, look(CHANGED_THIRD[:3], BEIJING, FIRST),
    ]  # fmt: skip
    yield "rolled-back/new-key-signs-fewer-entries-than-its-succession", [
        look(LOG[:2]), look(LOG[:2], SECOND, FIRST),
    ]  # fmt: skip
    yield "fork/new-key-signs-another-log-of-its-succession-s-size", [
        look(LOG[:2]), look(CHANGED_THIRD[:3], SECOND, FIRST),
    ]  # fmt: skip
    yield "fork/new-key-signs-a-log-without-that-of-its-succession", [
        look(LOG[:2]), look(CHANGED_THIRD, SECOND, FIRST),
    ]  # fmt: skip
    yield "fork/succession-names-another-log-than-was-accepted", [
        THREE, look(CHANGED_THIRD, SECOND, changed(BEIJING, SECOND, edge(CHANGED_THIRD[:3]), 2)),
    ]  # fmt: skip


def log_vectors() -> Iterator[Vector]:
    verdicts = {"followed": _followed, "not-taken": _not_taken, "set-aside": _set_aside}
    for verdict, scenarios in verdicts.items():
        for name, looks in scenarios():
            for number, files in enumerate(looks, 1):
                for path, data in files.items():
                    yield f"logs/{verdict}/{name}/{number}/exchange/{path}", data
