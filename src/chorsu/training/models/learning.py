"""What learners do in a course. Personal data: never in a feed, gone with the enrolment."""

from __future__ import annotations

from django.db import models

from chorsu.training.models.cohorts import Enrolment


class UnitState(models.Model):
    """How far a learner is in a unit, and what they noted there."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    unit = models.CharField(max_length=40, db_comment="Key of the unit in the course's facts")
    position = models.PositiveSmallIntegerField(
        default=0, db_comment="How far it was read, in thousandths of its length"
    )
    done_at = models.DateTimeField(null=True, db_comment="Null: not done yet")
    bookmarked = models.BooleanField(default=False)
    note = models.TextField(blank=True, db_comment="The learner's own; nobody else reads it")
    note_version = models.PositiveIntegerField(
        default=0, db_comment="Moves with every save, so that two devices do not overwrite"
    )
    seen_at = models.DateTimeField(db_comment="Last opened: where a learner goes on")

    class Meta:
        db_table_comment = "How far learners are, unit by unit"
        constraints = [
            # Also the index by which the player reads all of an enrolment.
            models.UniqueConstraint(fields=["enrolment", "unit"], name="unit_state_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.unit}"


class SurveyAnswer(models.Model):
    """What a learner answered to a survey; given once, changed by answering again."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    unit = models.CharField(max_length=40, db_comment="Key of the unit in the course's facts")
    answers = models.JSONField(db_comment="Key of the question to the answer")
    answered_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Answers to surveys"
        constraints = [
            # Who answers again changes what they said.
            models.UniqueConstraint(fields=["enrolment", "unit"], name="survey_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.unit}"
