"""Published banks: what a cohort draws from besides its own course's bank, and whose that is.

A bank counts while neither it nor its course is withdrawn, and only if both are of one node: nobody
puts questions into another's course.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from chorsu.exchange import erasures
from chorsu.records.shapes import ErasedView
from chorsu.training.items import Candidate, Item
from chorsu.training.models import (
    BankItem,
    Cohort,
    CohortQuestions,
    Course,
    CourseDraft,
    CourseText,
    Enrolment,
    SharedBank,
    SharedBankRevision,
)
from chorsu.training.queries.bank import candidates, item_versions
from chorsu.training.shapes.bank import BankTaken, SharedBankView

_TITLE = ("course_id", "title", "language")
MOST_SOURCES = 8
"""Courses looked at on the way from a fork back to what it began as."""


class BankRow(TypedDict):
    """A question of a publication: id, version, and what draws ask for."""

    item: str
    version: int
    competence: str


def taken_to_draw(cohort_id: uuid.UUID) -> list[Candidate]:
    """What a quiz of this cohort may draw of the publications that it took, besides the questions
    of its course's own bank. One query.
    """
    return _candidates(_taken(cohort_id))


def to_draw_in_draft(draft_id: uuid.UUID) -> list[Candidate]:
    """What a cohort that began today with the draft could draw. At most two queries and two for
    each course that it was forked from.
    """
    return candidates(draft_id) + _candidates(banks_for(draft_id, 0))


def banks_for(course_id: uuid.UUID, revision: int) -> list[SharedBankRevision]:
    """The newest publications that a cohort of a course, or of its draft, at a revision takes:
    that of the course, if it is a peer's, and those of the courses that it was forked from. One or
    two queries, and two for each course whose questions could be asked.
    """
    found = []
    for source, at in _sources(course_id, revision):
        rows = _standing().filter(bank__course_id=source, course_revision__lte=at)
        newest = rows.select_related("bank").order_by("-revision").first()
        if newest is not None:
            found.append(newest)
    return found


def taken_by(cohort_id: uuid.UUID) -> list[BankTaken]:
    """The published banks a cohort draws from or could draw from now, with whose they are."""
    cohort = Cohort.objects.only("course_id", "revision").get(pk=cohort_id)
    newest = {row.bank_id: row for row in banks_for(cohort.course_id, cohort.revision)}
    taken = CohortQuestions.objects.filter(cohort=cohort_id).select_related("bank")
    held = {row.bank_id: row for row in taken}
    counts = {row.bank_id: len(row.items) for row in _taken(cohort_id)}
    banks = {key: row.bank for key, row in newest.items()} | {k: r.bank for k, r in held.items()}
    return [
        BankTaken(
            bank=view,
            revision=held[key].revision if key in held else 0,
            newest=newest[key].revision if key in newest else 0,
            count=counts.get(key, 0),
        )
        for view in _views(banks.values(), newest)
        for key in [uuid.UUID(view.id)]
    ]


def behind(course_id: uuid.UUID) -> list[SharedBankView]:
    """The published banks from which a course or draft of this node draws besides its own. As
    `banks_for`, and two queries if there are any.
    """
    rows = {row.bank_id: row for row in banks_for(course_id, 0)}
    return _views([row.bank for row in rows.values()], rows)


def published_for(course_id: uuid.UUID) -> SharedBankView | None:
    """The bank that a course has in the log of its node; None if there is none, or not any more."""
    newest = _newest(course_id)
    return _views([newest.bank], {newest.bank_id: newest})[0] if newest else None


def questions_in(course_id: uuid.UUID) -> list[Item]:
    """The questions of the newest publication for a course, by competence; none if there is no
    bank. Two queries.
    """
    newest = _newest(course_id)
    items = _items(newest.items) if newest else []
    return sorted(items, key=lambda one: (one.facts["competence"], one.id))


def learns_from(person_id: int, course_id: uuid.UUID) -> bool:
    """Whether somebody is, or asked to be, a learner where the questions of a course are asked."""
    state = Enrolment.State
    rows = Enrolment.objects.filter(
        person=person_id, state__in=(state.NOMINATED, state.WAITING, state.ADMITTED)
    )
    asked = Q(cohort__questions__bank__course_id=course_id) | Q(cohort__course=course_id)
    return rows.filter(asked).exists()


def origin_of(bank_id: uuid.UUID) -> str:
    """Whose bank it is, as far as it is here; empty if it is not."""
    return SharedBank.objects.filter(pk=bank_id).values_list("origin", flat=True).first() or ""


def course_of(bank_id: uuid.UUID) -> str:
    """The course of a bank, empty if it is not known."""
    found = SharedBank.objects.filter(pk=bank_id).values_list("course_id", flat=True).first()
    return str(found or "")


def says_now(bank_id: uuid.UUID, blob: str) -> bool:
    """Whether a blob is what a published bank says now, as far as it is here."""
    return SharedBank.objects.filter(pk=bank_id, withdrawn_at=None, blob=blob).exists()


def _standing() -> QuerySet[SharedBankRevision]:
    course = Course.objects.filter(
        pk=OuterRef("bank__course_id"), origin=OuterRef("bank__origin"), withdrawn_at=None
    )
    return SharedBankRevision.objects.filter(Exists(course), bank__withdrawn_at=None)


def _newest(course_id: uuid.UUID) -> SharedBankRevision | None:
    return _standing().filter(bank__course_id=course_id).order_by("-revision").first()


def _taken(cohort_id: uuid.UUID) -> QuerySet[SharedBankRevision]:
    return _standing().filter(bank__taken__cohort=cohort_id, revision=F("bank__taken__revision"))


def _sources(course_id: uuid.UUID, revision: int) -> list[tuple[uuid.UUID, int]]:
    """Courses whose published questions are asked, each at a revision: the course itself, if this
    node does not write its questions, and what it was forked from, step by step.
    """
    draft = CourseDraft.objects.filter(pk=course_id).only("facts").first()
    row = draft or _course(course_id)
    own = draft is not None or (isinstance(row, Course) and row.is_own)
    found = [] if row is None or own else [(course_id, revision)]
    while row is not None and len(found) < MOST_SOURCES:
        source = row.facts.get("forked_from")
        if not source or (at := (uuid.UUID(source["course"]), source["revision"])) in found:
            break
        found.append(at)
        row = _course(at[0])
    return found


def erasures_of(items: Iterable[Item]) -> dict[str, ErasedView]:
    """Id -> why its words are gone, of the questions that have none any more and whose node said.

    No query where all have words; else two, and one a bank.
    """
    lacking = {(item.id, item.version) for item in items if not item.has_words}
    if not lacking:
        return {}
    rows = [
        row
        for row in BankItem.objects.filter(
            item__in={item for item, _version in lacking}, erased_revision__isnull=False
        ).only("item", "version", "course_id", "origin", "erased_revision")
        if (str(row.item), row.version) in lacking
    ]
    found: dict[str, ErasedView] = {}
    for bank in SharedBank.objects.filter(course_id__in={row.course_id for row in rows}):
        gone = erasures.erased_revisions(bank.pk, bank.origin)
        for row in rows:
            published_by = row.origin or str(settings.NODE_NAME)
            if (row.course_id, published_by) == (bank.course_id, bank.origin):
                view = gone.get(row.erased_revision or 0)
                found |= {str(row.item): view} if view is not None else {}
    return found


def _course(course_id: uuid.UUID) -> Course | None:
    return Course.objects.filter(pk=course_id).only("facts", "origin").first()


def _candidates(rows: Iterable[SharedBankRevision]) -> list[Candidate]:
    return [
        Candidate(one["item"], one["version"], one["competence"])
        for row in rows
        for one in row.items
    ]


def _items(rows: Sequence[BankRow]) -> list[Item]:
    asked = [(row["item"], row["version"]) for row in rows]
    found = item_versions(asked)
    return [found[item] for item, _version in asked if item in found]


def _views(
    banks: Iterable[SharedBank], newest: Mapping[uuid.UUID, SharedBankRevision]
) -> list[SharedBankView]:
    """The banks with the names of their courses, by origin. Two queries if there are any."""
    listed = sorted(banks, key=lambda bank: (bank.origin, bank.pk))
    ids = [bank.course_id for bank in listed if bank.course_id is not None]
    if not ids:
        return []
    places = dict(Course.objects.filter(pk__in=ids).values_list("pk", "institution_id"))
    texts = CourseText.objects.filter(course__in=ids, provenance="original")
    titles = {course: (title, tag) for course, title, tag in texts.values_list(*_TITLE)}
    return [
        SharedBankView(
            id=str(bank.pk),
            course_id=str(course),
            origin=bank.origin,
            institution_id=places.get(course, ""),
            title=titles.get(course, ("", ""))[0],
            title_language=titles.get(course, ("", ""))[1],
            revision=bank.revision,
            count=len(newest[bank.pk].items) if bank.pk in newest else 0,
        )
        for bank in listed
        if (course := bank.course_id) is not None
    ]
