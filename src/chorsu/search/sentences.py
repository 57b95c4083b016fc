"""Vectors by a sentence-transformers model: an optional dependency, on the processor or a GPU."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import numpy as np

from chorsu.search.encoder import MOST_DIMENSIONS, Behind, Vectors, unit
from chorsu.search.errors import EmbedderTrouble

NOT_INSTALLED = (
    "sentence-transformers is not installed; run in the folder of Chorsu: "
    ".venv/bin/pip install -e '.[sentence-transformers]' (docs/install.md)"
)


class SentenceModel:
    """See Embedder. `model` is a folder, or a name that the hub of models knows.

    Without prefixes the prompts hold that the model itself brings for questions and documents.
    Raises `EmbedderTrouble` where the library or the model is not there.
    """

    def __init__(self, model: str, *, query_prefix: str = "", passage_prefix: str = "") -> None:
        try:
            # slow import, optional dependency
            import torch
            from sentence_transformers import SentenceTransformer
        except ImportError as missing:
            raise EmbedderTrouble(NOT_INSTALLED) from missing
        # One thread on the processor, as with the bundled encoder, and so that it can give way.
        torch.set_num_threads(1)
        try:
            self._engine = SentenceTransformer(model, trust_remote_code=False)
        except (OSError, ValueError) as error:
            raise EmbedderTrouble(f"the model {model} can't be loaded: {error}") from error
        self.model = model
        self.dimensions = int(self._engine.get_sentence_embedding_dimension() or 0)
        if not 0 < self.dimensions <= MOST_DIMENSIONS:
            raise EmbedderTrouble(
                f"the model {model} gives vectors of length {self.dimensions}; "
                f"the index takes up to {MOST_DIMENSIONS}"
            )
        self._query_prefix = query_prefix
        self._passage_prefix = passage_prefix
        self._lock = threading.Lock()
        self._behind = Behind()

    def queries(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        encode = self._engine.encode if self._query_prefix else self._engine.encode_query
        with self._lock:
            return self._encode(encode, [self._query_prefix + text for text in texts])

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        encode = self._engine.encode if self._passage_prefix else self._engine.encode_document
        written = [self._passage_prefix + text for text in texts]
        with self._lock:
            return self._behind.run(lambda: self._encode(encode, written))

    @staticmethod
    def _encode(encode: Callable[..., object], texts: list[str]) -> Vectors:
        vectors = encode(texts, convert_to_numpy=True, show_progress_bar=False)
        return unit(np.asarray(vectors, dtype=np.float32))
