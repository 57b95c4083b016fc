"""Approving a translation: readers here have it at once, peers with the next look at the feed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chorsu.exchange import actions as exchange
from chorsu.flows.publishing import settle
from chorsu.institutions.models import Person
from chorsu.practices import actions as practices
from chorsu.practices import queries
from chorsu.practices.wire import KIND
from chorsu.records.shapes import ApprovedTranslation
from chorsu.records.viewer import Viewer


@transaction.atomic
def approve_translation(
    *, practice_id: str, language: str, version: int, by: Person, now: datetime
) -> ApprovedTranslation:
    """Publish a saved translation: with the practice if it is one's own, else as a record.

    Raises what `practices.actions.approve_translation` raises; then nothing happened.
    """
    approved = practices.approve_translation(
        practice_id=practice_id, language=language, version=version, by=by, now=now
    )
    exchange.append(
        kind=approved.kind,
        record_id=approved.record_id,
        revision=approved.revision,
        action="publish",
        audience=approved.audience,
        payload=approved.payload,
        files=approved.files,
        now=now,
    )
    practice = queries.practice(approved.translated, Viewer(member=True))
    settle(
        kind=KIND,
        record_id=practice.id,
        revision=practice.revision,
        original_language=practice.original_language,
        texts=queries.texts_by_language(practice.id),
        now=now,
    )
    return approved
