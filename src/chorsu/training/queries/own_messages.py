"""The messages that teachers of cohorts wrote to a person, as that person reads them here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from chorsu.training.models import MessageCopy


class NoSuchMessage(LookupError):  # noqa: N818 - says what is wrong
    """No such message went to this person."""


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message to a person; `language` is that of its subject and text."""

    copy_id: int
    kind: str
    subject: str
    text: str
    language: str
    author: str
    cohort_id: UUID
    cohort: str
    written_at: datetime
    read: bool


def counted(person_id: int) -> tuple[int, int]:
    """How many messages a person has, and how many they have not read. One query."""
    found = MessageCopy.objects.filter(person=person_id).aggregate(
        count=Count("pk"), unread=Count("pk", filter=Q(read_at=None))
    )
    return found["count"], found["unread"]


def received(person_id: int, *, first: int = 0, most: int) -> list[ReceivedMessage]:
    """A person's messages, the newest first. One query."""
    rows = MessageCopy.objects.filter(person=person_id)
    rows = rows.select_related("message__cohort", "message__author")
    newest = rows.order_by("-message__created_at", "-pk")
    return [_view(row) for row in newest[first : first + most]]


def message(copy_id: int, person_id: int) -> ReceivedMessage:
    """One of a person's messages. One query. Raises `NoSuchMessage`."""
    rows = MessageCopy.objects.filter(pk=copy_id, person=person_id)
    row = rows.select_related("message__cohort", "message__author").first()
    if row is None:
        raise NoSuchMessage(str(copy_id))
    return _view(row)


def _view(row: MessageCopy) -> ReceivedMessage:
    told = row.message
    return ReceivedMessage(
        row.pk, told.kind, told.subject, told.text, told.language, str(told.author or ""),
        told.cohort_id, told.cohort.name, told.created_at, row.read_at is not None,
    )  # fmt: skip
