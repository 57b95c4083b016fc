"""Courses as published, one's own and peers' alike."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from chorsu.records.models import Record, Text


class Course(Record):
    """A published course. `facts` holds what needs no language: its outline, hours, rules."""

    facts = models.JSONField(db_comment="rules.fields.Facts")
    themes = ArrayField(
        models.CharField(max_length=40), default=list, db_comment="Codes of themes.toml"
    )
    country = models.CharField(max_length=2, db_comment="ISO 3166-1 alpha-2, of the institution")
    hours = models.PositiveSmallIntegerField(db_comment="Academic hours of all forms, for lists")
    feed_index = models.PositiveBigIntegerField(
        null=True, db_comment="Newest entry of the origin's feed that is in here; null: one's own"
    )

    class Meta:
        db_table_comment = "Courses of this node and of its peers, newest published state"
        indexes = [
            # The list of courses.
            models.Index(fields=["-updated_at", "id"], name="course_newest_first"),
            # The courses of an institution's page.
            models.Index(fields=["institution_id", "-updated_at"], name="course_by_institution"),
            # The list narrowed to a theme.
            GinIndex(fields=["themes"], name="course_by_theme"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class CourseText(Text):
    """A course's words in one language. `words` maps field name to text (rules.fields)."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="texts")
    title = models.CharField(max_length=200, db_comment="Of words, for lists")
    summary = models.TextField(db_comment="Of words, for lists")
    words = models.JSONField(db_comment="All fields, title and summary too")

    class Meta:
        db_table_comment = "Words of courses by language"
        constraints = [
            # Two texts in one language would make a page show either.
            models.UniqueConstraint(fields=["course", "language"], name="course_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.course_id} {self.language}"


class CourseRevision(models.Model):
    """What one revision said in all its languages; a running cohort reads the one it began with."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="revisions")
    revision = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    facts = models.JSONField(null=True, db_comment="Null: this node never had this revision")
    texts = models.JSONField(
        default=dict, db_comment="Language to words, as they stood when the next revision came"
    )
    note = models.CharField(max_length=500, blank=True, db_comment="What changed, in a line")

    class Meta:
        db_table_comment = "Every published revision of a course"
        constraints = [
            # A cohort names its course by id and number.
            models.UniqueConstraint(fields=["course", "revision"], name="course_revision_once")
        ]

    def __str__(self) -> str:
        return f"{self.course_id} r{self.revision}"
