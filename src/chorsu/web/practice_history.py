"""What changed between two revisions, so that a person can read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from chorsu.practices.diff import changed_facts, diff_words
from chorsu.practices.rules import FIELDS_BY_NAME
from chorsu.practices.shapes import RevisionView
from chorsu.records.themes import theme
from chorsu.web.drafting.marking import marked, to_html
from chorsu.web.labels import COSTS, DURATIONS, FIELDS, LEVELS, STATUSES, Labels, label
from chorsu.web.locales import page_language

_CODES: Mapping[str, Labels] = {
    "level": LEVELS,
    "status": STATUSES,
    "cost": COSTS,
    "duration": DURATIONS,
}


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changed: safe HTML with <ins> and <del>."""

    name: str
    label: str
    html: SafeString
    own_words: bool  # in the language of the practice, not of the page


def changes(before: RevisionView, after: RevisionView) -> list[Change]:
    """The fields whose words or facts differ, in the order a reader meets them."""
    words = [
        Change(one.field, _label(one.field), to_html(one.pieces), own_words=True)
        for one in diff_words(before.words, after.words)
    ]
    old: Mapping[str, object] = before.facts
    new: Mapping[str, object] = after.facts
    facts = [
        Change(
            name,
            _label(name),
            marked(_shown(name, old.get(name)), _shown(name, new[name])),
            own_words=False,
        )
        for name in changed_facts(before.facts, after.facts)
    ]
    return words + facts


def _label(name: str) -> str:
    return label(FIELDS, name if name in FIELDS_BY_NAME else name.split(".")[0])


def _shown(name: str, value: object) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        return "\n".join(_row(name, one) for one in value)
    return label(_CODES.get(name, {}), str(value))


def _row(name: str, value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(str(part) for key, part in value.items() if part and key != "key")
    if name == "themes" and (known := theme(str(value))):
        return known.name(page_language().tag)
    return str(value)
