"""What every page tells the administrators of the node, until one of them has dealt with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from chorsu.exchange.keys import UnusableKey
from chorsu.exchange.queries import names_set_aside
from chorsu.exchange.troubles import STOPPED
from chorsu.exchange.witnesses import stopped
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

    Two queries for an administrator of the node, none for anybody else.
    """
    if not may(request.user, Role.ADMINISTRATOR, node_institution_id()):
        return None
    names = names_set_aside(NAMED + 1)
    title = str(STOPPED) if _stopped() else ""
    if not names and not title:
        return None
    return Alarms(title, names[:NAMED], len(names) > NAMED)


def _stopped() -> bool:
    """Nothing is published either while the node's key cannot be read."""
    try:
        return stopped()
    except UnusableKey:
        return True
