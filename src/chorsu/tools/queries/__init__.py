"""Which tools this node knows."""

from __future__ import annotations

import uuid

from chorsu.tools.models import Tool
from chorsu.tools.rules import ToolView, covers


class NoSuchTool(LookupError):  # noqa: N818 - says what is wrong
    """No such tool is registered here, or it is switched off."""


def tools() -> list[ToolView]:
    """All registered tools by name. One query."""
    return [view(row) for row in Tool.objects.all()]


def tool(tool_id: int) -> ToolView:
    """A tool by its number, switched off or not. Raises `NoSuchTool`."""
    row = Tool.objects.filter(pk=tool_id).first()
    if row is None:
        raise NoSuchTool(str(tool_id))
    return view(row)


def tool_by_client(client_id: str) -> ToolView:
    """An active tool by what it calls itself. Raises `NoSuchTool`."""
    try:
        known = uuid.UUID(client_id)
    except ValueError:
        raise NoSuchTool(client_id[:50]) from None
    row = Tool.objects.filter(client_id=known, active=True).first()
    if row is None:
        raise NoSuchTool(client_id[:50])
    return view(row)


def tool_for(url: str) -> ToolView | None:
    """The active tool whose address covers a unit's, the nearest if several do. One query."""
    found = [one for one in tools() if one.active and covers(one.address, url)]
    return max(found, key=lambda one: len(one.address), default=None)


def tools_to_choose_in() -> list[ToolView]:
    """Active tools in which authors choose what a unit opens, by name. One query."""
    return [view(row) for row in Tool.objects.filter(active=True).exclude(choose_url="")]


def view(row: Tool) -> ToolView:
    """A row as a value."""
    return ToolView(
        id=row.pk,
        client_id=str(row.client_id),
        deployment=str(row.deployment),
        name=row.name,
        address=row.address,
        login_url=row.login_url,
        redirect_urls=list(row.redirect_urls),
        keys_url=row.keys_url,
        choose_url=row.choose_url,
        names=row.names,
        grades=row.grades,
        members=row.members,
        active=row.active,
    )
