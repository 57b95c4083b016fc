"""What can be wrong with a foreign repository; `code` has words for people in `web`."""

from __future__ import annotations

from chorsu.kernel.text import printable


class NotHarvestable(Exception):  # noqa: N818 - says what is wrong
    """The address does not answer as an OAI-PMH repository does, or stopped doing so."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.detail = printable(detail)
        super().__init__(f"{code}: {self.detail}" if detail else code)


class TokenRefused(Exception):  # noqa: N818 - says what is wrong
    """The repository does not know its resumption token any more."""


class NothingThere(Exception):  # noqa: N818 - says what is wrong
    """The repository has no records for what was asked."""


class NoSuchHarvested(LookupError):  # noqa: N818 - says what is wrong
    """There is no such repository or record here."""
