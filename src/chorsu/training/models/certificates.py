"""Certificates issued here, and what every node knows of those issued anywhere.

A certificate is personal data and never leaves this node but in its holder's hands. What a log
carries of it are a commitment and a status list, which hold no word of anybody.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chorsu.institutions.models import Institution, Person
from chorsu.training.models.cohorts import Cohort, Enrolment


class StatusList(models.Model):
    """A Bitstring Status List of this node or of a peer, newest published state."""

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given at the origin: the record's")
    origin = models.CharField(max_length=120, db_comment="Name of the node that publishes it")
    revision = models.PositiveIntegerField(db_comment="Moves with every revocation")
    bits = models.BinaryField(db_comment="One bit a position, unpacked; set: revoked")
    updated_at = models.DateTimeField(db_comment="Newest entry, by the origin's clock")
    feed_index = models.PositiveBigIntegerField(
        null=True, db_comment="Newest entry of the origin's feed that is in here; null: one's own"
    )

    class Meta:
        db_table_comment = "Which credentials of a list were revoked, for verifying them offline"

    def __str__(self) -> str:
        return f"{self.id} of {self.origin}"


class Commitment(models.Model):
    """That a node's log says of a credential with this hash that it was issued."""

    commitment = models.CharField(max_length=64, db_comment="SHA-256 over the signed credential")
    origin = models.CharField(max_length=120, db_comment="Name of the node whose log says it")
    record_id = models.UUIDField(db_comment="The record that lists it among others")
    feed_index = models.PositiveBigIntegerField(db_comment="Of the log's entry")
    at = models.DateTimeField(db_comment="Of the log's entry, by the origin's clock")

    class Meta:
        db_table_comment = "Credentials issued at this node and its peers, by hash alone"
        constraints = [
            # What a verification looks up; and a record that comes twice adds nothing.
            models.UniqueConstraint(fields=["commitment", "origin"], name="commitment_once")
        ]

    def __str__(self) -> str:
        return self.commitment


class StatusPosition(models.Model):
    """A position given away in one of this node's lists; stays when the certificate is deleted.

    With it stays what revoking takes: paper and files that its holder has are still valid.
    """

    status_list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="positions")
    position = models.PositiveIntegerField(db_comment="Chosen at random among the free ones")
    institution = models.CharField(
        max_length=40, blank=True, db_comment="Id of the one that issued; empty: not known any more"
    )
    number = models.CharField(
        max_length=60, blank=True, db_comment="Document number; empty: not known any more"
    )
    valid_until = models.DateTimeField(
        null=True, db_comment="Afterwards, with the certificate deleted, the number goes too"
    )

    class Meta:
        db_table_comment = "Positions of status lists that are taken; no word of whom by"
        constraints = [
            # Two credentials at one position would be revoked together.
            models.UniqueConstraint(fields=["status_list", "position"], name="position_once"),
            # What an officer reads off a paper; a number is given once, also after its deletion.
            models.UniqueConstraint(
                fields=["institution", "number"],
                condition=~models.Q(number=""),
                name="position_by_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status_list_id} {self.position}"


class DocumentCounter(models.Model):
    """How far an institution's document numbers have come in a year."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        db_table_comment = "Document numbers of certificates: one sequence an institution and year"
        constraints = [
            # Its row is the lock that gives every number once.
            models.UniqueConstraint(fields=["institution", "year"], name="document_counter_once")
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.year}: {self.last}"


class Certificate(models.Model):
    """A certificate issued here for somebody who passed; personal data."""

    class State(models.TextChoices):
        VALID = "valid", _("Valid")
        REVOKED = "revoked", _("Revoked")
        REPLACED = "replaced", _("Replaced by a corrected one")

    class Why(models.TextChoices):
        NAME = "name", _("The holder's name has changed")
        ERROR = "error", _("It holds an error")
        RESULT = "result", _("The result was changed")
        MISCONDUCT = "misconduct", _("It was obtained by misconduct")
        OTHER = "other", _("Another reason")

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, the credential's own")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="certificates")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    position = models.OneToOneField(StatusPosition, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=60, db_comment="Document number, as printed")
    holder = models.CharField(max_length=200, db_comment="Name as printed, for lists")
    compact = models.TextField(db_comment="The signed credential: a compact JWS")
    commitment = models.CharField(max_length=64, db_comment="As the log has it")
    texts = models.JSONField(default=dict, db_comment="Longer texts, whose hash is signed")
    state = models.CharField(max_length=10, choices=State.choices, default=State.VALID)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    valid_until = models.DateTimeField(null=True, db_comment="Null: without end")
    ended_at = models.DateTimeField(null=True, db_comment="Revoked or replaced")
    ended_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    why = models.CharField(max_length=12, choices=Why.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True, db_comment="In words; stays here")
    replaces = models.OneToOneField(
        "self", null=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )

    class Meta:
        db_table_comment = "Certificates issued at this node: personal data, kept at home"
        indexes = [
            # Those that are due to expire.
            models.Index(
                fields=["institution", "valid_until"],
                name="certificate_expiring",
                condition=models.Q(state="valid", valid_until__isnull=False),
            ),
        ]
        constraints = [
            # A document number names one document.
            models.UniqueConstraint(fields=["institution", "number"], name="document_number_once"),
            # One passed enrolment, one certificate that counts; a resumed job issues none twice.
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=models.Q(state="valid"),
                name="certificate_counts_once",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class IssueWork(models.Model):
    """Issuing certificates to all who passed in a cohort, as work that is shown and resumed."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    renewable_by = models.UUIDField(
        null=True, db_comment="Course that renews it; null: no course does"
    )
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(db_comment="Certificates to issue when it was asked for")
    done = models.PositiveIntegerField(default=0)
    refused = models.JSONField(
        default=list, db_comment="List of [enrolment, code] that can't be issued as they are"
    )
    trouble = models.CharField(max_length=60, blank=True, db_comment="Stable code; empty: none")

    class Meta:
        db_table_comment = "Certificates being issued in bulk: how far, and what could not be"
        ordering = ["-id"]
        constraints = [
            # Two at once would only wait for each other.
            models.UniqueConstraint(
                fields=["cohort"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="issue_work_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.cohort_id} {self.state} {self.done}/{self.total}"
