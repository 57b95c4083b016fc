"""What is missing or stale: the work list of translators."""

from __future__ import annotations

from django.db import models


class TranslationRequest(models.Model):
    """A record whose text in a language is missing or stale at this node."""

    class Reason(models.TextChoices):
        MISSING = "missing"
        STALE = "stale"

    kind = models.CharField(max_length=32, db_comment="Kind of record, such as practice")
    record_id = models.UUIDField()
    language = models.CharField(max_length=8, db_comment="Language that is wanted")
    revision = models.PositiveIntegerField(db_comment="Revision of the original to translate")
    reason = models.CharField(max_length=8, choices=Reason.choices)
    requested_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Texts that this node's readers lack; a row goes when its text comes"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "record_id", "language"], name="translation_request_once"
            )
        ]
        indexes = [models.Index(fields=["language", "requested_at"], name="translation_queue")]

    def __str__(self) -> str:
        return f"{self.kind} {self.record_id} {self.language}"
