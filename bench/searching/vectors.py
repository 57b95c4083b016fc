"""Vectors of the real passages, made once and kept; those of all others are made of them.

Kept in slices, so that a run that is cut goes on. Two vectors a passage: in the space of the site,
and as the encoder gives it, for the comparison with that.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
from bench.searching.corpus import Piece, Record

SLICE = 400
NOISE = 0.15
"""Length of what is added to a vector made of two, which are of length 1."""


def real_pieces(records: Iterator[Record]) -> list[Piece]:
    """The passages that are embedded, by their numbers."""
    found = [p for record in records for p in record.pieces if p.first == p.second and not p.part]
    return [piece for number, piece in enumerate(found) if piece.first == number]


def keep(folder: Path, pieces: Sequence[Piece], pool: ProcessPoolExecutor) -> dict[str, float]:
    """Make what is not there yet; how many, and how many a second."""
    folder.mkdir(parents=True, exist_ok=True)
    started, made = time.monotonic(), 0
    slices = [pieces[at : at + SLICE] for at in range(0, len(pieces), SLICE)]
    missing = [one for one in slices if not _path(folder, one).is_file()]
    for one, (fitted, raw) in zip(missing, pool.map(_embed, missing), strict=True):
        draft = folder / "new.npz"
        np.savez(draft, fitted=fitted, raw=raw)
        draft.replace(_path(folder, one))
        made += len(one)
    names = [_path(folder, one).name for one in slices]
    (folder / "slices.json").write_text(json.dumps(names))
    taken = time.monotonic() - started
    return {"real_vectors": len(pieces), "made_now": made, "seconds": round(taken, 1)}


def _path(folder: Path, pieces: Sequence[Piece]) -> Path:
    from chorsu.search.meaning import Meaning

    told = json.dumps([Meaning.from_settings().name, *((p.language, p.text) for p in pieces)])
    return folder / f"{hashlib.sha256(told.encode()).hexdigest()[:20]}.npz"


def _embed(pieces: Sequence[Piece]) -> tuple[np.ndarray, np.ndarray]:
    from chorsu.search.meaning import Meaning, encoder_of

    meaning = Meaning.from_settings()
    encoder, space = encoder_of(meaning.choice), meaning._space
    fitted, raw = [], []
    for at in range(0, len(pieces), 8):
        texts = [piece.text for piece in pieces[at : at + 8]]
        tags = [piece.language for piece in pieces[at : at + 8]]
        raw.append(encoder.passages(texts))
        read = [meaning._reading(encoder, text, tag) for text, tag in zip(texts, tags, strict=True)]
        seen = raw[-1] if read == texts else encoder.passages(read)
        fitted.append(seen if space is None else space.passages(seen, tags))
    return np.concatenate(fitted).astype(np.float32), np.concatenate(raw).astype(np.float32)


class Kept:
    """The kept vectors, and those of passages made of two."""

    def __init__(self, folder: Path) -> None:
        names = json.loads((folder / "slices.json").read_text())
        loaded = [np.load(folder / name) for name in names]
        self.fitted = np.concatenate([one["fitted"] for one in loaded])
        self.raw = np.concatenate([one["raw"] for one in loaded])

    def of(self, pieces: Sequence[Piece], *, raw: bool) -> np.ndarray:
        """Their vectors as float16, one a row. What follows the encoder's own dimensions, how near
        it is to everything, is mixed as it stands.
        """
        real = self.raw if raw else self.fitted
        first = real[[piece.first for piece in pieces]]
        part = np.array([[piece.part] for piece in pieces], dtype=np.float32)
        mixed = (1 - part) * first + part * real[[piece.second for piece in pieces]]
        dimensions = self.raw.shape[1]
        made = mixed[:, :dimensions]
        chance = np.random.default_rng(pieces[0].first + len(pieces))
        noise = chance.standard_normal(made.shape, dtype=np.float32) * NOISE / dimensions**0.5
        made = made + noise * (part > 0)
        mixed[:, :dimensions] = made / np.linalg.norm(made, axis=1, keepdims=True)
        return mixed.astype(np.float16)


def batches(records: Iterator[Record], size: int = 200) -> Iterator[list[Record]]:
    """Records, so many at a time."""
    while some := list(islice(records, size)):
        yield some
