"""Document numbers: of one sequence an institution and year, given once, kept with the result.

The number stands with the enrolment (`result_document`) from the moment the cohort is finished:
the final protocol prints it, the ledger names it, and the certificate takes it from there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from chorsu.training.credentials.composing import document_number
from chorsu.training.models import Certificate, DocumentCounter, Enrolment


def number_documents(
    enrolments: Sequence[Enrolment], *, institution_id: str, now: datetime
) -> None:
    """Give each that has none the next number, in this order; in the caller's transaction.

    The caller holds the enrolments or their cohort.
    """
    lacking = [one for one in enrolments if not one.result_document]
    if not lacking:
        return
    # As offices here count days: in UTC a year begins hours later.
    year = timezone.localdate(now).year
    numbers = _next(institution_id, year, len(lacking))
    for one, number in zip(lacking, numbers, strict=True):
        one.result_document = document_number(institution_id, year, number)
    Enrolment.objects.bulk_update(lacking, ["result_document"], batch_size=500)


def certificate_numbers(enrolments: Collection[Enrolment]) -> list[str]:
    """The number of the next certificate of each: that of the protocol; of a corrected one
    `…-2`, `…-3`, so that a number names one document and the protocol stays true. One query.
    """
    issued = dict(
        Certificate.objects.filter(enrolment__in=[one.pk for one in enrolments])
        .order_by()
        .values("enrolment")
        .annotate(count=Count("pk"))
        .values_list("enrolment", "count")
    )
    return [
        f"{one.result_document}-{issued[one.pk] + 1}" if one.pk in issued else one.result_document
        for one in enrolments
    ]


def _next(institution_id: str, year: int, count: int) -> range:
    """The next numbers of the sequence, nobody else's: its row is held until the commit."""
    DocumentCounter.objects.get_or_create(institution_id=institution_id, year=year)
    row = DocumentCounter.objects.select_for_update().get(institution_id=institution_id, year=year)
    first = row.last + 1
    row.last += count
    row.save(update_fields=["last"])
    return range(first, first + count)
