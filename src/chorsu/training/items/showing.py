"""What a learner may see of a question: never what is right, nor in what order it was written.

Keys of rows are the author's, and in an ordering question their order is the answer: a page gets
tokens that follow from the attempt's seed, and `answering.clean_response` turns them back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chorsu.training.items.drawing import by_seed, token
from chorsu.training.items.fields import Field, Item, ItemText

GAP = re.compile(r"\[\[([a-z0-9-]{1,40})\]\]", re.ASCII)
"""Where a field stands in the stem of a cloze."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose, order or match: what the page sends back, and what it says."""

    token: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownField:
    """A place to answer. `unit`: whether to write one; `units`: the names that are understood."""

    key: str
    kind: str
    options: tuple[Choice, ...]
    targets: tuple[Choice, ...]
    unit: str
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """What a marker will look at, and the most points for it."""

    criterion: str
    levels: str
    points: int


@dataclass(frozen=True, slots=True)
class ShownItem:
    """A question as a learner reads it, in `language`, which may not be the one asked for.

    `parts`: the stem as (Markdown, field key); a field key is empty but in a cloze, where a field
    stands after each part but the last.
    """

    id: str
    version: int
    type: str
    language: str
    provenance: str
    points: str
    parts: tuple[tuple[str, str], ...]
    fields: tuple[ShownField, ...]
    rubric: tuple[ShownRow, ...]


def text_in(item: Item, language: str) -> tuple[str, ItemText]:
    """The text in a language, or the original where there is none, with its language."""
    found = language if language in item.texts else item.original_language
    return found, item.texts[found]


def shown(item: Item, language: str, *, seed: str) -> ShownItem:
    """The question for a learner, in an order that follows from the attempt's seed."""
    found, text = text_in(item, language)
    fields = tuple(_field(item, field, text, seed) for field in item.facts["fields"])
    return ShownItem(
        id=item.id,
        version=item.version,
        type=item.facts["type"],
        language=found,
        provenance=text.provenance,
        points=item.facts["points"],
        parts=_parts(text.words.get("stem", "")),
        fields=fields,
        rubric=tuple(
            ShownRow(
                text.words.get(f"rubric.{row['key']}.criterion", ""),
                text.words.get(f"rubric.{row['key']}.levels", ""),
                row["points"],
            )
            for row in item.facts["rubric"]
        ),
    )


def row_token(item: Item, seed: str, field: str, group: str, key: str) -> str:
    """What stands for a row in a page."""
    return token(seed, item.id, field, group, key)


def _parts(stem: str) -> tuple[tuple[str, str], ...]:
    pieces = GAP.split(stem)
    return tuple(
        (pieces[place], pieces[place + 1] if place + 1 < len(pieces) else "")
        for place in range(0, len(pieces), 2)
    )


def _field(item: Item, field: Field, text: ItemText, seed: str) -> ShownField:
    options = [row["key"] for row in field["options"]]
    # The rows of an ordering and of a matching are written in the order that is right.
    mixed = item.facts["shuffle"] or field["kind"] in ("order", "match")
    if mixed:
        fixed = {row["key"] for row in field["options"] if row.get("fixed")}
        free = [key for key in options if key not in fixed]
        others = iter(by_seed(free, free, seed, f"{item.id}.{field['key']}"))
        options = [key if key in fixed else next(others) for key in options]
    targets = [row["key"] for row in field["targets"]]
    targets = by_seed(targets, targets, seed, f"{item.id}.{field['key']}.targets")

    def choices(group: str, keys: Sequence[str]) -> tuple[Choice, ...]:
        return tuple(
            Choice(
                row_token(item, seed, field["key"], group, key),
                text.words.get(f"{group}.{field['key']}.{key}.text", ""),
            )
            for key in keys
        )

    names = [
        text.words.get(f"units.{field['key']}.{row['key']}.names", "") for row in field["units"]
    ]
    return ShownField(
        key=field["key"],
        kind=field["kind"],
        options=choices("options", options),
        targets=choices("targets", targets),
        unit=field["unit"],
        units=tuple(name.splitlines()[0] for name in names if name),
    )
