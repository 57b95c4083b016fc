"""Taking in many practices that come for the first time: the rules of `accepting`, in few queries.

What is not of that simple sort (here already, refused, with a translation or a withdrawal that
came before it) is left to `accepting`, one by one: it alone says why something is refused.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from django.db import transaction

from chorsu.institutions.origins import hosts
from chorsu.practices.actions.filling import file_rows, fill, fill_text, revision_rows
from chorsu.practices.models import Practice, PracticeFile, PracticeRevision, PracticeText
from chorsu.practices.wire import PublishedPractice, Refused, parse_payload
from chorsu.records.copying import copy_rows
from chorsu.records.shapes import ACCEPTED, Accepted, Arrival

_Taken: TypeAlias = tuple[Arrival, PublishedPractice, Practice]


@transaction.atomic
def accept_new(
    *, arrivals: Sequence[Arrival], origin: str, now: datetime
) -> Mapping[int, Accepted]:
    """Take in those that are new here and in order; the answer is by index of the entry.

    Who is not in the answer is to be handed to `accept`. If a row came meanwhile by another way,
    the database refuses all (`IntegrityError`).
    """
    known = _known([uuid.UUID(arrival.record_id) for arrival in arrivals])
    taken: list[_Taken] = []
    forms = _forms(arrivals, known, origin, hosts())
    # Read as they are written: the server takes in the words of one while the next is read.
    copy_rows(PracticeText, _texts_of_new(forms, taken, origin=origin, now=now))
    copy_rows(Practice, (row for _, _, row in taken))
    copy_rows(
        PracticeRevision, (line for _, form, row in taken for line in revision_rows(row, form))
    )
    files = [file for _, form, row in taken for file in file_rows(row, form)]
    if files:
        copy_rows(PracticeFile, files)
    return {arrival.index: _accepted(form) for arrival, form, _ in taken}


def _forms(
    arrivals: Sequence[Arrival], known: set[uuid.UUID], origin: str, hosts: Mapping[str, str]
) -> Iterator[tuple[Arrival, PublishedPractice]]:
    """Those that are new, read when they are asked for; asks nothing of the database."""
    for arrival in arrivals:
        key = uuid.UUID(arrival.record_id)
        form = _form(arrival, origin, hosts) if key not in known else None
        known.add(key)
        if form is not None:
            yield arrival, form


def _texts_of_new(
    forms: Iterable[tuple[Arrival, PublishedPractice]],
    taken: list[_Taken],
    *,
    origin: str,
    now: datetime,
) -> Iterator[PracticeText]:
    """The words of each, after what they are of was added to `taken`."""
    for arrival, form in forms:
        row = Practice(id=uuid.UUID(arrival.record_id), origin=origin, arrived_at=now)
        fill(row, form, index=arrival.index, at=arrival.at, blob=arrival.blob)
        taken.append((arrival, form, row))
        yield from _text_rows(row, form, arrival.index)


def _known(keys: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Ids that this node has something of already: words may come before, files with a draft."""
    here = Practice.objects.filter(pk__in=keys).values_list("pk", flat=True)
    texts = PracticeText.objects.filter(practice__in=keys).values_list("practice_id", flat=True)
    files = PracticeFile.objects.filter(practice_id__in=keys).values_list("practice_id", flat=True)
    return set(here.union(texts, files))


def _form(arrival: Arrival, origin: str, hosts: Mapping[str, str]) -> PublishedPractice | None:
    try:
        form = parse_payload(arrival.payload, origin)
    except Refused:
        return None
    if hosts.get(form.institution, origin) != origin:
        return None
    return form if (form.id, form.revision, form.audience) == arrival.named else None


def _text_rows(row: Practice, form: PublishedPractice, index: int) -> list[PracticeText]:
    made = []
    for published in form.texts.values():
        text = PracticeText(practice=row, supplied_by=row.origin)
        fill_text(text, published, index)
        made.append(text)
    return made


def _accepted(form: PublishedPractice) -> Accepted:
    return Accepted(
        record_id=form.id,
        outcome=ACCEPTED,
        revision=form.revision,
        original_language=form.original_language,
        texts={language: text.revision for language, text in form.texts.items()},
        files=[(file.sha256, file.size, file.media_type) for file in form.files],
    )
