"""Withdrawing a practice: gone from pages, search and work lists, and told to every peer."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chorsu.exchange import actions as exchange
from chorsu.institutions.models import Person
from chorsu.language import actions as language
from chorsu.practices import actions as practices
from chorsu.practices.wire import KIND
from chorsu.search import actions as search


@transaction.atomic
def withdraw_practice(*, practice_id: str, reason: str, by: Person, now: datetime) -> None:
    """Withdraw one's own practice. Raises what `practices.actions.withdraw` raises."""
    withdrawal = practices.withdraw(practice_id=practice_id, reason=reason, by=by, now=now)
    exchange.append(
        kind=KIND,
        record_id=withdrawal.practice_id,
        revision=withdrawal.revision,
        action="withdraw",
        audience=withdrawal.audience,
        payload=withdrawal.payload,
        now=now,
    )
    for translation in withdrawal.translations:
        exchange.release(record_id=translation)
    language.forget(kind=KIND, record_id=withdrawal.practice_id)
    search.remove(kind=KIND, record_id=withdrawal.practice_id)
