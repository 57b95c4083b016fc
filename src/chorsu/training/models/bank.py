"""Questions of a course, each in the versions that were ever asked, and imports being looked at."""

from __future__ import annotations

from django.db import models

from chorsu.institutions.models import Institution, Person
from chorsu.records.columns import AsWritten, WordsField


class BankItem(models.Model):
    """One version of a question with all its languages; but for `current` it never changes."""

    course_id = models.UUIDField(
        db_comment="Of a course or of its draft: the questions are there first, so no key to either"
    )
    item = models.UUIDField(db_comment="UUIDv7 of the question, the same in all its versions")
    version = models.PositiveIntegerField()
    origin = models.CharField(
        max_length=120, blank=True, db_comment="Node that published it; empty: written here"
    )
    current = models.BooleanField(
        db_comment="Whether this node's quizzes draw it: the newest version of an own, not retired"
    )
    competence = models.CharField(max_length=60, blank=True, db_comment="Of its facts, for draws")
    original_language = models.CharField(max_length=8)
    facts = models.JSONField(db_comment="items.fields.Facts")
    texts = WordsField(
        encoder=AsWritten, db_comment="Language to words, provenance and version translated"
    )
    saved_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    saved_at = models.DateTimeField(null=True, db_comment="Null: not written at this node")
    erased_revision = models.PositiveIntegerField(
        null=True, db_comment="Publication with whose erasure its words went; null: they are here"
    )

    class Meta:
        db_table_comment = "Questions of courses, version by version"
        constraints = [
            # An attempt names its questions by id and version.
            models.UniqueConstraint(fields=["item", "version"], name="bank_item_version_once")
        ]
        indexes = [
            # What a quiz may draw from.
            models.Index(
                fields=["course_id"], condition=models.Q(current=True), name="bank_item_to_draw"
            ),
            # The page of a bank: the newest version of each question, the retired ones too.
            models.Index(fields=["course_id", "item", "-version"], name="bank_item_of_course"),
        ]

    def __str__(self) -> str:
        return f"{self.item} v{self.version}"


class BankPicture(models.Model):
    """A picture that questions of a course show, or may: its bytes are a blob."""

    course_id = models.UUIDField(db_comment="As of BankItem")
    origin = models.CharField(
        max_length=120, blank=True, db_comment="Node that published it; empty: of an own bank"
    )
    sha256 = models.CharField(max_length=64, db_comment="Of its bytes: the name of its blob")
    name = models.CharField(max_length=60, db_comment="By which Markdown shows it")
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(db_comment="Bytes")
    width = models.PositiveIntegerField(db_comment="Pixels")
    height = models.PositiveIntegerField(db_comment="Pixels")

    class Meta:
        db_table_comment = "Pictures of banks of questions, own ones and those of peers"
        constraints = [
            # A picture that comes again is the one that is there; also finds those of a bank.
            models.UniqueConstraint(
                fields=["course_id", "origin", "sha256"], name="bank_picture_once"
            )
        ]
        indexes = [
            # Who has a file that is to be erased, or that is known already when it comes again.
            models.Index(fields=["sha256"], name="bank_picture_by_hash")
        ]

    def __str__(self) -> str:
        return f"{self.course_id} {self.name}"


class QuestionImport(models.Model):
    """A file of questions that was read and waits to be looked at; gone when kept or discarded."""

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here")
    course_id = models.UUIDField(db_comment="As of BankItem")
    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200, db_comment="Of the file")
    competence = models.CharField(
        max_length=60, blank=True, db_comment="For questions that name none"
    )
    found = WordsField(encoder=AsWritten, db_comment="formats.questions.Found, in order")
    troubles = WordsField(encoder=AsWritten, db_comment="formats.questions.Trouble, in order")
    made_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Files of questions that were read and not yet kept"
        indexes = [
            # The imports of a bank that wait.
            models.Index(fields=["course_id", "-made_at"], name="question_import_newest_first")
        ]

    def __str__(self) -> str:
        return str(self.id)
