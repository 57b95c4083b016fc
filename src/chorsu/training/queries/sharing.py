"""How the questions of an own course stand in the log, and what would be published today."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.conf import settings

from chorsu.kernel.ids import new_id
from chorsu.training.errors.bank import NoSuchBank
from chorsu.training.items import Item
from chorsu.training.models import BankItem, Course, SharedBank
from chorsu.training.queries.bank import item_of
from chorsu.training.rules.fields import Facts, units_of
from chorsu.training.shapes.bank import SharingView
from chorsu.training.wire.banks import PublishedBank
from chorsu.wire.envelope import blob_hash


def questions_to_share(course_id: uuid.UUID, facts: Facts) -> list[Item]:
    """The questions that some quiz of a course or draft with these facts draws from, by id. Words
    of a language that has none are left out. One query if there is a quiz.
    """
    asked = {
        draw["competence"]
        for unit in units_of(facts)
        if (quiz := unit["quiz"]) is not None
        for draw in quiz["draws"]
    }
    if not asked:
        return []
    rows = BankItem.objects.filter(course_id=course_id, current=True)
    if "" not in asked:
        rows = rows.filter(competence__in=asked)
    return [_without_empty(item_of(row)) for row in rows.order_by("item")]


def form_to_share(course: Course, row: SharedBank | None) -> PublishedBank:
    """What would be published of a course today; `row`: the bank that it has in the log."""
    return PublishedBank(
        id=str(row.pk) if row else new_id(),
        revision=row.revision + 1 if row else 1,
        origin=settings.NODE_NAME,
        course=str(course.pk),
        course_revision=course.revision,
        questions=questions_to_share(course.pk, course.facts),
    )


def says_this(form: PublishedBank, row: SharedBank | None) -> bool:
    """Whether exactly this is what the log says now."""
    if row is None or row.withdrawn_at is not None:
        return False
    return blob_hash(replace(form, revision=row.revision).to_bytes()) == row.blob


def sharing_of(course_id: str) -> SharingView:
    """How the questions of an own published course stand. Four queries. Raises `NoSuchBank`."""
    course = Course.objects.filter(
        pk=course_id, origin=settings.NODE_NAME, withdrawn_at=None
    ).first()
    if course is None:
        raise NoSuchBank(course_id)
    row = SharedBank.objects.filter(course_id=course.pk, origin=settings.NODE_NAME).first()
    form = form_to_share(course, row)
    last = row.revisions.filter(revision=row.revision).first() if row else None
    return SharingView(
        revision=row.revision if row else 0,
        course_revision=row.course_revision if row else 0,
        published_at=last.published_at if last else None,
        withdrawn_at=row.withdrawn_at if row else None,
        count=len(last.items) if last else 0,
        drawn=len(form.questions),
        same=says_this(form, row),
    )


def is_published(course_id: str) -> bool:
    """Whether there is such a published course of this node, whose questions could be shared. One
    query.
    """
    rows = Course.objects.filter(pk=course_id, origin=settings.NODE_NAME, withdrawn_at=None)
    return rows.exists()


def is_shared(course_id: str) -> bool:
    """Whether other academies have the questions of an own course now. One query."""
    rows = SharedBank.objects.filter(course_id=course_id, origin=settings.NODE_NAME)
    return rows.filter(withdrawn_at=None).exists()


def _without_empty(item: Item) -> Item:
    return replace(item, texts={tag: text for tag, text in item.texts.items() if text.words})
