"""Where a list that is read page by page goes on: after a moment and an id."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import datetime
from typing import TypeVar

from django.db.models import Q, QuerySet

from chorsu.records.models import Record

AnyRecord = TypeVar("AnyRecord", bound=Record)
MAX_LIMIT = 200


class InvalidCursor(ValueError):  # noqa: N818 - says what is wrong
    """The cursor is not one that a list handed out."""


def stretch(rows: QuerySet[AnyRecord], after: str, limit: int) -> tuple[list[AnyRecord], str]:
    """A stretch of a list, newest entry first, from the cursor `after` on; where it goes on.

    One query. An empty cursor is its beginning, and its end. Raises `InvalidCursor`.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    rows = rows.order_by("-updated_at", "id")
    if after:
        updated_at, last = read_cursor(after)
        rows = rows.filter(Q(updated_at__lt=updated_at) | Q(updated_at=updated_at, id__gt=last))
    found = list(rows[: limit + 1])
    shown = found[:limit]
    more = len(found) > limit
    return shown, cursor(shown[-1].updated_at, shown[-1].pk) if more else ""


def cursor(moment: datetime, record_id: uuid.UUID) -> str:
    """What stands after the last record shown, as a word for an address."""
    text = f"{moment.isoformat()}|{record_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[datetime, uuid.UUID]:
    """What `cursor` was given; raises `InvalidCursor`."""
    try:
        padded = text[:200] + "=" * (-len(text[:200]) % 4)
        moment, _, last = (
            base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition("|")
        )
        updated_at = datetime.fromisoformat(moment)
        if updated_at.tzinfo is None:
            raise InvalidCursor(text[:200])
        return updated_at, uuid.UUID(last)
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor(text[:200]) from error
