"""Attempts at quizzes and work handed in. Personal data: never in a feed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from chorsu.institutions.models import Person
from chorsu.training.models.cohorts import Enrolment


class ExtraTime(models.Model):
    """More time for a person in every timed quiz of a cohort."""

    enrolment = models.OneToOneField(Enrolment, on_delete=models.CASCADE, related_name="+")
    percent = models.PositiveSmallIntegerField(db_comment="Of the quiz's time, on top of it")
    given_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Extra time for people in timed quizzes"

    def __str__(self) -> str:
        return f"{self.enrolment_id} +{self.percent} %"


class Attempt(models.Model):
    """One attempt at a quiz. Its questions follow from the seed and are written down here."""

    class HandedInBy(models.TextChoices):
        LEARNER = "learner"
        TIME = "time"

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    unit = models.CharField(max_length=40, db_comment="Key of the quiz in the course's facts")
    number = models.PositiveSmallIntegerField(db_comment="1 for the first attempt at this quiz")
    seed = models.CharField(
        max_length=40, db_comment="What draws and shuffles, so that both can be redone"
    )
    items = ArrayField(
        models.CharField(max_length=40), db_comment="Ids of the questions, in the order shown"
    )
    versions = ArrayField(
        models.PositiveIntegerField(),
        db_comment="Of the items, in their order: a changed question changes no result",
    )
    sections = ArrayField(
        models.PositiveSmallIntegerField(), db_comment="Of the items, in their order; from 0"
    )
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, db_comment="By the server's clock; null: no limit")
    handed_in_at = models.DateTimeField(null=True, db_comment="Null: being answered")
    handed_in_by = models.CharField(max_length=8, choices=HandedInBy.choices, blank=True)
    points = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, db_comment="Null: not scored, or not all of it"
    )
    most_points = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    by_competence = models.JSONField(
        default=dict, db_comment="Code of the competence to [points, most points]"
    )

    class Meta:
        db_table_comment = "Attempts at quizzes"
        constraints = [
            # Two requests that begin at once get one attempt.
            models.UniqueConstraint(fields=["enrolment", "unit", "number"], name="attempt_once"),
            models.UniqueConstraint(
                fields=["enrolment", "unit"],
                condition=Q(handed_in_at=None),
                name="attempt_one_at_a_time",
            ),
        ]
        indexes = [
            # What time has run out of, looked for every few seconds.
            models.Index(
                fields=["due_at"],
                condition=Q(handed_in_at=None, due_at__isnull=False),
                name="attempt_running_by_due",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Answer(models.Model):
    """What a learner answered to one question, as last given."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="answers")
    item = models.CharField(max_length=40, db_comment="Id of the question")
    response = models.JSONField(db_comment="items.fields.Response")
    language = models.CharField(max_length=8, db_comment="In which the question was read")
    key = models.UUIDField(
        db_comment="Made by the learner's device for this answer: a resend changes nothing"
    )
    saved_at = models.DateTimeField()
    points = models.DecimalField(
        max_digits=10,
        decimal_places=4,
        null=True,
        db_comment="Null: not scored yet, or waits for a marker",
    )

    class Meta:
        db_table_comment = "Answers of attempts, one a question"
        constraints = [
            # What the upsert of an answer meets.
            models.UniqueConstraint(fields=["attempt", "item"], name="answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.item}"


class AnswerFile(models.Model):
    """A file of an answer; the answer's response names it by its SHA-256."""

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here: the order they came in")
    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="files")
    item = models.CharField(max_length=40, db_comment="Id of the question")
    name = models.CharField(max_length=200, db_comment="As given, with the ending of what it is")
    sha256 = models.CharField(max_length=64, db_comment="Of the content, in hexadecimal digits")
    size = models.PositiveIntegerField(db_comment="Bytes")
    content = models.BinaryField(
        db_comment="Cleaned; in the database and not among blobs, which peers may be given"
    )
    saved_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Files that answer questions of quizzes"
        constraints = [
            # A file sent again changes nothing.
            models.UniqueConstraint(fields=["attempt", "item", "sha256"], name="answer_file_once")
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.item} {self.sha256}"


class AnswerMark(models.Model):
    """What one marker gave an answer that people mark."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="marks")
    marker = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    points = models.JSONField(db_comment="Key of the rubric's row, or of the field, to points")
    marked_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Marks of answers in quizzes; two where two people mark"
        constraints = [
            # A second marker is another person.
            models.UniqueConstraint(fields=["answer", "marker"], name="answer_mark_once_a_marker")
        ]

    def __str__(self) -> str:
        return f"{self.answer_id} {self.marker_id}"


class Submission(models.Model):
    """What a learner hands in for an assignment: a text, a file, or both."""

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    unit = models.CharField(max_length=40, db_comment="Key of the assignment in the facts")
    text = models.TextField(blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    file = models.BinaryField(
        null=True, db_comment="In the database and not among blobs, which peers may be given"
    )
    saved_at = models.DateTimeField()
    handed_in_at = models.DateTimeField(null=True, db_comment="Null: being written")
    percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, db_comment="Mean of the marks; null: not yet"
    )

    class Meta:
        db_table_comment = "Work handed in for assignments"
        constraints = [
            # One piece of work for an assignment; until it is marked it can be handed in again.
            models.UniqueConstraint(fields=["enrolment", "unit"], name="submission_once")
        ]

    def __str__(self) -> str:
        return str(self.id)


class Mark(models.Model):
    """What one marker gave a piece of work, by criterion."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="marks")
    marker = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    points = models.JSONField(db_comment="Key of the criterion to points")
    comment = models.TextField(blank=True, db_comment="For the learner")
    marked_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Marks of work handed in; two where two people mark"
        constraints = [
            # A second marker is another person.
            models.UniqueConstraint(fields=["submission", "marker"], name="mark_once_a_marker")
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.marker_id}"
