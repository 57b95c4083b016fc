"""Content made for the bench is what publishing would have made."""

from __future__ import annotations

from typing import Any

import pytest
from bench.exchange.content import publish_many
from bench.exchange.logs import grow_own
from django.db import connection, transaction

from chorsu.exchange import blobs
from chorsu.exchange.models import Blob, BlobUse, Feed, FeedEntry, Tile
from chorsu.flows.sampling import load_many
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import AuditEvent
from chorsu.kernel.clock import utc_now
from chorsu.language.models import TranslationRequest
from chorsu.practices.models import Practice, PracticeRevision, PracticeText

pytestmark = pytest.mark.django_db

TABLES = (
    *(Practice, PracticeText, PracticeRevision, TranslationRequest, AuditEvent),
    *(Feed, FeedEntry, Tile, BlobUse, Blob),
)
# Numbers that the database gives, and when a blob came: of a bundle that is one moment.
GIVEN = {"created_at"}


def rows() -> dict[str, list[dict[str, Any]]]:
    """All that was written, without numbers the database gave."""
    found = {}
    for table in TABLES:
        key = table._meta.pk
        apart = GIVEN | ({key.attname} if key.get_internal_type().endswith("AutoField") else set())
        lines = [
            {name: value for name, value in row.items() if name not in apart}
            for row in table.objects.values()  # type: ignore[attr-defined]
        ]
        for line in lines:
            for name, value in line.items():
                line[name] = bytes(value) if isinstance(value, memoryview) else value
        found[table.__name__] = sorted(lines, key=repr)
    return found


def test_publishing_in_bulk_writes_what_publishing_one_by_one_writes() -> None:
    load_institutions(now=utc_now())
    grow_own(size=253)
    before = transaction.savepoint()
    load_many(count=7, progress=lambda done: None, languages=3)
    published = rows()
    transaction.savepoint_rollback(before)

    assert publish_many(count=7) == 7

    assert rows() == published
    assert len(published["Tile"]) == 1
    assert all(blobs.is_here(row["sha256"]) for row in published["Blob"])


def test_every_practice_has_texts_in_three_languages() -> None:
    load_institutions(now=utc_now())
    publish_many(count=20)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM practices_practicetext GROUP BY practice_id")
        counts = [count for (count,) in cursor.fetchall()]
    assert counts == [3] * 20


def test_bulk_publishing_goes_on_where_it_was() -> None:
    load_institutions(now=utc_now())
    publish_many(count=2)
    publish_many(count=3)

    assert Practice.objects.count() == 5
    assert Feed.objects.get().size == 5
