"""Cohorts: runs of a course at this node, and who is in them. Personal data: never in a feed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chorsu.institutions.models import Institution, Person
from chorsu.training.models.courses import Course


class Form(models.TextChoices):
    """How a session is held and an hour is learned; the codes are those of `rules.fields.FORMS`."""

    IN_PERSON = "in_person", _("In person")
    LIVE = "live", _("Live online")
    SELF_STUDY = "self_study", _("Self-study")


class Cohort(models.Model):
    """A run of a course: dates, places, teachers, languages."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        OPEN = "open", _("Open for applications")
        RUNNING = "running", pgettext_lazy("cohort", "Running")
        FINISHED = "finished", pgettext_lazy("cohort", "Finished")
        CANCELLED = "cancelled", pgettext_lazy("cohort", "Cancelled")

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(
        db_comment="Of the course; moves only when a teacher takes a newer one"
    )
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    programme = models.CharField(max_length=40, db_comment="Code of data/programmes.toml")
    languages = ArrayField(
        models.CharField(max_length=8), default=list, db_comment="Languages it is taught in"
    )
    starts_on = models.DateField()
    ends_on = models.DateField()
    capacity = models.PositiveIntegerField(db_comment="Learners; 0: without limit")
    place = models.CharField(max_length=200, blank=True)
    link = models.URLField(blank=True, db_comment="Where it meets online")
    version = models.PositiveIntegerField(
        default=1, db_comment="Moves with every edit: two editors"
    )
    protocol_number = models.CharField(
        max_length=60, blank=True, db_comment="Of the final protocol, as the registry gave it"
    )
    finished_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(db_comment="Last edit of it or its sessions, for calendars")
    calendar_generation = models.PositiveIntegerField(
        default=1, db_comment="Part of its secret calendar address; renewing counts it up"
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Runs of courses at this node"
        ordering = ["-starts_on", "id"]
        indexes = [
            # The list of an institution's cohorts, newest first; the dashboard of a year.
            models.Index(fields=["institution", "-starts_on", "id"], name="cohort_by_institution"),
        ]

    def __str__(self) -> str:
        return self.name


class CohortTeacher(models.Model):
    """Who teaches a cohort."""

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="teachers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table_comment = "Teachers of cohorts"
        constraints = [
            # A person teaches a cohort once; also finds the teachers of a cohort.
            models.UniqueConstraint(fields=["cohort", "person"], name="cohort_teacher_once")
        ]

    def __str__(self) -> str:
        return f"{self.cohort_id} {self.person_id}"


class Employer(models.Model):
    """A body that employs officials and nominates them: a ministry, a city's administration."""

    institution = models.ForeignKey(Institution, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200, db_comment="As it writes itself; a proper name")
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Bodies that nominate learners to an institution of this node"
        ordering = ["name", "id"]
        constraints = [
            # Two of one name could not be told apart when somebody is nominated.
            models.UniqueConstraint(fields=["institution", "name"], name="employer_once")
        ]

    def __str__(self) -> str:
        return self.name


class EmployerOfficer(models.Model):
    """Who nominates for an employing body."""

    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, related_name="officers")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")

    class Meta:
        db_table_comment = "Nominating officers"
        constraints = [
            # Once each; also finds the officers of a body.
            models.UniqueConstraint(fields=["employer", "person"], name="employer_officer_once")
        ]

    def __str__(self) -> str:
        return f"{self.employer_id} {self.person_id}"


class Import(models.Model):
    """A spreadsheet that was looked at, and perhaps taken in and undone: nominations to a cohort,
    people of an institution, or the list of a session.
    """

    class State(models.TextChoices):
        PREVIEW = "preview", _("Preview")
        DONE = "done", pgettext_lazy("import", "Taken in")
        UNDONE = "undone", pgettext_lazy("import", "Undone")

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here")
    cohort = models.ForeignKey(
        Cohort,
        null=True,
        on_delete=models.CASCADE,
        related_name="imports",
        db_comment="Whose nominations it holds",
    )
    institution = models.ForeignKey(
        Institution,
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_comment="Whose people it holds",
    )
    session = models.ForeignKey(
        "training.Session",
        null=True,
        on_delete=models.CASCADE,
        related_name="imports",
        db_comment="Whose list of attendance it holds",
    )
    by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    file_name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREVIEW)
    rows = models.JSONField(
        default=list, db_comment="Cells of the previewed rows; emptied once it is taken in"
    )
    new_people = ArrayField(
        models.BigIntegerField(), default=list, db_comment="People it made; undoing removes them"
    )
    before = models.JSONField(
        default=dict,
        db_comment="What undoing puts back: roles given by person, or states by learner",
    )
    taken = models.PositiveIntegerField(default=0, db_comment="Rows that were taken in")
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Imports of nominations, people and attendance from spreadsheets"
        ordering = ["-created_at"]
        constraints = [
            # What it would change, and who may, follows from the one thing it is of.
            models.CheckConstraint(
                condition=Q(cohort__isnull=False, institution=None, session=None)
                | Q(cohort=None, institution__isnull=False, session=None)
                | Q(cohort=None, institution=None, session__isnull=False),
                name="import_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class Enrolment(models.Model):
    """A person in a cohort, from nomination to result."""

    class State(models.TextChoices):
        NOMINATED = "nominated", _("Nominated")
        WAITING = "waiting", _("On the waiting list")
        ADMITTED = "admitted", _("Admitted")
        DECLINED = "declined", _("Declined")
        LEFT = "left", pgettext_lazy("learner", "Left")
        PASSED = "passed", pgettext_lazy("learner", "Passed")
        FAILED = "failed", _("Not passed")

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7; what a learner's work hangs on")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="enrolments")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    told = models.CharField(
        max_length=10, blank=True, db_comment="State of which the person was told by mail last"
    )
    employer = models.ForeignKey(Employer, null=True, on_delete=models.SET_NULL, related_name="+")
    nominated_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    document = models.CharField(
        max_length=60, blank=True, db_comment="Number of the employing body's order"
    )
    category = models.CharField(max_length=40, blank=True, db_comment="Category of the position")
    appointed_on = models.DateField(null=True, db_comment="To the present position")
    group = models.CharField(max_length=40, blank=True, db_comment="Part of the cohort; a name")
    queued_at = models.DateTimeField(db_comment="Place on the waiting list: the earlier first")
    reason = models.CharField(max_length=300, blank=True, db_comment="Why declined or left")
    created_at = models.DateTimeField()
    result_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, db_comment="Null: not assessed yet"
    )
    result_at = models.DateTimeField(null=True, db_comment="When the result was set")
    result_document = models.CharField(
        max_length=70,
        blank=True,
        db_comment="Document number of who passed: the protocol's and the certificate's",
    )
    in_person = models.PositiveSmallIntegerField(
        null=True, db_comment="Academic hours earned; null until the cohort is finished"
    )
    live = models.PositiveSmallIntegerField(null=True, db_comment="As in_person")
    self_study = models.PositiveSmallIntegerField(null=True, db_comment="As in_person")
    brought_by = models.ForeignKey(
        Import, null=True, on_delete=models.SET_NULL, related_name="enrolments"
    )

    class Meta:
        db_table_comment = "Who learns in which cohort"
        constraints = [
            # A person learns in a cohort once.
            models.UniqueConstraint(fields=["cohort", "person"], name="enrolment_once")
        ]
        indexes = [
            # A person's own page and ledger.
            models.Index(fields=["person", "-created_at"], name="enrolment_by_person"),
            # Places taken, and who moves up next, while the cohort is locked.
            models.Index(fields=["cohort", "state", "queued_at", "id"], name="enrolment_queue"),
            # Who is still to be told of where they are: few at any time.
            models.Index(
                fields=["id"],
                condition=~models.Q(told=models.F("state")),
                name="enrolment_untold",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class NominationFile(models.Model):
    """A document of a nomination: the order, a diploma. Personal data: never in a feed."""

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here: the order they came in")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200, db_comment="As given, with the ending of what it is")
    sha256 = models.CharField(max_length=64, db_comment="Of the content, in hexadecimal digits")
    size = models.PositiveIntegerField(db_comment="Bytes")
    content = models.BinaryField(
        db_comment="Cleaned; in the database and not among blobs, which peers may be given"
    )
    added_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Documents of nominations: personal data, kept here"
        constraints = [
            # A file sent again changes nothing; also finds those of a nomination.
            models.UniqueConstraint(fields=["enrolment", "sha256"], name="nomination_file_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.sha256}"


class Message(models.Model):
    """What a teacher wrote to a cohort, or that it was cancelled."""

    class Kind(models.TextChoices):
        WRITTEN = "written"
        CANCELLED = "cancelled"

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(
        max_length=10,
        choices=Kind.choices,
        default=Kind.WRITTEN,
        db_default=Kind.WRITTEN,
        db_comment="cancelled: of no words of its own, told in each reader's language",
    )
    subject = models.CharField(max_length=200)
    text = models.TextField()
    language = models.CharField(max_length=8, db_comment="Language it is written in")
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Messages to cohorts"
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.subject


class MessageCopy(models.Model):
    """A message on its way to one person."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="copies")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(null=True, db_comment="Null: still to be mailed")
    read_at = models.DateTimeField(
        null=True, db_comment="When the person first opened it here; null: not yet"
    )

    class Meta:
        db_table_comment = "To whom a message goes, and whether it went"
        constraints = [
            # Nobody gets a message twice.
            models.UniqueConstraint(fields=["message", "person"], name="message_copy_once")
        ]
        indexes = [
            # What is still to be mailed: few at any time.
            models.Index(
                fields=["id"], condition=models.Q(sent_at=None), name="message_copy_unsent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.person_id}"
