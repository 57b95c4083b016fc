"""How long an institution keeps what, and the nightly deletion of what has run out of its time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Institution, Person
from chorsu.institutions.queries import node_institution_id
from chorsu.training.actions.guards_of_cohorts import require_officer
from chorsu.training.models import (
    Achievement,
    CartridgeImport,
    Certificate,
    Cohort,
    Import,
    ReportedResult,
    RetentionPeriod,
    StatusPosition,
)
from chorsu.training.queries.retention import (
    own_periods,
    places_by_period,
    results_go_first,
    run_out,
)
from chorsu.training.rules.retention import SETTABLE, kept_since, retention


@transaction.atomic
def set_periods(
    *, institution_id: str, months: Mapping[str, int | None], by: Person, now: datetime
) -> None:
    """Set how long an institution of this node keeps what; None: as where nothing is set.

    Raises `NotAllowed` (no training officer there), ValidationError by kind (as `check_periods`).
    """
    require_officer(by, institution_id)
    # Two officers at once, one of them above the other: the later sees what the first has set.
    Institution.objects.select_for_update(no_key=True).get(pk=node_institution_id())
    check_periods(institution_id=institution_id, months=months)
    held = dict(
        RetentionPeriod.objects.filter(institution=institution_id).values_list("what", "months")
    )
    for what, wanted in months.items():
        if held.get(what) == wanted:
            continue
        if wanted is None:
            RetentionPeriod.objects.filter(institution=institution_id, what=what).delete()
        else:
            RetentionPeriod.objects.update_or_create(
                institution_id=institution_id,
                what=what,
                defaults={"months": wanted, "set_by": by, "set_at": now},
            )
        record_event(
            person=by,
            action="retention.set",
            subject_kind="institution",
            subject_id=institution_id,
            detail={"kept": what, "months": wanted},
            now=now,
        )


def check_periods(*, institution_id: str, months: Mapping[str, int | None]) -> None:
    """Raise ValidationError by kind: for what is out of the bounds of `data/retention.toml`, and
    for results that would go, there or below, before what goes with them.
    """
    bounds = retention().bounds
    errors = {
        what: ValidationError(_("Enter a period within the bounds beside it."))
        for what, wanted in months.items()
        if what not in SETTABLE or (wanted is not None and not bounds[what].allow(wanted))
    }
    if not errors and results_go_first(institution_id, months):
        errors["results"] = ValidationError(
            _("With results all else on a learner is deleted. Keep results at least as long.")
        )
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def forget_old(*, today: date) -> dict[str, int]:
    """Delete what has run out of its time, by the periods of `data/retention.toml` and those that
    institutions have set; what and how many.
    """
    kept, gone = retention(), dict[str, int]()
    if day := kept_since(kept.previews, today):
        old = Import.objects.filter(state=Import.State.PREVIEW, created_at__date__lt=day)
        gone["previews"], _kinds = old.delete()
        waiting = CartridgeImport.objects.filter(made_at__date__lt=day)
        gone["cartridges"], _kinds = waiting.delete()
    own = own_periods()
    places = set(Cohort.objects.values_list("institution_id", flat=True))
    for what in SETTABLE:
        for months, of in places_by_period(what, places, own).items():
            for table, rows in run_out(what, months, of, today).items():
                count, _kinds = rows.delete()
                gone[table] = gone.get(table, 0) + count
    if day := kept_since(kept.results, today):
        # Training elsewhere is of no cohort here: the node's own period.
        gone["achievements"], _kinds = Achievement.objects.filter(issued_on__lt=day).delete()
        gone["reported"], _kinds = ReportedResult.objects.filter(ends_on__lt=day).delete()
    # What a deleted certificate was revoked by goes once it would count no longer anyway.
    held = Certificate.objects.filter(position=OuterRef("pk"))
    over = StatusPosition.objects.exclude(number="").filter(valid_until__date__lt=today)
    gone["numbers"] = over.filter(~Exists(held)).update(institution="", number="")
    return {what: count for what, count in gone.items() if count}
