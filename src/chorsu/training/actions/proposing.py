"""Results by the course's own rule, for all who have none yet."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from chorsu.institutions.models import Person
from chorsu.training.actions.guards_of_cohorts import managed_cohort, record, record_each
from chorsu.training.actions.telling import tell_learning_system
from chorsu.training.errors.cohorts import ProposalsChanged, WrongCohortState
from chorsu.training.models import Cohort, Enrolment
from chorsu.training.queries.cohorts import facts_of
from chorsu.training.queries.proposals import proposals, proposed, without_result
from chorsu.training.rules.proposals import fingerprint

State = Enrolment.State


@transaction.atomic
def take_proposals(*, cohort_id: UUID, seen: str, by: Person, now: datetime) -> tuple[int, int]:
    """Give everybody without a result the one that the course's rule proposes; (passed, failed).

    Those of whom the rule can't say it yet, and `by` themselves, are left as they are. `seen` is
    the `fingerprint` of what was looked at. Raises `NoSuchCohort`, `NotAllowed`,
    `WrongCohortState` (it is not running), `ProposalsChanged`.
    """
    cohort = managed_cohort(cohort_id, by)
    if cohort.state != Cohort.State.RUNNING:
        raise WrongCohortState(cohort.state)
    # A result that a mark changes meanwhile waits for us, as does a teacher's own.
    held = Enrolment.objects.select_for_update(of=("self",)).select_related("person")
    rows = {row.pk: row for row in held.filter(cohort=cohort).order_by("pk")}
    found = proposed(proposals(cohort.pk, facts_of(cohort)), without_result(cohort.pk, by.pk))
    if fingerprint(found) != seen:
        raise ProposalsChanged
    changed = [rows[key] for key in sorted(found)]
    for row in changed:
        row.state = State.PASSED if found[row.pk] else State.FAILED
        row.result_at = now
        tell_learning_system(row)
    Enrolment.objects.bulk_update(changed, ["state", "result_at"], batch_size=500)
    for state in (State.PASSED, State.FAILED):
        ids = [row.pk for row in changed if row.state == state]
        record_each(by, f"enrolment.{state}", cohort, now, ids, by_rule=True)
    passed = sum(found.values())
    failed = len(found) - passed
    record(by, "cohort.results_by_rule", cohort, now, passed=passed, failed=failed)
    return passed, failed
