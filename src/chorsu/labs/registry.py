"""Which labs this node has: its own, and those that installed packages bring."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType

from chorsu.labs.contract import Lab
from chorsu.labs.village.lab import VillageBudget

GROUP = "chorsu.labs"
"""Of the entry points that name labs: an object with the members of `contract.Lab`."""
OWN: tuple[Lab, ...] = (VillageBudget(),)


class LabTwice(Exception):  # noqa: N818 - says what is wrong
    """Two labs have one code, so a course would not say which it means."""


@cache
def labs() -> Mapping[str, Lab]:
    """Code -> lab, the node's own first. Raises `LabTwice`."""
    found: dict[str, Lab] = {}
    for lab in (*OWN, *(one.load() for one in entry_points(group=GROUP))):
        if lab.code in found:
            raise LabTwice(lab.code)
        found[lab.code] = lab
    return MappingProxyType(found)
