"""What waits to be told to a learning record store. Personal data: gone with the enrolment."""

from __future__ import annotations

from django.db import models

from chorsu.training.models.cohorts import Enrolment


class Statement(models.Model):
    """Something a learner did, until the record store has it."""

    class Verb(models.TextChoices):
        EXPERIENCED = "experienced"
        ANSWERED = "answered"
        SCORED = "scored"
        COMPLETED = "completed"

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7; the statement's own id")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    unit = models.CharField(max_length=40, db_comment="Key of the unit in the course's facts")
    verb = models.CharField(max_length=12, choices=Verb.choices)
    item = models.CharField(max_length=40, blank=True, db_comment="Id of the question answered")
    percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, db_comment="Null: it is about no score"
    )
    happened_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(db_comment="Not before this; moves on with every failure")

    class Meta:
        db_table_comment = "xAPI statements that wait to be sent"
        indexes = [
            # What is due, looked for every few seconds.
            models.Index(fields=["next_at", "id"], name="statement_by_next")
        ]

    def __str__(self) -> str:
        return str(self.id)
