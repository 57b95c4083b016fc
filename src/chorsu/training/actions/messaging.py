"""Messages to a cohort, and what a worker mails of them and of changes of state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from chorsu.institutions.models import Person
from chorsu.training.actions.guards_of_cohorts import inform_soon, managed_cohort, record
from chorsu.training.models import Cohort, Enrolment, Message, MessageCopy
from chorsu.training.queries.cohorts import HOLDING
from chorsu.training.queries.rosters import LET_GO
from chorsu.training.queries.told import CopyView, StateView, copy_view, state_view
from chorsu.training.rules.cohort_fields import clean_message

# What a learner is told of; a result is told with its protocol, not by mail.
TOLD_OF = (
    Enrolment.State.NOMINATED,
    Enrolment.State.WAITING,
    Enrolment.State.ADMITTED,
    Enrolment.State.DECLINED,
)


@transaction.atomic
def write(
    *,
    cohort_id: UUID,
    subject: str,
    text: str,
    language: str,
    by: Person,
    now: datetime,
    group: str = "",
) -> int:
    """Write to everybody who holds a place in a cohort, or in a group of it; how many.

    Raises `NoSuchCohort`, `NotAllowed`, ValidationError (`subject`, `text`, or nobody to write to).
    """
    cohort = managed_cohort(cohort_id, by)
    subject, text = clean_message(subject, text)
    learners = cohort.enrolments.filter(state__in=HOLDING, person__is_active=True)
    if group:
        learners = learners.filter(group=group)
    people = list(learners.values_list("person_id", flat=True))
    if not people:
        raise ValidationError({"text": _("Nobody is there to write to yet.")})
    row = Message.objects.create(
        cohort=cohort, author=by, subject=subject, text=text, language=language, created_at=now
    )
    MessageCopy.objects.bulk_create(MessageCopy(message=row, person_id=one) for one in people)
    record(by, "cohort.message_sent", cohort, now, number=len(people))
    inform_soon()
    return len(people)


def tell_cancelled(cohort: Cohort, *, by: Person, now: datetime) -> None:
    """Have everybody told who learns in the cohort, waits for it or nominated one of these; not
    who has cancelled it. In the caller's transaction.
    """
    rows = cohort.enrolments.exclude(state__in=LET_GO)
    people = {one for pair in rows.values_list("person", "nominated_by") for one in pair if one}
    people = set(Person.objects.filter(pk__in=people, is_active=True).values_list("pk", flat=True))
    people.discard(by.pk)
    if not people:
        return
    row = Message.objects.create(
        cohort=cohort, author=by, kind=Message.Kind.CANCELLED, created_at=now
    )
    MessageCopy.objects.bulk_create(
        MessageCopy(message=row, person_id=one) for one in sorted(people)
    )
    inform_soon()


def mail_copy(*, now: datetime, after: int, send: Callable[[CopyView], bool]) -> int | None:
    """Mail the next copy that waits, with an id above `after`; its id, or None if none waits.

    If `send` says False, the copy stays to be mailed. A kill between sending and commit repeats
    the mail under the same Message-ID: better twice than never.
    """
    with transaction.atomic():
        rows = MessageCopy.objects.select_for_update(skip_locked=True, of=("self",))
        waiting = rows.filter(sent_at=None, pk__gt=after).order_by("pk")
        row = waiting.select_related("message__cohort", "message__author", "person").first()
        if row is None:
            return None
        if not row.person.is_active or send(copy_view(row)):
            row.sent_at = now
            row.save(update_fields=["sent_at"])
        return row.pk


def tell_state(*, after: UUID | None, send: Callable[[StateView], bool]) -> UUID | None:
    """Mail the next person who does not know yet where they are; as `mail_copy`."""
    with transaction.atomic():
        rows = Enrolment.objects.select_for_update(skip_locked=True, of=("self",))
        untold = rows.exclude(told=F("state")).order_by("pk")
        if after is not None:
            untold = untold.filter(pk__gt=after)
        row = untold.select_related("cohort__course", "person").first()
        if row is None:
            return None
        silent = row.state not in TOLD_OF or not row.person.is_active
        # Nobody is welcomed to what was cancelled meanwhile: that is told by itself.
        silent |= row.cohort.state == Cohort.State.CANCELLED and row.state not in LET_GO
        if silent or send(state_view(row)):
            row.told = row.state
            row.save(update_fields=["told"])
        return row.pk
