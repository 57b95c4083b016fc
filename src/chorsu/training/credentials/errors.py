"""What can go wrong with certificates; each class says it in its docstring."""

from __future__ import annotations


class NoSuchCertificate(LookupError):  # noqa: N818 - says what is wrong
    """There is no such certificate, or the person may not know of it."""


class NotPassed(Exception):  # noqa: N818 - says what is wrong
    """The enrolment has no result that a certificate could be issued for, or not yet for good."""


class AlreadyIssued(Exception):  # noqa: N818 - says what is wrong
    """There is a valid certificate for this enrolment, or all who passed have theirs."""


class AlreadyEnded(Exception):  # noqa: N818 - says what is wrong
    """The certificate was revoked or replaced before."""


class NotIssuable(Exception):  # noqa: N818 - says what is wrong
    """The credential can't be written as things stand; `code` is one of `NOT_ISSUABLE`."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


NOT_ISSUABLE = ("no-course", "no-name", "no-title", "expired", "form")
