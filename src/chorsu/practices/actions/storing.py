"""One's own practice as rows and as the form that goes out; what every writer of both shares."""

from __future__ import annotations

from datetime import date, datetime

from chorsu.kernel.clock import whole_seconds
from chorsu.language import foreign
from chorsu.practices.models import (
    Practice,
    PracticeFile,
    PracticeText,
    TranslationDraft,
)
from chorsu.practices.queries.offering import FAMILY
from chorsu.practices.rules import Facts, Words
from chorsu.practices.wire import LIMITS, PublishedPractice, parse_payload
from chorsu.records.models import SuppliedText
from chorsu.wire.envelope import blob_hash

TRANSLATED = foreign.Translated(FAMILY, LIMITS)
"""How practices are translated at other nodes than their origin."""


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


def take_back_translations(row: Practice, now: datetime) -> list[SuppliedText]:
    """What `foreign.take_back` says; of this node's own the words become work again."""

    def hand_over(text: SuppliedText) -> None:
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

    return foreign.take_back(TRANSLATED, row, hand_over)
