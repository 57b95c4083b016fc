"""The questions of a course as quizzes draw and ask them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Q

from chorsu.training.items.drawing import Candidate
from chorsu.training.items.fields import Item, ItemText
from chorsu.training.models import BankItem

_KEPT = 4096
_cache: dict[tuple[str, int], Item] = {}


def candidates(course_id: uuid.UUID) -> list[Candidate]:
    """What a quiz of this course may draw. One query."""
    rows = BankItem.objects.filter(course=course_id, current=True)
    return [
        Candidate(str(item), version, competence)
        for item, version, competence in rows.values_list("item", "version", "competence")
    ]


def item_versions(asked: Sequence[tuple[str, int]]) -> dict[str, Item]:
    """Id -> question, each in the version asked for. A version never changes, so that a process
    keeps what it has read: no query then, else one.
    """
    missing = [one for one in asked if one not in _cache]
    if missing:
        if len(_cache) > _KEPT:
            _cache.clear()
        wanted = Q()
        for item, version in missing:
            wanted |= Q(item=item, version=version)
        for row in BankItem.objects.filter(wanted):
            _cache[str(row.item), row.version] = _item(row)
    return {item: _cache[item, version] for item, version in asked}


def _item(row: BankItem) -> Item:
    return Item(
        id=str(row.item),
        version=row.version,
        original_language=row.original_language,
        facts=row.facts,
        texts={
            tag: ItemText(text["words"], text["provenance"], text["based_on"])
            for tag, text in row.texts.items()
        },
    )
