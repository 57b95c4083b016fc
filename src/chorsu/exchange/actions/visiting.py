"""Looking after the store of blobs: only who has done so for long, alone, removes anything of it.

Each night a new mark is left in the store and in the database. A database that was set back, or
copied from this one, or that shares the store by mistake, finds another mark than its own: it
doesn't know all that the store is for. A clock that leapt finds a gap.
"""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.db import transaction

from chorsu.exchange.models import Sweeper
from chorsu.exchange.stores import the_store

logger = logging.getLogger(__name__)

AWAY = timedelta(days=7)
"""The longest time between two visits: a holiday, or what nobody notices of a wrong clock."""
SETTLED = timedelta(days=30)
"""How long an administrator has to notice what is wrong."""


def visit(*, now: datetime) -> bool:
    """Look after the store once more; whether that has been done long enough to remove things."""
    store = the_store()
    left = store.mark()
    with transaction.atomic():
        first = {"seen_at": now, "since": now}
        row, _ = Sweeper.objects.select_for_update().get_or_create(id=1, defaults=first)
        is_ours = left in (row.mark.hex, row.mark_before.hex)
        if not is_ours or abs(now - row.seen_at) > AWAY or row.since > now:
            row.since = now
        row.mark_before, row.mark, row.seen_at = row.mark, uuid.uuid4(), now
        row.save()
    store.set_mark(row.mark.hex)
    if left and not is_ours:
        logger.warning("another database looks after the %s, or this one was set back", store.title)
    return now - row.since >= SETTLED
