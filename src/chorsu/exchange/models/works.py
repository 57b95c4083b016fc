"""Long work that is shown while it goes on: bundles, and restoring the log."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BundleWork(models.Model):
    """A bundle being made or taken in; its files lie in a folder of the row's number."""

    class Direction(models.TextChoices):
        OUT = "out", _("Export")
        IN = "in", _("Import")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    direction = models.CharField(max_length=3, choices=Direction.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    peer = models.CharField(
        max_length=253, blank=True, db_comment="Whom it is for, or whose log it carries, once known"
    )
    since = models.PositiveBigIntegerField(default=0, db_comment="Export: from this entry on")
    max_bytes = models.PositiveBigIntegerField(default=0, db_comment="Export: of one part")
    mirror = models.BooleanField(
        default=False, db_comment="Export: of the peer's own log as kept here, to restore from"
    )
    files = models.JSONField(default=list, db_comment="Parts: list of [name, bytes]")
    done_bytes = models.PositiveBigIntegerField(default=0)
    total_bytes = models.PositiveBigIntegerField(default=0)
    report = models.JSONField(default=dict, db_comment="What came of it (flows.carrying)")
    trouble = models.CharField(max_length=60, blank=True, db_comment="Stable code; empty: none")
    trouble_detail = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Bundles made and taken in; rows and files go after bundles.keep_days"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.direction} {self.peer} {self.state}"


class Restoration(models.Model):
    """Bringing this node's own log back from its peers: one row, the last time it was done."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    state = models.CharField(max_length=8, choices=State.choices)
    since = models.PositiveBigIntegerField(default=0, db_comment="Entries that were here")
    size = models.PositiveBigIntegerField(default=0, db_comment="Entries that peers show")
    position = models.PositiveBigIntegerField(
        default=0, db_comment="Records of the entries before this one are rebuilt"
    )
    peers = models.JSONField(
        default=list, db_comment="What each peer showed: list of [name, entries or -1, code]"
    )
    trouble = models.CharField(max_length=60, blank=True, db_comment="Stable code; empty: none")
    trouble_detail = models.TextField(
        blank=True, db_comment="Of two logs: both signed notes, as evidence"
    )
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = (
            "The last restoring of the own log from peers; it is taken up where it was"
        )
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="restoration_is_one_row")
        ]

    def __str__(self) -> str:
        return f"restoration of {self.since} to {self.size}: {self.state}"


class LostBlob(models.Model):
    """Content that a restored entry of the own log needs and that no peer gave."""

    index = models.PositiveBigIntegerField(db_comment="Entry of the own log that needs it")
    record_id = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(db_comment="Bytes, as the entry or the record says")
    is_file = models.BooleanField(db_comment="A file of the record; else the entry's own blob")
    reason = models.CharField(max_length=60, db_comment="Stable code: what the last peer answered")

    class Meta:
        db_table_comment = "What restoring could not bring back; a row goes when it comes after all"
        constraints = [models.UniqueConstraint(fields=["index", "sha256"], name="lost_blob_once")]

    def __str__(self) -> str:
        return self.sha256
