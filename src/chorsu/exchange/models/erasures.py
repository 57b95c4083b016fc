"""What was erased, here or at a peer's wish, and what each peer answered."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chorsu.exchange.models.peers import Peer


class Erasure(models.Model):
    """A blob that its origin has erased: this node its own, or a peer that asks for the same here.

    One's own is never kept or served again. A peer's counts for that peer's records alone.
    """

    class Answer(models.TextChoices):
        ERASED = "erased", _("Erased")
        KEPT = "kept", _("Kept")
        WAITING = "waiting", _("Waits for a decision")

    origin = models.CharField(max_length=253, db_comment="Whose content it was; the own name too")
    number = models.PositiveBigIntegerField(
        null=True, db_comment="Place in the origin's list; null: it only answered that it is gone"
    )
    blob = models.CharField(max_length=64)
    what = models.CharField(max_length=8, db_comment="record, reason or file (wire.erasing)")
    kind = models.CharField(max_length=32)
    record_id = models.UUIDField()
    revision = models.PositiveBigIntegerField(db_comment="0: of a file")
    ground = models.CharField(max_length=32, blank=True, db_comment="Stable code; empty: not told")
    words = models.TextField(blank=True, db_comment="The administrator's, told to every peer")
    language = models.CharField(max_length=12, blank=True, db_comment="Of the words")
    named = models.BooleanField(default=True, db_comment="A file's name may still be shown")
    at = models.DateTimeField(db_comment="When its origin erased it")
    files = models.JSONField(
        default=list, db_comment="Hashes of files that an erased record named: whose they were"
    )
    answer = models.CharField(
        max_length=8, blank=True, choices=Answer.choices, db_comment="Empty: not decided yet"
    )
    code = models.CharField(
        max_length=32,
        blank=True,
        db_comment="Why it was kept; erased: nothing-here, if there was nothing of it",
    )
    judged_at = models.DateTimeField(null=True, db_comment="When this node last decided")
    told = models.BooleanField(default=False, db_comment="The origin has this answer")
    bytes_gone_at = models.DateTimeField(null=True, db_comment="Null: bytes still to be removed")

    class Meta:
        db_table_comment = "What was erased, why, and what this node did when a peer asked for it"
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["origin", "blob"], name="erasure_once"),
            models.UniqueConstraint(fields=["origin", "number"], name="erasure_numbered"),
        ]
        indexes = [
            models.Index(fields=["blob"], name="erasure_by_blob"),
            models.Index(fields=["record_id"], name="erasure_by_record"),
            models.Index(
                fields=["id"],
                name="erasure_unfinished",
                condition=models.Q(bytes_gone_at=None, answer="erased"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.blob[:16]}"


class ErasureAsked(models.Model):
    """That a peer has read an own erasure, and what it answered."""

    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="asked")
    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(db_comment="When it first read the request")
    answer = models.CharField(max_length=8, blank=True, choices=Erasure.Answer.choices)
    code = models.CharField(max_length=32, blank=True, db_comment="Why it keeps it")
    answered_at = models.DateTimeField(null=True, db_comment="The time it stated")

    class Meta:
        db_table_comment = "Which peers were asked to erase what, and what they did"
        constraints = [
            models.UniqueConstraint(fields=["erasure", "peer"], name="erasure_asked_once")
        ]

    def __str__(self) -> str:
        return f"{self.erasure_id} {self.peer_id} {self.answer}"
