"""How allauth behaves here: people are invited, mails speak their language, secrets are sealed."""

from __future__ import annotations

import base64
from datetime import datetime
from urllib.parse import urljoin

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from qrcode.image.svg import SvgPathFillImage

from chorsu.institutions.models import Person
from chorsu.institutions.queries import person_by_email, reading_languages
from chorsu.kernel.languages import by_tag


def mail_language(person: Person | None) -> str:
    """The Django code of the language in which to write to this person."""
    chosen = reading_languages(person) if person is not None else []
    return by_tag(chosen[0]).django_code if chosen else translation.get_language()


def node_url(path: str) -> str:
    """The full address of a path of this node; the Host header of a request has no say in it."""
    return urljoin(settings.NODE_ADDRESS, path)


def ensure_address(person: Person) -> None:
    """Tell allauth the address of a person whom an administrator or an invitation brought in."""
    if not EmailAddress.objects.filter(user=person).exists():
        EmailAddress.objects.create(
            user=person, email=person.email.lower(), primary=True, verified=True
        )


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's adapter for a node of invited people."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is not active."),
        "duplicate_email": _("This is your address already."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "email_taken": _("Another account uses this address."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right."),
        "incorrect_password": _("This password is not right."),
        "invalid_or_expired_key": _("This link is not valid or has expired."),
        "invalid_password_reset": _("This link is not valid or has expired."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes and try again."),
        "same_as_current": _("The new value must differ from the current one."),
        "rate_limited": _("Too many attempts. Wait a few minutes and try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody: people join by invitation (`web/people.py`)."""
        return False

    def login(self, request: HttpRequest, user: Person) -> None:
        """Sign the person in; from now on allauth knows their address."""
        super().login(request, user)
        ensure_address(user)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Send a mail in the recipient's language."""
        with translation.override(mail_language(person_by_email(email))):
            moment = context.get("timestamp")
            if isinstance(moment, datetime):
                context = {**context, "timestamp": f"{moment:%Y-%m-%d %H:%M} UTC"}
            super().send_mail(
                template_prefix,
                email,
                {**context, "node_name": settings.NODE_NAME, "node_address": settings.NODE_ADDRESS},
            )

    def send_password_reset_mail(
        self, user: Person, email: str, context: dict[str, object]
    ) -> None:
        """Send the link for a new password; it opens the page in the person's language."""
        parts = {"uidb36": context["uid"], "key": context["key"]}
        with translation.override(mail_language(user)):
            url = node_url(reverse("account_reset_password_from_key", kwargs=parts))
            super().send_password_reset_mail(user, email, {**context, "password_reset_url": url})

    def get_email_confirmation_url(
        self, request: HttpRequest, emailconfirmation: EmailConfirmation
    ) -> str:
        """The address that confirms a new e-mail address."""
        return node_url(reverse("account_confirm_email", args=[emailconfirmation.key]))


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's adapter for second factors: their secrets are sealed with the node's key."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": _("This cannot be removed."),
        "cannot_generate_recovery_codes": _(
            "Recovery codes take an authenticator app or a passkey first."
        ),
        "incorrect_code": _("This code is not right."),
    }

    def build_totp_svg(self, url: str) -> str:
        """The QR code as an SVG that can stand in the page: dark on white in any colour scheme."""
        picture = qrcode.make(url, image_factory=SvgPathFillImage)
        return picture.to_string(encoding="unicode")  # type: ignore[no-any-return]

    def encrypt(self, text: str) -> str:
        """Seal a secret: somebody who has only the database learns nothing."""
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret; raises InvalidToken if the node's secret key has changed."""
        return _seal().decrypt(encrypted_text.encode()).decode()


def _seal() -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"chorsu second factors")
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
