"""Time as the network writes it: UTC, whole seconds, `2026-11-24T02:08:43Z`.

Flows and actions take `now` as an argument; doors call `utc_now` once and pass it down.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_FORM = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})Z", re.ASCII)


class InvalidTime(ValueError):  # noqa: N818 - says what is wrong
    """The text is not a time of the form 2026-11-24T02:08:43Z, or the value has no time zone."""


def utc_now() -> datetime:
    """The present moment, aware, in UTC, with microseconds."""
    return datetime.now(UTC)


def whole_seconds(moment: datetime) -> datetime:
    """`moment` in UTC with what is below a second cut off; raises `InvalidTime` if naive."""
    if moment.utcoffset() is None:
        raise InvalidTime("a time without a time zone")
    return moment.astimezone(UTC).replace(microsecond=0)


def format_time(moment: datetime) -> str:
    """`2026-11-24T02:08:43Z`: in UTC, cut to whole seconds. Raises `InvalidTime` if naive."""
    return whole_seconds(moment).replace(tzinfo=None).isoformat() + "Z"


def parse_time(text: str) -> datetime:
    """Read exactly what `format_time` writes; anything else raises `InvalidTime`."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise InvalidTime(f"not of the form 2026-11-24T02:08:43Z: {text[:50]!r}")
    year, month, day, hour, minute, second = map(int, match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise InvalidTime(f"no such moment: {text}") from error
