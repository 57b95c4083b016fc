"""Translations that one node makes of another's record, each a record of its own, joined to it.

The rules are the same whatever is translated. Such a text stands in the table of its kind beside
those of the origin: it has an id of its own, and its supplier is not the record's origin.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet

from chorsu.institutions.origins import is_bare_mark, is_older
from chorsu.kernel.ids import new_id
from chorsu.records.fields import FieldError, InvalidRecord
from chorsu.records.forms import (
    MAX_BLOB_BYTES,
    PublishedText,
    PublishedTranslation,
    text_kind,
    withdrawal_bytes,
)
from chorsu.records.models import Record, RecordRevision, SuppliedText
from chorsu.records.offering import Family
from chorsu.records.reading import Limits, Refused, parse_withdrawal, read_translation
from chorsu.records.shapes import (
    ACCEPTED,
    SUPERSEDED,
    Accepted,
    ApprovedTranslation,
    Arrival,
    OrphanedText,
    RetoldText,
)
from chorsu.wire.entry import NETWORK, PUBLIC


def _keep_nothing(text: SuppliedText) -> None:
    """Of most kinds nobody reads a revision that is not the newest."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A kind of record that other nodes translate: its tables, what its words may be.

    `keep` is told of a text from elsewhere before it goes on to another revision.
    """

    family: Family
    limits: Limits
    keep: Callable[[SuppliedText], None] = _keep_nothing

    @property
    def kind(self) -> str:
        """Of the translations."""
        return text_kind(self.family.parent)

    def read(self, payload: bytes) -> PublishedTranslation:
        """A translation's blob; raises `Refused`."""
        return read_translation(payload, self.family.parent, self.limits)

    def texts(self, **terms: object) -> QuerySet[SuppliedText]:
        """Texts of the kind, the origins' own among them."""
        return self.family.texts._default_manager.filter(**terms)

    def texts_of(self, record: uuid.UUID) -> QuerySet[SuppliedText]:
        """All texts of one record."""
        return self.texts(**{self.family.parent: record})

    def new(self, record: uuid.UUID, supplied_by: str) -> SuppliedText:
        """A text of a record that is not saved yet."""
        return self.family.texts(**{f"{self.family.parent}_id": record, "supplied_by": supplied_by})

    def held(self, record: uuid.UUID) -> Record | None:
        """A record, held until the transaction ends; None if it is not here."""
        rows = self.family.records._default_manager.select_for_update()
        return rows.filter(pk=record).first()

    def record_of(self, text: SuppliedText) -> uuid.UUID:
        """What a text translates."""
        found: uuid.UUID = getattr(text, f"{self.family.parent}_id")
        return found


def accept_text(translated: Translated, *, arrival: Arrival, origin: str) -> Accepted:
    """Take in a translation that `origin` made of another node's record.

    It may come before the record does: then it waits, and the answer has revision 0 and no texts.
    One of a withdrawn record, or one for the network of what is public now, is superseded. Raises
    `Refused`. In the caller's transaction, as all that writes here.
    """
    published = translated.read(arrival.payload)
    if published.id != arrival.record_id:
        raise Refused("payload-entry-mismatch", "id")
    known = translated.texts(record_id=arrival.record_id).first()
    if known is not None and known.supplied_by != origin:
        raise Refused("not-the-origin", f"{arrival.record_id} belongs to {known.supplied_by}")
    key = uuid.UUID(published.record)
    row = translated.held(key)
    if row is not None and is_bare_mark(row) and row.origin != published.origin:
        row = None
    if published.origin == origin or (row is not None and row.origin != published.origin):
        raise Refused("payload-entry-mismatch", f"{published.of}_origin")
    same = translated.texts_of(key).filter(language=published.text.language, supplied_by=origin)
    text = same.first()
    if any(is_older(one, arrival.index) for one in (known, text)):
        return Accepted(published.record, SUPERSEDED)
    if row is not None and not may_stand(
        translated, row, published.text.revision, arrival.audience
    ):
        return Accepted(published.record, SUPERSEDED)
    for one in (known, text):
        if one is not None and one.revision != published.text.revision:
            translated.keep(one)
    if known is not None and (text is None or known.pk != text.pk):
        known.delete()
    if text is None:
        text = translated.new(key, origin)
    text.record_id, text.record_revision = uuid.UUID(arrival.record_id), arrival.revision
    text.audience, text.feed_index = arrival.audience, arrival.index
    text.become(published.text)
    text.save()
    return _taken(translated, key, row)


def accept_text_withdrawal(translated: Translated, *, arrival: Arrival, origin: str) -> Accepted:
    """Take in that a node withdrew its translation. Raises `Refused`."""
    if arrival.payload:
        parse_withdrawal(arrival.payload, translated.kind, arrival.record_id)
    text = translated.texts(record_id=arrival.record_id).first()
    if text is None:
        return Accepted("", SUPERSEDED)
    if text.supplied_by != origin:
        raise Refused("not-the-origin", f"{arrival.record_id} belongs to {text.supplied_by}")
    key = translated.record_of(text)
    if is_older(text, arrival.index):
        return Accepted(str(key), SUPERSEDED)
    text.delete()
    records = translated.family.records._default_manager
    return _taken(translated, key, records.filter(pk=key, withdrawn_at=None).first())


def restore_text(
    translated: Translated, *, arrival: Arrival, origin: str
) -> tuple[Accepted, PublishedText]:
    """Make an own translation of a peer's record what an entry published; raises `Refused`.

    The record may still be on its way.
    """
    accepted = accept_text(translated, arrival=arrival, origin=origin)
    translated.texts(record_id=uuid.UUID(arrival.record_id)).update(feed_index=None)
    return accepted, translated.read(arrival.payload).text


def publish_text(translated: Translated, row: Record, told: PublishedText) -> ApprovedTranslation:
    """Make a translation of another node's record this node's text in its language.

    Raises `InvalidRecord` (field "", `too_long`) if no peer could take it.
    """
    mine = translated.texts_of(row.pk).filter(language=told.language)
    text = mine.filter(supplied_by=settings.NODE_NAME).first()
    if text is None:
        text = translated.new(row.pk, settings.NODE_NAME)
        text.record_id = uuid.UUID(new_id())
    elif text.revision != told.revision:
        translated.keep(text)
    text.become(told)
    text.record_revision += 1
    text.audience = row.audience
    text.save()
    return ApprovedTranslation(
        translated=str(row.pk),
        kind=translated.kind,
        record_id=str(text.record_id),
        revision=text.record_revision,
        audience=row.audience,
        payload=_payload(translated, row, text),
    )


def may_stand(translated: Translated, row: Record, revision: int, audience: str) -> bool:
    """Whether a translation from elsewhere may be kept beside the record as it stands now."""
    if row.withdrawn_at is not None:
        return False
    if row.audience != PUBLIC:
        return True
    return audience == PUBLIC and not is_closed(translated.family, row, revision)


def is_closed(family: Family, row: Record, revision: int) -> bool:
    """Whether a revision was for the network and the record is public now."""
    return row.audience == PUBLIC and _closed(family, row).filter(revision=revision).exists()


def take_back(
    translated: Translated, row: Record, hand_over: Callable[[SuppliedText], None]
) -> list[SuppliedText]:
    """Translations of a revision that was for the network do not become public with a later one.

    This node's own are handed to its translators, as work to be brought up to date. What another
    node published to the network is gone until that node publishes it to everybody. Returns what
    is gone.
    """
    if row.audience != PUBLIC:
        return []
    of_closed = Q(revision__in=_closed(translated.family, row).values("revision"))
    of_others = Q(record_id__isnull=False) & ~Q(supplied_by=settings.NODE_NAME)
    texts = translated.texts_of(row.pk)
    gone = list(texts.filter(of_closed | of_others & ~Q(audience=PUBLIC)).order_by("pk"))
    for text in gone:
        if text.supplied_by == settings.NODE_NAME:
            hand_over(text)
    texts.filter(pk__in=[text.pk for text in gone]).delete()
    return gone


def keep_fresh(translated: Translated, row: Record, before: int) -> None:
    """The original's words stayed the same: what translated revision `before` gives this one."""
    texts = translated.texts_of(row.pk).filter(revision=before)
    for text in texts.exclude(record_id=None):
        translated.keep(text)
    texts.update(revision=row.revision)


def orphans(
    translated: Translated, row: Record, texts: Iterable[SuppliedText]
) -> list[OrphanedText]:
    """Those of these texts that are records of their own, with how this node withdraws its own."""
    return [
        OrphanedText(
            kind=translated.kind,
            record_id=str(text.record_id),
            revision=text.record_revision,
            audience=text.audience,
            withdrawal=_withdrawal(translated, row, str(text.record_id))
            if text.supplied_by == settings.NODE_NAME
            else b"",
        )
        for text in texts
        if text.record_id is not None
    ]


def retell(translated: Translated, row: Record) -> list[RetoldText]:
    """Own translations of another node's record that has other readers than they have."""
    texts = translated.texts_of(row.pk).filter(supplied_by=settings.NODE_NAME)
    texts = texts.exclude(record_id=None).exclude(audience=row.audience)
    return [_retold(translated, row, text) for text in texts.order_by("pk")]


def overdue(
    translated: Translated, *, record_id: str, revision: int, audience: str, payload: bytes
) -> OrphanedText | RetoldText | None:
    """What an own translation has to be followed by in the log, if what brought that about came
    while the log was stopped: its withdrawal, or another publication for other readers.

    The arguments are of its newest entry, a publication. Raises `Refused`.
    """
    text = translated.texts(record_id=uuid.UUID(record_id)).first()
    if text is None:
        told = translated.read(payload)
        records = translated.family.records._default_manager
        row = records.filter(pk=uuid.UUID(told.record)).first()
        if row is None or may_stand(translated, row, told.text.revision, audience):
            return None
        gone = _withdrawal(translated, row, record_id)
        return OrphanedText(translated.kind, record_id, revision, audience, gone)
    row = translated.held(translated.record_of(text))
    if row is None or row.withdrawn_at is not None:
        return None
    for retold in retell(translated, row):
        if retold.record_id == record_id:
            return retold
    if text.record_revision > revision:
        return _told(translated, row, text)
    return None


def hold_still(translated: Translated, *, record_id: str) -> None:
    """Let nobody publish a record, or the one whose own translation this is, in the caller's
    transaction; they lock its row first too.
    """
    key = uuid.UUID(record_id)
    of_text = translated.texts(record_id=key).values(translated.family.parent)
    rows = translated.family.records._default_manager.select_for_update()
    rows = rows.filter(Q(pk=key) | Q(pk__in=of_text))
    list(rows.order_by("pk").values_list("pk", flat=True))


def texts_by_language(family: Family, record: uuid.UUID) -> dict[str, int]:
    """Language -> newest revision that a text in it gives. One query."""
    found: dict[str, int] = {}
    rows = family.texts._default_manager.filter(**{family.parent: record})
    for language, revision in rows.values_list("language", "revision"):
        found[language] = max(revision, found.get(language, 0))
    return found


def text_records(family: Family, record: uuid.UUID) -> dict[str, str]:
    """Translations that are records of their own, with who may read them. Two queries.

    The public reads one if both it and its record are public; of a record that has not come yet
    that is not known.
    """
    records = family.records._default_manager
    is_public = records.filter(pk=record, withdrawn_at=None, audience=PUBLIC).exists()
    rows = family.texts._default_manager.filter(**{family.parent: record})
    return {
        str(record_id): PUBLIC if is_public and audience == PUBLIC else NETWORK
        for record_id, audience in rows.exclude(record_id=None).values_list("record_id", "audience")
    }


def _taken(translated: Translated, key: uuid.UUID, row: Record | None) -> Accepted:
    if row is None:
        return Accepted(str(key), ACCEPTED)
    return Accepted(
        record_id=str(key),
        outcome=ACCEPTED,
        revision=row.revision,
        original_language=row.original_language,
        texts=texts_by_language(translated.family, key),
    )


def _closed(family: Family, row: Record) -> QuerySet[RecordRevision]:
    rows = family.revisions._default_manager.filter(**{family.parent: row.pk})
    return rows.filter(revision__lt=row.revision).exclude(audience=PUBLIC)


def _retold(translated: Translated, row: Record, text: SuppliedText) -> RetoldText:
    text.audience = row.audience
    text.record_revision += 1
    text.save(update_fields=["audience", "record_revision"])
    return _told(translated, row, text)


def _told(translated: Translated, row: Record, text: SuppliedText) -> RetoldText:
    return RetoldText(
        kind=translated.kind,
        record_id=str(text.record_id),
        revision=text.record_revision,
        audience=text.audience,
        payload=_payload(translated, row, text),
    )


def _payload(translated: Translated, row: Record, text: SuppliedText) -> bytes:
    """A translation of another node's record as it goes out."""
    payload = PublishedTranslation(
        of=translated.family.parent,
        id=str(text.record_id),
        record=str(row.pk),
        origin=row.origin,
        text=text.published(),
    ).to_bytes()
    if len(payload) > MAX_BLOB_BYTES:
        raise InvalidRecord([FieldError("", "too_long", {"max": MAX_BLOB_BYTES})])
    # What no peer could read must not enter the feed, where it would stay.
    translated.read(payload)
    return payload


def _withdrawal(translated: Translated, row: Record, record_id: str) -> bytes:
    reason = row.withdrawal_reason
    return withdrawal_bytes(kind=translated.kind, record_id=record_id, reason=reason)
