"""Who is reading: all that a query may know of the reader."""

from __future__ import annotations

from dataclasses import dataclass

from chorsu.records.models import Audience


@dataclass(frozen=True, slots=True)
class Viewer:
    """A reader: whether they belong to the network, and the languages they read, best first."""

    member: bool
    languages: tuple[str, ...] = ()

    @property
    def audiences(self) -> tuple[str, ...]:
        """The audiences whose records this reader may see."""
        if self.member:
            return (Audience.PUBLIC.value, Audience.NETWORK.value)
        return (Audience.PUBLIC.value,)
