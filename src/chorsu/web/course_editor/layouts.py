"""What is taken whole from one side when two people saved the same page of a course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from chorsu.records.themes import theme
from chorsu.training.rules.framework import framework, positions
from chorsu.web import labels
from chorsu.web.course_editor.labels import HANDED_IN, QUESTION_KINDS, REVIEWS, name_of
from chorsu.web.course_editor.outline import Branch
from chorsu.web.course_editor.scopes import RECORD
from chorsu.web.course_labels import FORMS, UNIT_KINDS
from chorsu.web.drafting.controls import Text
from chorsu.web.drafting.merging import Layout
from chorsu.web.labels import label
from chorsu.web.locales import page_language

_ROWS = {"modules": "modules", "terms": "terms", "rubrics": "assignment", "questions": "survey"}
_CODES: labels.Labels = {
    **labels.AUDIENCES, **labels.LICENCE_NAMES, **REVIEWS, **HANDED_IN, **QUESTION_KINDS,
    **FORMS, **UNIT_KINDS,
}  # fmt: skip


def _unit_of(name: str) -> str:
    group = name.split(".")[0]
    # The words of rows go with their rows; prerequisites and assessment are both words and facts.
    return _ROWS.get(group, name) if "." in name else name


def _shown(unit: str, value: object) -> str:
    if unit in RECORD:
        return label(_CODES, str(value))
    words, fact = cast("tuple[Mapping[str, str], object]", value)
    lines = [text for name, text in words.items() if name == unit or name.endswith(".body")]
    if unit == "modules":
        return _outline(cast("list[Branch]", fact or []), words)
    return "\n".join([*lines, *_lines(fact, words, skipped=set(lines))])


def _outline(branches: Sequence[Branch], words: Mapping[str, str]) -> str:
    return "\n".join(
        f"{number}. {words.get(f'modules.{branch.key}.title', '')} ({len(branch.units)})"
        for number, branch in enumerate(branches, 1)
    )


def _lines(fact: object, words: Mapping[str, str], skipped: set[str]) -> list[str]:
    said = [text for text in words.values() if text not in skipped]
    if isinstance(fact, list):
        return [*said, *(_one(item) for item in fact if not _is_key(item, words))]
    return [*said, *([_one(fact)] if fact not in (None, "", {}) else [])]


def _is_key(item: object, words: Mapping[str, str]) -> bool:
    """Whether it only names a row whose words are shown."""
    return isinstance(item, str) and any(f".{item}." in name for name in words)


def _one(value: object) -> str:
    if isinstance(value, Mapping):
        parts = [
            f"{name_of(str(name))}: {_one(inner)}"
            for name, inner in value.items()
            if name not in ("key", "sha256") and inner not in (None, "", [])
        ]
        return " · ".join(parts)
    if isinstance(value, list):
        return ", ".join(_one(inner) for inner in value)
    return _code(str(value))


def _code(text: str) -> str:
    here = page_language().tag
    if known := theme(text):
        return known.name(here)
    named = framework().competences.get(text) or positions().get(text)
    return named.name(here) if named else label(_CODES, text)


COURSE_LAYOUT = Layout(record=RECORD, unit_of=_unit_of, name_of=name_of, shown=_shown)


def unit_layout(key: str) -> Layout:
    """The units of a page about one unit of a course; its own words are known by their name."""

    def unit_of(name: str) -> str:
        return name if name.startswith(f"units.{key}.") else _unit_of(name)

    def named(unit: str) -> Text:
        return name_of(unit if "." in unit else f"units.{unit}")

    # A tool gave them along with the address.
    follows = {"custom": "tool", "points": "tool"}
    return Layout(record=(), unit_of=unit_of, name_of=named, shown=_shown, follows=follows)
