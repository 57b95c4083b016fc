"""What a person decides about their own training; what is deleted by rule."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Model

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.training.models import (
    Achievement,
    Attempt,
    Attendance,
    Cohort,
    Enrolment,
    ExtraTime,
    Import,
    Message,
    OutsideResult,
    PersonalCalendar,
    ReviewCard,
    Submission,
    SurveyAnswer,
    UnitState,
    WrongCodes,
)
from chorsu.training.rules.programmes import kept_since, retention


@transaction.atomic
def renew_calendar(*, person: Person, now: datetime) -> None:
    """Give a person a new secret calendar address; the old one leads nowhere any more."""
    # The first generation is not stored: who renews for the first time comes to the second.
    row, _made = PersonalCalendar.objects.get_or_create(person=person)
    PersonalCalendar.objects.filter(pk=row.pk).update(generation=F("generation") + 1)
    record_event(
        person=person,
        action="person.feed_renewed",
        subject_kind="person",
        subject_id=person.email,
        detail={},
        now=now,
    )


@transaction.atomic
def forget_old(*, today: date) -> dict[str, int]:
    """Delete what the periods of `data/retention.toml` have run out for; what and how many."""
    kept = retention()
    ended = (Cohort.State.FINISHED, Cohort.State.CANCELLED)
    gone: dict[str, int] = {}

    if day := kept_since(kept.previews, today):
        old = Import.objects.filter(state=Import.State.PREVIEW, created_at__date__lt=day)
        gone["previews"], _kinds = old.delete()
    if day := kept_since(kept.refused, today):
        out = Enrolment.objects.filter(
            state__in=(
                Enrolment.State.DECLINED,
                Enrolment.State.LEFT,
                Enrolment.State.NOMINATED,
                Enrolment.State.WAITING,
            )
        )
        gone["refused"], _kinds = out.filter(cohort__ends_on__lt=day).delete()
    if day := kept_since(kept.messages, today):
        gone["messages"], _kinds = Message.objects.filter(cohort__ends_on__lt=day).delete()
    if day := kept_since(kept.attendance, today):
        # The sums stay true: hours of finished cohorts are in the results by then.
        WrongCodes.objects.filter(session__cohort__ends_on__lt=day).delete()
        marks = Attendance.objects.filter(session__cohort__ends_on__lt=day)
        gone["attendance"], _kinds = marks.filter(session__cohort__state__in=ended).delete()
    if day := kept_since(kept.learning, today):
        gone |= _forget_learning(day)
    if day := kept_since(kept.results, today):
        gone["results"], _kinds = Enrolment.objects.filter(cohort__ends_on__lt=day).delete()
        gone["achievements"], _kinds = Achievement.objects.filter(issued_on__lt=day).delete()
    return {what: count for what, count in gone.items() if count}


def _forget_learning(day: date) -> dict[str, int]:
    """Delete what the results of cohorts that ended before `day` were reckoned from; they stay."""
    kinds: dict[str, type[Model]] = {
        "units": UnitState,
        "surveys": SurveyAnswer,
        "attempts": Attempt,
        "work": Submission,
        "cards": ReviewCard,
        "outside": OutsideResult,
        "extra": ExtraTime,
    }
    gone = {}
    for what, kind in kinds.items():
        rows = kind._default_manager.filter(enrolment__cohort__ends_on__lt=day)
        finished = rows.filter(
            enrolment__cohort__state__in=(Cohort.State.FINISHED, Cohort.State.CANCELLED)
        )
        gone[what], _kinds = finished.delete()
    return gone
