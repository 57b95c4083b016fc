"""Which bytes a request asks for (RFC 9110, section 14): one range, or all."""

from __future__ import annotations

import re

_ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class UnsatisfiableRange(Exception):  # noqa: N818 - says what is wrong
    """The range lies beyond the end."""


def requested_range(header: str, if_range: str, etag: str, size: int) -> tuple[int, int] | None:
    """Start and end (exclusive) of what `Range` asks for; None for everything.

    Several ranges at once, another unit, or an `If-Range` of other content give everything, as
    the standard allows. Raises `UnsatisfiableRange`.
    """
    match = _ONE_RANGE.fullmatch(header.strip())
    if match is None or (if_range and if_range != etag):
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < int(first):
            return None
    if start >= size or start == end:
        raise UnsatisfiableRange
    return start, end
