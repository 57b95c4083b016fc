"""Practices as published, their drafts, and the talk between contributor and editor."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from chorsu.institutions.drafts import Remark, Save, WorkingCopy
from chorsu.institutions.models import Person
from chorsu.records.columns import AsWritten, WordsField
from chorsu.records.models import Provenance, Record, RecordFile, RecordRevision, SuppliedText


class Level(models.TextChoices):
    NATIONAL = "national", _("National")
    REGIONAL = "regional", _("Regional")
    DISTRICT = "district", _("District")
    MUNICIPAL = "municipal", _("Municipal")
    VILLAGE = "village", _("Village")


class Status(models.TextChoices):
    IDEA = "idea", _("Idea")
    PILOT = "pilot", _("Pilot")
    RUNNING = "running", _("Running")
    SCALED = "scaled", _("Scaled up")
    ENDED = "ended", _("Ended")


class Practice(Record):
    """A published practice, one's own or a peer's. `facts` holds what needs no language."""

    facts = WordsField(
        encoder=AsWritten, db_comment="Indicators, contacts, sources, cost, ...: rules.Facts"
    )
    themes = ArrayField(
        models.CharField(max_length=40), default=list, db_comment="Codes of themes.toml"
    )
    goals = ArrayField(models.PositiveSmallIntegerField(), default=list, db_comment="SDG numbers")
    level = models.CharField(max_length=10, choices=Level.choices)
    country = models.CharField(max_length=2, db_comment="ISO 3166-1 alpha-2")
    status = models.CharField(max_length=8, choices=Status.choices)
    year_from = models.PositiveSmallIntegerField(null=True)
    year_to = models.PositiveSmallIntegerField(null=True, db_comment="Null: still going")

    class Meta:
        db_table_comment = "Practices of this node and of its peers, newest published state"
        indexes = [
            models.Index(fields=["-updated_at", "id"], name="practice_newest_first"),
            models.Index(fields=["institution_id", "-updated_at"], name="practice_by_institution"),
            GinIndex(fields=["themes"], name="practice_by_theme"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PracticeText(SuppliedText):
    """A practice's words in one language. `words` maps field name to text (rules.FIELDS)."""

    practice = models.ForeignKey(
        Practice,
        on_delete=models.CASCADE,
        related_name="texts",
        # A translation made at a third node may arrive before the practice itself.
        db_constraint=False,
    )

    class Meta:
        db_table_comment = "Words of practices by language; one text a language and supplier"
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "language", "supplied_by"], name="practice_text_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.practice_id} {self.language}"


class PracticeRevision(RecordRevision):
    """What one revision said, kept for history and for reading what a translation was made from."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="revisions")
    words = WordsField(
        encoder=AsWritten,
        null=True,
        db_comment="The original's words; null: this node never had this revision",
    )

    class Meta:
        db_table_comment = "Every published revision of a practice"
        constraints = [
            models.UniqueConstraint(fields=["practice", "revision"], name="practice_revision_once")
        ]

    def __str__(self) -> str:
        return f"{self.practice_id} r{self.revision}"


class PracticeFile(RecordFile):
    """A file of a practice, named by the hash of its bytes."""

    practice_id = models.UUIDField(db_comment="Practice or draft with this id")
    published = models.BooleanField(default=False, db_comment="The published practice has it")
    in_draft = models.BooleanField(default=False, db_comment="The draft has it")

    class Meta:
        db_table_comment = "Files of practices; descriptions are words of the texts"
        constraints = [
            models.UniqueConstraint(fields=["practice_id", "sha256"], name="practice_file_once")
        ]

    def __str__(self) -> str:
        return self.name


class Draft(WorkingCopy):
    """The working copy of a practice before it is published or revised."""

    id = models.UUIDField(primary_key=True, db_comment="The id of the practice it becomes")
    facts = models.JSONField(default=dict, db_comment="As far as written: rules.Facts")
    words = models.JSONField(default=dict, db_comment="As far as written: rules.Words")
    refused = models.JSONField(
        default=dict, db_comment="Typed texts that the rules refuse, by path: rules.with_refused"
    )
    began_from = models.ForeignKey(
        Practice,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_comment="Practice whose text it was begun with as a new one; null: begun empty",
    )
    began_revision = models.PositiveIntegerField(
        default=0, db_comment="Revision of began_from whose text it was begun with"
    )
    earlier_id = models.UUIDField(
        null=True,
        unique=True,
        db_comment="Its id while it was to revise a practice since withdrawn: pages are open there",
    )

    class Meta:
        db_table_comment = "Working copies; gone once published"
        ordering = ["-saved_at"]
        indexes = [models.Index(fields=["institution", "-saved_at"], name="draft_by_institution")]

    def __str__(self) -> str:
        return str(self.id)


class DraftVersion(Save):
    """An earlier save of a draft."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="versions")
    words = models.JSONField()
    facts = models.JSONField()
    refused = models.JSONField(default=dict, db_comment="As Draft.refused")

    class Meta:
        db_table_comment = "Saves of drafts, the last 50 of each"
        constraints = [
            models.UniqueConstraint(fields=["draft", "version"], name="draft_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} v{self.version}"


class Comment(Remark):
    """A remark on a field of a draft."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="comments")

    class Meta:
        db_table_comment = "Remarks on fields of drafts; they stay at this node"
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.field}"


class TranslationDraft(models.Model):
    """A translation in work; becomes a PracticeText when it is approved."""

    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="+")
    language = models.CharField(max_length=8)
    translated_by = models.CharField(max_length=200, blank=True, db_comment="Office or engine")
    revision = models.PositiveIntegerField(db_comment="Revision of the original being translated")
    provenance = models.CharField(max_length=8, choices=Provenance.choices)
    words = models.JSONField(default=dict, db_comment="As far as written: rules.Words")
    version = models.PositiveIntegerField(default=1, db_comment="Moves with every save")
    saved_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Translations in work, one a practice and language"
        constraints = [
            models.UniqueConstraint(fields=["practice", "language"], name="translation_draft_once")
        ]

    def __str__(self) -> str:
        return f"{self.practice_id} {self.language}"
