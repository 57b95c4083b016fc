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

import base64
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chorsu.search.encoder import Embedder, Vectors, unit
from chorsu.search.turkmen import as_turkish

SPACE_FILE = Path(__file__).parent / "data" / "space.npz"
FORMAT = 2
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
    """A fitted space. `means` by "role language", `maps` by language, both may lack languages.

    Shapes: means (dimensions,), maps (dimensions, dimensions), bank (sentences, dimensions) of
    length 1. `level` is the mean hubness, `fitted_on` the fingerprints of the lines.
    """

    model: str
    means: Mapping[str, Vectors]
    maps: Mapping[str, Vectors]
    bank: Vectors
    level: float = 0.0
    fitted_on: frozenset[str] = frozenset()

    @property
    def more_dimensions(self) -> int:
        """How many numbers a vector here has beyond the encoder's: one if there is hubness."""
        return 1 if len(self.bank) else 0

    def passages(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Vectors to store, one a row: each of length 1 and, where fitted, its hubness, negative.

        The inner product with a question's vector is their cosine less the hubness.
        """
        pairs = zip(vectors, languages, strict=True)
        placed = np.stack([self._placed(row, "passage", {tag: 1.0}) for row, tag in pairs])
        if not len(self.bank):
            return placed
        hubness = _nearness(placed @ self.bank.T) - self.level
        return np.hstack([placed, -hubness[:, None]]).astype(np.float32)

    def query(self, vector: Vectors, likely: Mapping[str, float]) -> Vectors:
        """A question's vector, to be multiplied with stored ones; `likely` shares add up to 1."""
        placed = self._placed(vector, "query", likely)
        return np.append(placed, np.float32(1)) if len(self.bank) else placed

    def _placed(self, vector: Vectors, role: str, likely: Mapping[str, float]) -> Vectors:
        known = {tag: share for tag, share in likely.items() if f"{role} {tag}" in self.means}
        if not known:
            return _unit_row(vector)
        whole = sum(known.values())
        mean, placed = np.zeros_like(vector), np.zeros_like(vector)
        for tag, share in known.items():
            mean += share / whole * self.means[f"{role} {tag}"]
        centred = _unit_row(vector - mean)
        for tag, share in known.items():
            drawn = centred @ self.maps[tag] if tag in self.maps else centred
            placed += share / whole * drawn
        return _unit_row(placed)

    def to_bytes(self) -> bytes:
        """As a NumPy archive in half precision; the same fit gives the same bytes."""
        arrays: dict[str, NDArray[Any]] = {
            "format": np.array(FORMAT),
            "model": np.array(self.model),
            "level": np.array(self.level, dtype=np.float32),
            "fitted_on": np.array(sorted(self.fitted_on), dtype="U16"),
            "bank": self.bank.astype("<f2"),
        }
        arrays |= {f"mean {key}": value.astype("<f2") for key, value in sorted(self.means.items())}
        arrays |= {f"map {key}": value.astype("<f2") for key, value in sorted(self.maps.items())}
        written = io.BytesIO()
        np.savez_compressed(written, **arrays)  # type: ignore[arg-type]  # its stub has one keyword
        return written.getvalue()

    @classmethod
    def from_bytes(cls, read: bytes) -> Space:
        """Read what `to_bytes` wrote, or the means alone that were fitted before there were spaces.

        Raises ValueError for another format.
        """
        if read.startswith(b"{"):
            return cls._of_means(json.loads(read))
        with np.load(io.BytesIO(read), allow_pickle=False) as archive:
            if int(archive["format"]) != FORMAT:
                raise ValueError(f"a space of format {int(archive['format'])} is not known here")
            named = {
                kind: {
                    name.removeprefix(kind): archive[name].astype(np.float32)
                    for name in archive.files
                    if name.startswith(kind)
                }
                for kind in ("mean ", "map ")
            }
            return cls(
                model=str(archive["model"]),
                means=named["mean "],
                maps=named["map "],
                bank=archive["bank"].astype(np.float32),
                level=float(archive["level"]),
                fitted_on=frozenset(str(one) for one in archive["fitted_on"]),
            )

    @classmethod
    def _of_means(cls, read: dict[str, Any]) -> Space:
        if read["format"] != 1:
            raise ValueError(f"means of format {read['format']} are not known here")
        means = {
            key: np.frombuffer(base64.b64decode(encoded), dtype="<f2").astype(np.float32)
            for key, encoded in read["means"].items()
        }
        return cls(read["model"], means, {}, np.zeros((0, 0), dtype=np.float32))


def reading(model: str, text: str, language: str) -> str:
    """The text as the encoder of this name is to see it."""
    reads = _READINGS.get(model, {}).get(language)
    return reads(text) if reads else text


def fingerprint(line: str) -> str:
    """What tells a fitted line again without holding its words: 64 bits of its SHA-256."""
    return hashlib.sha256(" ".join(line.split()).encode()).hexdigest()[:16]


def fit_space(encoder: Embedder, texts: Mapping[str, Sequence[str]]) -> Space:
    """Fit on aligned texts by language: line i of each says the same."""
    asked: dict[str, Vectors] = {}
    told: dict[str, Vectors] = {}
    means: dict[str, Vectors] = {}
    for language, lines in texts.items():
        read = [reading(encoder.model, line, language) for line in lines]
        for role, embed, centred in (
            ("query", encoder.queries, asked),
            ("passage", encoder.passages, told),
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
    level = np.mean([_level(unit(told[tag] @ maps[tag]), bank) for tag in texts])
    lines_seen = frozenset(fingerprint(line) for lines in texts.values() for line in lines)
    return Space(encoder.model, means, maps, bank, float(level), lines_seen)


def _unit_row(vector: Vectors) -> Vectors:
    return unit(vector[None, :]).reshape(-1)


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


def _level(placed: Vectors, bank: Vectors) -> float:
    """The mean hubness of sentences among others: their own line in the bank does not count."""
    likeness = placed @ bank.T
    np.fill_diagonal(likeness, -1)
    return float(_nearness(likeness).mean())


def _nearness(likeness: Vectors) -> Vectors:
    nearest = min(NEAREST, likeness.shape[1])
    best = np.partition(likeness, -nearest, axis=1)[:, -nearest:]
    return np.asarray(HALF * best.mean(axis=1), dtype=np.float32)
