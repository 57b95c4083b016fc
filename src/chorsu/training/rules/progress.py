"""Who falls behind in a cohort, decided from two shares. Pure.

How it decides, in words that the pages say too: as many of the course's units should be done as
days of the cohort are over; who has done `BEHIND` percentage points fewer falls behind. Nobody
does in a course without units, or before the cohort begins.
"""

from __future__ import annotations

from datetime import date

BEHIND = 20
"""Percentage points of the course's units that may be lacking: one day in a week."""


def expected_percent(starts_on: date, ends_on: date, today: date) -> int:
    """Percent of the cohort's days that are over, today not among them; from 0 to 100."""
    days = (ends_on - starts_on).days + 1
    gone = min(max((today - starts_on).days, 0), days)
    return 100 * gone // max(1, days)


def done_percent(done: int, units: int) -> int:
    """Percent of the units that are done; of none at all nothing is lacking: 100."""
    return 100 * min(done, units) // units if units else 100


def is_behind(done: int, units: int, expected: int) -> bool:
    """Whether somebody who has done so many of the units falls behind what is expected."""
    return expected - done_percent(done, units) >= BEHIND
