"""Lines drawn on the server: a picture 420 units wide, which a phone shows at its own size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chorsu.labs.contract import Chart

WIDTH, HEIGHT = 420, 260
LEFT, RIGHT, TOP, BOTTOM = 34, 12, 10, 28
MARKS = 4
"""Kinds of line that differ by dashes and marks as well as by colour; further lines begin anew."""


@dataclass(frozen=True, slots=True)
class Line:
    """A series: `kind` picks its colour, dashes and mark."""

    name: str
    kind: int
    points: str
    dots: Sequence[tuple[float, float, str]]  # x, y, what a pointer is told


@dataclass(frozen=True, slots=True)
class LineChart:
    """A picture of lines from 0 to 100; `levels`: (y, label), `steps`: (x, label)."""

    title: str
    lines: Sequence[Line]
    levels: Sequence[tuple[float, str]]
    steps: Sequence[tuple[float, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def line_chart(chart: Chart) -> LineChart:
    """The picture of a chart; values beyond 0 and 100 are drawn at the edge."""
    last = max(1, len(chart.steps) - 1)
    across = (WIDTH - LEFT - RIGHT) / last

    def x(place: int) -> float:
        return round(LEFT + place * across, 1)

    def y(value: float) -> float:
        bounded = min(100.0, max(0.0, value))
        return round(TOP + (100 - bounded) * (HEIGHT - TOP - BOTTOM) / 100, 1)

    lines = []
    for number, series in enumerate(chart.series):
        dots = [
            (x(place), y(value), f"{series.name}: {value:g}")
            for place, value in enumerate(series.values)
        ]
        points = " ".join(f"{across},{down}" for across, down, _told in dots)
        lines.append(Line(series.name, number % MARKS, points, dots))
    return LineChart(
        title=chart.title,
        lines=lines,
        levels=[(y(value), str(value)) for value in range(0, 101, 25)],
        steps=[(x(place), label) for place, label in enumerate(chart.steps)],
    )
