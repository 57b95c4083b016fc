"""Publishing a practice: the record and its entry in the feed, all or nothing; then search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from chorsu.exchange import actions as exchange
from chorsu.flows.indexing import DOCUMENTS, index_now
from chorsu.institutions.models import Person
from chorsu.language import actions as language
from chorsu.practices import actions as practices
from chorsu.practices import queries
from chorsu.practices.wire import KIND, PublishedPractice, PublishedText
from chorsu.search import actions as search


@transaction.atomic
def publish_draft(*, draft_id: str, version: int, by: Person, now: datetime) -> PublishedPractice:
    """Publish a draft. Raises what `practices.actions.publish` raises; then nothing happened."""
    practice = practices.publish(draft_id=draft_id, version=version, by=by, now=now)
    _announce(practice, now)
    return practice


def publish_ready(
    *,
    practice_id: str,
    institution_id: str,
    language: str,
    audience: str,
    licence: str,
    words: Mapping[str, object],
    facts: Mapping[str, object],
    texts: Sequence[PublishedText],
    now: datetime,
    by: Person | None = None,
    note: str = "",
) -> PublishedPractice | None:
    """Publish a practice that comes ready with its translations, in one entry.

    None: exactly this is published already. Raises what `practices.actions.publish_ready` raises.
    """
    with transaction.atomic():
        practice = practices.publish_ready(
            practice_id=practice_id,
            institution_id=institution_id,
            language=language,
            audience=audience,
            licence=licence,
            words=words,
            facts=facts,
            texts=texts,
            now=now,
            by=by,
            note=note,
        )
        if practice is not None:
            _announce(practice, now)
    if practice is not None:
        index_now(KIND, [practice.id])
    return practice


def _announce(practice: PublishedPractice, now: datetime) -> None:
    # The feed last: from there to the commit everybody else who publishes waits.
    settle(
        kind=KIND,
        record_id=practice.id,
        revision=practice.revision,
        original_language=practice.original_language,
        texts=queries.texts_by_language(practice.id),
        new=practice.revision == 1,
        now=now,
    )
    exchange.hold(audiences=queries.text_records(practice.id))
    exchange.append(
        kind=KIND,
        record_id=practice.id,
        revision=practice.revision,
        action="publish",
        audience=practice.audience,
        payload=practice.to_bytes(),
        files=[file.sha256 for file in practice.files],
        now=now,
    )


def settle(
    *,
    kind: str,
    record_id: str,
    revision: int,
    original_language: str,
    texts: Mapping[str, int],
    now: datetime,
    new: bool = False,
) -> None:
    """What follows every change of a record's texts: ask for what is missing, index what is.

    `texts` maps the language of each to the revision that it gives. Of a `new` record there is
    nothing in the index that would be wrong meanwhile: it is indexed after the caller's commit,
    by a worker or `indexing.index_now`, so that nobody waits for it to be read.
    """
    language.request(
        kind=kind,
        record_id=record_id,
        revision=revision,
        original_language=original_language,
        texts=texts,
        now=now,
    )
    if new:
        search.index_later(kind=kind, record_ids=[record_id], soon=True)
        return
    document = DOCUMENTS[kind](record_id)
    if document is not None:
        search.index(document)
