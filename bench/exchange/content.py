"""Many practices in three languages, published at a node made for a benchmark.

Makes the very rows, blobs and log that `flows.publishing.publish_ready` makes, a bundle of them in
one transaction instead of one by one, which takes hours for 100,000. What it leaves out are checks
of what is known to be right, the ping, and the index of search, which takes the practices in as
it does those that come from peers: later. Run again, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.db import transaction

from chorsu.exchange import blobs, keys
from chorsu.exchange.actions.feed import _keep_full_tiles
from chorsu.exchange.models import BlobUse, Feed, FeedEntry
from chorsu.flows.sampling import Recombined, recombined
from chorsu.institutions.models import AuditEvent
from chorsu.kernel.clock import whole_seconds
from chorsu.language.actions import _wanted
from chorsu.language.models import TranslationRequest
from chorsu.practices.actions.filling import fill, fill_text, revision_rows
from chorsu.practices.models import Practice, PracticeRevision, PracticeText
from chorsu.practices.rules import Facts, Words, clean_facts, clean_words, words_without_row
from chorsu.practices.wire import KIND, PublishedPractice, PublishedRevision, PublishedText
from chorsu.search import actions as search
from chorsu.wire.checkpoint import Checkpoint, sign_checkpoint
from chorsu.wire.entry import Entry
from chorsu.wire.envelope import blob_hash
from chorsu.wire.merkle import Range, leaf_hash
from chorsu.wire.tiles import TILE_WIDTH

LANGUAGES = 3


@dataclass(frozen=True, slots=True)
class _Ready:
    """A practice as it is about to be published."""

    form: PublishedPractice
    payload: bytes
    blob: str
    leaf: bytes


def publish_many(*, count: int, progress: Callable[[int], None] = lambda done: None) -> int:
    """Publish so many more practices of three languages each; returns how many."""
    first = Practice.objects.filter(origin=settings.NODE_NAME).count()
    made, done = recombined(count=count, first=first, languages=LANGUAGES), 0
    while batch := _next(made):
        _publish(batch)
        done += len(batch)
        progress(done)
    return done


def _next(made: Iterator[Recombined]) -> list[_Ready]:
    """Up to the end of the bundle that the log has begun: so many fill a tile, at most one."""
    feed, _ = Feed.objects.get_or_create(id=1)
    room = TILE_WIDTH - feed.size % TILE_WIDTH
    return [_ready(one) for one in islice(made, room)]


def _ready(made: Recombined) -> _Ready:
    sample, now = made.sample, whole_seconds(made.moment)
    facts = clean_facts(sample.facts)
    words = clean_words(sample.words(sample.language))
    texts = [PublishedText(sample.language, "original", 1, "", None, _with_rows(words, facts))]
    texts += [
        PublishedText(
            language=text.language,
            provenance=text.provenance,
            revision=1,
            translated_by=text.translated_by,
            translated_on=text.translated_on,
            words=_with_rows(text.words, facts),
        )
        for text in sample.translations(facts)
    ]
    form = PublishedPractice(
        id=made.practice_id,
        revision=1,
        origin=settings.NODE_NAME,
        institution=str(sample.practice["institution"]),
        audience=str(sample.practice["audience"]),
        licence=str(sample.practice["licence"]),
        original_language=sample.language,
        published_at=now,
        updated_at=now,
        facts=facts,
        texts={text.language: text for text in texts},
        files=[],
        history=[PublishedRevision(1, now, "")],
    )
    payload = form.to_bytes()
    entry = Entry(
        kind=KIND,
        id=form.id,
        revision=1,
        action="publish",
        audience=form.audience,  # type: ignore[arg-type]
        time=now,
        blob=blob_hash(payload),
        size=len(payload),
    )
    return _Ready(form, payload, blob_hash(payload), entry.to_bytes())


def _with_rows(words: Words, facts: Facts) -> Words:
    gone = set(words_without_row(words, facts, frozenset()))
    return {name: text for name, text in words.items() if name not in gone}


@transaction.atomic
def _publish(batch: list[_Ready]) -> None:
    _append(batch)
    rows = [_row(one) for one in batch]
    Practice.objects.bulk_create(rows)
    PracticeText.objects.bulk_create(
        _text(row, text)
        for row, one in zip(rows, batch, strict=True)
        for text in one.form.texts.values()
    )
    PracticeRevision.objects.bulk_create(
        line for row, one in zip(rows, batch, strict=True) for line in revision_rows(row, one.form)
    )
    AuditEvent.objects.bulk_create(_event(one.form) for one in batch)
    TranslationRequest.objects.bulk_create(wanted for one in batch for wanted in _missing(one.form))
    search.index_later(kind=KIND, record_ids=[one.form.id for one in batch])


def _append(batch: list[_Ready]) -> None:
    """The blobs, the leaves, and one checkpoint for all of them."""
    feed = Feed.objects.select_for_update().get(id=1)
    edge = Range.from_bytes(bytes(feed.range)) if feed.range else Range.empty()
    blobs.put_many(
        [one.payload for one in batch],
        media_type="application/json",
        now=batch[-1].form.updated_at,
    )
    FeedEntry.objects.bulk_create(
        FeedEntry(
            index=feed.size + place,
            leaf=one.leaf,
            leaf_hash=leaf_hash(one.leaf),
            kind=KIND,
            record_id=one.form.id,
            revision=1,
            action="publish",
            audience=one.form.audience,
            at=one.form.updated_at,
            blob=one.blob,
        )
        for place, one in enumerate(batch)
    )
    edge = edge.append_all(leaf_hash(one.leaf) for one in batch)
    newest = Checkpoint(settings.NODE_NAME, edge.size, edge.root())
    feed.size, feed.range, feed.updated_at = edge.size, edge.to_bytes(), batch[-1].form.updated_at
    feed.checkpoint = sign_checkpoint(newest, keys.signing_key())
    feed.save()
    _keep_full_tiles(edge.size)
    BlobUse.objects.bulk_create(
        BlobUse(blob_id=one.blob, record_id=one.form.id, audience=one.form.audience, own=True)
        for one in batch
    )


def _row(one: _Ready) -> Practice:
    row = Practice(id=one.form.id, origin=one.form.origin, arrived_at=one.form.published_at)
    fill(row, one.form, index=0, at=one.form.updated_at, blob=one.blob)
    row.feed_index = None
    return row


def _text(row: Practice, published: PublishedText) -> PracticeText:
    text = PracticeText(practice=row, supplied_by=row.origin)
    fill_text(text, published, 0)
    text.feed_index = None
    return text


def _missing(form: PublishedPractice) -> list[TranslationRequest]:
    here = {tag: text.revision for tag, text in form.texts.items()}
    return _wanted(KIND, form.id, 1, form.original_language, here, form.updated_at)


def _event(form: PublishedPractice) -> AuditEvent:
    return AuditEvent(
        at=form.updated_at,
        actor="",
        action="practice.published",
        subject_kind="practice",
        subject_id=form.id,
        detail={"institution": form.institution, "revision": 1},
    )
