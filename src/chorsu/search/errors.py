"""What search raises."""

from __future__ import annotations


class SearchTooSlow(Exception):  # noqa: N818 - says what is wrong
    """The database took too long over this question; fewer or other words may do."""


class EmbedderTrouble(Exception):  # noqa: N818 - says what is wrong
    """The encoder makes no vectors now; the message says why, for an administrator."""


class TextRefused(EmbedderTrouble):
    """The encoder is well and does not take this text."""


class TooManySearches(Exception):  # noqa: N818 - says what is wrong
    """A client asked more often than the node lets it; `seconds` until it may again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


class TooManySaved(Exception):  # noqa: N818 - says what is wrong
    """The person keeps as many searches as one may."""


class NothingToSave(Exception):  # noqa: N818 - says what is wrong
    """Without a word to search for and without a filter there is nothing to keep."""


class NoSuchSavedSearch(Exception):  # noqa: N818 - says what is wrong
    """The person keeps no such search, or the secret address was renewed."""
