"""Issuing to a whole cohort, as work that is shown while it goes on and resumed after a kill."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.training.actions.certifying import issue_to, require_finished, require_issuer
from chorsu.training.credentials.errors import AlreadyIssued, NoSuchCertificate, NotIssuable
from chorsu.training.credentials.shapes import Issued
from chorsu.training.models import Certificate, Cohort, Course, Enrolment, IssueWork
from chorsu.training.queries.fallen import fallen

State = IssueWork.State


@dataclass(frozen=True, slots=True)
class Portion:
    """What one step of the work issued, and whether more is left."""

    issued: Issued | None
    more: bool


def ask(*, cohort_id: uuid.UUID | str, renewable_by: str, by: Person, now: datetime) -> int:
    """Have all who passed in a cohort and hold no certificate get theirs; returns its number.

    Not whose result has `fallen`: a revocation is not undone by issuing to the others.

    Raises `NoSuchCertificate`, `NotAllowed`, `NotPassed` before the cohort is finished,
    `AlreadyIssued` if there is nobody, or it is under way, and `NotIssuable` for a course of this
    id that is not here.
    """
    cohort = Cohort.objects.select_for_update().filter(pk=cohort_id).first()
    if cohort is None:
        raise NoSuchCertificate(str(cohort_id))
    require_issuer(by, cohort.institution_id)
    require_finished(cohort)
    if renewable_by and not Course.objects.filter(pk=renewable_by).exists():
        raise NotIssuable("no-course", renewable_by)
    waiting = _without_certificate(cohort).count()
    under_way = IssueWork.objects.filter(cohort=cohort, state__in=(State.WAITING, State.RUNNING))
    if not waiting or under_way.exists():
        raise AlreadyIssued
    work = IssueWork.objects.create(
        cohort=cohort,
        renewable_by=renewable_by or None,
        asked_by=by,
        asked_at=now,
        total=waiting,
    )
    record_event(
        person=by,
        action="certificate.issue-asked",
        subject_kind="cohort",
        subject_id=str(cohort.pk),
        detail={"number": waiting},
        now=now,
    )
    return int(work.pk)


def issue_portion(*, work_id: int, limit: int, now: datetime) -> Portion:
    """Issue some of them, in the caller's transaction; ends the work when none is left.

    Safe to begin anew: what was committed holds a certificate and is not looked at again. Who can't
    be issued one is noted with a code and passed over.
    """
    work = IssueWork.objects.select_for_update().select_related("cohort").get(pk=work_id)
    if work.state not in (State.WAITING, State.RUNNING):
        return Portion(None, more=False)
    work.state = State.RUNNING
    passed_over = {uuid.UUID(one) for one, _code in work.refused}
    rows = _without_certificate(work.cohort).exclude(pk__in=passed_over)
    enrolments = list(
        rows.select_related("person").select_for_update(of=("self",)).order_by("id")[:limit]
    )
    nameless = [one for one in enrolments if not one.person.name.strip()]
    work.refused = [*work.refused, *([str(one.pk), "no-name"] for one in nameless)]
    issued = _issue(work, [one for one in enrolments if one not in nameless], now)
    more = len(enrolments) == limit and work.state == State.RUNNING
    if issued is not None:
        work.done += len(issued.ids)
    if not more and work.state == State.RUNNING:
        work.state, work.ended_at = State.DONE, now
        _told(work, now)
    work.save()
    return Portion(issued, more)


def _issue(work: IssueWork, enrolments: Sequence[Enrolment], now: datetime) -> Issued | None:
    if not enrolments:
        return None
    try:
        return issue_to(
            cohort=work.cohort,
            enrolments=enrolments,
            renewable_by=str(work.renewable_by or ""),
            by=work.asked_by,
            now=now,
        )
    except NotIssuable as refusal:
        # The course, not a person: no other portion would fare better.
        work.state, work.trouble, work.ended_at = State.FAILED, refusal.code, now
        return None


def _without_certificate(cohort: Cohort) -> QuerySet[Enrolment]:
    held = Certificate.objects.filter(state=Certificate.State.VALID).values("enrolment")
    passed = Enrolment.objects.filter(cohort=cohort, state=Enrolment.State.PASSED)
    return passed.filter(~fallen()).exclude(pk__in=held)


def _told(work: IssueWork, now: datetime) -> None:
    record_event(
        person=work.asked_by,
        action="certificate.issued-all",
        subject_kind="cohort",
        subject_id=str(work.cohort_id),
        detail={"number": work.done},
        now=now,
    )
