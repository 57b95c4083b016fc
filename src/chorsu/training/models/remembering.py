"""Review cards of learners. Personal data: never in a feed, gone with the enrolment."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chorsu.institutions.models import Person
from chorsu.training.models.cohorts import Enrolment


class ReviewCard(models.Model):
    """A key point of a unit that a learner has done, and when they are asked for it again."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    unit = models.CharField(max_length=40, db_comment="Key of the unit in the course's facts")
    point = models.CharField(
        max_length=16, db_comment="Which key point: the mark of its words in the original"
    )
    state = models.PositiveSmallIntegerField(db_comment="Of FSRS: 1 learning 2 review 3 relearning")
    step = models.PositiveSmallIntegerField(null=True, db_comment="Of FSRS; null once in review")
    stability = models.FloatField(null=True, db_comment="Of FSRS, in days; null: never reviewed")
    difficulty = models.FloatField(null=True, db_comment="Of FSRS, 1 to 10; null: never reviewed")
    due_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True, db_comment="Null: never")

    class Meta:
        db_table_comment = "Key points of courses as review cards, scheduled by FSRS"
        constraints = [
            # Doing a unit twice makes no second card.
            models.UniqueConstraint(fields=["enrolment", "unit", "point"], name="review_card_once")
        ]
        indexes = [
            # What is due for a learner today; what the reminding job looks for.
            models.Index(fields=["enrolment", "due_at"], name="review_card_due")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.unit} {self.point}"


class Review(models.Model):
    """One answer to a card: what a cohort's retention is counted from."""

    card = models.ForeignKey(ReviewCard, on_delete=models.CASCADE, related_name="reviews")
    key = models.UUIDField(unique=True, db_comment="Made by the device: sent twice it counts once")
    rating = models.PositiveSmallIntegerField(db_comment="Of FSRS: 1 again 2 hard 3 good 4 easy")
    at = models.DateTimeField()
    days_since = models.FloatField(null=True, db_comment="Since the review before; null: the first")

    class Meta:
        db_table_comment = "Reviews of cards, as they were answered"
        indexes = [
            # The retention curve of a cohort.
            models.Index(
                fields=["card", "at"], condition=Q(days_since__isnull=False), name="review_by_card"
            )
        ]

    def __str__(self) -> str:
        return f"{self.card_id} {self.at:%F %T}"


class Reminding(models.Model):
    """Whether a person is mailed about cards that are due, and when that was last done."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    wanted = models.BooleanField(default=True)
    mailed_at = models.DateTimeField(null=True, db_comment="Null: never")

    class Meta:
        db_table_comment = "Mails about review cards that are due, a person"

    def __str__(self) -> str:
        return str(self.person_id)
