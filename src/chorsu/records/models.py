"""The abstract Record, Text, revision and file on which every kind of record builds."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chorsu.records.columns import AsWritten, WordsField
from chorsu.records.forms import (
    FormColumns,
    PublishedFile,
    PublishedRecord,
    PublishedRevision,
    PublishedText,
)
from chorsu.records.shapes import CardColumns, ErasedView, FileView, RecordColumns


class Audience(models.TextChoices):
    """Who may read a record."""

    PUBLIC = "public", _("Everyone")
    NETWORK = "network", _("The network")


class Provenance(models.TextChoices):
    """Where the words of a text come from."""

    ORIGINAL = "original", _("Original")
    HUMAN = "human", _("Translated by a person")
    EDITED = "edited", _("Machine translation, corrected by a person")
    MACHINE = "machine", _("Machine translation, not reviewed")


class Record(models.Model):
    """What the network shares: one's own and a peer's alike; `origin` tells them apart."""

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given at the origin, never changed")
    origin = models.CharField(max_length=120, db_comment="Name of the node that publishes it")
    institution_id = models.CharField(max_length=40, db_comment="Who publishes it, by id")
    revision = models.PositiveIntegerField(db_comment="Moves only when the original text moves")
    audience = models.CharField(max_length=8, choices=Audience.choices)
    licence = models.CharField(max_length=40, db_comment="SPDX identifier")
    original_language = models.CharField(max_length=8, db_comment="BCP 47, one of the eight")
    published_at = models.DateTimeField(db_comment="First published, by the origin's clock")
    updated_at = models.DateTimeField(db_comment="Newest entry, by the origin's clock")
    arrived_at = models.DateTimeField(db_comment="When this node had it, by its own clock")
    withdrawn_at = models.DateTimeField(
        null=True, db_comment="By the origin's clock; set: nobody is shown its words"
    )
    withdrawal_reason = models.TextField(blank=True, db_comment="As the origin gave it")
    blob = models.CharField(max_length=64, db_comment="SHA-256 of the newest published form")
    feed_index = models.PositiveBigIntegerField(
        null=True, db_comment="Newest entry of the origin's feed that is in here; null: one's own"
    )

    class Meta:
        abstract = True

    @property
    def is_own(self) -> bool:
        """Whether this node is the origin."""
        return self.origin == settings.NODE_NAME

    def columns(self) -> RecordColumns:
        """What a page says of it, whatever its kind."""
        return RecordColumns(
            id=str(self.pk),
            origin=self.origin,
            is_own=self.is_own,
            institution_id=self.institution_id,
            revision=self.revision,
            audience=self.audience,
            licence=self.licence,
            original_language=self.original_language,
            published_at=self.published_at,
            updated_at=self.updated_at,
            arrived_at=self.arrived_at,
            blob=self.blob,
        )

    def card_columns(self) -> CardColumns:
        """What a card says of it, whatever its kind."""
        return CardColumns(
            id=str(self.pk),
            origin=self.origin,
            institution_id=self.institution_id,
            revision=self.revision,
            audience=self.audience,
            original_language=self.original_language,
            published_at=self.published_at,
            updated_at=self.updated_at,
        )

    def form_columns(self) -> FormColumns:
        """What a published form says of it, whatever its kind."""
        return FormColumns(
            id=str(self.pk),
            revision=self.revision,
            origin=self.origin,
            institution=self.institution_id,
            audience=self.audience,
            licence=self.licence,
            original_language=self.original_language,
            published_at=self.published_at,
            updated_at=self.updated_at,
        )

    def become(self, form: PublishedRecord, *, index: int | None, at: datetime, blob: str) -> None:
        """Say what a form and its entry say, but for facts; to be saved by the caller."""
        self.institution_id, self.revision = form.institution, form.revision
        self.audience, self.licence = form.audience, form.licence
        self.original_language, self.published_at = form.original_language, form.published_at
        self.updated_at, self.blob, self.feed_index = at, blob, index
        self.withdrawn_at, self.withdrawal_reason = None, ""

    def save_whole(self) -> None:
        """Save; a row made here must be new, lest it take the place of one that came meanwhile."""
        self.save(force_insert=self._state.adding)


class Text(models.Model):
    """A record's words in one language, with where they come from."""

    language = models.CharField(max_length=8, db_comment="BCP 47, one of the eight")
    provenance = models.CharField(
        max_length=8, choices=Provenance.choices, db_comment="Shown to every reader"
    )
    revision = models.PositiveIntegerField(db_comment="Revision of the original that it gives")
    translated_by = models.CharField(max_length=200, blank=True, db_comment="Office or engine")
    translated_on = models.DateField(null=True, db_comment="Null: original, or not told")
    supplied_by = models.CharField(max_length=120, db_comment="Node that published this text")
    title = models.CharField(max_length=200, db_comment="Of words, for lists")
    summary = models.TextField(db_comment="Of words, for lists")
    words = WordsField(
        encoder=AsWritten, db_comment="All fields, title and summary too, as rules.Words"
    )

    class Meta:
        abstract = True

    def published(self) -> PublishedText:
        """The text as it goes out."""
        return PublishedText(
            language=self.language,
            provenance=self.provenance,
            revision=self.revision,
            translated_by=self.translated_by,
            translated_on=self.translated_on,
            words=self.words,
        )

    def become(self, text: PublishedText) -> None:
        """Say what was published; to be saved by the caller."""
        self.language, self.provenance, self.revision = (
            text.language,
            text.provenance,
            text.revision,
        )
        self.translated_by, self.translated_on = text.translated_by, text.translated_on
        self.title, self.summary, self.words = (
            text.words["title"],
            text.words["summary"],
            text.words,
        )


class SuppliedText(Text):
    """A text of a record that its origin published with it, or another node as a record of its own.

    The latter may come before the record does: what it is of has no constraint in the database.
    """

    record_id = models.UUIDField(
        null=True, unique=True, db_comment="Its own id, if made elsewhere than at the origin"
    )
    record_revision = models.PositiveIntegerField(
        default=0, db_comment="Times it was published as a record of its own"
    )
    feed_index = models.PositiveBigIntegerField(
        null=True, db_comment="Newest entry of the supplier's feed that is in here; null: own"
    )
    audience = models.CharField(
        max_length=8,
        default="public",
        db_comment="Of the entry that brought it: nobody else reads it, whoever reads the record",
    )

    class Meta:
        abstract = True


class RecordRevision(models.Model):
    """One line of a record's history."""

    revision = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    facts = WordsField(
        encoder=AsWritten, null=True, db_comment="Null: this node never had this revision"
    )
    note = models.CharField(max_length=500, blank=True, db_comment="What changed, in a line")
    audience = models.CharField(
        max_length=8,
        default="network",
        db_comment="Who may read it: what was for the network stays so when a later one is public",
    )

    class Meta:
        abstract = True

    def published(self, audience: str) -> PublishedRevision:
        """The line as it goes out to an audience: what was noted for the network alone does not."""
        told = self.note if self.audience in (Audience.PUBLIC, audience) else ""
        return PublishedRevision(self.revision, self.published_at, told)


class RecordFile(models.Model):
    """A file of a record or of its draft, named by the hash of its bytes."""

    sha256 = models.CharField(max_length=64, db_comment="Of its bytes: the name of its blob")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100, db_comment="Sniffed, never as claimed")
    size = models.PositiveBigIntegerField(db_comment="Bytes")
    language = models.CharField(max_length=8, blank=True, db_comment="Empty: of no language")
    width = models.PositiveIntegerField(null=True, db_comment="Pixels, of an image")
    height = models.PositiveIntegerField(null=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    def view(self, erased: ErasedView | None = None) -> FileView:
        """The file as pages show it; of an erased one the name only where it may be shown."""
        return FileView(
            sha256=self.sha256,
            name=self.name if erased is None or erased.named else "",
            media_type=self.media_type,
            size=self.size,
            language=self.language,
            width=self.width,
            height=self.height,
            erased=erased,
        )

    def published_form(self) -> PublishedFile:
        """The file as it goes out; the name of an erased one may have been erased with it."""
        name = self.name or self.sha256[:12]
        return PublishedFile(self.sha256, self.size, self.media_type, name, self.language)

    def named(self) -> dict[str, str | int | None]:
        """What another record's row of the same file says of it."""
        return {
            "sha256": self.sha256,
            "name": self.name,
            "media_type": self.media_type,
            "size": self.size,
            "language": self.language,
            "width": self.width,
            "height": self.height,
            "position": self.position,
        }
