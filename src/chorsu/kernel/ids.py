"""Ids of records: UUID version 7 (RFC 9562) in canonical text form, so that ids sort by birth."""

from __future__ import annotations

import re

from uuid6 import uuid7

_CANONICAL_V7 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII
)


class InvalidId(ValueError):  # noqa: N818 - says what is wrong
    """The text is not a UUID version 7 in canonical lower-case form."""


def new_id() -> str:
    """A fresh UUIDv7: 36 lower-case characters; later ids of one process sort after earlier."""
    return str(uuid7())


def parse_id(text: str) -> str:
    """Return `text` unchanged if it is a canonical UUIDv7; raise `InvalidId` otherwise."""
    if _CANONICAL_V7.fullmatch(text) is None:
        raise InvalidId(f"not a canonical UUIDv7: {text[:50]!r}")
    return text
