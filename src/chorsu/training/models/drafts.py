"""Courses in work: drafts, their saves, and translations. They stay at this node."""

from __future__ import annotations

from django.db import models

from chorsu.institutions.drafts import Remark, Save, WorkingCopy
from chorsu.institutions.models import Person
from chorsu.records.columns import AsWritten, WordsField
from chorsu.records.models import Audience, Provenance, Text
from chorsu.training.models.courses import Course


class CourseDraft(WorkingCopy):
    """The working copy of a course before it is published or revised."""

    id = models.UUIDField(primary_key=True, db_comment="The id of the course it becomes")
    facts = WordsField(encoder=AsWritten, db_comment="As far as written: rules.fields.Facts")
    words = WordsField(encoder=AsWritten, db_comment="As far as written: rules.fields")

    class Meta:
        db_table_comment = "Working copies of courses; gone once published"
        ordering = ["-saved_at"]
        indexes = [
            # The work list of an institution's writers, last saved first.
            models.Index(fields=["institution", "-saved_at"], name="course_draft_newest_first")
        ]

    def __str__(self) -> str:
        return str(self.id)


class CourseDraftVersion(Save):
    """An earlier save of a draft."""

    draft = models.ForeignKey(CourseDraft, on_delete=models.CASCADE, related_name="versions")
    words = WordsField(encoder=AsWritten)
    facts = WordsField(encoder=AsWritten)

    class Meta:
        db_table_comment = "Saves of drafts of courses, the last 50 of each"
        constraints = [
            # A save is asked for by its number.
            models.UniqueConstraint(fields=["draft", "version"], name="course_draft_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} v{self.version}"


class CourseComment(Remark):
    """A remark on a draft of a course, on a field of it or on a unit."""

    draft = models.ForeignKey(CourseDraft, on_delete=models.CASCADE, related_name="comments")

    class Meta:
        db_table_comment = "Remarks on drafts of courses; they stay at this node"
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.field}"


class CourseDraftText(Text):
    """A text of the course that a draft was forked from, as it was then; published with the draft.

    The one in the draft's language says what its words were when the others were taken over.
    """

    draft = models.ForeignKey(CourseDraft, on_delete=models.CASCADE, related_name="texts")
    audience = models.CharField(
        max_length=8, choices=Audience.choices, db_comment="Of the course it was taken from"
    )

    class Meta:
        db_table_comment = "Texts that drafts of forked courses bring along; gone once published"
        constraints = [
            # What is published has one text in a language.
            models.UniqueConstraint(fields=["draft", "language"], name="course_draft_text_once")
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.language}"


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
