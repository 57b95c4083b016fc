"""Parts of bundles, made of a remote node in memory by `chorsu.wire` alone and `zipfile`."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chorsu.exchange import sealing
from chorsu.wire.bundle import Manifest, PartLine, successions_of, tiles_carried, witness_of
from chorsu.wire.erasing import MAX_LISTED, ErasureList, sign_answers
from chorsu.wire.keys import VerifyKey
from tests.memory_node import PREFIX, MemoryNode

FOR = "hub.chorsu.example"


@dataclass
class Stick:
    """Makes parts of a node's log as it stands when asked."""

    node: MemoryNode
    now: datetime

    def part(
        self,
        blobs: Sequence[str] | None = None,
        *,
        number: int = 1,
        lines: Sequence[PartLine] = (),
        since: int = 0,
        origin: str = "",
        recipient: str = FOR,
        extra: Sequence[tuple[str, bytes]] = (),
    ) -> bytes:
        """A plain part with these blobs, or all; `zipfile` writes it, as a stranger's node may."""
        size = len(self.node.leaves)
        manifest = Manifest(
            origin=origin or self.node.name,
            recipient=recipient,
            made_at=self.now,
            since=since,
            size=size,
            part=number,
            parts=tuple(lines) or (PartLine("stick.zip", since, size),),
        )
        members = [("manifest.json", manifest.to_bytes()), ("checkpoint", self._get("checkpoint"))]
        if self.node.chain:
            members.append(("keys", self._get("keys")))
        members += [*self.known(), *self.said()]
        members += [(tile.path, self._get(tile.path)) for tile in tiles_carried(since, size)]
        chosen = self.node.blobs if blobs is None else blobs
        members += [(f"blob/{one}", self._get(f"blob/{one}")) for one in chosen]
        return zipped([*members, *extra])

    def known(self) -> list[tuple[str, bytes]]:
        """What the node knows of others' keys, and has seen of their logs."""
        node = self.node
        chains = [(successions_of(name), chain) for name, chain in node.known_chains.items()]
        return chains + [(witness_of(log, node.name), note) for log, note in node.seen.items()]

    def said(self, origin: str = FOR) -> list[tuple[str, bytes]]:
        """What the node erased, and what it answers to this node's erasures."""
        node, members, after = self.node, [], 0
        last = node.erasures[-1].number if node.erasures else 0
        for first in range(0, len(node.erasures), MAX_LISTED):
            some = tuple(node.erasures[first : first + MAX_LISTED])
            found = ErasureList(node.name, after, last, some)
            members.append((f"erasures/{after}", found.to_bytes(node.key)))
            after = some[-1].number
        if node.says:
            note = sign_answers(node.says, origin=origin, key=node.key)
            members.append(("erasure-answers/0", note))
        return members

    def _get(self, path: str) -> bytes:
        headers = self.node.signed_headers("GET", self.node.address + PREFIX + path)
        status, _, body = self.node.respond("GET", PREFIX + path, headers, b"")
        assert status == 200, path
        return body


def zipped(members: Sequence[tuple[str, bytes]], *, method: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of these members, in this order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        for name, data in members:
            file.writestr(name, data)
    return buffer.getvalue()


def sealed(data: bytes, key: VerifyKey) -> bytes:
    """The same, encrypted to a node's key."""
    buffer = io.BytesIO()
    sealing.seal([data], buffer, key)
    return buffer.getvalue()


def put(folder: Path, data: bytes, name: str = "stick.zip") -> Path:
    """A file on the stick."""
    path = folder / name
    path.write_bytes(data)
    return path
