"""Cohorts: runs of a course at this node, and who is in them. Personal data: never in a feed."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from chorsu.institutions.models import Institution, Person
from chorsu.training.models.courses import Course


class Cohort(models.Model):
    """A run of a course: dates, places, teachers, languages."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        OPEN = "open", _("Open for applications")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7, given here")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(
        db_comment="Of the course; moves only when a teacher takes a newer one"
    )
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    languages = ArrayField(
        models.CharField(max_length=8), default=list, db_comment="Languages it is taught in"
    )
    starts_on = models.DateField()
    ends_on = models.DateField()
    capacity = models.PositiveIntegerField(db_comment="Learners; 0: without limit")
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Runs of courses at this node"
        ordering = ["-starts_on", "id"]

    def __str__(self) -> str:
        return self.name


class Enrolment(models.Model):
    """A person in a cohort, from nomination to result."""

    class State(models.TextChoices):
        NOMINATED = "nominated", _("Nominated")
        WAITING = "waiting", _("On the waiting list")
        ADMITTED = "admitted", _("Admitted")
        DECLINED = "declined", _("Declined")
        LEFT = "left", _("Left")
        PASSED = "passed", _("Passed")
        FAILED = "failed", _("Not passed")

    id = models.UUIDField(primary_key=True, db_comment="UUIDv7; what a learner's work hangs on")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="enrolments")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    created_at = models.DateTimeField()
    result_percent = models.DecimalField(
        max_digits=5, decimal_places=2, null=True, db_comment="Null: not assessed yet"
    )

    class Meta:
        db_table_comment = "Who learns in which cohort"
        constraints = [
            # A person learns in a cohort once.
            models.UniqueConstraint(fields=["cohort", "person"], name="enrolment_once")
        ]

    def __str__(self) -> str:
        return str(self.id)
