"""What a reader says to bytes, as a value."""

from __future__ import annotations

from collections.abc import Callable

from chorsu.wire.errors import WireError


def refusal(read: Callable[[], object]) -> str | None:
    """The code with which `read` refuses, or None; any other exception goes through."""
    try:
        read()
    except WireError as error:
        return error.code
    return None
