"""The mail that invites somebody, in their language."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from chorsu.institutions.actions import IssuedInvitation
from chorsu.institutions.models import Person
from chorsu.institutions.queries import InstitutionView
from chorsu.kernel.languages import by_tag
from chorsu.web.accounts_adapter import node_url

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """Whether a mail went out, and the link it carried."""

    delivered: bool
    link: str


def send_invitation(issued: IssuedInvitation, *, place: InstitutionView, by: Person) -> Sent:
    """Mail the link; a mail server that fails is logged and told to the caller, not raised."""
    with translation.override(by_tag(issued.language).django_code):
        link = node_url(reverse("invitation", args=[issued.token]))
        context = {
            "link": link,
            "by": by,
            "institution": place.name(issued.language),
            "expires_at": issued.expires_at,
            "node_name": settings.NODE_NAME,
        }
        subject = render_to_string("mail/invitation_subject.txt", context).strip()
        body = render_to_string("mail/invitation.txt", context)
    try:
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [issued.email])
    except (SMTPException, OSError):
        logger.exception("an invitation could not be mailed")
        return Sent(delivered=False, link=link)
    return Sent(delivered=True, link=link)
