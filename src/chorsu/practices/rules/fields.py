"""What a practice consists of: its fields, their limits and the codes of its facts."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypedDict

from chorsu.records.fields import TextField
from chorsu.records.words import WordTable

MAX_ROWS = 50
TEXT_FIELDS: tuple[TextField, ...] = (
    TextField("title", markdown=False, max_chars=200, required=True),
    TextField("summary", markdown=False, max_chars=600, required=True, lines=True),
    TextField("place", markdown=False, max_chars=200),
    TextField("problem", markdown=True, max_chars=20_000, required=True, lines=True),
    TextField("action", markdown=True, max_chars=20_000, required=True, lines=True),
    TextField("steps", markdown=True, max_chars=20_000, lines=True),
    TextField("partners", markdown=True, max_chars=20_000, lines=True),
    TextField("results", markdown=True, max_chars=20_000, required=True, lines=True),
    TextField("failures", markdown=True, max_chars=20_000, required=True, lines=True),
    TextField("requirements", markdown=True, max_chars=20_000, lines=True),
    TextField("lessons", markdown=True, max_chars=20_000, lines=True),
)
FIELDS_BY_NAME: Mapping[str, TextField] = MappingProxyType({f.name: f for f in TEXT_FIELDS})
# Words of rows: group -> the names a row of it has, with their limits.
ROW_WORDS: Mapping[str, Mapping[str, int]] = MappingProxyType(
    {
        "indicators": MappingProxyType({"name": 300, "unit": 60}),
        "contacts": MappingProxyType({"office": 300}),
        "files": MappingProxyType({"description": 500}),
    }
)
WORDS = WordTable(
    fields=TEXT_FIELDS,
    rows={
        group: {
            name: TextField(name, markdown=False, max_chars=limit) for name, limit in names.items()
        }
        for group, names in ROW_WORDS.items()
    },
    max_rows=MAX_ROWS,
    more_rows={},
)
clean_words = WORDS.clean
order_words = WORDS.in_order

LEVELS = ("national", "regional", "district", "municipal", "village")
STATUSES = ("idea", "pilot", "running", "scaled", "ended")
COSTS = ("none", "under_10k", "10k_100k", "100k_1m", "1m_10m", "over_10m", "unknown")
DURATIONS = ("under_3m", "3m_12m", "1y_3y", "over_3y", "unknown")
FIRST_YEAR, LAST_YEAR = 1950, 2100


class Indicator(TypedDict):
    """`baseline` and `value` are decimal strings or empty; `date` is 2024, 2024-06, 2024-06-30."""

    key: str
    baseline: str
    value: str
    date: str


class Contact(TypedDict):
    """How to reach an office, never a person; the office's name is among the words."""

    key: str
    email: str
    phone: str
    url: str


class Source(TypedDict):
    """Where it is said; the title stays in its own language."""

    key: str
    title: str
    url: str
    date: str
    language: str


class Facts(TypedDict):
    """What needs no language. In a draft, what is not yet known is empty: "", [] or None."""

    themes: list[str]
    sdg_goals: list[int]
    sdg_targets: list[str]
    level: str
    country: str
    year_from: int | None
    year_to: int | None
    status: str
    cost: str
    duration: str
    indicators: list[Indicator]
    contacts: list[Contact]
    sources: list[Source]


def empty_facts() -> Facts:
    """The facts of a draft just begun."""
    return Facts(
        themes=[], sdg_goals=[], sdg_targets=[], level="", country="",
        year_from=None, year_to=None, status="", cost="unknown", duration="unknown",
        indicators=[], contacts=[], sources=[],
    )  # fmt: skip
