"""Questions of a course, each in the versions that were ever asked."""

from __future__ import annotations

from django.db import models

from chorsu.training.models.courses import Course


class BankItem(models.Model):
    """One version of a question with all its languages; it never changes."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    item = models.UUIDField(db_comment="UUIDv7 of the question, the same in all its versions")
    version = models.PositiveIntegerField()
    current = models.BooleanField(db_comment="Whether new attempts may draw it")
    competence = models.CharField(max_length=60, blank=True, db_comment="Of its facts, for draws")
    original_language = models.CharField(max_length=8)
    facts = models.JSONField(db_comment="items.fields.Facts")
    texts = models.JSONField(db_comment="Language to words, provenance and version translated")

    class Meta:
        db_table_comment = "Questions of courses, version by version"
        constraints = [
            # An attempt names its questions by id and version.
            models.UniqueConstraint(fields=["item", "version"], name="bank_item_version_once")
        ]
        indexes = [
            # What a quiz may draw from.
            models.Index(
                fields=["course"], condition=models.Q(current=True), name="bank_item_to_draw"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} v{self.version}"
