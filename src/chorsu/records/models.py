"""The abstract Record and Text on which every kind of record builds."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chorsu.records.shapes import CardColumns, RecordColumns


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

    class Meta:
        abstract = True
