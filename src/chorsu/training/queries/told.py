"""What a mail to a learner says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings

from chorsu.institutions.models import Person
from chorsu.institutions.queries import reading_languages
from chorsu.training.models import Enrolment, MessageCopy
from chorsu.training.queries.cohorts import course_lines


@dataclass(frozen=True, slots=True)
class Reader:
    """To whom, and in which language: the best they read, else the node's."""

    email: str
    language: str
    has_password: bool


@dataclass(frozen=True, slots=True)
class StateView:
    """A learner's place in a cohort, to be told to them."""

    enrolment_id: UUID
    reader: Reader
    state: str
    reason: str
    cohort_id: UUID
    cohort: str
    course: str
    institution_id: str
    starts_on: date
    ends_on: date
    place: str


@dataclass(frozen=True, slots=True)
class CopyView:
    """A message on its way to one person."""

    copy_id: int
    reader: Reader
    kind: str
    author: str
    subject: str
    text: str
    cohort_id: UUID
    cohort: str
    institution_id: str
    written_at: datetime


def state_view(row: Enrolment) -> StateView:
    """What to tell a learner of where they are. One query."""
    reader = _reader(row.person)
    cohort = row.cohort
    titles = course_lines([cohort.course], [reader.language])
    return StateView(
        enrolment_id=row.pk,
        reader=reader,
        state=row.state,
        reason=row.reason,
        cohort_id=cohort.pk,
        cohort=cohort.name,
        course=titles[cohort.course_id].title,
        institution_id=cohort.institution_id,
        starts_on=cohort.starts_on,
        ends_on=cohort.ends_on,
        place=cohort.place,
    )


def copy_view(row: MessageCopy) -> CopyView:
    """A copy of a message with what stands around it."""
    message = row.message
    return CopyView(
        copy_id=row.pk,
        reader=_reader(row.person),
        kind=message.kind,
        author=str(message.author or ""),
        subject=message.subject,
        text=message.text,
        cohort_id=message.cohort_id,
        cohort=message.cohort.name,
        institution_id=message.cohort.institution_id,
        written_at=message.created_at,
    )


def _reader(person: Person) -> Reader:
    languages = [*reading_languages(person), settings.NODE.text("node.language")]
    return Reader(person.mailbox, languages[0], person.has_usable_password() or person.is_guest)
