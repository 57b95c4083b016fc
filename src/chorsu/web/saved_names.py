"""What a saved search is called: its question and its filters in the page's language."""

from __future__ import annotations

from chorsu.flows.alerting import PARAMETERS
from chorsu.search.saved import SavedView
from chorsu.web.search import value_name


def name_of(saved: SavedView) -> str:
    """The question, then what narrows it."""
    chosen = [
        value_name(name, str(value))
        for name, facet in PARAMETERS.items()
        for value in saved.filters.values(facet)
    ]
    return " · ".join([*([saved.question] if saved.question else []), *chosen])
