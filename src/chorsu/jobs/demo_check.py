"""The main job of the network, done over HTTP by itself: the check of `make demo CHECK=1`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class CheckedNode(Protocol):
    """What the check needs to know of a node."""

    city: str
    address: str
    name: str
    language: str


def check(nodes: Sequence[CheckedNode], password: str) -> int:
    """Publish, find, read, withdraw; print one JSON line; return the exit code."""
    raise NotImplementedError(nodes, password)
