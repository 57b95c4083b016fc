"""Names of countries and of well-known cities in the eight languages, where ear does not help.

`塔什干` sounds nothing like `Toshkent`. From CLDR, by way of Babel.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from babel import Locale

from chorsu.kernel.text import words

LOCALES = ("zh_Hans", "kk", "ky", "uz", "tg", "tk", "ru", "en", "uz_Cyrl")
_SHORTEST = 2


@cache
def _names() -> dict[str, frozenset[str]]:
    """Each name to all of the same place; names of several words are left out."""
    places: dict[str, set[str]] = defaultdict(set)
    for tag in LOCALES:
        locale = Locale.parse(tag)
        for code, name in locale.territories.items():
            if len(code) == _SHORTEST:
                places[code].update(_one_word(name))
        for zone, names in locale.time_zones.items():
            places[zone].update(_one_word(names.get("city", "")))
    found: dict[str, set[str]] = defaultdict(set)
    for same in places.values():
        for name in same:
            found[name] |= same
    return {name: frozenset(same) for name, same in found.items()}


def _one_word(name: str) -> list[str]:
    found = words(name)
    return found if len(found) == 1 and len(found[0]) >= _SHORTEST else []


def same_place(word: str) -> frozenset[str]:
    """The names, folded, of the place that a folded word names; none if it names none."""
    return _names().get(word, frozenset()) - {word}
