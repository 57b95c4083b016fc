"""The strictest reader of a part of a bundle: all in it must be whole and prove true."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from chorsu.wire.bundle import (
    BLOB_FOLDER,
    Manifest,
    member_cap,
    parse_manifest,
    successions_of,
    witness_of,
)
from chorsu.wire.checkpoint import open_checkpoint, open_cosignature
from chorsu.wire.envelope import check_blob
from chorsu.wire.errors import WireError
from chorsu.wire.keys import VerifyKey
from chorsu.wire.merkle import Range, extend, leaf_hash
from chorsu.wire.succession import parse_chain
from chorsu.wire.tiles import bundles_for, decode_bundle
from chorsu.wire.zips import scan


@dataclass(frozen=True)
class Part:
    """What a part of a bundle from the first entry on holds."""

    manifest: Manifest
    leaves: list[bytes]
    blobs: dict[str, bytes]


def read_part(data: bytes, key: VerifyKey) -> Part:
    """A part whose `since` is 0; raises `WireError` for anything that does not hold."""
    contents = scan(lambda at, count: data[at : at + count], len(data))
    if contents.cut:
        raise WireError("carried-malformed", "cut")
    members: dict[str, bytes] = {}
    for name, one in contents.members.items():
        cap = member_cap(name)
        content = data[one.start : one.start + one.size]
        if cap is None or one.size > cap or zlib.crc32(content) != one.crc:
            raise WireError("carried-malformed", name)
        members[name] = content
    manifest = parse_manifest(_member(members, "manifest.json"))
    checkpoint = open_checkpoint(_member(members, "checkpoint"), key)
    parse_chain(members.get(successions_of(manifest.recipient), b""))
    seen = members.get(witness_of(manifest.recipient, manifest.origin))
    if seen is not None:
        open_cosignature(seen, key)
    leaves: list[bytes] = []
    for place in bundles_for(0, checkpoint.size):
        leaves += decode_bundle(_member(members, place.path), place.width)
    extend(Range.empty(), map(leaf_hash, leaves), checkpoint.root)
    blobs = {
        name.removeprefix(BLOB_FOLDER): content
        for name, content in members.items()
        if name.startswith(BLOB_FOLDER)
    }
    for sha256, content in blobs.items():
        check_blob(content, sha256, len(content))
    return Part(manifest, leaves, blobs)


def _member(members: dict[str, bytes], name: str) -> bytes:
    if name not in members:
        raise WireError("carried-malformed", f"no {name}")
    return members[name]
