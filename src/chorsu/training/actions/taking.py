"""Published banks as rows, and which of them a cohort draws from."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from chorsu.institutions.models import Person
from chorsu.training.actions.guards_of_cohorts import managed_cohort, record
from chorsu.training.errors.cohorts import WrongCohortState
from chorsu.training.items import Drawn
from chorsu.training.models import Cohort, CohortQuestions, Course, SharedBank, SharedBankRevision
from chorsu.training.queries.cohorts import IN_WORK
from chorsu.training.queries.shared_banks import banks_for
from chorsu.training.wire.banks import PublishedBank

# In key share mode: who begins an attempt waits for nobody else who does, and a withdrawal waits
# for all of them, or they for it.
_HOLD = """
    SELECT count(*) FROM (
        SELECT id FROM training_bankitem
        WHERE (item, version) IN (SELECT * FROM unnest(%s::uuid[], %s::int[]))
        ORDER BY id FOR KEY SHARE
    ) held
"""


def hold_questions(drawn: Sequence[Drawn]) -> bool:
    """Keep published questions here until the caller's transaction has an attempt that asks them;
    False if a withdrawal has taken one meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, ([one.item for one in drawn], [one.version for one in drawn]))
        row = cursor.fetchone()
    return row is not None and row[0] == len(drawn)


@transaction.atomic
def take_questions(*, cohort_id: UUID, by: Person, now: datetime) -> None:
    """Have a cohort draw from the newest published questions that its revision of the course may.

    Attempts that began keep what they drew. Raises `NoSuchCohort`, `NotAllowed`,
    `WrongCohortState`.
    """
    row = managed_cohort(cohort_id, by)
    if row.state not in IN_WORK:
        raise WrongCohortState(row.state)
    for course, revision in take_newest(row):
        record(by, "cohort.questions_taken", row, now, course=course, revision=revision)


def take_newest(cohort: Cohort) -> list[tuple[str, int]]:
    """Have a cohort draw from the newest publications; returns which it did not before (the bank's
    course, and its revision), in the caller's transaction.
    """
    held = dict(CohortQuestions.objects.filter(cohort=cohort).values_list("bank_id", "revision"))
    taken = []
    for one in banks_for(cohort.course_id, cohort.revision):
        if held.get(one.bank_id) != one.revision:
            CohortQuestions.objects.update_or_create(
                cohort=cohort, bank=one.bank, defaults={"revision": one.revision}
            )
            taken.append((str(one.bank.course_id), one.revision))
    return taken


def take_where_lacking(bank: SharedBank) -> None:
    """Give a bank that came to the cohorts that could draw from it and have none of it yet: what
    they have no teacher had to decide against.
    """
    forks = Course.objects.filter(
        origin=settings.NODE_NAME, facts__forked_from__course=str(bank.course_id)
    )
    courses = list(forks.values_list("pk", flat=True))
    if bank.origin != settings.NODE_NAME and bank.course_id is not None:
        courses.append(bank.course_id)
    rows = Cohort.objects.filter(course__in=courses, state__in=IN_WORK)
    for cohort in rows.exclude(questions__bank=bank).select_for_update(of=("self",)):
        for one in banks_for(cohort.course_id, cohort.revision):
            if one.bank_id == bank.pk:
                CohortQuestions.objects.get_or_create(
                    cohort=cohort, bank=bank, defaults={"revision": one.revision}
                )


def keep_publication(
    row: SharedBank, form: PublishedBank, *, at: datetime, blob: str, index: int | None
) -> None:
    """Make the row of a bank say what a form and its entry say, and keep what it asks."""
    row.course_id = uuid.UUID(form.course)
    row.revision, row.course_revision = form.revision, form.course_revision
    row.updated_at, row.blob, row.feed_index = at, blob, index
    row.withdrawn_at, row.withdrawal_reason = None, ""
    row.save()
    SharedBankRevision.objects.update_or_create(
        bank=row,
        revision=form.revision,
        defaults={
            "course_revision": form.course_revision,
            "published_at": at,
            "items": [
                {"item": one.id, "version": one.version, "competence": one.facts["competence"]}
                for one in form.questions
            ],
        },
    )
