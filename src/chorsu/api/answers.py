"""What the API answers: plain values by name, codes beside their names in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.urls import reverse
from ninja import Schema
from pydantic import Field

from chorsu.api import facts
from chorsu.exchange.queries import peers_set_aside
from chorsu.exchange.rules import PEER_SET_ASIDE
from chorsu.institutions.queries import InstitutionView
from chorsu.kernel.languages import by_tag
from chorsu.practices.shapes import PracticeCard, PracticeView
from chorsu.records.shapes import FileView, RecordCard, RecordView, TextView
from chorsu.search.queries import Snippet
from chorsu.search.suggesting import Suggestion as Offered
from chorsu.training.wire.courses import KIND as COURSE


def _warning(about: str) -> str:
    return (
        f"`{PEER_SET_ASIDE}`: this node has set aside the peer that published {about}, whose log "
        "contradicts what it had signed; null: nothing to warn of; newer nodes may know others"
    )


RecordWarning = Annotated[str | None, Field(description=_warning("the record"))]
LineWarning = Annotated[str | None, Field(description=_warning("the record or this text of it"))]
TextWarning = Annotated[str | None, Field(description=_warning("this text"))]


class RecordLine(Schema):
    """A record in a list. Title and summary are in `text_language`."""

    id: str
    url: str = Field(description="Its page for people")
    origin: str = Field(description="Name of the node that published it")
    institution: str = Field(description="Id of the institution that published it")
    revision: int
    original_language: str
    languages: list[str] = Field(description="Languages in which there is a text")
    published_at: datetime
    updated_at: datetime
    country: facts.Country
    themes: facts.Themes
    text_language: str
    provenance: str = Field(description="original, human, edited or machine")
    stale: bool = Field(description="The original has moved on since this text was made")
    title: str
    summary: str
    warning: LineWarning


class PracticeLine(RecordLine):
    """A practice in a list. Title and summary are in `text_language`."""

    level: facts.Level
    status: facts.Status
    sdg_goals: facts.Goals
    year_from: facts.YearFrom
    year_to: facts.YearTo


class PracticePage(Schema):
    """A stretch of a list; `next_cursor` is null at its end."""

    items: list[PracticeLine]
    next_cursor: str | None


class PracticeWords(Schema):
    """A practice in one language."""

    language: str
    provenance: str
    revision: int = Field(description="Revision of the original that it gives")
    stale: bool
    translated_by: str
    translated_on: date | None
    supplied_by: str = Field(description="Name of the node that published this text")
    words: facts.Words
    warning: TextWarning


class PracticeFile(Schema):
    """A file of a practice."""

    sha256: str
    url: str
    name: str
    media_type: str
    size: int
    language: str


class RecordWhole(Schema):
    """A record with what every kind has, but for its texts; `facts` need no language."""

    id: str
    url: str
    origin: str
    institution: str
    revision: int
    licence: str
    original_language: str
    published_at: datetime
    updated_at: datetime
    files: list[PracticeFile]
    warning: RecordWarning


class Practice(RecordWhole):
    """A practice with all its texts, the original first; `facts` need no language."""

    facts: facts.PracticeFacts
    texts: list[PracticeWords]


class Institution(Schema):
    """An institution; `names` are by language tag."""

    id: str
    url: str
    parent: str | None
    kind: str
    country: str
    node: str
    website: str
    name: str = Field(description="In the reader's language")
    names: dict[str, str]


class Institutions(Schema):
    """All institutions the node knows."""

    items: list[Institution]


class Passage(Schema):
    """The passage that answers; `marks` are [start, end) of the words asked for."""

    language: str
    field: str
    text: str
    marks: list[tuple[int, int]]
    by_words: bool = Field(
        description="Some word asked for stands in the practice; false: only its meaning answers"
    )
    words_in: str = Field(
        description="Language of the passage that answers best, if it has such words; empty: none"
    )


class Similar(Schema):
    """Practices that say something near to one, nearest first; empty if none does."""

    items: list[PracticeLine]


class Suggestion(Schema):
    """One thing to choose while typing; `language` is that of `text`."""

    sort: Literal["title", "course", "place", "term", "institution", "theme"] = Field(
        description="title: of a practice; course: the title of one"
    )
    text: str
    language: str
    lang: str = Field(description="`language` as HTML names it, with the script where it has two")
    url: str = Field(description="The page for people that it leads to")


class Suggestions(Schema):
    """What begins as was typed: titles, places and terms, then institutions, then themes."""

    items: list[Suggestion]


def practice_lines(cards: Sequence[PracticeCard]) -> list[PracticeLine]:
    """Cards as the API gives them. One query where a peer's practice or text is among them."""
    aside = peers_set_aside(name for one in cards for name in (one.origin, one.supplied_by))
    return [_line(card, aside) for card in cards]


def _line(card: PracticeCard, aside: Collection[str]) -> PracticeLine:
    return PracticeLine(
        **line_columns(card, "practice", aside),
        level=card.level,
        status=card.status,
        sdg_goals=list(card.goals),
        year_from=card.year_from,
        year_to=card.year_to,
    )


def line_columns(card: RecordCard, page: str, aside: Collection[str]) -> dict[str, Any]:
    """The members of a `RecordLine`; `page` is the name of its page for people."""
    return {
        "id": card.id,
        "url": page_of(page, card.id),
        "origin": card.origin,
        "institution": card.institution_id,
        "revision": card.revision,
        "original_language": card.original_language,
        "languages": list(card.languages),
        "published_at": card.published_at,
        "updated_at": card.updated_at,
        "country": card.country,
        "themes": list(card.themes),
        "text_language": card.text_language,
        "provenance": card.provenance,
        "stale": card.stale,
        "title": card.title,
        "summary": card.summary,
        "warning": told(aside, card.origin, card.supplied_by),
    }


def practice_whole(view: PracticeView, texts: list[TextView]) -> Practice:
    """A practice as the API gives it. One query where a peer has published of it."""
    aside = peers_set_aside([view.origin, *(text.supplied_by for text in texts)])
    return Practice(
        **whole_columns(view, "practice", aside),
        facts=facts.practice_facts(view.facts),
        texts=[words_of(text, aside) for text in texts],
    )


def whole_columns(view: RecordView, page: str, aside: Collection[str]) -> dict[str, Any]:
    """The members of a `RecordWhole`; `page` is the name of its page for people."""
    return {
        "id": view.id,
        "url": page_of(page, view.id),
        "origin": view.origin,
        "institution": view.institution_id,
        "revision": view.revision,
        "licence": view.licence,
        "original_language": view.original_language,
        "published_at": view.published_at,
        "updated_at": view.updated_at,
        "files": [file_line(file) for file in view.files if file.erased is None],
        "warning": told(aside, view.origin),
    }


def file_line(file: FileView) -> PracticeFile:
    """A file as the API gives it."""
    return PracticeFile(
        sha256=file.sha256,
        url=urljoin(settings.NODE_ADDRESS, reverse("blob", args=[file.sha256])),
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        language=file.language,
    )


def institution_whole(view: InstitutionView, language: str) -> Institution:
    """An institution as the API gives it."""
    return Institution(
        id=view.id,
        url=page_of("institution", view.id),
        parent=view.parent_id,
        kind=view.kind,
        country=view.country,
        node=view.node,
        website=view.website,
        name=view.name(language),
        names=dict(view.names),
    )


def passage(snippet: Snippet | None) -> Passage | None:
    """The answering passage as the API gives it."""
    if snippet is None:
        return None
    return Passage(
        language=snippet.language,
        field=snippet.field,
        text=snippet.text,
        marks=list(snippet.marks),
        by_words=snippet.by_words,
        words_in=snippet.words_in,
    )


def suggestion(one: Offered) -> Suggestion:
    """A suggestion as the API gives it; addresses are those of the pages in the active language."""
    sort = "course" if one.kind == COURSE else one.sort
    urls = {
        "title": lambda: reverse("practice", args=[one.code]),
        "course": lambda: reverse("course", args=[one.code]),
        "place": lambda: f"{reverse('search')}?{urlencode({'q': one.text})}",
        "term": lambda: f"{reverse('search')}?{urlencode({'q': one.text})}",
        "institution": lambda: reverse("institution", args=[one.code]),
        "theme": lambda: f"{reverse('search')}?{urlencode({'theme': one.code})}",
    }
    return Suggestion(
        sort=sort,
        text=one.text,
        language=one.language,
        lang=by_tag(one.language).html_lang,
        url=urljoin(settings.NODE_ADDRESS, urls[sort]()),
    )


def words_of(text: TextView, aside: Collection[str]) -> PracticeWords:
    """A text as the API gives it."""
    words: Mapping[str, object] = text.words
    return PracticeWords(
        language=text.language,
        provenance=text.provenance,
        revision=text.revision,
        stale=text.stale,
        translated_by=text.translated_by,
        translated_on=text.translated_on,
        supplied_by=text.supplied_by,
        words={name: str(value) for name, value in words.items()},
        warning=told(aside, text.supplied_by),
    )


def told(aside: Collection[str], *names: str) -> str | None:
    """The warning where one of these nodes is set aside."""
    return PEER_SET_ASIDE if any(name in aside for name in names) else None


def page_of(name: str, record_id: str) -> str:
    """The address of a page for people."""
    return urljoin(settings.NODE_ADDRESS, reverse(name, args=[record_id]))
