"""allauth's forms with our words: labels in the eight languages, no placeholders for labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PASSWORD_HINT = _("At least 10 characters; not a common password, not only digits.")

LABELS: dict[str, tuple[_StrPromise, _StrPromise | str]] = {
    "login": (_("E-mail address"), ""),
    "email": (_("E-mail address"), ""),
    "password": (_("Password"), ""),
    "remember": (_("Keep me signed in on this device"), ""),
    "oldpassword": (_("Current password"), ""),
    "password1": (_("New password"), PASSWORD_HINT),
    "password2": (_("New password again"), ""),
    "code": (
        _("Code"),
        _("Six digits from your authenticator app, or one of your recovery codes."),
    ),
    "name": (_("Name of the passkey"), _("For example the device it lives on.")),
    "passwordless": (
        _("Sign in with it alone"),
        _(
            "The device then asks for your fingerprint, face or PIN. Otherwise it is a second step "
            "after the password."
        ),
    ),
}


class OurWords(forms.Form):
    """Puts labels and hints from `LABELS` on the fields of an allauth form."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in LABELS:
                field.label, field.help_text = LABELS[name]


class LoginForm(OurWords, account.LoginForm):  # type: ignore[misc]
    """Sign in with an address and a password."""


class AddEmailForm(OurWords, account.AddEmailForm):  # type: ignore[misc]
    """Ask for another address."""


class ChangePasswordForm(OurWords, account.ChangePasswordForm):  # type: ignore[misc]
    """Change the password, knowing the current one."""


class SetPasswordForm(OurWords, account.SetPasswordForm):  # type: ignore[misc]
    """Set a first password."""


class ResetPasswordForm(OurWords, account.ResetPasswordForm):  # type: ignore[misc]
    """Ask for a mail with a link."""


class ResetPasswordKeyForm(OurWords, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """Set a new password from a mailed link."""


class ReauthenticateForm(OurWords, account.ReauthenticateForm):  # type: ignore[misc]
    """Show again who one is, by password."""


class _Code(OurWords):
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update({"inputmode": "numeric", "spellcheck": "false"})


class AuthenticateForm(_Code, mfa.AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class ReauthenticateByCodeForm(_Code, mfa.ReauthenticateForm):  # type: ignore[misc]
    """Show again who one is, by a code."""


class ActivateTotpForm(_Code, ActivateTOTPForm):  # type: ignore[misc]
    """Prove that the authenticator app is set up."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = _("Six digits that the app shows now.")


DAMAGED = (AttributeError, KeyError, TypeError, ValueError)


def _refused() -> ValidationError:
    return ValidationError(_("This passkey cannot be used here."))


class AddPasskeyForm(OurWords, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """Add a passkey, for signing in without a password unless that is unticked."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True

    def clean(self) -> dict[str, object]:
        """Refuse what no browser sends, where allauth would fail."""
        try:
            return super().clean() or {}
        except DAMAGED as error:
            raise _refused() from error


class EditPasskeyForm(OurWords, webauthn.EditWebAuthnForm):  # type: ignore[misc]
    """Rename a passkey."""


class _UsePasskey(forms.Form):
    def clean_credential(self) -> Authenticator:
        """Refuse what no browser sends, where allauth would fail."""
        try:
            return super().clean_credential()  # type: ignore[misc]
        except DAMAGED as error:
            raise _refused() from error


class LoginByPasskeyForm(_UsePasskey, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    """Sign in with a passkey alone."""


class AuthenticateByPasskeyForm(_UsePasskey, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The second step of signing in, by a passkey."""


class ReauthenticateByPasskeyForm(_UsePasskey, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Show again who one is, by a passkey."""
