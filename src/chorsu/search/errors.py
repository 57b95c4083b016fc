"""What search may refuse."""

from __future__ import annotations


class SearchTooSlow(Exception):  # noqa: N818 - says what is wrong
    """The database took too long over this question; fewer or other words may do."""


class TooManySaved(Exception):  # noqa: N818 - says what is wrong
    """The person keeps as many searches as one may."""


class NothingToSave(Exception):  # noqa: N818 - says what is wrong
    """Without a word to search for and without a filter there is nothing to keep."""


class NoSuchSavedSearch(Exception):  # noqa: N818 - says what is wrong
    """The person keeps no such search, or the secret address was renewed."""
