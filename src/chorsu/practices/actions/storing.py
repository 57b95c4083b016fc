"""One's own practice as rows and as the form that goes out; what every writer of both shares."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings
from django.db.models import Q, QuerySet

from chorsu.kernel.clock import whole_seconds
from chorsu.practices.models import (
    Practice,
    PracticeFile,
    PracticeRevision,
    PracticeText,
    TranslationDraft,
)
from chorsu.practices.rules import Facts, Words
from chorsu.practices.shapes import RetoldText
from chorsu.practices.wire import (
    PublishedPractice,
    PublishedPracticeText,
    parse_payload,
    parse_text_payload,
)
from chorsu.wire.envelope import blob_hash


def published_form(row: Practice) -> PublishedPractice:
    """One's own practice as it goes out: built from a whitelist that has no place for a person."""
    files = PracticeFile.objects.filter(practice_id=row.pk, published=True)
    texts = row.texts.filter(supplied_by=row.origin).order_by("language")
    lines = row.revisions.order_by("revision").defer("words", "facts")
    return PublishedPractice(
        **row.form_columns(),
        facts=row.facts,
        texts={text.language: text.published() for text in texts},
        files=[file.published_form() for file in files.order_by("position", "id")],
        history=[line.published(row.audience) for line in lines],
    )


def seal(row: Practice, now: datetime) -> PublishedPractice:
    """The form to publish again after a text changed; its time and hash are noted."""
    row.updated_at = whole_seconds(now)
    return sealed(row)


def sealed(row: Practice) -> PublishedPractice:
    """The form to publish; its hash is noted."""
    form = published_form(row)
    payload = form.to_bytes()
    # What no peer could read must not enter the feed, where it would stay.
    parse_payload(payload, row.origin)
    row.blob = blob_hash(payload)
    row.save(update_fields=["blob", "updated_at"])
    return form


def spread_facts(row: Practice, facts: Facts) -> None:
    """Facts, and the columns that lists are filtered by."""
    row.facts = facts
    row.themes, row.goals = facts["themes"], facts["sdg_goals"]
    row.level, row.country, row.status = facts["level"], facts["country"], facts["status"]
    row.year_from, row.year_to = facts["year_from"], facts["year_to"]


def store_text(
    row: Practice,
    language: str,
    provenance: str,
    revision: int,
    words: Words,
    *,
    translated_by: str = "",
    translated_on: date | None = None,
) -> None:
    """The origin's own text in a language."""
    PracticeText.objects.update_or_create(
        practice=row,
        language=language,
        supplied_by=row.origin,
        defaults={
            "provenance": provenance,
            "revision": revision,
            "translated_by": translated_by,
            "translated_on": translated_on,
            "title": words["title"],
            "summary": words["summary"],
            "words": words,
        },
    )


def take_back_translations(row: Practice, now: datetime) -> list[PracticeText]:
    """Translations of a revision that was for the network do not become public with a later one.

    This node's own go back to its translators, as work to be brought up to date. What another
    node published to the network is gone until that node publishes it to everybody. Returns what
    is gone.
    """
    if row.audience != "public":
        return []
    of_closed = Q(revision__in=_closed(row).values("revision"))
    of_others = Q(record_id__isnull=False) & ~Q(supplied_by=settings.NODE_NAME)
    gone = list(row.texts.filter(of_closed | of_others & ~Q(audience="public")).order_by("pk"))
    for text in gone:
        if text.supplied_by != settings.NODE_NAME:
            continue
        TranslationDraft.objects.get_or_create(
            practice=row,
            language=text.language,
            defaults={
                "words": text.words,
                "provenance": text.provenance,
                "revision": text.revision,
                "translated_by": text.translated_by,
                "saved_at": now,
            },
        )
    row.texts.filter(pk__in=[text.pk for text in gone]).delete()
    return gone


def is_closed(row: Practice, revision: int) -> bool:
    """Whether a revision was for the network and the practice is public now."""
    return row.audience == "public" and _closed(row).filter(revision=revision).exists()


def _closed(row: Practice) -> QuerySet[PracticeRevision]:
    return row.revisions.filter(revision__lt=row.revision).exclude(audience="public")


def retell(row: Practice) -> list[RetoldText]:
    """Own translations of another node's practice that has other readers than they have."""
    texts = row.texts.filter(supplied_by=settings.NODE_NAME).exclude(record_id=None)
    return [_retold(row, text) for text in texts.exclude(audience=row.audience).order_by("pk")]


def _retold(row: Practice, text: PracticeText) -> RetoldText:
    text.audience = row.audience
    text.record_revision += 1
    text.save(update_fields=["audience", "record_revision"])
    payload = text_payload(row, text)
    return RetoldText(str(text.record_id), text.record_revision, text.audience, payload)


def text_payload(row: Practice, text: PracticeText) -> bytes:
    """A translation of another node's practice as it goes out."""
    payload = PublishedPracticeText(
        id=str(text.record_id),
        practice=str(row.pk),
        practice_origin=row.origin,
        text=text.published(),
    ).to_bytes()
    # What no peer could read must not enter the feed, where it would stay.
    parse_text_payload(payload)
    return payload


def keep_fresh(row: Practice, before: int) -> None:
    """The original's words stayed the same: what translated revision `before` gives this one."""
    row.texts.filter(revision=before).update(revision=row.revision)
