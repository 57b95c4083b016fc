"""Telling learners by mail: where they are in a cohort, what its teachers write, that it is
cancelled.

Each mail is in its reader's own language; a teacher's words stand in it as they were written. What
is to be told waits in the database, so that a killed worker or a mail server that is away loses
nothing.
"""

from __future__ import annotations

import logging
from datetime import datetime
from smtplib import SMTPException
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from chorsu.institutions.queries import institution
from chorsu.kernel.languages import by_tag
from chorsu.training.actions.messaging import mail_copy, tell_state
from chorsu.training.queries.told import CopyView, Reader, StateView

logger = logging.getLogger(__name__)


def inform(*, now: datetime) -> int:
    """Mail all that is to be told; how many were looked at. One that fails stays for the next."""
    count = 0
    enrolment: UUID | None = None
    while (enrolment := tell_state(after=enrolment, send=_tell)) is not None:
        count += 1
    copy: int | None = 0
    while (copy := mail_copy(now=now, after=copy or 0, send=_pass_on)) is not None:
        count += 1
    return count


def _tell(view: StateView) -> bool:
    return _send(
        "enrolment",
        view.reader,
        f"enrolment-{view.enrolment_id}-{view.state}",
        {"told": view, "institution": institution(view.institution_id).name(view.reader.language)},
        view.cohort_id,
    )


def _pass_on(view: CopyView) -> bool:
    name = "cancelled" if view.kind == "cancelled" else "message"
    place = institution(view.institution_id).name(view.reader.language)
    told = {"told": view, "institution": place}
    return _send(name, view.reader, f"message-{view.copy_id}", told, view.cohort_id)


def _send(name: str, reader: Reader, key: str, context: dict[str, object], cohort_id: UUID) -> bool:
    with translation.override(by_tag(reader.language).django_code):
        told = {
            **context,
            "page_url": _page("cohort", str(cohort_id)),
            "own_url": _page("my-training"),
            "password_url": "" if reader.has_password else _page("account_reset_password"),
            "node_name": settings.NODE_NAME,
        }
        subject = render_to_string(f"mail/{name}_subject.txt", told)
        body = render_to_string(f"mail/{name}.txt", told)
    mail = EmailMessage(
        " ".join(subject.split()),
        body,
        settings.DEFAULT_FROM_EMAIL,
        [reader.email],
        headers={
            "Auto-Submitted": "auto-generated",
            "Message-ID": f"<{key}@{settings.NODE_NAME}>",
        },
    )
    try:
        mail.send()
    except (SMTPException, OSError):
        logger.exception("a mail to a learner could not be sent")
        return False
    return True


def _page(name: str, *arguments: str) -> str:
    return urljoin(settings.NODE_ADDRESS, reverse(name, args=arguments))
