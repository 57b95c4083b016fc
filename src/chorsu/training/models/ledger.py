"""What was learned elsewhere, what of it counts here, and secret calendar addresses of people."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chorsu.institutions.models import Connection, Institution, Person
from chorsu.training.models.cohorts import Form


class Recognition(models.Model):
    """A rule: which achievement of whom counts as how many hours of what at an institution here."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=40, db_comment="Id of the institution that taught it")
    course = models.UUIDField(null=True, db_comment="Null: not narrowed to a course")
    title = models.CharField(max_length=200, blank=True, db_comment="Empty: not narrowed to one")
    form = models.CharField(
        max_length=10, choices=Form.choices, blank=True, db_comment="Empty: hours keep their form"
    )
    percent = models.PositiveSmallIntegerField(db_comment="Of the hours; 1 to 100")
    most_hours = models.PositiveSmallIntegerField(default=0, db_comment="0: no limit")
    since = models.DateField(db_comment="Documents issued from this day on")
    until = models.DateField(null=True, db_comment="The last such day; null: without end")
    basis = models.CharField(max_length=60, db_comment="Number of the order or agreement")
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Recognition of other academies' training"
        ordering = ["issuer", "-since", "id"]
        constraints = [
            # Outside these there is nothing to recognise, or more than was learned.
            models.CheckConstraint(
                condition=models.Q(percent__gte=1, percent__lte=100), name="recognition_percent"
            )
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.basis}"


class Achievement(models.Model):
    """Training elsewhere, entered from its document by hand."""

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=40, db_comment="Id of the institution that taught it")
    course = models.UUIDField(null=True, db_comment="If the course is known here")
    title = models.CharField(max_length=200)
    document = models.CharField(max_length=60, db_comment="Number of the document")
    issued_on = models.DateField()
    in_person = models.PositiveSmallIntegerField(db_comment="Academic hours")
    live = models.PositiveSmallIntegerField(db_comment="Academic hours")
    self_study = models.PositiveSmallIntegerField(db_comment="Academic hours")
    entered_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Training elsewhere, by its documents"
        ordering = ["-issued_on", "id"]
        constraints = [
            # A document counts once; also finds those of a person.
            models.UniqueConstraint(
                fields=["person", "issuer", "document"], name="achievement_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.document}"


class BroughtCertificate(models.Model):
    """A certificate of another node that was fetched for a person who learned there."""

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    node = models.CharField(max_length=120, db_comment="Name of the node that issued it")
    commitment = models.CharField(max_length=64, db_comment="SHA-256, as that node's log has it")
    file = models.BinaryField(
        db_comment="With its proofs; in the database and not among blobs, which peers may be given"
    )
    status_list = models.UUIDField(db_comment="Status list of that node in which it has a bit")
    status_index = models.PositiveIntegerField(db_comment="Its position in there")
    achievement = models.OneToOneField(
        Achievement,
        null=True,
        on_delete=models.SET_NULL,
        related_name="brought",
        db_comment="Its line in the ledger; null: it was taken out, or counts no longer",
    )
    brought_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, db_comment="Found revoked; null: it counts")

    class Meta:
        db_table_comment = "Certificates that came home: personal data, kept here"
        ordering = ["-brought_at", "-id"]
        constraints = [
            # Fetched twice it is here once; also finds those of a person.
            models.UniqueConstraint(
                fields=["person", "commitment"], name="brought_certificate_once"
            )
        ]
        indexes = [
            # Those whose list has changed, to be looked at again.
            models.Index(
                fields=["status_list"],
                condition=models.Q(ended_at=None),
                name="brought_by_status_list",
            )
        ]

    def __str__(self) -> str:
        return f"{self.commitment} from {self.node}"


class ReportedResult(models.Model):
    """How a course at another node ended for a person, or how far it is, as that node reports."""

    class State(models.TextChoices):
        PASSED = "passed", pgettext_lazy("learner", "Passed")
        FAILED = "failed", _("Not passed")
        ATTENDED = "attended", pgettext_lazy("learner", "Took part")

    connection = models.ForeignKey(
        Connection,
        on_delete=models.CASCADE,
        related_name="+",
        db_comment="By which the person agreed that it is asked for",
    )
    line = models.UUIDField(db_comment="What that node calls the place in the cohort")
    course = models.UUIDField(db_comment="Id of the course's record")
    revision = models.PositiveIntegerField(db_comment="Of the course, as the cohort took it")
    language = models.CharField(max_length=8, db_comment="The course's original")
    titles = models.JSONField(db_comment="Language to title, the original's among them")
    issuer = models.CharField(max_length=40, db_comment="Id of the institution that taught it")
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices)
    final = models.BooleanField(db_comment="The cohort is finished, or the person left it")
    in_person = models.PositiveSmallIntegerField(db_comment="Academic hours")
    live = models.PositiveSmallIntegerField(db_comment="Academic hours")
    self_study = models.PositiveSmallIntegerField(db_comment="Academic hours")
    percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, db_comment="Null: nothing was assessed"
    )
    document = models.CharField(
        max_length=70, blank=True, db_comment="Number by which the final protocol names it"
    )
    commitment = models.CharField(
        max_length=64, blank=True, db_comment="Of its certificate; empty: none counts"
    )
    note = models.BinaryField(db_comment="Signed by that node: wire.transcript")
    changed_at = models.DateTimeField(db_comment="When it was first reported so")
    read_at = models.DateTimeField(db_comment="When it was last reported so")

    class Meta:
        db_table_comment = "Results that other nodes report of this node's people; kept here"
        ordering = ["-ends_on", "-line"]
        constraints = [
            # Asked for again it is here once; also finds those of a person.
            models.UniqueConstraint(fields=["connection", "line"], name="reported_result_once")
        ]

    def __str__(self) -> str:
        return f"{self.line} of {self.connection_id}"


class RetentionPeriod(models.Model):
    """How long an institution of this node keeps a kind of data, otherwise than the node."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=10, db_comment="A kind of rules.retention.SETTABLE")
    months = models.PositiveSmallIntegerField(
        db_comment="After the end of a cohort; 0: without end"
    )
    set_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        db_table_comment = "How long institutions keep data on learners; no row: as the node"
        constraints = [
            # Of two periods the nightly deletion would take either.
            models.UniqueConstraint(fields=["institution", "what"], name="retention_period_once")
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.what}: {self.months}"


class PersonalCalendar(models.Model):
    """The secret calendar address of a person; made when they first ask for it."""

    person = models.OneToOneField(
        Person, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    generation = models.PositiveIntegerField(
        default=1, db_comment="Part of the secret; renewing counts it up"
    )

    class Meta:
        db_table_comment = "Secret calendar addresses of people"

    def __str__(self) -> str:
        return str(self.person_id)
