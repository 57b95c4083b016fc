"""Which text a reader gets, and when a text is stale. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

# Best first: the author's own words, then what a person made, then what a person corrected.
PROVENANCES = ("original", "human", "edited", "machine")


class Choosable(Protocol):
    """What must be known of a text to choose it; `language` is a tag such as `zh-Hans`."""

    @property
    def language(self) -> str: ...

    @property
    def provenance(self) -> str: ...

    @property
    def revision(self) -> int: ...


@dataclass(frozen=True, slots=True)
class TextInfo:
    """A text without its words."""

    language: str
    provenance: str
    revision: int


AnyText = TypeVar("AnyText", bound=Choosable)


def choose(available: Sequence[AnyText], languages: Sequence[str], original: str) -> AnyText:
    """The best text for somebody who reads `languages`, best first.

    The first of their languages in which there is a text; if there is none, the original language,
    then English, then whatever comes first. Within one language the better provenance wins, then
    the newer revision, then the earlier in `available`. Raises `ValueError` if there is no text.
    """
    if not available:
        raise ValueError("no text to choose from")
    for language in (*languages, original, "en"):
        found = [text for text in available if text.language == language]
        if found:
            return min(found, key=_rank)
    return min(available, key=_rank)


def best_by_language(available: Sequence[AnyText], original: str) -> dict[str, AnyText]:
    """One text a language, each the one `choose` would take; in the order of `available`."""
    languages = dict.fromkeys(text.language for text in available)
    return {language: choose(available, [language], original) for language in languages}


def is_stale(text: Choosable, revision: int) -> bool:
    """Whether the original has moved on since this text was made."""
    return text.revision < revision


def _rank(text: Choosable) -> tuple[int, int]:
    known = text.provenance in PROVENANCES
    place = PROVENANCES.index(text.provenance) if known else len(PROVENANCES)
    return place, -text.revision
