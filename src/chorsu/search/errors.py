"""What search may refuse."""

from __future__ import annotations


class SearchTooSlow(Exception):  # noqa: N818 - says what is wrong
    """The database took too long over this question; fewer or other words may do."""
