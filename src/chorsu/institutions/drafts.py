"""Drafts of records: what the working copy of every kind has, its saves, and the talk about it."""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chorsu.institutions.models import Institution, Person
from chorsu.records.models import Audience
from chorsu.records.shapes import CommentView

KEPT_SAVES = 50
"""Of each draft."""


class WorkingCopy(models.Model):
    """A record before it is published or revised: written by contributors, decided by editors."""

    class State(models.TextChoices):
        WRITING = "writing", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        RETURNED = "returned", _("Returned with comments")

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WRITING)
    version = models.PositiveIntegerField(default=1, db_comment="Moves with every save")
    based_on = models.PositiveIntegerField(default=0, db_comment="Published revision; 0: new")
    language = models.CharField(max_length=8, db_comment="Language it is written in")
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.PUBLIC)
    licence = models.CharField(max_length=40, default="CC-BY-4.0", db_comment="SPDX identifier")
    note = models.CharField(max_length=500, blank=True, db_comment="What this revision changes")
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    saved_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        abstract = True


class Save(models.Model):
    """An earlier save of a draft, kept so that of two people editing neither loses a word."""

    version = models.PositiveIntegerField()
    saved_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        abstract = True


SaveT = TypeVar("SaveT", bound=Save)


def keep_save(saves: models.Manager[SaveT], draft: WorkingCopy, **said: object) -> None:
    """Keep what a draft says now among its saves, and drop what is more than `KEPT_SAVES` old.

    `said`: the columns that saves of its kind have of their own.
    """
    saves.create(version=draft.version, saved_by=draft.saved_by, saved_at=draft.saved_at, **said)
    saves.filter(version__lte=draft.version - KEPT_SAVES).delete()


class Remark(models.Model):
    """An editor's or contributor's remark on a field of a draft."""

    field = models.CharField(max_length=120, db_comment="Field name; empty: the whole draft")
    text = models.TextField()
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, db_comment="Null: still open")

    class Meta:
        abstract = True

    def view(self) -> CommentView:
        """The remark as pages show it."""
        person = str(self.person) if self.person is not None else ""
        return CommentView(self.pk, self.field, self.text, person, self.at, self.resolved_at)
