"""A practice laid out for its page: texts in the asked language and script, facts in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString

from chorsu.institutions.queries import institution
from chorsu.kernel.languages import LANGUAGES, by_tag
from chorsu.language.rules import best_by_language
from chorsu.language.scripts import DERIVED_SCRIPTS, writer
from chorsu.practices.rules import TEXT_FIELDS, Words
from chorsu.practices.shapes import PracticeView
from chorsu.records.shapes import TextView
from chorsu.web.context import page_in, page_in_any
from chorsu.web.labels import FIELDS, label
from chorsu.web.locales import language_name
from chorsu.web.markdown import to_html
from chorsu.web.practice_facts import (
    Contact,
    Fact,
    File,
    Indicator,
    contacts_of,
    facts_of,
    files_of,
    indicators_of,
)
from chorsu.web.suppliers import credit_of

PROSE = tuple(field.name for field in TEXT_FIELDS if field.markdown)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: a language tag, a script, the original beside; or nothing."""

    text: str = ""
    script: str = ""
    beside: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Asked:
        """From `?text=…&script=…&beside=original`; tags in any letter case."""
        wanted = query.get("text", "").lower()
        tags = [language.tag for language in LANGUAGES if language.django_code == wanted]
        return cls(
            tags[0] if tags else "", query.get("script", ""), query.get("beside") == "original"
        )


@dataclass(frozen=True, slots=True)
class Column:
    """One text as it stands in a column: its words in its language and script."""

    tag: str
    script: str
    name: str
    title: str
    summary: str
    place: str


@dataclass(frozen=True, slots=True)
class Section:
    """One field of prose; `beside` is the original's, empty if not asked for or not there."""

    name: str
    label: str
    html: SafeString
    beside: SafeString


@dataclass(frozen=True, slots=True)
class TextLink:
    """A text there is, in the list of languages."""

    tag: str
    html_lang: str
    name: str
    endonym: str
    url: str
    current: bool
    provenance: str
    stale: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the words come from: what `components/provenance.html` shows."""

    provenance: str
    stale: bool
    translator: str
    supplier: str
    date: object
    revision: int
    current_revision: int
    original_language: str
    original_url: str
    beside_url: str


@dataclass(frozen=True, slots=True)
class ScriptLink:
    """The same text in the other script of its language, or back; it leads to `script`."""

    script: str
    url: str


@dataclass(frozen=True, slots=True)
class PracticePage:
    """All that the page shows. `missing` names a language wanted in which there is no text."""

    url: str
    alternates: Sequence[tuple[str, str]]
    missing: str
    text: Column
    original: Column | None
    sections: Sequence[Section]
    origin: Origin
    languages: Sequence[TextLink]
    script: ScriptLink | None
    facts: Sequence[Fact]
    indicators: Sequence[Indicator]
    files: Sequence[File]
    contacts: Sequence[Contact]
    institution: str
    alone_url: str


def page_of(view: PracticeView, asked: Asked, here: str) -> PracticePage:
    """The page in the interface language `here`."""
    text, original = view.text, view.original
    script = asked.script if DERIVED_SCRIPTS.get(text.language) == asked.script else ""
    beside = asked.beside and text.language != original.language
    address = reverse("practice", args=[view.id])
    kept = {"text": asked.text} if asked.text else {}
    return PracticePage(
        url=f"{settings.NODE_ADDRESS}{address}",
        alternates=_alternates(view),
        missing=_missing(view, asked, here),
        text=_column(text, script, here),
        original=_column(original, "", here) if beside else None,
        sections=_sections(text.words, script, text.language, original.words if beside else {}),
        origin=_origin(view, here, f"{address}?{urlencode({**kept, 'beside': 'original'})}")
        if not beside
        else _origin(view, here, ""),
        languages=_languages(view, here, address),
        script=_script_link(text.language, script, address, kept),
        facts=facts_of(view, here),
        indicators=indicators_of(view, here),
        files=files_of(view, here),
        contacts=contacts_of(view),
        institution=institution(view.institution_id).name(here),
        alone_url=address + (f"?{urlencode(kept)}" if kept else ""),
    )


def revision_sections(words: Words) -> list[Section]:
    """The prose of one revision."""
    return _sections(words, "", "", {})


def _missing(view: PracticeView, asked: Asked, here: str) -> str:
    wanted = asked.text or here
    # Who did not ask gets the best text by their list; only the original may be in none of it.
    settled = not asked.text and view.text.provenance != "original"
    there = any(text.language == wanted for text in view.texts)
    return "" if settled or there else language_name(wanted, here)


def _column(text: TextView, script: str, here: str) -> Column:
    write = writer(text.language, script) if script else str
    return Column(
        tag=text.language,
        script=script,
        name=language_name(text.language, here),
        title=write(text.title),
        summary=write(text.summary),
        place=write(text.words.get("place", "")),
    )


def _sections(words: Words, script: str, tag: str, beside: Words) -> list[Section]:
    write = writer(tag, script) if script else None
    return [
        Section(
            name,
            label(FIELDS, name),
            to_html(words.get(name, ""), write=write),
            to_html(beside.get(name, "")),
        )
        for name in PROSE
        if words.get(name) or beside.get(name)
    ]


def _origin(view: PracticeView, here: str, beside_url: str) -> Origin:
    text = view.text
    translated = text.provenance != "original"
    address = reverse("practice", args=[view.id])
    credit = credit_of(text, view.origin, here)
    return Origin(
        provenance=text.provenance,
        stale=text.stale,
        translator=credit.translator,
        supplier=credit.supplier,
        date=text.translated_on,
        revision=text.revision,
        current_revision=view.revision,
        original_language=language_name(view.original_language, here) if translated else "",
        original_url=f"{address}?text={view.original_language}" if translated else "",
        beside_url=beside_url if translated else "",
    )


def _languages(view: PracticeView, here: str, address: str) -> list[TextLink]:
    best = best_by_language(view.texts, view.original_language)
    return [
        TextLink(
            tag=language.tag,
            html_lang=language.html_lang,
            name=language_name(language.tag, here),
            endonym=language.endonym,
            url=f"{address}?text={language.tag}",
            current=language.tag == view.text.language,
            provenance=best[language.tag].provenance,
            stale=best[language.tag].stale,
        )
        for language in LANGUAGES
        if language.tag in best
    ]


def _script_link(tag: str, script: str, address: str, kept: Mapping[str, str]) -> ScriptLink | None:
    if tag not in DERIVED_SCRIPTS:
        return None
    if script:
        query = f"?{urlencode(kept)}" if kept else ""
        return ScriptLink(by_tag(tag).script, address + query)
    other = DERIVED_SCRIPTS[tag]
    return ScriptLink(other, f"{address}?{urlencode({**kept, 'script': other})}")


def _alternates(view: PracticeView) -> list[tuple[str, str]]:
    """(hreflang, address) of the page in each language in which there is a text, and in any."""
    there = {text.language for text in view.texts}
    pages = [
        (
            language.html_lang,
            settings.NODE_ADDRESS + page_in(language.tag, "practice", view.id),
        )
        for language in LANGUAGES
        if language.tag in there
    ]
    return [*pages, ("x-default", settings.NODE_ADDRESS + page_in_any("practice", view.id))]
