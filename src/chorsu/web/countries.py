"""Countries to choose from, in the order of the page's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from chorsu.kernel.transliteration import sort_key
from chorsu.practices.rules.facts import countries
from chorsu.web.locales import country_name, page_language

MEMBERS = ("CN", "KZ", "KG", "TJ", "TM", "UZ")


def country_choices() -> list[tuple[str, str]]:
    """(code, name) of every state, those of the network first; before them an empty choice."""
    here = page_language().tag
    order = sort_key(here)
    named = [(code, country_name(code, here)) for code in countries() - set(MEMBERS)]
    first = [(code, country_name(code, here)) for code in MEMBERS]
    return [("", _("Choose")), *first, *sorted(named, key=lambda pair: order(pair[1]))]
