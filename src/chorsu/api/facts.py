"""What the API answers of a practice's facts and words: every field by its name.

A node may hold facts that newer software published: what is not of the form described here is
answered as not known, and an unknown code as it stands. No record makes an answer fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, TypeGuard

from ninja import Schema
from pydantic import Field

from chorsu.practices.rules import COSTS, DURATIONS, LEVELS, STATUSES


def _codes(codes: tuple[str, ...], about: str) -> str:
    return f"{about}: {', '.join(f'`{code}`' for code in codes)}; newer nodes may know others"


Country = Annotated[str, Field(description="ISO 3166-1 alpha-2")]
Level = Annotated[str, Field(description=_codes(LEVELS, "Level of government"))]
Status = Annotated[str, Field(description=_codes(STATUSES, "How far it has come"))]
Themes = Annotated[list[str], Field(description="Codes of themes of public administration")]
Goals = Annotated[list[int], Field(description="Sustainable Development Goals, 1 to 17")]
YearFrom = Annotated[int | None, Field(description="First year in which it ran; null: not said")]
YearTo = Annotated[int | None, Field(description="Last year in which it ran; null: still going")]
Key = Annotated[str, Field(description="Names the row, in the words too; the same in later ones")]
Date = Annotated[str, Field(description="As 2024, 2024-06 or 2024-06-30; empty: not said")]
Address = Annotated[str, Field(description="http, https or mailto; empty: none")]


class Indicator(Schema):
    """Something measured; words hold `indicators.<key>.name` and `indicators.<key>.unit`."""

    key: Key
    baseline: str = Field(description="Before, as a decimal such as -12.18; empty: not known")
    value: str = Field(description="Reached, as a decimal such as -12.18; empty: not known")
    date: Date


class Contact(Schema):
    """An office to ask, never a person; words hold its name as `contacts.<key>.office`."""

    key: Key
    email: str = Field(description="Empty: none")
    phone: str = Field(description="Empty: none")
    url: Address


class Source(Schema):
    """Where it is said."""

    key: Key
    title: str = Field(description="In its own language")
    url: Address
    date: Date
    language: str = Field(description="Of the source, as a BCP 47 tag; empty: not said")


class PracticeFacts(Schema):
    """What needs no language; steps, partners and place are among the words."""

    themes: Themes
    sdg_goals: Goals
    sdg_targets: list[str] = Field(description="Targets of the goals, as 11.2 or 16.a")
    level: Level
    country: Country
    year_from: YearFrom
    year_to: YearTo
    status: Status
    cost: str = Field(description=_codes(COSTS, "What it cost, in US dollars"))
    duration: str = Field(description=_codes(DURATIONS, "Time it took"))
    indicators: list[Indicator]
    contacts: list[Contact]
    sources: list[Source]


WORDS: Mapping[str, str] = {
    "title": "Plain text, one line",
    "summary": "Plain text",
    "place": "Where: plain text, one line",
    "problem": "The problem and whom it touched (Markdown)",
    "action": "What was done (Markdown)",
    "steps": "How: the steps (Markdown)",
    "partners": "Who took part (Markdown)",
    "results": "What came of it (Markdown)",
    "failures": "What went wrong and what was changed (Markdown)",
    "requirements": "What it takes to repeat it (Markdown)",
    "lessons": "What was learned (Markdown)",
}
ROW_WORDS: Mapping[str, str] = {
    r"^indicators\.[a-z0-9-]+\.name$": "What the indicator with this key measures",
    r"^indicators\.[a-z0-9-]+\.unit$": "Unit of the indicator with this key",
    r"^contacts\.[a-z0-9-]+\.office$": "Name of the office with this key",
    r"^files\.[0-9a-f]{64}\.description$": "What the file with this hash shows",
}
Words = Annotated[
    dict[str, str],
    Field(
        description="Field to text; what was not written is missing",
        json_schema_extra={
            "properties": {
                name: {"type": "string", "description": about} for name, about in WORDS.items()
            },
            "patternProperties": {
                form: {"type": "string", "description": about} for form, about in ROW_WORDS.items()
            },
        },
    ),
]


def practice_facts(facts: Mapping[str, object]) -> PracticeFacts:
    """Facts as the API gives them; never fails."""
    return PracticeFacts(
        themes=_texts(facts, "themes"),
        sdg_goals=[one for one in _list(facts, "sdg_goals") if _is_number(one)],
        sdg_targets=_texts(facts, "sdg_targets"),
        level=_text(facts, "level"),
        country=_text(facts, "country"),
        year_from=_number(facts, "year_from"),
        year_to=_number(facts, "year_to"),
        status=_text(facts, "status"),
        cost=_text(facts, "cost") or "unknown",
        duration=_text(facts, "duration") or "unknown",
        indicators=[
            Indicator(
                key=_text(row, "key"),
                baseline=_text(row, "baseline"),
                value=_text(row, "value"),
                date=_text(row, "date"),
            )
            for row in _rows(facts, "indicators")
        ],
        contacts=[
            Contact(
                key=_text(row, "key"),
                email=_text(row, "email"),
                phone=_text(row, "phone"),
                url=_text(row, "url"),
            )
            for row in _rows(facts, "contacts")
        ],
        sources=[
            Source(
                key=_text(row, "key"),
                title=_text(row, "title"),
                url=_text(row, "url"),
                date=_text(row, "date"),
                language=_text(row, "language"),
            )
            for row in _rows(facts, "sources")
        ],
    )


def _text(row: Mapping[str, object], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _number(row: Mapping[str, object], name: str) -> int | None:
    value = row.get(name)
    return value if _is_number(value) else None


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _list(row: Mapping[str, object], name: str) -> list[object]:
    value = row.get(name)
    return value if isinstance(value, list) else []


def _texts(row: Mapping[str, object], name: str) -> list[str]:
    return [one for one in _list(row, name) if isinstance(one, str)]


def _rows(facts: Mapping[str, object], name: str) -> Iterator[Mapping[str, object]]:
    return (row for row in _list(facts, name) if isinstance(row, Mapping))
