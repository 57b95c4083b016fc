"""Certificates due to expire, drawn for the officer's and the teacher's figures."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from chorsu.training.queries.expiring import Expiring
from chorsu.web.cohorts.charts import Chart, chart, short
from chorsu.web.locales import format_number, page_language


def stretch_names() -> list[str]:
    """What the three stretches of time are called."""
    return [
        _("within 3 months"),
        _("in 4 to 6 months"),
        _("in 7 to 12 months"),
    ]


def by_what(ending: Sequence[Expiring], what: str) -> list[tuple[str, list[int]]]:
    """(name, certificates by stretch) of each `cohort`, or of each employing `body`."""
    found: dict[tuple[object, str], list[int]] = {}
    for one in ending:
        key = (one.cohort_id, one.cohort) if what == "cohort" else ("", one.body)
        counts = found.setdefault(key, [0, 0, 0])
        found[key] = [had + more for had, more in zip(counts, one.counts, strict=True)]
    return [(name or _("No employing body"), counts) for (_key, name), counts in found.items()]


def expiring_chart(rows: Sequence[tuple[str, list[int]]]) -> Chart:
    """A bar for each row of `by_what`."""
    here = page_language().tag
    drawn = [(short(name), counts, format_number(sum(counts), here)) for name, counts in rows]
    return chart(drawn, stretch_names())
