"""What a person decides about their own training."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.training.models import MessageCopy, PersonalCalendar


def read_message(*, person: Person, copy_id: int, now: datetime) -> None:
    """Note that a person opened a message to them; of one opened before the first time stays."""
    unread = MessageCopy.objects.filter(pk=copy_id, person=person, read_at=None)
    unread.update(read_at=now)


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
