"""What learners do is noted for a learning record store, if the node has one (xAPI), and for the
learning system that a guest came from (LTI).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from chorsu.exchange.actions import defer
from chorsu.kernel.ids import new_id
from chorsu.training.models import Enrolment, Statement

SCORES_JOB = "chorsu.jobs.tasks.note_scores"

KEPT = timedelta(days=14)
"""For which a statement is tried before it is given up."""
LONGEST_PAUSE = timedelta(hours=6)


def is_told() -> bool:
    """Whether the node tells a record store at all."""
    return bool(settings.NODE.text("training.xapi_url"))


def tell(
    *,
    enrolment_id: uuid.UUID,
    unit: str,
    verb: str,
    now: datetime,
    item: str = "",
    percent: Decimal | None = None,
) -> None:
    """Note that something happened; one insert, in the caller's transaction. Sent by a job."""
    if is_told():
        Statement.objects.create(
            id=uuid.UUID(new_id()), enrolment_id=enrolment_id, unit=unit, verb=verb, item=item,
            percent=percent, happened_at=now, next_at=now,
        )  # fmt: skip


def tell_learning_system(row: Enrolment) -> None:
    """After the commit, have a worker send on what the learner's results are now.

    Of nobody but a guest who came by a learning system's link.
    """
    if row.person.came_by_launch:
        key = str(row.pk)
        transaction.on_commit(lambda: defer(SCORES_JOB, once=key, enrolment=key), robust=True)


def told(*, ids: Collection[uuid.UUID]) -> None:
    """The record store has these."""
    Statement.objects.filter(pk__in=ids).delete()


def forget_untold(*, now: datetime) -> int:
    """Drop what is too old to be told, also where no store is named any more; how many."""
    count, _kinds = Statement.objects.filter(happened_at__lt=now - KEPT).delete()
    return count


def put_off(*, ids: Collection[uuid.UUID], now: datetime) -> None:
    """These were not taken: try again later, each time after a longer pause, for two weeks."""
    Statement.objects.filter(pk__in=ids, happened_at__lt=now - KEPT).delete()
    rows = list(Statement.objects.filter(pk__in=ids))
    for row in rows:
        row.tries += 1
        row.next_at = now + min(LONGEST_PAUSE, timedelta(seconds=10 * 2 ** min(row.tries, 12)))
    Statement.objects.bulk_update(rows, ["tries", "next_at"])
