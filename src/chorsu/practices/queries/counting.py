"""How many practices there are, by facet: one query whatever their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from django.db.models import Count, F, Func, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from chorsu.practices.models import Practice
from chorsu.practices.queries.published import LAST_YEAR, visible
from chorsu.practices.shapes import Counts, Filters
from chorsu.records.viewer import Viewer

_COLUMNS = {
    "country": "country",
    "institution": "institution_id",
    "level": "level",
    "status": "status",
}
_ARRAYS = {"theme": "themes", "goal": "goals"}


def counts(viewer: Viewer, filters: Filters | None = None) -> Counts:
    """Practices the reader may see, narrowed, by facet and code."""
    rows = visible(viewer, filters or Filters())
    parts = [_counted(rows, "total", Value("", TextField()))]
    for facet, column in _COLUMNS.items():
        parts.append(_counted(rows, facet, Cast(F(column), TextField())))
    span = Concat("year_from", Value("-"), LAST_YEAR, output_field=TextField())
    parts.append(_counted(rows.exclude(year_from=None), "span", span))
    for facet, column in _ARRAYS.items():
        unnested = Func(F(column), function="unnest")
        parts.append(_counted(rows, facet, Cast(unnested, TextField())))
    parts.append(_counted(rows, "language", F("texts__language")))
    found: dict[str, dict[str, int]] = {}
    for facet, key, number in parts[0].union(*parts[1:], all=True):
        if key != "" or facet == "total":
            found.setdefault(facet, {})[key] = number
    return Counts(
        total=found.get("total", {}).get("", 0),
        theme=found.get("theme", {}),
        goal=found.get("goal", {}),
        country=found.get("country", {}),
        institution=found.get("institution", {}),
        level=found.get("level", {}),
        language=found.get("language", {}),
        year=_by_year(found.get("span", {})),
        status=found.get("status", {}),
    )


def _by_year(spans: Mapping[str, int]) -> dict[str, int]:
    """Year -> how many ran in it, from `first-last` -> how many."""
    tally: Counter[int] = Counter()
    for span, number in spans.items():
        first, last = (int(year) for year in span.split("-"))
        tally.update(dict.fromkeys(range(first, last + 1), number))
    return {str(year): tally[year] for year in sorted(tally)}


def _counted(
    rows: QuerySet[Practice], facet: str, key: Combinable
) -> QuerySet[Practice, tuple[str, str, int]]:
    named = rows.order_by().values(facet=Value(facet, TextField()), key=key)
    counted = named.annotate(number=Count("id", distinct=True))
    return counted.values_list("facet", "key", "number")
