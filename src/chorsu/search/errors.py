"""What search raises."""

from __future__ import annotations


class SearchTooSlow(Exception):  # noqa: N818 - says what is wrong
    """The database took too long over this question; fewer or other words may do."""


class EmbedderTrouble(Exception):  # noqa: N818 - says what is wrong
    """The encoder makes no vectors now; the message says why, for an administrator."""


class TextRefused(EmbedderTrouble):
    """The encoder is well and does not take this text."""
