"""Registering tools; using up what may be used once."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.kernel.text import normalise
from chorsu.tools.models import Spent, Tool
from chorsu.tools.queries import NoSuchTool, view
from chorsu.tools.rules import LtiRefused, ToolView, is_tool_url

MAX_REDIRECTS = 10


class ToolRefused(Exception):  # noqa: N818 - says what is wrong
    """A registration that cannot be kept: name of the field -> missing, address, taken or many."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(f"refused: {dict(fields)}")
        self.fields = dict(fields)


@transaction.atomic
def save_tool(
    *,
    tool_id: int | None,
    name: str,
    address: str,
    login_url: str,
    redirect_urls: Sequence[str],
    keys_url: str,
    names: bool,
    grades: bool,
    members: bool,
    active: bool,
    by: Person,
    now: datetime,
    choose_url: str = "",
) -> ToolView:
    """Register a tool (`tool_id` None) or change it. Raises `ToolRefused`, `NoSuchTool`."""
    name = normalise(name).strip()[:120]
    wrong = {} if name else {"name": "missing"}
    for field, url in (("address", address), ("login_url", login_url), ("keys_url", keys_url)):
        if not is_tool_url(url):
            wrong[field] = "address" if url else "missing"
    if choose_url and not is_tool_url(choose_url):
        wrong["choose_url"] = "address"
    if not redirect_urls:
        wrong["redirect_urls"] = "missing"
    elif len(redirect_urls) > MAX_REDIRECTS:
        wrong["redirect_urls"] = "many"
    elif not all(is_tool_url(url) for url in redirect_urls):
        wrong["redirect_urls"] = "address"
    others = Tool.objects.filter(address=address)
    if (others if tool_id is None else others.exclude(pk=tool_id)).exists():
        wrong["address"] = "taken"
    if wrong:
        raise ToolRefused(wrong)
    row = Tool(client_id=uuid.uuid4(), deployment=uuid.uuid4(), created_at=now)
    if tool_id is not None:
        found = Tool.objects.select_for_update().filter(pk=tool_id).first()
        if found is None:
            raise NoSuchTool(str(tool_id))
        row = found
    row.name, row.address, row.login_url, row.keys_url = name, address, login_url, keys_url
    row.redirect_urls, row.choose_url = list(redirect_urls), choose_url
    row.names, row.grades, row.members, row.active = names, grades, members, active
    row.save()
    action = "tool.added" if tool_id is None else "tool.changed"
    _record(by, action, row, now, names=names, grades=grades, members=members, active=active)
    return view(row)


@transaction.atomic
def remove_tool(*, tool_id: int, by: Person, now: datetime) -> None:
    """Forget a tool; units that name its address then show a plain link."""
    row = Tool.objects.filter(pk=tool_id).first()
    if row is not None:
        _record(by, "tool.removed", row, now)
        row.delete()


def spend(*, tool_id: int, kind: str, value: str, until: datetime) -> None:
    """Use up a nonce or a token's id. Raises `LtiRefused` if it was used before."""
    digest = hashlib.sha256(f"{kind} {value}".encode()).hexdigest()
    _row, made = Spent.objects.get_or_create(
        tool_id=tool_id, value=digest, defaults={"until": until}
    )
    if not made:
        raise LtiRefused("invalid_request", f"{kind} was used before")


def forget_spent(*, now: datetime) -> int:
    """Forget what is too old to be taken anyway; how many."""
    gone, _kinds = Spent.objects.filter(until__lt=now).delete()
    return gone


def _record(by: Person, action: str, row: Tool, now: datetime, **detail: bool) -> None:
    record_event(
        person=by,
        action=action,
        subject_kind="tool",
        subject_id=str(row.client_id),
        detail={"name": row.name, **{key: int(value) for key, value in detail.items()}},
        now=now,
    )
