"""Which text a reader gets, and when a text is stale. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from chorsu.kernel.languages import TAGS
from chorsu.records.shapes import CardText, TextLine, TextView

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


class TextRow(Choosable, Protocol):
    """A text as it is stored, with its words."""

    @property
    def pk(self) -> int: ...

    @property
    def translated_by(self) -> str: ...

    @property
    def translated_on(self) -> date | None: ...

    @property
    def supplied_by(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def summary(self) -> str: ...

    @property
    def words(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class TextInfo:
    """A text without its words."""

    language: str
    provenance: str
    revision: int


AnyText = TypeVar("AnyText", bound=Choosable)
AnyRow = TypeVar("AnyRow", bound=TextRow)


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


def in_language_order(texts: Iterable[AnyRow]) -> list[AnyRow]:
    """Texts in the order in which the network lists its languages."""
    return sorted(texts, key=lambda text: (TAGS.index(text.language), text.pk))


def text_line(row: TextRow, revision_now: int) -> TextLine:
    """A text row without its words."""
    return TextLine(
        language=row.language,
        provenance=row.provenance,
        revision=row.revision,
        translated_by=row.translated_by,
        translated_on=row.translated_on,
        supplied_by=row.supplied_by,
        stale=is_stale(row, revision_now),
    )


def text_view(row: TextRow, revision_now: int) -> TextView:
    """A text row with its words."""
    return TextView(
        language=row.language,
        provenance=row.provenance,
        revision=row.revision,
        translated_by=row.translated_by,
        translated_on=row.translated_on,
        supplied_by=row.supplied_by,
        stale=is_stale(row, revision_now),
        title=row.title,
        summary=row.summary,
        words=dict(row.words),
    )


@dataclass(frozen=True, slots=True)
class ShownTexts:
    """A record's texts as a page shows them: the one chosen, the original, a line for each."""

    text: TextView
    original: TextView
    lines: Sequence[TextLine]


def shown_texts(
    texts: Iterable[TextRow],
    revision_now: int,
    original: str,
    languages: Sequence[str],
    only: str | None = None,
) -> ShownTexts | None:
    """The texts for somebody who reads `languages`; with `only`, the text in that one.

    None if there is no text, or none in that language.
    """
    rows = in_language_order(texts)
    views = [text_view(text, revision_now) for text in rows]
    best = best_by_language(views, original)
    if not views or (only is not None and only not in best):
        return None
    wanted = languages if only is None else (only,)
    return ShownTexts(
        choose(views, wanted, original),
        best[original],
        [text_line(text, revision_now) for text in rows],
    )


def card_text(
    texts: Sequence[AnyRow], revision_now: int, original: str, languages: Sequence[str]
) -> CardText:
    """What a card says of the text chosen for somebody who reads `languages`."""
    best = choose(texts, languages, original)
    return CardText(
        text_language=best.language,
        provenance=best.provenance,
        supplied_by=best.supplied_by,
        stale=is_stale(best, revision_now),
        title=best.title,
        summary=best.summary,
        languages=list(best_by_language(texts, original)),
    )


def _rank(text: Choosable) -> tuple[int, int]:
    known = text.provenance in PROVENANCES
    place = PROVENANCES.index(text.provenance) if known else len(PROVENANCES)
    return place, -text.revision
