"""Courses in work: drafts, their saves, and translations. They stay at this node."""

from __future__ import annotations

from django.db import models

from chorsu.institutions.models import Institution, Person
from chorsu.records.columns import AsWritten, WordsField
from chorsu.records.models import Audience, Provenance
from chorsu.training.models.courses import Course


class CourseDraft(models.Model):
    """The working copy of a course before it is published or revised."""

    id = models.UUIDField(primary_key=True, db_comment="The id of the course it becomes")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=8, db_comment="Language it is written in")
    based_on = models.PositiveIntegerField(default=0, db_comment="Published revision; 0: new")
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.PUBLIC)
    licence = models.CharField(max_length=40, default="CC-BY-4.0", db_comment="SPDX identifier")
    note = models.CharField(max_length=500, blank=True, db_comment="What this revision changes")
    facts = WordsField(encoder=AsWritten, db_comment="As far as written: rules.fields.Facts")
    words = WordsField(encoder=AsWritten, db_comment="As far as written: rules.fields")
    version = models.PositiveIntegerField(default=1, db_comment="Moves with every save")
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    saved_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Working copies of courses; gone once published"
        ordering = ["-saved_at"]
        indexes = [
            # The work list of an institution's writers, last saved first.
            models.Index(fields=["institution", "-saved_at"], name="course_draft_newest_first")
        ]

    def __str__(self) -> str:
        return str(self.id)


class CourseDraftVersion(models.Model):
    """An earlier save of a draft, kept so that of two people editing neither loses a word."""

    draft = models.ForeignKey(CourseDraft, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    words = WordsField(encoder=AsWritten)
    facts = WordsField(encoder=AsWritten)
    saved_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Saves of drafts of courses, the last 50 of each"
        constraints = [
            # A save is asked for by its number.
            models.UniqueConstraint(fields=["draft", "version"], name="course_draft_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} v{self.version}"


class CourseTranslation(models.Model):
    """A translation in work; becomes a CourseText when it is approved."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=8)
    revision = models.PositiveIntegerField(db_comment="Revision of the original being translated")
    provenance = models.CharField(max_length=8, choices=Provenance.choices)
    translated_by = models.CharField(max_length=200, blank=True, db_comment="Office or engine")
    words = WordsField(encoder=AsWritten, db_comment="As far as written: rules.fields")
    version = models.PositiveIntegerField(default=0, db_comment="Moves with every save")
    saved_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Translations of courses in work, one a course and language"
        constraints = [
            # Two translators of one language work on the same text.
            models.UniqueConstraint(fields=["course", "language"], name="course_translation_once")
        ]

    def __str__(self) -> str:
        return f"{self.course_id} {self.language}"
