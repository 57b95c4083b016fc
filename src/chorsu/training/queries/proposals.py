"""What the rule of its course says of each learner of a cohort, and who has no result yet."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from chorsu.training.models import Attempt, Enrolment, Submission, UnitState
from chorsu.training.queries.cohorts import HOLDING
from chorsu.training.queries.rosters import hours_by_learner
from chorsu.training.rules.fields import Facts
from chorsu.training.rules.outline import placed
from chorsu.training.rules.proposals import Proposal, Standing, has_rule, propose


def proposals(cohort_id: UUID, facts: Facts) -> dict[UUID, Proposal]:
    """Enrolment -> what the rule says, of everybody who holds a place; nobody where the course
    has no rule. Five queries, however many they are.
    """
    if not has_rule(facts):
        return {}
    rows = Enrolment.objects.filter(cohort=cohort_id, state__in=HOLDING)
    hours, done, waiting = hours_by_learner(cohort_id), _done(cohort_id, facts), set[UUID]()
    if facts["assessment"]["pass_percent"]:
        waiting = _waiting(cohort_id, facts)
    return {
        key: propose(
            facts,
            Standing(percent, *hours.get(key, (0, 0)), done.get(key, set()), key in waiting),
        )
        for key, percent in rows.order_by().values_list("pk", "result_percent")
    }


def without_result(cohort_id: UUID, person_id: int) -> set[UUID]:
    """Who has no result yet and may get one from this person, who judges nothing of their own.
    One query.
    """
    rows = Enrolment.objects.filter(cohort=cohort_id, state=Enrolment.State.ADMITTED)
    return set(rows.exclude(person=person_id).values_list("pk", flat=True))


def proposed(found: Mapping[UUID, Proposal], undecided: set[UUID]) -> dict[UUID, bool]:
    """Of those without a result, who would pass and who would not; of others nothing is said."""
    said = ((key, found[key].passed) for key in undecided if key in found)
    return {key: passed for key, passed in said if passed is not None}


def _done(cohort_id: UUID, facts: Facts) -> dict[UUID, set[str]]:
    required = facts["assessment"]["required_units"]
    rows = UnitState.objects.filter(enrolment__cohort=cohort_id, unit__in=required)
    found: dict[UUID, set[str]] = {}
    for key, unit in rows.exclude(done_at=None).values_list("enrolment_id", "unit"):
        found.setdefault(key, set()).add(unit)
    return found


def _waiting(cohort_id: UUID, facts: Facts) -> set[UUID]:
    """Of whom something that counts is handed in and not marked yet. One query."""
    counts = [one.key for one in placed(facts) if one.weight]
    tried = Attempt.objects.filter(enrolment__cohort=cohort_id, unit__in=counts, points=None)
    written = Submission.objects.filter(enrolment__cohort=cohort_id, unit__in=counts, percent=None)
    of_both = [
        rows.exclude(handed_in_at=None).order_by().values_list("enrolment_id")
        for rows in (tried, written)
    ]
    return {key for (key,) in of_both[0].union(of_both[1])}
