"""What goes back to learning systems: each guest's newest result, until it has been taken."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from chorsu.tools.claims import ColumnView, PlatformView
from chorsu.tools.models import Column, ScoreLine
from chorsu.tools.queries.platforms import view

KEPT = timedelta(days=14)
"""For which a result is tried before it is given up."""
LONGEST_PAUSE = timedelta(hours=6)
FIRST_PAUSE_S = 10


class ScoreNotTaken(Exception):  # noqa: N818 - says what is wrong
    """The learning system has not taken a score; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a gradebook to be written; `column`: of this node's making, perhaps yet to come."""

    platform: PlatformView
    line_item: str
    user: str
    percent: Decimal | None
    column: int | None


def keep_line(
    *,
    platform_id: int,
    person_id: int,
    cohort_id: uuid.UUID,
    unit: str,
    line_item: str,
    user: str,
    column: int | None = None,
) -> None:
    """The person came by a link that has this line; it is theirs in what the link opens now.

    A learning system names a column of the node's making in later launches as its own: from then
    on it is written by this line alone.
    """
    if column is None:
        made = ScoreLine.objects.filter(platform=platform_id, person=person_id)
        made.filter(column__line_item=line_item).delete()
    ScoreLine.objects.update_or_create(
        platform_id=platform_id, line_item=line_item, person_id=person_id,
        defaults={"cohort": cohort_id, "unit": unit, "user": user, "column_id": column},
    )  # fmt: skip


def keep_column_line(
    *,
    platform_id: int,
    person_id: int,
    cohort_id: uuid.UUID,
    unit: str,
    collection: str,
    link: str,
    user: str,
) -> None:
    """The person came by a link that has no line, at a learning system where one may be made."""
    column, _made = Column.objects.get_or_create(
        platform_id=platform_id, collection=collection, link=link, cohort=cohort_id, unit=unit
    )
    keep_line(
        platform_id=platform_id, person_id=person_id, cohort_id=cohort_id, unit=unit,
        # No address has a fragment: this is one of no learning system's.
        line_item=f"{collection}#{column.pk}", user=user, column=column.pk,
    )  # fmt: skip


@contextmanager
def held_column(column_id: int) -> Iterator[ColumnView]:
    """A column, held meanwhile; the address that was set on it is kept. In a transaction."""
    row = Column.objects.select_for_update().get(pk=column_id)
    found = ColumnView(row.pk, row.collection, row.link, row.cohort, row.unit, row.line_item)
    yield found
    if found.line_item != row.line_item:
        row.line_item = found.line_item
        row.save(update_fields=["line_item"])


def lose_column(*, column_id: int) -> None:
    """The learning system has this column no more: next time it is looked for, or made."""
    Column.objects.filter(pk=column_id).update(line_item="")


@transaction.atomic
def note_percents(
    *,
    person_id: int,
    cohort_id: uuid.UUID,
    percent_of: Callable[[str], Decimal | None],
    ended: bool = False,
    now: datetime,
) -> int:
    """Have the results of a person sent where they have moved; how many are to be sent.

    `percent_of`: unit (empty: the course) -> percent, as it is now. Of a cohort that has `ended` a
    unit's result that is no longer there was deleted after its time, and not taken back.
    """
    rows = ScoreLine.objects.select_for_update().filter(person=person_id, cohort=cohort_id)
    moved = 0
    for row in rows.order_by("pk"):
        percent = percent_of(row.unit)
        if ended and row.unit and percent is None:
            continue
        if percent == row.percent and (row.due_at is not None or percent == row.sent_percent):
            continue
        row.percent = percent
        row.tries, row.trouble = 0, ""
        row.due_at = row.since = None if percent == row.sent_percent else now
        row.save()
        moved += row.due_at is not None
    return moved


@transaction.atomic
def send_one(*, send: Callable[[Line], None], now: datetime) -> bool:
    """Send the score that is due the longest, held meanwhile; False if none is due.

    `send` raises `ScoreNotTaken`: then it is tried again, after a longer pause each time, for two
    weeks. Of several workers each takes another one.
    """
    rows = ScoreLine.objects.select_for_update(skip_locked=True, of=["self"])
    due = rows.filter(due_at__lte=now, platform__active=True).select_related("platform")
    row = due.order_by("due_at", "pk").first()
    if row is None:
        return False
    try:
        send(Line(view(row.platform), row.line_item, row.user, row.percent, row.column_id))
    except ScoreNotTaken as trouble:
        row.tries, row.trouble = row.tries + 1, trouble.code
        pause = timedelta(seconds=FIRST_PAUSE_S * 2 ** min(row.tries, 12))
        given_up = row.since is None or now - row.since > KEPT
        row.due_at = None if given_up else now + min(LONGEST_PAUSE, pause)
    else:
        row.sent_percent, row.sent_at = row.percent, now
        row.due_at = row.since = None
        row.tries, row.trouble = 0, ""
    row.save()
    return True


def forget_lines(*, ids: Collection[int]) -> int:
    """Forget these lines of gradebooks; how many there were."""
    gone, _kinds = ScoreLine.objects.filter(pk__in=ids).delete()
    return gone


def try_again(*, cohort_id: uuid.UUID, now: datetime) -> int:
    """Have what was not taken of a cohort sent once more, now; how many."""
    rows = ScoreLine.objects.filter(cohort=cohort_id).exclude(trouble="")
    return rows.update(due_at=now, since=now, tries=0)
