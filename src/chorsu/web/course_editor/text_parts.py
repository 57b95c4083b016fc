"""The words of a course in parts, each of which fits on a page beside its translation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from chorsu.training.rules.fields import TEXT_FIELDS, Facts, units_of
from chorsu.web.course_editor.scopes import rows_of

# With an underscore, which no key of a unit has.
COURSE, TERMS, FILES = "the_course", "the_terms", "the_files"


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part: `key` is one of the three above or a unit's; `title` in the original's words.

    `missing`: how many of its fields a translation lacks.
    """

    key: str
    title: str
    names: Sequence[str]
    missing: int

    @property
    def is_named_by_author(self) -> bool:
        """Whether the title is in the original's language, not the page's."""
        return self.key not in (COURSE, TERMS, FILES)


def parts_of(source: Mapping[str, str], facts: Facts, words: Mapping[str, str]) -> list[TextPart]:
    """All parts that have words, in the order in which a learner meets them."""
    course = [field.name for field in TEXT_FIELDS]
    for module in facts["modules"]:
        course += [f"modules.{module['key']}.{name}" for name in ("title", "about")]
    found = [_part(COURSE, _("The course"), course, source, words)]
    for unit in units_of(facts):
        groups = rows_of(unit)
        names = [name for name in source if tuple(name.split(".")[:2]) in groups]
        # The unit's own words first, then those of its criteria or questions as they stand.
        names.sort(key=lambda name: (not name.startswith("units."), _order(name)))
        title = source.get(f"units.{unit['key']}.title", "")
        found.append(_part(unit["key"], title, names, source, words))
    terms = [f"terms.{key}.{name}" for key in facts["terms"] for name in ("name", "meaning")]
    files = [name for name in source if name.startswith("files.")]
    found.append(_part(TERMS, _("Glossary"), terms, source, words))
    found.append(_part(FILES, _("Files"), files, source, words))
    return [part for part in found if part.names]


def part_of(parts: Sequence[TextPart], key: str) -> TextPart | None:
    """The part of this key, or None."""
    return next((part for part in parts if part.key == key), None)


def _part(
    key: str,
    title: str,
    names: Sequence[str],
    source: Mapping[str, str],
    words: Mapping[str, str],
) -> TextPart:
    there = [name for name in names if name in source]
    return TextPart(key, title, there, sum(1 for name in there if not words.get(name)))


_ORDER = ("title", "body", "key_points", "criterion", "levels", "text", "choices")


def _order(name: str) -> int:
    return _ORDER.index(name.split(".")[-1])
