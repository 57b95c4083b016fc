"""What tools answered to authors: kept until they have looked at it."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime

from chorsu.kernel.ids import new_id
from chorsu.tools.content import Answer
from chorsu.tools.models import Content


def keep_content(
    *, tool_id: int, person_id: int, draft_id: uuid.UUID, unit: str, answer: Answer, until: datetime
) -> uuid.UUID:
    """Keep an answer for the author who asked; its id."""
    row = Content.objects.create(
        id=uuid.UUID(new_id()),
        tool_id=tool_id,
        person_id=person_id,
        draft=draft_id,
        unit=unit,
        item=None if answer.item is None else asdict(answer.item),
        told=answer.told,
        until=until,
    )
    return row.pk


def drop_content(*, content_id: uuid.UUID) -> None:
    """Forget an answer: it was taken, or is not wanted."""
    Content.objects.filter(pk=content_id).delete()


def forget_content(*, now: datetime) -> int:
    """Forget answers that nobody has looked at in time; how many."""
    gone, _kinds = Content.objects.filter(until__lt=now).delete()
    return gone
