"""What search may refuse."""

from __future__ import annotations


class SearchTooSlow(Exception):  # noqa: N818 - says what is wrong
    """The database took too long over this question; fewer or other words may do."""


class TooManySearches(Exception):  # noqa: N818 - says what is wrong
    """A client searched more often than the node lets it; `seconds` until it may again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds
