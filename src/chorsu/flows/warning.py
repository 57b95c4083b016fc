"""Warning: what only a person can put right is mailed to every administrator of the node, once.

It is wanted in the transaction that brings it about, so that no killed process forgets it; each
mail is a job of its own, tried again while the mail server is away.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from chorsu.exchange import actions
from chorsu.exchange.troubles import PEER_TROUBLES, STOPS, UNEXPECTED
from chorsu.institutions.administrators import administrator, administrators, language_of
from chorsu.institutions.models import Person
from chorsu.kernel.languages import by_tag

WARN_JOB = "chorsu.jobs.tasks.warn_administrators"
MAIL_JOB = "chorsu.jobs.tasks.warn_administrator"


def want(*, code: str, peer: str, now: datetime) -> None:
    """Have all administrators told, by the caller's transaction.

    `code` says what the peer did (`troubles.PEER_TROUBLES`) or why nothing is published
    (`troubles.STOPS`), which the peer, or this node itself, has shown.
    """
    at = now.isoformat()
    actions.defer(WARN_JOB, once=f"{code} {peer} {at}", code=code, peer=peer, at=at)


def warn_all(*, code: str, peer: str, at: str) -> None:
    """Have each administrator mailed."""
    with transaction.atomic():
        for person in administrators():
            whom = str(person.pk)
            once = f"{whom} {code} {peer} {at}"
            actions.defer(MAIL_JOB, once=once, person=whom, code=code, peer=peer, at=at)


def warn(*, person_id: int, code: str, peer: str, at: str) -> bool:
    """Mail one administrator; False if they are none any more. Raises what the mail server does."""
    person = administrator(person_id)
    if person is None or not person.mailbox:
        return False
    _message(person, code, peer, at).send()
    return True


def _message(person: Person, code: str, peer: str, at: str) -> EmailMessage:
    is_stop = code in STOPS
    with translation.override(by_tag(language_of(person)).django_code):
        page = reverse("node") if is_stop else reverse("peer", args=[peer])
        context = {
            "is_stop": is_stop,
            "trouble": STOPS[code] if is_stop else PEER_TROUBLES.get(code, UNEXPECTED),
            "peer": peer,
            "url": urljoin(settings.NODE_ADDRESS, page),
            "node_name": settings.NODE_NAME,
        }
        subject = render_to_string("mail/warning_subject.txt", context)
        body = render_to_string("mail/warning.txt", context)
    name = hashlib.sha256(f"{person.pk}:{code}:{peer}:{at}".encode()).hexdigest()[:32]
    return EmailMessage(
        " ".join(subject.split()),
        body,
        settings.DEFAULT_FROM_EMAIL,
        [person.mailbox],
        headers={
            "Auto-Submitted": "auto-generated",
            "Message-ID": f"<warning-{name}@{settings.NODE_NAME}>",
        },
    )
