"""Reminding: who has key points to remember today is mailed once, in their language."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from functools import partial
from smtplib import SMTPException
from urllib.parse import urljoin

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from chorsu.institutions.models import Person
from chorsu.institutions.queries import reading_languages
from chorsu.kernel.languages import by_tag
from chorsu.training.actions.remembering import remind
from chorsu.training.queries.remembering import due_cards, people_to_remind

logger = logging.getLogger(__name__)
_SALT = "training.reminding"


def remind_all(*, now: datetime) -> int:
    """Mail everybody who has cards due and wants to know; return how many mails.

    A mail server that fails is logged, and the person mailed another time.
    """
    sent = 0
    for person_id in people_to_remind(now):
        number = len(due_cards(person_id, now))
        if not number:
            continue
        person = Person.objects.get(pk=person_id)
        try:
            send = partial(_send, person, number, now)
            sent += remind(person_id=person_id, send=send, now=now)
        except (SMTPException, OSError):
            logger.exception("a reminder could not be mailed")
    return sent


def person_of_token(token: str) -> int:
    """Whose mails a link stops. Raises `BadSignature`."""
    return int(signing.loads(token, salt=_SALT))


def _send(person: Person, number: int, now: datetime) -> None:
    node = settings.NODE.text("node.language")
    tag = next(iter(reading_languages(person)), node)
    with translation.override(by_tag(tag).django_code):
        stop = _page("learning-cards-stop", signing.dumps(person.pk, salt=_SALT))
        context = {
            "number": number,
            "url": _page("learning-cards"),
            "stop_url": stop,
            "node_name": settings.NODE_NAME,
        }
        subject = render_to_string("mail/remember_subject.txt", context)
        body = render_to_string("mail/remember.txt", context)
    name = hashlib.sha256(f"{person.pk}:{now:%F}".encode()).hexdigest()[:32]
    EmailMessage(
        " ".join(subject.split()),
        body,
        settings.DEFAULT_FROM_EMAIL,
        [person.mailbox],
        headers={
            # RFC 8058: the reader's mail program stops the mails by one POST, without a sign-in.
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
            "Message-ID": f"<remember-{name}@{settings.NODE_NAME}>",
        },
    ).send()


def _page(name: str, *arguments: str) -> str:
    return urljoin(settings.NODE_ADDRESS, reverse(name, args=arguments))
