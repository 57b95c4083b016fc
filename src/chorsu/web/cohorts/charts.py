"""Bars drawn on the server: `<rect>`s in a picture 420 units wide, that a phone shows too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 420
LABELS = 150
FIGURES = 50
ROW = 34
BAR = 18


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: `series` picks its fill and pattern (0 to 3)."""

    series: int
    x: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of the picture: its name, its pieces, the figure at its end."""

    label: str
    y: int
    text_y: int
    parts: tuple[Part, ...]
    figure: str
    figure_x: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture of bars; `series` names its fills in order."""

    height: int
    bars: tuple[Bar, ...]
    series: tuple[str, ...]
    width: int = WIDTH
    labels: int = LABELS
    bar: int = BAR


def chart(
    rows: Sequence[tuple[str, Sequence[int], str]],
    series: Sequence[str],
    *,
    most: int = 0,
    figures: int = FIGURES,
) -> Chart:
    """Bars one under another: each row is (name, values by series, figure to write at the end).

    The longest bar, or `most` if that is more, fills the width; `figures`: what is left at its end
    for the figure.
    """
    longest = max([most, 1, *(sum(values) for _name, values, _figure in rows)])
    scale = (WIDTH - LABELS - figures) / longest
    bars = []
    for place, (name, values, figure) in enumerate(rows):
        x = float(LABELS)
        parts = []
        for number, value in enumerate(values):
            width = round(value * scale, 1)
            if value:
                parts.append(Part(number, round(x, 1), width, f"{series[number]}: {value}"))
            x += width
        y = place * ROW
        bars.append(Bar(name, y, y + BAR - 4, tuple(parts), figure, round(x + 8, 1)))
    return Chart(max(ROW, len(rows) * ROW), tuple(bars), tuple(series))


def short(name: str) -> str:
    """What fits beside a bar; the table has the whole."""
    wide = sum(2 if char > "\u2e7f" else 1 for char in name)
    if wide <= 19:
        return name
    kept, width = "", 0
    for char in name:
        width += 2 if char > "\u2e7f" else 1
        if width > 18:
            break
        kept += char
    return kept.rstrip() + "…"
