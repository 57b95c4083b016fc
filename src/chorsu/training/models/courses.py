"""Courses as published, one's own and peers' alike."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from chorsu.records.columns import AsWritten, WordsField
from chorsu.records.models import Record, RecordFile, RecordRevision, SuppliedText, Text


class Course(Record):
    """A published course. `facts` holds what needs no language: its outline, hours, rules."""

    facts = WordsField(encoder=AsWritten, db_comment="rules.fields.Facts")
    themes = ArrayField(
        models.CharField(max_length=40), default=list, db_comment="Codes of themes.toml"
    )
    country = models.CharField(max_length=2, db_comment="ISO 3166-1 alpha-2, of the institution")
    hours = models.PositiveSmallIntegerField(db_comment="Academic hours of all forms, for lists")

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


class CourseText(SuppliedText):
    """A course's words in one language. `words` maps field name to text (rules.fields)."""

    course = models.ForeignKey(
        Course,
        on_delete=models.CASCADE,
        related_name="texts",
        # A translation made at a third node may arrive before the course itself.
        db_constraint=False,
    )

    class Meta:
        db_table_comment = "Words of courses by language; one text a language and supplier"
        constraints = [
            # Two texts of one node in one language would make a page show either.
            models.UniqueConstraint(
                fields=["course", "language", "supplied_by"], name="course_text_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.course_id} {self.language}"


class CourseRevision(RecordRevision):
    """What one revision said in all its languages; a running cohort reads the one it began with.

    That of the newest revision is kept as the course stands; it is left as it is when the next
    one comes.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="revisions")
    texts = WordsField(
        encoder=AsWritten,
        default=dict,
        db_comment="Language to text with its provenance, as they stood when the next one came",
    )
    files = models.JSONField(default=list, db_comment="Its files, as PublishedFile, in order")

    class Meta:
        db_table_comment = "Every published revision of a course"
        constraints = [
            # A cohort names its course by id and number.
            models.UniqueConstraint(fields=["course", "revision"], name="course_revision_once")
        ]

    def __str__(self) -> str:
        return f"{self.course_id} r{self.revision}"


class RevisionText(Text):
    """What a translation from elsewhere said of a revision, after it went on to another.

    A cohort that is taught the revision reads it still: what it reads does not change under it.
    """

    revision_of = models.ForeignKey(
        CourseRevision, on_delete=models.CASCADE, related_name="supplied"
    )
    record_id = models.UUIDField(db_comment="Of the translation, as a record")

    class Meta:
        db_table_comment = "Translations of earlier revisions of courses, made at other nodes"
        indexes = [
            # A translation that is withdrawn or erased goes from everywhere.
            models.Index(fields=["record_id"], name="course_revision_text_of")
        ]
        constraints = [
            # A cohort would read either of two.
            models.UniqueConstraint(
                fields=["revision_of", "language", "supplied_by"], name="course_revision_text_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.revision_of_id} {self.language}"


class CourseFile(RecordFile):
    """A file of a course or of its draft, named by the hash of its bytes."""

    course_id = models.UUIDField(db_comment="Course or draft with this id")
    published = models.BooleanField(
        default=False, db_comment="The newest or an earlier published revision has it"
    )
    current = models.BooleanField(default=False, db_comment="The newest published revision has it")
    in_draft = models.BooleanField(default=False, db_comment="The draft has it")

    class Meta:
        db_table_comment = "Files of courses; descriptions are words of the texts"
        constraints = [
            # A row says of a file where it is used; two would contradict each other.
            models.UniqueConstraint(fields=["course_id", "sha256"], name="course_file_once")
        ]

    def __str__(self) -> str:
        return self.name
