"""Vectors of bundles: manifests, and whole parts of Beijing's log of three entries."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from chorsu.wire import zips
from chorsu.wire.bundle import Manifest, PartLine, successions_of, tiles_carried, witness_of
from chorsu.wire.checkpoint import Checkpoint, cosign, sign_checkpoint
from chorsu.wire.envelope import blob_hash, canonical_json, parse_json
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import EMPTY_ROOT, Range, leaf_hash
from chorsu.wire.succession import sign_succession
from chorsu.wire.tiles import ENTRIES, encode_bundle
from tests.vectors.sample import ASTANA, BEIJING, BLOB, LEAVES, NOW, Vector

LINES = (PartLine("stick.1of2.zip", 0, 2), PartLine("stick.2of2.zip", 1, 3))
ASTANA_SECOND = SigningKey.from_bytes(bytes(range(160, 192)), ASTANA.name)
BISHKEK = SigningKey.from_bytes(bytes(range(192, 224)), "bishkek.chorsu.example")
STRANGER = SigningKey.from_bytes(bytes(32), BEIJING.name)
MANIFEST = Manifest(BEIJING.name, ASTANA.name, NOW, 0, len(LEAVES), 2, LINES)
Members = Sequence[tuple[str, bytes]]


def manifest_vectors() -> Iterator[Vector]:
    good = MANIFEST.to_bytes()
    yield "manifest/accepted/second-of-two.json", good
    alone = replace(MANIFEST, part=1, parts=(PartLine("stick.zip", 3, 3),), since=3)
    yield "manifest/accepted/nothing-new.json", alone.to_bytes()
    changed = {
        "carried-format/newer": {"format": 2},
        "carried-malformed/format-true": {"format": True},
        "carried-malformed/member-unknown": {"signed": ""},
        "carried-malformed/part-zero": {"part": 0},
        "carried-malformed/part-beyond-the-last": {"part": 3},
        "carried-malformed/no-parts": {"parts": []},
        "carried-malformed/since-above-size": {"since": 4},
        "carried-malformed/size-negative": {"size": -1},
        "carried-malformed/time-with-zone": {"made_at": "2026-11-24T07:08:43+05:00"},
        "carried-malformed/name-out-of-the-folder": _first_name("../stick.zip"),
        "carried-malformed/name-hidden": _first_name(".stick.zip"),
        "carried-malformed/name-of-another-part": _first_name("stick.2of2.zip"),
        "carried-malformed/part-beyond-the-log": {
            "parts": [{"name": "a", "from": 0, "to": 4}, {"name": "b", "from": 0, "to": 3}]
        },
        "name-malformed/origin-in-capitals": {"origin": "Beijing.chorsu.example"},
        "name-malformed/for-nobody": {"for": ""},
    }
    value = parse_json(good, len(good))
    assert isinstance(value, dict)
    for attack, change in changed.items():
        yield f"manifest/refused/{attack}.json", canonical_json({**value, **change})
    left_out = {name: one for name, one in value.items() if name != "for"}
    yield "manifest/refused/carried-malformed/for-left-out.json", canonical_json(left_out)
    yield "manifest/refused/json-malformed/cut.json", good[:-1]
    yield "manifest/refused/json-not-canonical/newline-at-end.json", good + b"\n"


def part_vectors() -> Iterator[Vector]:
    good = _members(LEAVES, BLOB)
    yield "part/accepted/second-of-two.zip", _zip(good)
    yield "part/accepted/by-a-zip-program.zip", _by_program(good, zipfile.ZIP_STORED)
    yield "part/accepted/without-blobs.zip", _zip(good[:-1])
    yield "part/accepted/with-what-its-maker-knows.zip", _zip([*good, *_known(BEIJING)])
    whole = _zip(good)
    refused = {
        "carried-malformed/cut-in-a-blob": _zip(good, directory=False)[:-10],
        "carried-malformed/cut-before-the-directory": _zip(good, directory=False),
        "carried-malformed/cut-in-the-directory": whole[:-40],
        "carried-malformed/directory-of-fewer": _zip(good, count=len(good) - 1),
        "carried-malformed/compressed": _by_program(good, zipfile.ZIP_DEFLATED),
        "carried-malformed/unfolds-to-a-mebibyte": _by_program(
            [*good, ("blob/" + "0" * 64, bytes(2**20))], zipfile.ZIP_DEFLATED
        ),
        "carried-malformed/member-twice": _zip([*good, good[-1]]),
        "carried-malformed/bytes-before-the-first": b"\0" + whole,
        "carried-malformed/sizes-behind-the-bytes": _flags(whole, 8),
        "carried-malformed/encrypted-by-zip": _flags(whole, 1),
        "carried-malformed/name-out-of-the-folder": _zip([*good, ("../../escape", b"!")]),
        "carried-malformed/checksum-wrong": _flip(whole, whole.index(BLOB) + 5),
        "carried-malformed/nul-in-a-name": _zip([*good, ("a+b", b"!")]).replace(b"a+b", b"a\0b"),
        "carried-malformed/witness-of-no-log": _zip([*good, ("witness/beijing", b"")]),
        "carried-malformed/successions-of-no-node": _zip([*good, ("successions/..", b"")]),
        "chain-malformed/successions-cut": _zip(
            [*good, (successions_of(ASTANA.name), _known(BEIJING)[0][1][:-1])]
        ),
        "wrong-key/witnessed-by-another": _zip([*good, *_known(STRANGER)]),
        "carried-malformed/without-a-manifest": _zip(good[1:]),
        "carried-malformed/without-entries": _zip([one for one in good if "entries" not in one[0]]),
        "root-mismatch/entry-changed": _zip(
            _members([*LEAVES[:-1], LEAVES[-1].replace(b"2026", b"2025")], BLOB)
        ),
        "blob-hash/blob-changed": _zip([*good[:-1], (good[-1][0], BLOB.replace(b"2016", b"2017"))]),
        "wrong-key/signed-by-another": _zip(_members(LEAVES, BLOB, STRANGER)),
    }
    for attack, data in refused.items():
        yield f"part/refused/{attack}.zip", data


def _members(
    leaves: Sequence[bytes], blob: bytes, key: SigningKey = BEIJING
) -> list[tuple[str, bytes]]:
    true = Range.empty().append_all(map(leaf_hash, LEAVES))
    note = sign_checkpoint(Checkpoint(BEIJING.name, true.size, true.root()), key)
    members = [("manifest.json", MANIFEST.to_bytes()), ("checkpoint", note)]
    for tile in tiles_carried(0, len(leaves)):
        entries = tile.level == ENTRIES
        hashes = b"".join(map(leaf_hash, LEAVES))
        members.append((tile.path, encode_bundle(leaves) if entries else hashes))
    return [*members, (f"blob/{blob_hash(BLOB)}", blob)]


def _known(key: SigningKey) -> list[tuple[str, bytes]]:
    """How Astana came to its key, and how far its log, empty yet, was seen: by who has this key,
    and by a third.
    """
    made = sign_succession(ASTANA, ASTANA_SECOND, size=0, root=EMPTY_ROOT, time=NOW, why="rotated")
    note = sign_checkpoint(Checkpoint(ASTANA.name, 0, EMPTY_ROOT), ASTANA_SECOND)
    return [
        (successions_of(ASTANA.name), made.note),
        (witness_of(ASTANA.name, BEIJING.name), cosign(note, key, NOW)),
        (witness_of(ASTANA.name, BISHKEK.name), cosign(note, BISHKEK, NOW)),
    ]


def _zip(members: Members, *, directory: bool = True, count: int = -1) -> bytes:
    data, written = b"", []
    for name, content in members:
        one = zips.member(name, len(content), zlib.crc32(content), len(data))
        data += zips.local_header(one) + content
        written.append(one)
    listed = written if count < 0 else written[:count]
    return data + zips.directory(listed, len(data)) if directory else data


def _by_program(members: Members, method: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, content in members:
            info = zipfile.ZipInfo(name, (2026, 11, 24, 2, 8, 42))
            info.compress_type = method
            file.writestr(info, content)
    return buffer.getvalue()


def _flags(data: bytes, flags: int) -> bytes:
    return data[:6] + flags.to_bytes(2, "little") + data[8:]


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _first_name(name: str) -> dict[str, object]:
    lines = [{"name": one.name, "from": one.start, "to": one.end} for one in LINES]
    return {"parts": [{**lines[0], "name": name}, lines[1]]}
