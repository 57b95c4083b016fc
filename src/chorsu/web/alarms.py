"""What every page tells the administrators of the node, until one of them has dealt with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from chorsu.exchange import witnesses
from chorsu.exchange.troubles import STOPPED
from chorsu.institutions.models import Role
from chorsu.institutions.queries import may, node_institution_id

NAMED = 5
"""Peers that a page names; the list of all peers shows the others."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """`stopped`: that nothing is published, in words, else empty; `peers`: names of some that are
    set aside, and whether there are `more`.
    """

    stopped: str
    peers: Sequence[str]
    more: bool


def alarms(request: HttpRequest) -> Alarms | None:
    """What is wrong; None if nothing is, or this reader has nothing to do with it.

    One query for an administrator of the node, none for anybody else.
    """
    if not may(request.user, Role.ADMINISTRATOR, node_institution_id()):
        return None
    stopped, names = witnesses.alarms(NAMED + 1)
    if not names and not stopped:
        return None
    return Alarms(str(STOPPED) if stopped else "", names[:NAMED], len(names) > NAMED)
