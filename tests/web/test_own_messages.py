"""Messages of teachers, read under My training: unread until opened, for guests too."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail

from chorsu.flows.informing import inform
from chorsu.institutions.actions import welcome_guest
from chorsu.institutions.models import Person
from chorsu.training.actions import messaging
from chorsu.training.models import Enrolment, MessageCopy
from chorsu.wire.identity import Identity
from tests.training.cohorts.factory import Desk
from tests.web.test_cohorts import as_person, desk, url

pytestmark = pytest.mark.django_db
__all__ = ["desk"]


def a_guest_learns(desk: Desk) -> Person:
    """Somebody of another node, who told no address, in the cohort."""
    guest = welcome_guest(
        node="bishkek.chorsu.example", identity=Identity("a-guest-of-that-home-001"), now=desk.now
    )
    Enrolment.objects.create(
        id=uuid.uuid4(), cohort_id=desk.cohort, person=guest, state="admitted",
        queued_at=desk.now, created_at=desk.now,
    )  # fmt: skip
    return guest


def written(desk: Desk, subject: str) -> None:
    messaging.write(
        cohort_id=desk.cohort, subject=subject, text="Начинаем в девять.\nВозьмите паспорт.",
        language="ru", by=desk.teacher, now=desk.now,
    )  # fmt: skip


def test_a_guest_without_an_address_reads_what_was_written(desk: Desk) -> None:
    guest = a_guest_learns(desk)
    assert not guest.mailbox
    written(desk, "Зал 12")
    client = as_person(guest)
    copy = MessageCopy.objects.get(person=guest)
    page = client.get(url("my-training")).content.decode()
    assert "Unread: 1" in page
    assert url("my-message", copy.pk) in page
    assert 'lang="ru">Зал 12</a>' in page
    opened = client.get(url("my-message", copy.pk)).content.decode()
    assert "Начинаем в девять.\nВозьмите паспорт." in opened
    assert "Timur Teacher" in opened
    assert "Unread" not in client.get(url("my-training")).content.decode()
    first = MessageCopy.objects.get(pk=copy.pk).read_at
    client.get(url("my-message", copy.pk))
    assert MessageCopy.objects.get(pk=copy.pk).read_at == first


def test_who_has_no_address_is_not_among_the_mailed(desk: Desk) -> None:
    a_guest_learns(desk)
    desk.admit(desk.nominate("a@x.example"))
    written(desk, "Зал 12")
    inform(now=desk.now)
    assert {one.to[0] for one in mail.outbox if one.subject == "Зал 12"} == {"a@x.example"}
    page = as_person(desk.teacher).get(url("cohort-messages", desk.cohort)).content.decode()
    assert "mailed: 1 of 2" in page
    assert MessageCopy.objects.filter(sent_at=None).count() == 0


def test_looking_at_the_list_reads_nothing(desk: Desk) -> None:
    client = as_person(a_guest_learns(desk))
    assert "Nobody has written to you yet." in client.get(url("my-messages")).content.decode()
    for number in range(5):
        written(desk, f"Letter {number}")
    page = client.get(url("my-training")).content.decode()
    assert "Letter 4" in page
    assert "Letter 1" not in page
    assert url("my-messages") in page
    page = client.get(url("my-messages")).content.decode()
    assert page.index("Letter 4") < page.index("Letter 0")
    client.head(url("my-message", MessageCopy.objects.first().pk))  # type: ignore[union-attr]
    assert MessageCopy.objects.filter(read_at=None).count() == 5


def test_a_message_to_somebody_else_is_nobodys_to_read(desk: Desk) -> None:
    guest = a_guest_learns(desk)
    written(desk, "Зал 12")
    copy = MessageCopy.objects.get(person=guest)
    assert as_person(desk.nominator).get(url("my-message", copy.pk)).status_code == 404
    assert MessageCopy.objects.get(pk=copy.pk).read_at is None
