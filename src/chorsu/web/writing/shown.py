"""Values of a draft as a person can read them, for comparing."""

from __future__ import annotations

from collections.abc import Mapping

from chorsu.records.themes import goal, target, theme
from chorsu.web import labels
from chorsu.web.locales import country_name, page_language
from chorsu.web.writing.rows import COLUMNS

_CODES: Mapping[str, labels.Labels] = {
    "level": labels.LEVELS,
    "status": labels.STATUSES,
    "cost": labels.COSTS,
    "duration": labels.DURATIONS,
    "audience": labels.AUDIENCES,
    "licence": labels.LICENCE_NAMES,
}


def shown(unit: str, value: object) -> str:
    """A unit's value as lines of text; empty if there is nothing."""
    words: Mapping[str, str] = {}
    if isinstance(value, tuple):
        words, value = value
    if unit in COLUMNS and isinstance(value, list):
        return "\n".join(_row(unit, row, words) for row in value)
    if value is None:
        return "\n".join(words.values())
    if isinstance(value, list):
        return "\n".join(_code(unit, one) for one in value)
    return _code(unit, value)


def _row(group: str, row: Mapping[str, str], words: Mapping[str, str]) -> str:
    cells = (
        words.get(f"{group}.{row['key']}.{column}") or row.get(column, "")
        for column in COLUMNS[group]
    )
    return " · ".join(cell for cell in cells if cell)


def _code(unit: str, value: object) -> str:
    here, text = page_language().tag, "" if value is None else str(value)
    if unit == "themes":
        known = theme(text)
        return known.name(here) if known else text
    if unit == "sdg_goals":
        aim = goal(int(text))
        return f"{text}. {aim.name(here)}" if aim else text
    if unit == "sdg_targets":
        part = target(text)
        return f"{text} {part.name(here)}" if part else text
    if unit == "country":
        return country_name(text, here) if text else ""
    return labels.label(_CODES.get(unit, {}), text)
