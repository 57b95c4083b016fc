"""How the questions of a bank behaved, in plots drawn here, tables, and a file of the answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from chorsu.training.analysis import (
    MIN_GROUP,
    MIN_LEARNERS,
    Difference,
    Distractor,
    ItemMeasures,
    TableRow,
    differences,
    distractors,
    measures,
    rest_scores,
)
from chorsu.training.items import Item
from chorsu.training.items.pictures import in_words
from chorsu.training.queries import bank
from chorsu.training.shapes.bank import BankPlace
from chorsu.web.question_bank.guards import for_writers
from chorsu.web.question_bank.labels import TYPES

WIDTH, HEIGHT, LEFT, TOP = 640, 360, 56, 16
WEAK = 0.2
"""Below this discrimination a question hardly tells those who know from others (Ebel, "Measuring
Educational Achievement", 1965)."""
EASY, HARD = 0.95, 0.2
_REACH = 3.5  # of the delta scale, to either side
_ROW = 26
CLASSES = {
    "A": pgettext_lazy("difference between languages", "A: none"),
    "B": pgettext_lazy("difference between languages", "B: some"),
    "C": pgettext_lazy("difference between languages", "C: large"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """A question in the plot; coordinates in the plot's units, as text."""

    number: int
    x: str
    y: str
    marked: bool
    title: str


@dataclass(frozen=True, slots=True)
class OptionRow:
    """An option of a question: who chose it, in percent."""

    text: str
    right: bool
    one: Distractor
    share: int
    lower: int
    upper: int


@dataclass(frozen=True, slots=True)
class Line:
    """A question in the table."""

    number: int
    item: Item
    title: str
    type: str | Promise
    one: ItemMeasures
    facility: int
    remark: str | Promise
    options: Sequence[OptionRow]


@dataclass(frozen=True, slots=True)
class Gap:
    """A question in a language against the others; `x` of its place in the plot."""

    number: int
    title: str
    one: Difference
    harder: bool
    label: str | Promise
    x: str
    y: str
    low: str
    high: str


@require_safe
@for_writers
def show(request: HttpRequest, place: BankPlace) -> HttpResponse:
    """Facility and discrimination, what was chosen, and differences between languages."""
    rows = bank.answer_table(place.course_id)
    items = {item.id: item for item in bank.current_items(place.course_id)}
    rests = rest_scores(rows)
    by_item: dict[str, list[TableRow]] = {item: [] for item in items}
    for row in rows:
        by_item[row.item].append(row)
    lines = [
        _line(number, items[one.item], one, _options(items[one.item], by_item[one.item], rests))
        for number, one in enumerate(measures(rows), 1)
    ]
    numbers = {line.item.id: line for line in lines}
    judged = differences(rows)
    gaps = [one for one in judged if one.result is not None and one.ets != "A"]
    context = {
        "place": place,
        "lines": lines,
        "points": [_point(line) for line in lines if line.one.discrimination is not None],
        "grid_x": [(_x(value / 4), f"{25 * value}") for value in range(5)],
        "grid_y": [(_y(value / 4), f"{value / 4:.2f}") for value in range(-1, 5)],
        "gaps": [_gap(place_, numbers[one.item], one) for place_, one in enumerate(gaps)],
        "gaps_height": str(len(gaps) * _ROW + 40),
        "gaps_axis": [(_delta_x(value), str(value)) for value in range(-3, 4)],
        "judged": any(one.result is not None for one in judged),
        "answers": len(rows),
        "least": MIN_LEARNERS,
        "least_group": MIN_GROUP,
        "width": str(WIDTH),
        "height": str(HEIGHT),
        "left": str(LEFT),
        "bottom": str(HEIGHT - 40),
    }
    return render(request, "questions/analysis.html", context)


@require_safe
@for_writers
def table(request: HttpRequest, place: BankPlace) -> HttpResponse:
    """The answers the figures come from: attempts have numbers and nobody a name."""
    rows = bank.answer_table(place.course_id)
    numbers = {attempt: n for n, attempt in enumerate(sorted({r.attempt for r in rows}), 1)}
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["attempt", "item", "share", "chosen", "language"])
    for row in rows:
        writer.writerow(
            [numbers[row.attempt], row.item, f"{row.share:.4f}", " ".join(row.chosen), row.language]
        )
    response = HttpResponse(target.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="answers.csv"'
    return response


def _line(number: int, item: Item, one: ItemMeasures, options: Sequence[OptionRow]) -> Line:
    words = item.texts[item.original_language].words
    return Line(
        number=number,
        item=item,
        title=bank.told(words),
        type=TYPES[item.facts["type"]],
        one=one,
        facility=round(100 * one.facility),
        remark=_remark(one),
        options=options,
    )


def _remark(one: ItemMeasures) -> str | Promise:
    if one.discrimination is not None and one.discrimination < 0:
        return _("Those who know more get it wrong: is the key right?")
    if one.facility >= EASY:
        return _("Nearly everybody knows it.")
    if one.facility <= HARD:
        return _("Hardly anybody knows it.")
    if one.discrimination is not None and one.discrimination < WEAK:
        return _("It hardly tells those who know from others.")
    return ""


def _options(
    item: Item, rows: Sequence[TableRow], rests: Mapping[tuple[str, str], float | None]
) -> list[OptionRow]:
    """Of questions in which options are chosen; each field after the other."""
    words = item.texts[item.original_language].words
    found = []
    for field in item.facts["fields"]:
        if field["kind"] not in ("choice", "choices"):
            continue
        keys = [f"{field['key']}.{option['key']}" for option in field["options"]]
        for option, one in zip(field["options"], distractors(rows, rests, keys), strict=True):
            found.append(
                OptionRow(
                    text=in_words(words.get(f"options.{field['key']}.{option['key']}.text", "")),
                    right=float(option["credit"]) > 0,
                    one=one,
                    share=round(100 * one.share),
                    lower=round(100 * one.lower),
                    upper=round(100 * one.upper),
                )
            )
    return found


def _point(line: Line) -> Point:
    discrimination = line.one.discrimination or 0.0
    return Point(
        line.number, _x(line.one.facility), _y(discrimination), bool(line.remark), line.title
    )


def _gap(row: int, line: Line, one: Difference) -> Gap:
    assert one.result is not None  # noqa: S101 - the caller asked
    reach = 1.96 * one.result.standard_error
    return Gap(
        number=line.number,
        title=line.title,
        one=one,
        harder=one.result.delta < 0,
        label=CLASSES[one.ets],
        x=_delta_x(one.result.delta),
        y=str(row * _ROW + 30),
        low=_delta_x(one.result.delta - reach),
        high=_delta_x(one.result.delta + reach),
    )


def _x(share: float) -> str:
    return f"{LEFT + share * (WIDTH - LEFT - 28):.1f}"


def _y(discrimination: float) -> str:
    """From -0.25 at the bottom to 1 at the top."""
    inside = min(max(discrimination, -0.25), 1.0)
    return f"{HEIGHT - 40 - (inside + 0.25) / 1.25 * (HEIGHT - 40 - TOP):.1f}"


def _delta_x(delta: float) -> str:
    inside = min(max(delta, -_REACH), _REACH)
    return f"{LEFT + 64 + (inside + _REACH) / (2 * _REACH) * (WIDTH - LEFT - 80):.1f}"
