"""Copies: this node's own log as a peer has kept it, over the network or in a bundle.

What a copy says is proven by whoever reads it; here is only where its bytes come from.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings

from chorsu.exchange import blobs, keys, queries, works
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.flows.looking import PREFIX, tile_at
from chorsu.flows.opening import CarriedPart, opened
from chorsu.wire import trust
from chorsu.wire.checkpoint import Checkpoint, narrow
from chorsu.wire.errors import WireError
from chorsu.wire.merkle import HashAt
from chorsu.wire.note import MAX_NOTE_BYTES
from chorsu.wire.tiles import Tile, hash_reader

logger = logging.getLogger(__name__)
MIRROR = f"{PREFIX}mirror/"
MOST_NAME = 150
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")
DOWN = ("unreachable", "timeout", "private-address")


class CopySource(Protocol):
    """Where a copy's bytes come from; methods raise `PeerTrouble`."""

    def get(self, path: str, *, max_bytes: int, signed: bool = False) -> bytes:
        """What stands at a path below the node's address."""

    def many_blobs(
        self, prefix: str, wanted: Mapping[str, int], *, signed: bool
    ) -> dict[str, bytes]:
        """Those of many small blobs (hash -> bytes) that are given, each of that hash."""

    def download(self, path: str, target: Path, *, size: int, signed: bool) -> None:
        """A blob as a file."""


@dataclass(slots=True)
class Copy:
    """A peer's copy of the own log: asked for by signed requests, or carried here."""

    peer: str
    client: CopySource
    note: bytes
    checkpoint: Checkpoint
    trouble: str = ""
    hash_at: HashAt = field(init=False)

    def __post_init__(self) -> None:
        self.hash_at = hash_reader(self.checkpoint.size, self._tile)

    def get(self, path: str, *, max_bytes: int) -> bytes:
        """What a log serves at `path`, from the copy."""
        path = MIRROR + path.removeprefix(PREFIX)
        return self.client.get(path, max_bytes=max_bytes, signed=True)

    def many(self, wanted: dict[str, int]) -> dict[str, bytes]:
        """Those of many small blobs that the peer gives; never wrong ones."""
        try:
            found = self.client.many_blobs(MIRROR, wanted, signed=True)
        except PeerTrouble as trouble:
            # One by one it says what is wrong, if anything is.
            logger.info("%s gives no batch: %s", self.peer, trouble)
            return {}
        return {one: data for one, data in found.items() if len(data) == wanted[one]}

    def bring(self, sha256: str, size: int, media_type: str, now: datetime) -> str:
        """Fetch one blob, checked; returns a code if the peer does not give it, else nothing."""
        if self.trouble in DOWN:
            return self.trouble
        path = blobs.partial_path(sha256)
        try:
            self.client.download(f"{MIRROR}blob/{sha256}", path, size=size, signed=True)
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    raise PeerTrouble("blob-hash", sha256)
        except PeerTrouble as trouble:
            if trouble.code in DOWN:
                self.trouble = trouble.code
            else:
                path.unlink(missing_ok=True)
            return trouble.code
        blobs.adopt(path, media_type=media_type, now=now)
        return ""

    def _tile(self, place: Tile) -> bytes:
        return tile_at(self, place)


def asked_copy(stack: ExitStack, peer: str, address: str) -> Copy:
    """The copy of a peer that the network reaches. Raises `PeerTrouble`, `WireError`."""
    client = stack.enter_context(PeerClient(address, key=keys.signing_key()))
    note = client.get(f"{MIRROR}checkpoint", max_bytes=MAX_NOTE_BYTES, signed=True)
    return Copy(peer, client, note, _checked(note))


def carried_copy(stack: ExitStack, path: Path) -> Copy:
    """The copy in a part of a bundle. Raises `NotUnpacked`, `PeerTrouble`, `WireError`, `OSError`.

    It is called by the peer that cosigned its checkpoint, or else by the file's name.
    """
    folder = works.bundles_folder()
    folder.mkdir(parents=True, exist_ok=True)
    part = stack.enter_context(opened(path, folder / f".{time.time_ns()}.opened"))
    if part.manifest.origin != settings.NODE_NAME:
        raise PeerTrouble("not-a-copy", part.manifest.origin)
    note = part.get("checkpoint", max_bytes=MAX_NOTE_BYTES)
    checkpoint, peer = _checked(note), _giver(note) or path.name
    own = keys.signing_key().verify_key
    # It becomes this node's own checkpoint again: what others signed there is not its to show.
    note = narrow(note, {(own.name, own.key_id), *keys.replaced_signers()})
    return Copy(peer, _CarriedSource(part), note, checkpoint)


def keep_copies(parts: Sequence[tuple[Path, str]]) -> None:
    """Keep uploaded parts to restore from: each file with the name it came by is moved away."""
    folder = works.copies_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for path, name in parts:
        path.replace(_free(folder, _NOT_IN_NAMES.sub("_", name)[-MOST_NAME:].lstrip(".") or "part"))


def remove_copies(paths: Sequence[Path]) -> None:
    """Remove parts that were uploaded, all that are still there."""
    for path in paths:
        path.unlink(missing_ok=True)


def remove_old_copies(*, now: datetime) -> None:
    """Remove parts from which nobody has restored within `bundles.keep_days`."""
    before = (now - timedelta(days=settings.NODE.number("bundles.keep_days"))).timestamp()
    remove_copies([path for path in works.copies() if path.stat().st_mtime < before])


def _free(folder: Path, name: str) -> Path:
    """A path that nothing has: parts of two peers may have one name."""
    number, path = 1, folder / name
    while path.exists():
        number += 1
        path = folder / f"{number}-{name}"
    return path


def _checked(note: bytes) -> Checkpoint:
    return trust.check_copy(note, keys.signing_key().verify_key, keys.chain())


def _giver(note: bytes) -> str:
    own = keys.own_keys()
    for peer in queries.peers():
        try:
            trust.check_witnessed(note, own.key.verify_key, peer.key, own.chain)
        except WireError:
            continue
        return peer.name
    return ""


@dataclass(frozen=True, slots=True)
class _CarriedSource:
    """A part as `Copy` asks a peer."""

    part: CarriedPart

    def get(self, path: str, *, max_bytes: int, signed: bool = False) -> bytes:
        return self.part.get(path.removeprefix(MIRROR), max_bytes=max_bytes)

    def many_blobs(
        self, prefix: str, wanted: Mapping[str, int], *, signed: bool
    ) -> dict[str, bytes]:
        found = {}
        for sha256, size in wanted.items():
            if self.part.has(sha256, size):
                data = self.part.get(f"blob/{sha256}", max_bytes=size)
                if hashlib.sha256(data).hexdigest() == sha256:
                    found[sha256] = data
        return found

    def download(self, path: str, target: Path, *, size: int, signed: bool) -> None:
        self.part.download(path.removeprefix(MIRROR), target, size=size, signed=signed)
