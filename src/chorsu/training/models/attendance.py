"""Sessions of cohorts, and who was there. Personal data: never in a feed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chorsu.institutions.models import Person
from chorsu.training.models.cohorts import Cohort, Enrolment, Form


class Session(models.Model):
    """A meeting of a cohort or of one of its groups."""

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7; its id in calendars")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="sessions")
    title = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    form = models.CharField(max_length=10, choices=Form.choices)
    place = models.CharField(max_length=200, blank=True)
    link = models.URLField(blank=True)
    group = models.CharField(max_length=40, blank=True, db_comment="Empty: for everybody")
    unit = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_comment="Key of the live unit of the course that it is of; empty: of none",
    )
    hours = models.PositiveSmallIntegerField(db_comment="Academic hours of 45 minutes")
    changes = models.PositiveIntegerField(
        default=0, db_comment="Edits so far: SEQUENCE in calendars"
    )
    changed_at = models.DateTimeField(db_comment="Last edit, for calendars")
    code_until = models.DateTimeField(
        null=True, db_comment="Until when the code on the screen is taken"
    )

    class Meta:
        db_table_comment = "Sessions of cohorts"
        ordering = ["starts_at", "id"]
        indexes = [
            # The sessions of a cohort in order; those of a learner's next days.
            models.Index(fields=["cohort", "starts_at", "id"], name="session_in_order"),
        ]

    def __str__(self) -> str:
        return self.title


class Attendance(models.Model):
    """Whether a learner was in a session; no row: nobody has said."""

    class State(models.TextChoices):
        PRESENT = "present", pgettext_lazy("attendance", "Present")
        EXCUSED = "excused", pgettext_lazy("attendance", "Excused")
        ABSENT = "absent", pgettext_lazy("attendance", "Absent")

    class Source(models.TextChoices):
        LIST = "list", _("List")
        CODE = "code", _("Code on the screen")
        IMPORT = "import", _("Import")

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attendance")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="attendance")
    state = models.CharField(max_length=10, choices=State.choices)
    source = models.CharField(max_length=10, choices=Source.choices)
    marked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Who was in which session"
        constraints = [
            # One word on each learner and session; also the list of a session.
            models.UniqueConstraint(fields=["session", "enrolment"], name="attendance_once")
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.enrolment_id}"


class WrongCodes(models.Model):
    """How many wrong codes a learner typed in a session, so that nobody tries them all."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table_comment = "Wrong codes typed"
        constraints = [
            # One count for each learner and session.
            models.UniqueConstraint(fields=["session", "enrolment"], name="wrong_codes_once")
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.enrolment_id}"
