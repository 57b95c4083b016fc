"""Mails to learners: each once, in the reader's language; what fails is tried again."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.exceptions import ValidationError

from chorsu.flows.informing import inform
from chorsu.training.actions import enrolling, messaging
from chorsu.training.models import MessageCopy
from tests.training.cohorts.factory import Desk

pytestmark = pytest.mark.django_db


def test_each_step_is_told_once_in_the_readers_language(desk: Desk) -> None:
    one = desk.nominate("a@x.example", language="en")
    inform(now=desk.now)
    inform(now=desk.now)
    assert [sent.subject for sent in mail.outbox] == ["You are nominated: Winter 2026"]
    assert "Choose one here:" in mail.outbox[0].body
    desk.admit(one)
    inform(now=desk.now)
    assert mail.outbox[1].subject == "You are admitted: Winter 2026"
    assert "/en/training/mine/" not in mail.outbox[1].subject


def test_a_reason_of_declining_is_told_and_a_result_is_not(desk: Desk) -> None:
    one, other = desk.nominate("a@x.example"), desk.nominate("b@x.example")
    desk.admit(other)
    enrolling.decline(enrolment_id=one, reason="No order", by=desk.teacher, now=desk.now)
    desk.move("running")
    inform(now=desk.now)
    mail.outbox.clear()
    enrolling.set_result(
        enrolment_id=other, percent=None, passed=True, by=desk.teacher, now=desk.now
    )
    inform(now=desk.now)
    assert mail.outbox == []


def test_a_teachers_words_stand_in_each_readers_own_frame(desk: Desk) -> None:
    desk.admit(
        desk.nominate("a@x.example", language="en"),
        desk.nominate("b@x.example", language="zh-Hans"),
    )
    inform(now=desk.now)
    mail.outbox.clear()
    sent = messaging.write(
        cohort_id=desk.cohort, subject="Зал 12", text="Начинаем в девять.", language="ru",
        by=desk.teacher, now=desk.now,
    )  # fmt: skip
    assert sent == 2
    inform(now=desk.now)
    english, chinese = sorted(mail.outbox, key=lambda one: one.to)
    assert english.subject == chinese.subject == "Зал 12"
    assert "Timur Teacher writes to the cohort “Winter 2026”:\n\nНачинаем в девять." in english.body
    assert "Начинаем в девять." in chinese.body
    assert "writes to the cohort" not in chinese.body
    assert inform(now=desk.now) == 0


def test_what_the_mail_server_does_not_take_waits(desk: Desk, settings: LazySettings) -> None:
    desk.admit(desk.nominate("a@x.example"))
    inform(now=desk.now)
    messaging.write(
        cohort_id=desk.cohort, subject="Hello", text="All", language="en", by=desk.teacher,
        now=desk.now,
    )  # fmt: skip
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    inform(now=desk.now)
    assert MessageCopy.objects.get().sent_at is None
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    inform(now=desk.now)
    assert MessageCopy.objects.get().sent_at == desk.now


def test_a_message_needs_words_and_somebody_to_read_them(desk: Desk) -> None:
    said = {
        "cohort_id": desk.cohort, "language": "en", "by": desk.teacher, "now": desk.now,
        "subject": "Hello", "text": "All",
    }  # fmt: skip
    with pytest.raises(ValidationError):
        messaging.write(**said)  # type: ignore[arg-type]
    desk.admit(desk.nominate("a@x.example"))
    with pytest.raises(ValidationError) as refused:
        messaging.write(**{**said, "subject": " ", "text": "\n"})  # type: ignore[arg-type]
    assert set(refused.value.message_dict) == {"subject", "text"}
