"""Tiles and entry bundles, c2sp.org/tlog-tiles: a log as static resources.

A tile holds up to 256 hashes of one level; level L counts subtrees of 256**L leaves. An entry
bundle holds the up to 256 entries under a level 0 tile, each after its length as uint16.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from chorsu.wire.errors import WireError
from chorsu.wire.merkle import HASH_BYTES, HashAt, Range, node_hash

TILE_WIDTH = 256
TILE_HEIGHT = 8
ENTRIES = -1
MAX_ENTRY_BYTES = 0xFFFF
MAX_PATH = 64
_PATH = re.compile(
    r"tile/(entries|0|[1-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/([1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile's place: level 0..63, or `ENTRIES` for an entry bundle; `width` 256 when full."""

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not ENTRIES <= self.level <= 63 or not 0 <= self.index < 1000**7:
            raise WireError("tile-path", f"level {self.level}, index {self.index}")
        if not 1 <= self.width <= TILE_WIDTH:
            raise WireError("tile-path", f"width {self.width}")

    @property
    def path(self) -> str:
        """`tile/0/x001/234.p/5`; relative to the log's prefix."""
        parts = [f"{self.index % 1000:03d}"]
        rest = self.index // 1000
        while rest:
            parts.append(f"x{rest % 1000:03d}")
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = f".p/{self.width}" if self.width < TILE_WIDTH else ""
        return f"tile/{level}/{'/'.join(reversed(parts))}{partial}"


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """The path of a hash tile, relative to the log's prefix; raises `tile-path`."""
    return Tile(level, index, width).path


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """The path of an entry bundle, relative to the log's prefix; raises `tile-path`."""
    return Tile(ENTRIES, index, width).path


def parse_tile_path(path: str) -> Tile:
    """Read the path of a hash tile or an entry bundle in canonical form; raises `tile-path`."""
    match = _PATH.fullmatch(path) if len(path) <= MAX_PATH else None
    if match is None:
        raise WireError("tile-path", repr(path[:80]))
    level = ENTRIES if match[1] == "entries" else int(match[1])
    index = int(match[2].replace("x", "").replace("/", ""))
    tile = Tile(level, index, int(match[3]) if match[3] else TILE_WIDTH)
    if tile.path != path:
        raise WireError("tile-path", f"{path[:80]!r} is {tile.path}")
    return tile


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Each entry after its length as big-endian uint16; raises `bundle-malformed`."""
    if len(entries) > TILE_WIDTH or any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise WireError("bundle-malformed", "over 256 entries, or one over 65535 bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes, count: int) -> list[bytes]:
    """Exactly `count` entries and nothing after them; raises `bundle-malformed`."""
    cap = count * (2 + MAX_ENTRY_BYTES)
    if not 0 <= count <= TILE_WIDTH or len(data) > cap:
        raise WireError("bundle-malformed", f"{len(data)} bytes for {count} entries")
    entries: list[bytes] = []
    at = 0
    for _ in range(count):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > len(data) or at > len(data):
            raise WireError("bundle-malformed", f"cut short after {len(entries)} of {count}")
        entries.append(data[start:at])
    if at != len(data):
        raise WireError("bundle-malformed", f"{len(data) - at} bytes after entry {count}")
    return entries


def tiles_for(size: int) -> Iterator[Tile]:
    """Every hash tile of a tree of `size` leaves: by level, full ones first, then the partial."""
    level, count = 0, size
    while count:
        for index in range(count // TILE_WIDTH):
            yield Tile(level, index)
        if count % TILE_WIDTH:
            yield Tile(level, count // TILE_WIDTH, count % TILE_WIDTH)
        level, count = level + 1, count // TILE_WIDTH


def bundles_for(start: int, end: int) -> Iterator[Tile]:
    """The entry bundles that hold entries start..end of a tree of `end` leaves, in order."""
    for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH) if end > start else 0):
        yield Tile(ENTRIES, index, min(TILE_WIDTH, end - index * TILE_WIDTH))


def tile_hashes(leaf_hashes: Sequence[bytes]) -> dict[Tile, bytes]:
    """Every hash tile of the tree of these leaves with its content."""
    tiles: dict[Tile, bytes] = {}
    hashes, level = list(leaf_hashes), 0
    while hashes:
        above: list[bytes] = []
        for index in range(-(-len(hashes) // TILE_WIDTH)):
            part = hashes[index * TILE_WIDTH : (index + 1) * TILE_WIDTH]
            tiles[Tile(level, index, len(part))] = b"".join(part)
            if len(part) == TILE_WIDTH:
                above.append(tile_root(part))
        hashes, level = above, level + 1
    return tiles


def tile_root(hashes: Sequence[bytes]) -> bytes:
    """The hash a full tile has in the tile above it."""
    return Range.empty().append_all(hashes).root()


def hash_reader(size: int, read_tile: Callable[[Tile], bytes]) -> HashAt:
    """A `HashAt` over the tiles of a tree of `size` leaves, for making proofs.

    `read_tile` is asked for tiles as they are at that size, each once; a tile of another length
    than its width raises `proof-invalid`.
    """

    @cache
    def hashes_of(level: int, index: int) -> tuple[bytes, ...]:
        width = min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH)
        data = read_tile(Tile(level, index, width))
        if len(data) != width * HASH_BYTES:
            raise WireError("proof-invalid", f"a tile of {len(data)} bytes")
        return tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES))

    def hash_at(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        hashes = hashes_of(tile_level, first // TILE_WIDTH)
        at = first % TILE_WIDTH
        part = list(hashes[at : at + (1 << height)])
        if len(part) != 1 << height:
            raise ValueError(f"subtree {level}, {index} is not complete at size {size}")
        while len(part) > 1:
            part = [node_hash(part[i], part[i + 1]) for i in range(0, len(part), 2)]
        return part[0]

    return hash_at
