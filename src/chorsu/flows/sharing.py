"""Sharing: the questions of a course go to the other academies, and are taken back.

They are a record of their own, always for the network: what is right must never be public. No
search, no list and no translator ever gets a word of it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from chorsu.exchange import actions as exchange
from chorsu.institutions.models import Person
from chorsu.training.actions import sharing
from chorsu.training.actions.sharing import BankWithdrawal
from chorsu.training.queries.pictures import needed_by
from chorsu.training.wire.banks import KIND
from chorsu.wire.entry import NETWORK, PUBLISH, WITHDRAW

FOR_NODES_ALONE = (KIND,)
"""Kinds whose contents no person gets by their hash, not even a member of the node: a log that
everybody reads names the hash, and who learns is a member too."""


@transaction.atomic
def share_questions(*, course_id: str, by: Person, now: datetime) -> bool:
    """Publish the questions of an own published course; False if exactly these are published.

    Raises what `training.actions.sharing.share_questions` raises; then nothing happened.
    """
    bank = sharing.share_questions(course_id=course_id, by=by, now=now)
    if bank is None:
        return False
    exchange.append(
        kind=KIND,
        record_id=bank.id,
        revision=bank.revision,
        action=PUBLISH,
        audience=NETWORK,
        payload=bank.to_bytes(),
        now=now,
        files=[sha256 for sha256, _size, _type in needed_by(UUID(bank.id))],
    )
    return True


@transaction.atomic
def unshare_questions(*, course_id: str, reason: str, by: Person, now: datetime) -> None:
    """Take the questions of an own course back. Raises what the action of that name raises."""
    announce_withdrawal(
        sharing.unshare_questions(course_id=course_id, reason=reason, by=by, now=now), now
    )


def announce_withdrawal(withdrawal: BankWithdrawal, now: datetime) -> None:
    """Tell the feed of it, in the caller's transaction."""
    exchange.append(
        kind=KIND,
        record_id=withdrawal.bank_id,
        revision=withdrawal.revision,
        action=WITHDRAW,
        audience=NETWORK,
        payload=withdrawal.payload,
        now=now,
    )
