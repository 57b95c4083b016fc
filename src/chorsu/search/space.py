"""The space in which all eight languages meet: what is done to an encoder's vectors, and fitted.

From an encoder's vector x of a text in language l to the vector y that is stored or asked with:

1. c = unit(x - m), m the mean vector of l and role (question or passage): what only says "this is
   Turkmen" is gone.
2. y = unit(c W), W the ridge regression of l towards the mean of all languages' vectors of the same
   sentence, shrunk to the identity, W = (XᵀX + λI)⁻¹(XᵀM + λI), and then the whitening of what
   is left between languages (within-class covariance normalisation: Hatch, Kajarekar, Stolcke,
   Interspeech 2006), shrunk to the identity as well.
3. A passage's hubness: half its mean likeness to the nearest of the fitted sentences, less the
   average of all. What is near to everything says little by being near (CSLS: Conneau et al., Word
   translation without parallel data, 2018).

`chorsu fit_search DIR` fits it. An encoder for which nothing was fitted is taken as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chorsu.search.encoder import Embedder, Vectors, embedder, unit
from chorsu.search.turkmen import as_turkish

SPACE_FILE = Path(__file__).parent / "data" / "space.npz"
FORMAT = 1
RIDGE = 6.0
"""λ, counted for question and passage of each sentence together."""
SHRINK = 20.0
"""How much of the average variance is added to each before whitening."""
NEAREST = 10
HALF = 0.5
# Languages the encoder has not learnt, read as a relative it has.
_READINGS = {"multilingual-e5-small-q4": {"tk": as_turkish}}


@dataclass(frozen=True, slots=True)
class Space:
    """A fitted space. `version` changes with the fit: vectors of two versions never meet.

    `means` by "role language" (dimensions,), `maps` by language (dimensions, dimensions), `bank`
    unit vectors (sentences, dimensions), `level` the mean hubness, `fitted_on` hashes of lines.
    """

    model: str
    version: str
    means: Mapping[str, Vectors]
    maps: Mapping[str, Vectors]
    bank: Vectors
    level: float
    fitted_on: frozenset[str]

    @property
    def name(self) -> str:
        """What a stored vector's origin is called: the encoder and the fit."""
        return f"{self.model}.{self.version}" if self.version else self.model

    def passages(self, vectors: Vectors, languages: Sequence[str]) -> tuple[Vectors, Vectors]:
        """Vectors to store, (n, dimensions) of length 1, and hubness, (n,)."""
        placed = np.stack(
            [self._placed(vector, "passage", {tag: 1.0}) for vector, tag in
             zip(vectors, languages, strict=True)]
        )
        return placed, self._hubness(placed)

    def query(self, vector: Vectors, likely: Mapping[str, float]) -> Vectors:
        """A question's vector, (dimensions,) of length 1; `likely` are shares that add up to 1."""
        return self._placed(vector, "query", likely)

    def _placed(self, vector: Vectors, role: str, likely: Mapping[str, float]) -> Vectors:
        known = {tag: share for tag, share in likely.items() if tag in self.maps}
        if not known:
            return unit(vector[None, :])[0]
        whole = sum(known.values())
        mean = sum(share / whole * self.means[f"{role} {tag}"] for tag, share in known.items())
        centred = unit((vector - mean)[None, :])[0]
        placed = sum(share / whole * (centred @ self.maps[tag]) for tag, share in known.items())
        return unit(np.asarray(placed, dtype=np.float32)[None, :])[0]

    def _hubness(self, placed: Vectors) -> Vectors:
        if not len(self.bank):
            return np.zeros(len(placed), dtype=np.float32)
        return (_nearness(placed, self.bank) - self.level).astype(np.float32)

    def save(self, path: Path) -> None:
        """Write it as a NumPy archive, half precision; the same fit gives the same bytes."""
        arrays: dict[str, NDArray[Any]] = {
            "format": np.array(FORMAT),
            "model": np.array(self.model),
            "version": np.array(self.version),
            "level": np.array(self.level, dtype=np.float32),
            "fitted_on": np.array(sorted(self.fitted_on)),
            "bank": self.bank.astype("<f2"),
        }
        arrays |= {f"mean {key}": value.astype("<f2") for key, value in sorted(self.means.items())}
        arrays |= {f"map {key}": value.astype("<f2") for key, value in sorted(self.maps.items())}
        np.savez_compressed(path, **arrays)  # type: ignore[arg-type]  # its stub has one keyword

    @classmethod
    def load(cls, path: Path) -> Space:
        """Read what `save` wrote. Raises ValueError for another format."""
        with np.load(path, allow_pickle=False) as read:
            if int(read["format"]) != FORMAT:
                raise ValueError(f"a space of format {int(read['format'])} is not known here")
            return cls(
                model=str(read["model"]),
                version=str(read["version"]),
                means=_named(read, "mean "),
                maps=_named(read, "map "),
                bank=read["bank"].astype(np.float32),
                level=float(read["level"]),
                fitted_on=frozenset(str(one) for one in read["fitted_on"]),
            )


def _named(read: Any, prefix: str) -> dict[str, Vectors]:
    names = [name for name in read.files if name.startswith(prefix)]
    return {name.removeprefix(prefix): read[name].astype(np.float32) for name in names}


def reading(model: str, text: str, language: str) -> str:
    """The text as the encoder of this name is to see it."""
    reads = _READINGS.get(model, {}).get(language)
    return reads(text) if reads else text


def fingerprint(line: str) -> str:
    """What tells a fitted line again without holding its words: 64 bits of its SHA-256."""
    return hashlib.sha256(" ".join(line.split()).encode()).hexdigest()[:16]


def space_of(encoder: Embedder) -> Space:
    """The fitted space of this encoder, or one that leaves its vectors as they are."""
    fitted = _fitted()
    if fitted.model == encoder.model:
        return fitted
    nothing = np.zeros((0, encoder.dimensions), dtype=np.float32)
    return Space(encoder.model, "", {}, {}, nothing, 0.0, frozenset())


def space() -> Space:
    """The space of this process's encoder."""
    return space_of(embedder())


@lru_cache(maxsize=1)
def _fitted() -> Space:
    return Space.load(SPACE_FILE)


def fit_space(encoder: Embedder, texts: Mapping[str, Sequence[str]]) -> Space:
    """Fit on aligned texts by language: line i of each says the same."""
    asked: dict[str, Vectors] = {}
    told: dict[str, Vectors] = {}
    means: dict[str, Vectors] = {}
    for language, lines in texts.items():
        read = [reading(encoder.model, line, language) for line in lines]
        for role, embed, centred in (
            ("query", encoder.queries, asked), ("passage", encoder.passages, told)
        ):
            vectors = np.concatenate([embed(read[at : at + 16]) for at in range(0, len(read), 16)])
            means[f"{role} {language}"] = vectors.mean(axis=0)
            centred[language] = unit(vectors - vectors.mean(axis=0))
    target = unit(np.mean([*asked.values(), *told.values()], axis=0))
    drawn = {tag: _ridge(np.concatenate([asked[tag], told[tag]]), target) for tag in texts}
    near = {tag: [unit(side[tag] @ drawn[tag]) for side in (asked, told)] for tag in texts}
    between = _whitening([side for sides in near.values() for side in sides])
    maps = {tag: (drawn[tag] @ between).astype(np.float32) for tag in texts}
    bank = unit(np.mean([unit(asked[tag] @ maps[tag]) for tag in texts], axis=0))
    level = np.mean([_nearness(unit(told[tag] @ maps[tag]), bank).mean() for tag in texts])
    lines_seen = frozenset(fingerprint(line) for lines in texts.values() for line in lines)
    version = hashlib.sha256("".join(sorted(lines_seen)).encode() + bank.tobytes()).hexdigest()[:8]
    return Space(encoder.model, version, means, maps, bank, float(level), lines_seen)


def _ridge(centred: Vectors, target: Vectors) -> Vectors:
    once = np.eye(centred.shape[1])
    both = np.concatenate([target, target])
    left = centred.T @ centred + RIDGE * once
    return np.asarray(np.linalg.solve(left, centred.T @ both + RIDGE * once), dtype=np.float32)


def _whitening(sides: Sequence[Vectors]) -> Vectors:
    middle = np.mean(sides, axis=0)
    apart = np.concatenate([side - middle for side in sides])
    spread = apart.T @ apart / len(apart)
    spread += SHRINK * np.trace(spread) / len(spread) * np.eye(len(spread))
    values, axes = np.linalg.eigh(spread)
    white = (axes * values**-0.5) @ axes.T
    return np.asarray(white / np.sqrt((white**2).sum() / len(white)), dtype=np.float32)


def _nearness(placed: Vectors, bank: Vectors) -> Vectors:
    likeness = placed @ bank.T
    nearest = min(NEAREST, bank.shape[0])
    best = np.partition(likeness, -nearest, axis=1)[:, -nearest:]
    return np.asarray(HALF * best.mean(axis=1), dtype=np.float32)
