"""A live unit as a learner finds it: when and where it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chorsu.kernel.clock import utc_now
from chorsu.training.queries.cohorts import SessionView
from chorsu.training.queries.learning import LearnerView
from chorsu.training.queries.unit_sessions import sessions_for
from chorsu.training.rules.fields import Facts
from chorsu.training.rules.outline import PlacedUnit, placed


@dataclass(frozen=True, slots=True)
class LivePage:
    """`of_unit`: the sessions are those of this unit, else the next ones of the cohort."""

    sessions: Sequence[SessionView]
    of_unit: bool
    now: datetime


def live_page(learner: LearnerView, one: PlacedUnit, facts: Facts) -> LivePage:
    """The sessions of the unit, or the next ones. At most two queries."""
    now = utc_now()
    others = {unit.key for unit in placed(facts) if unit.kind == "live"} - {one.key}
    found = sessions_for(learner, one.key, others=others, now=now)
    return LivePage(
        sessions=found,
        of_unit=any(session.unit == one.key for session in found),
        now=now,
    )
