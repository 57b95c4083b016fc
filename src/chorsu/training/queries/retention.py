"""What is kept how long in which institution, and what has run out of its time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Model, Q, QuerySet

from chorsu.institutions import queries as institutions
from chorsu.training.models import (
    Attempt,
    Attendance,
    Certificate,
    Cohort,
    Enrolment,
    ExtraTime,
    Import,
    Message,
    NominationFile,
    OutsideResult,
    RetentionPeriod,
    ReviewCard,
    Submission,
    SurveyAnswer,
    UnitState,
    WrongCodes,
)
from chorsu.training.rules.retention import SETTABLE, kept_since, months_in, retention

_ENDED = (Cohort.State.FINISHED, Cohort.State.CANCELLED)
_OUT = (
    Enrolment.State.DECLINED,
    Enrolment.State.LEFT,
    Enrolment.State.NOMINATED,
    Enrolment.State.WAITING,
)
_WITH_RESULTS = ("refused", "attendance", "learning")
"""What hangs on the rows that results are."""
_OF_LEARNING: Mapping[str, type[Model]] = {
    "units": UnitState,
    "surveys": SurveyAnswer,
    "attempts": Attempt,
    "work": Submission,
    "cards": ReviewCard,
    "outside": OutsideResult,
    "extra": ExtraTime,
    "documents": NominationFile,
}
Own = dict[tuple[str, str], int]
Rows = QuerySet[Model]


@dataclass(frozen=True, slots=True)
class Period:
    """How long an institution keeps something, in months (0: without end).

    `own`: set there; else it is that of the institution above or the node's. `inherited` is what
    holds where nothing is set. It may be set from `least` to `most` (0: also without end).
    """

    what: str
    months: int
    own: bool
    inherited: int
    least: int
    most: int


def periods(institution_id: str) -> list[Period]:
    """Those that hold in an institution of this node. One query."""
    own, reach = own_periods(), institutions.chain(institution_id)
    return [
        Period(
            what=what,
            months=months_in(what, reach, own),
            own=(institution_id, what) in own,
            inherited=months_in(what, reach[1:], own),
            least=retention().bounds[what].least,
            most=retention().bounds[what].most,
        )
        for what in SETTABLE
    ]


def own_periods() -> Own:
    """(institution, what) to the months set there. One query."""
    rows = RetentionPeriod.objects.values_list("institution_id", "what", "months")
    return {(place, what): months for place, what, months in rows}


def run_out_in(
    institution_id: str, wanted: Mapping[str, int | None], today: date
) -> dict[str, int]:
    """How many rows of each kind the next night would delete in an institution and those below it
    that have no period of their own, if `wanted` held there (None: as where nothing is set).

    Rows that go along with one (the marks of a piece of work) are not counted.
    """
    own = {key: months for key, months in own_periods().items() if key[0] != institution_id}
    own |= _set_there(institution_id, wanted)
    counted = {}
    for what in SETTABLE:
        places = _governed_by(institution_id, what, own)
        months = months_in(what, institutions.chain(institution_id), own)
        counted[what] = sum(rows.count() for rows in run_out(what, months, places, today).values())
    return counted


def papers_going(institution_id: str, wanted: Mapping[str, int | None], today: date) -> int:
    """How many certificates that count the next night would delete with the results there."""
    own = {key: months for key, months in own_periods().items() if key[0] != institution_id}
    own |= _set_there(institution_id, wanted)
    places = _governed_by(institution_id, "results", own)
    months = months_in("results", institutions.chain(institution_id), own)
    going = run_out("results", months, places, today).get("results")
    if going is None:
        return 0
    papers = Certificate.objects.filter(
        Q(valid_until=None) | Q(valid_until__date__gte=today),
        enrolment__in=going.values("pk"),
        state=Certificate.State.VALID,
    )
    return papers.count()


def results_go_first(institution_id: str, wanted: Mapping[str, int | None]) -> bool:
    """Whether results would run out, in an institution or one below it, before something that is
    deleted with them; kinds that are not in `wanted` as they are set now.
    """
    own = {
        key: months
        for key, months in own_periods().items()
        if key[0] != institution_id or key[1] not in wanted
    }
    own |= _set_there(institution_id, wanted)
    for view in institutions.own_institutions():
        reach = institutions.chain(view.id)
        results = months_in("results", reach, own)
        if institution_id not in reach or results == 0:
            continue
        if any(results < months_in(what, reach, own) for what in _WITH_RESULTS):
            return True
    return False


def _set_there(institution_id: str, wanted: Mapping[str, int | None]) -> Own:
    return {(institution_id, what): months for what, months in wanted.items() if months is not None}


def _governed_by(institution_id: str, what: str, own: Own) -> list[str]:
    found = []
    for view in institutions.own_institutions():
        reach = institutions.chain(view.id)
        if institution_id not in reach:
            continue
        nearer = reach[: reach.index(institution_id)]
        if not any((place, what) in own for place in nearer):
            found.append(view.id)
    return found


def places_by_period(what: str, places: Iterable[str], own: Own) -> dict[int, list[str]]:
    """Months to those of the institutions in which they hold."""
    found: dict[int, list[str]] = {}
    for place in places:
        found.setdefault(months_in(what, institutions.chain(place), own), []).append(place)
    return found


def run_out(what: str, months: int, places: Collection[str], today: date) -> dict[str, Rows]:
    """By table, what has been kept for so many months after the end of cohorts of these
    institutions; nothing if it is kept without end.

    Of a cohort that was never finished what its results are reckoned from stays.
    """
    day = kept_since(months, today)
    if day is None:
        return {}
    cohorts = Cohort.objects.filter(institution__in=places, ends_on__lt=day).values("pk")
    ended = Cohort.objects.filter(institution__in=places, ends_on__lt=day, state__in=_ENDED).values(
        "pk"
    )
    if what == "refused":
        return {"refused": Enrolment.objects.filter(state__in=_OUT, cohort__in=cohorts)}
    if what == "messages":
        return {"messages": Message.objects.filter(cohort__in=cohorts)}
    if what == "attendance":
        # The sums stay true: hours of finished cohorts are in the results by then.
        return {
            "codes": WrongCodes.objects.filter(session__cohort__in=cohorts),
            "attendance": Attendance.objects.filter(session__cohort__in=ended),
            "lists": Import.objects.filter(session__cohort__in=ended),
        }
    if what == "learning":
        return {
            table: kind._default_manager.filter(enrolment__cohort__in=ended)
            for table, kind in _OF_LEARNING.items()
        }
    return {"results": Enrolment.objects.filter(cohort__in=cohorts)}
