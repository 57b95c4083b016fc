"""Banks of questions as published, one's own and peers' alike; which cohort draws from which."""

from __future__ import annotations

from django.db import models

from chorsu.training.models.cohorts import Cohort


class SharedBank(models.Model):
    """A bank of questions in a log: what its origin lets other academies ask in a course."""

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given at the origin, never changed")
    origin = models.CharField(max_length=120, db_comment="Name of the node that publishes it")
    course_id = models.UUIDField(
        null=True, db_comment="Of that node; it may come later. Null: withdrawn before it came"
    )
    revision = models.PositiveIntegerField(db_comment="How often it was published")
    course_revision = models.PositiveIntegerField(
        default=0, db_comment="Newest revision of the course that it was published for"
    )
    updated_at = models.DateTimeField(db_comment="Newest entry, by the origin's clock")
    withdrawn_at = models.DateTimeField(
        null=True, db_comment="By the origin's clock; set: nobody is asked from it any more"
    )
    withdrawal_reason = models.TextField(blank=True, db_comment="As the origin gave it")
    blob = models.CharField(max_length=64, db_comment="SHA-256 of the newest published form")
    feed_index = models.PositiveBigIntegerField(
        null=True, db_comment="Newest entry of the origin's feed that is in here; null: one's own"
    )

    class Meta:
        db_table_comment = "Published banks of questions of this node and of its peers"
        constraints = [
            # A course has one bank; also finds the bank of a course.
            models.UniqueConstraint(fields=["course_id", "origin"], name="shared_bank_once")
        ]

    def __str__(self) -> str:
        return f"{self.course_id} of {self.origin}"


class SharedBankRevision(models.Model):
    """What one publication of a bank asked: a cohort draws from the one it took."""

    bank = models.ForeignKey(SharedBank, on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    course_revision = models.PositiveIntegerField(
        db_comment="Of the course; cohorts of an earlier one do not take it"
    )
    published_at = models.DateTimeField(db_comment="By the origin's clock")
    items = models.JSONField(
        default=list, db_comment="Rows item, version, competence; none once it is erased"
    )

    class Meta:
        db_table_comment = "Publications of banks, each with the versions of questions in it"
        constraints = [
            # A cohort names a publication by bank and number.
            models.UniqueConstraint(fields=["bank", "revision"], name="shared_bank_revision_once")
        ]

    def __str__(self) -> str:
        return f"{self.bank_id} r{self.revision}"


class CohortQuestions(models.Model):
    """Which publication of a bank a cohort draws from; moves only when a teacher takes another."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="questions")
    bank = models.ForeignKey(SharedBank, on_delete=models.CASCADE, related_name="taken")
    revision = models.PositiveIntegerField(db_comment="Of the bank")

    class Meta:
        db_table_comment = "Published banks that cohorts of this node draw from"
        constraints = [
            # Two publications of one bank would ask a question in two versions.
            models.UniqueConstraint(fields=["cohort", "bank"], name="cohort_questions_once")
        ]

    def __str__(self) -> str:
        return f"{self.cohort_id} {self.bank_id} r{self.revision}"
