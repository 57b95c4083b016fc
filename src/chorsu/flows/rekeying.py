"""Rekeying: the node goes over to a new key, and everybody who follows it learns of it."""

from __future__ import annotations

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.exchange import actions
from chorsu.institutions.actions import record_event
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person, Role
from chorsu.institutions.queries import may, node_institution_id
from chorsu.wire.succession import Succession

logger = logging.getLogger(__name__)


def change_key(*, revoked: bool, by: Person | None, now: datetime) -> Succession:
    """Replace the node's key; `by` is None for somebody at the node's own command line.

    Raises `NotAllowed`, and what `actions.change_key` raises.
    """
    if by is not None and not may(by, Role.ADMINISTRATOR, node_institution_id()):
        raise NotAllowed(Role.ADMINISTRATOR)
    with transaction.atomic():
        made = actions.change_key(revoked=revoked, now=now)
        record_event(
            person=by,
            action="key.changed",
            subject_kind="node",
            subject_id=settings.NODE_NAME,
            detail={
                "vkey": made.new.vkey,
                "before": made.old.vkey,
                "entries": made.size,
                "why": made.why,
            },
            now=now,
        )
    logger.warning("the key was changed (%s), now %s", made.why, made.new.fingerprint)
    return made
