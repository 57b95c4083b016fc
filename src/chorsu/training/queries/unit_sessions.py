"""The sessions that the page of a live unit shows to a learner."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from chorsu.training.models import Cohort, Enrolment, Session
from chorsu.training.queries.cohorts import SessionView, session_view
from chorsu.training.queries.learning import LearnerView

MOST = 5
"""Of those that come next, where none is said to be of the unit."""


def sessions_for(
    learner: LearnerView, unit: str, *, others: Collection[str], now: datetime
) -> list[SessionView]:
    """The learner's sessions of this unit in order, those that are over too; if the cohort has
    none of it, the next ones that are of none of the `others`, the course's other live units.
    Sessions of other groups are left out.

    One query, two where there is none of the unit.
    """
    group = Enrolment.objects.filter(pk=learner.id).values("group")
    rows = Session.objects.filter(Q(group="") | Q(group__in=group), cohort=learner.cohort_id)
    rows = rows.exclude(cohort__state=Cohort.State.CANCELLED).order_by("starts_at", "id")
    following = rows.filter(ends_at__gt=now).exclude(unit__in=others)
    found = list(rows.filter(unit=unit)) or list(following[:MOST])
    return [session_view(row) for row in found]
