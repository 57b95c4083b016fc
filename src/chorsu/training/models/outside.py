"""What a learner did in a unit whose score comes from a lab or an external tool. Personal data."""

from __future__ import annotations

from django.db import models

from chorsu.training.models.cohorts import Enrolment


class OutsideResult(models.Model):
    """A learner's result in a lab or an external tool, and in a lab what they chose."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    unit = models.CharField(max_length=40, db_comment="Key of the unit in the course's facts")
    choices = models.JSONField(
        default=dict, db_comment="In a lab: name of the field to the number, as last tried"
    )
    tries = models.PositiveIntegerField(default=0, db_comment="How often a lab was tried")
    percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        null=True,
        db_comment="Of a lab the best try, of a tool what it said last; null: no score yet",
    )
    comment = models.TextField(blank=True, db_comment="What a tool tells the learner")
    scored_at = models.DateTimeField(
        null=True, db_comment="By the clock of who scored: an older score changes nothing"
    )
    changed_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Results of labs and external tools"
        constraints = [
            # A unit has one result; also the index by which a learner's are read.
            models.UniqueConstraint(fields=["enrolment", "unit"], name="outside_result_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.unit}"
