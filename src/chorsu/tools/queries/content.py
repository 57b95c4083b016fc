"""What tools answered to authors."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from chorsu.tools.content import Item
from chorsu.tools.models import Content
from chorsu.tools.queries import view
from chorsu.tools.rules import ToolView


class NoSuchContent(LookupError):  # noqa: N818 - says what is wrong
    """No such answer is there for this author, or it was taken already."""


@dataclass(frozen=True, slots=True)
class ContentView:
    """An answer for an author to look at; `item` None: nothing was chosen."""

    id: uuid.UUID
    tool: ToolView
    draft_id: uuid.UUID
    unit: str
    item: Item | None
    told: str


def content(content_id: uuid.UUID, person_id: int, now: datetime) -> ContentView:
    """An answer, for the author who asked. One query. Raises `NoSuchContent`."""
    rows = Content.objects.filter(pk=content_id, person=person_id, until__gt=now)
    row = rows.select_related("tool").first()
    if row is None or not row.tool.active:
        raise NoSuchContent(str(content_id))
    item = None if row.item is None else Item(**row.item)
    return ContentView(row.pk, view(row.tool), row.draft, row.unit, item, row.told)


def contents_of(person_id: int) -> list[dict[str, object]]:
    """What tools answered to a person, for them to take away. One query."""
    rows = Content.objects.filter(person=person_id).select_related("tool").order_by("pk")
    return [
        {
            "tool": row.tool.name, "course_draft": str(row.draft), "unit": row.unit,
            "chosen": row.item, "told": row.told, "until": row.until.isoformat(),
        }
        for row in rows
    ]  # fmt: skip
