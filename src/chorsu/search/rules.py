"""What search is given and what it answers: plain values, no database."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

PASSAGE_CHARS = 700
"""Longest passage: about what the encoder reads whole (512 tokens, Cyrillic and Chinese alike)."""


@dataclass(frozen=True, slots=True)
class TextToIndex:
    """A text: its language, its title and its sections as (field name, plain text), in order."""

    language: str
    title: str
    sections: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class DocumentToIndex:
    """A record as search takes it in; the facets are codes, never words of a language."""

    kind: str
    record_id: str
    audience: str
    origin: str
    institution_id: str
    country: str
    level: str
    themes: Sequence[str]
    languages: Sequence[str]
    year: int | None
    updated_at: datetime
    texts: Sequence[TextToIndex] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class NewPassage:
    """A passage to be stored; `hash` tells whether an earlier vector still serves."""

    language: str
    field: str
    position: int
    title: str
    text: str

    @property
    def hash(self) -> str:
        """SHA-256 of all that the encoder is given."""
        return hashlib.sha256(f"{self.language}\n{self.title}\n{self.text}".encode()).hexdigest()


_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？；])|\n+")


def split_passages(text: TextToIndex) -> list[NewPassage]:
    """Cut a text into passages of whole sentences, at most PASSAGE_CHARS long; title first."""
    passages = [NewPassage(text.language, "title", 0, text.title, text.title)]
    for name, words in text.sections:
        for piece in _pieces(words):
            passages.append(NewPassage(text.language, name, len(passages), text.title, piece))
    return passages


def _pieces(words: str) -> list[str]:
    pieces: list[str] = []
    piece = ""
    for raw in _SENTENCE_END.split(words):
        sentence = raw.strip()
        while len(sentence) > PASSAGE_CHARS:
            cut = sentence.rfind(" ", PASSAGE_CHARS // 2, PASSAGE_CHARS)
            cut = cut if cut > 0 else PASSAGE_CHARS
            pieces.extend(filter(None, [piece, sentence[:cut].strip()]))
            piece, sentence = "", sentence[cut:].strip()
        if not sentence:
            continue
        if piece and len(piece) + len(sentence) + 1 > PASSAGE_CHARS:
            pieces.append(piece)
            piece = sentence
        else:
            piece = f"{piece} {sentence}".strip()
    return [*pieces, piece] if piece else pieces
