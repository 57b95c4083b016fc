"""What tests of encoders, and of the change from one to the next, have in common."""

from __future__ import annotations

from chorsu.records.viewer import Viewer
from chorsu.search.embedding import embed_waiting
from chorsu.search.models import Encoder
from chorsu.search.queries import search
from chorsu.search.rules import Filters

BUNDLED = 385
"""Numbers in a vector by the bundled encoder: its own and the hubness."""
ANYBODY = Viewer(member=False, languages=("en",))
WASTE = ("Household waste sorting", "Residents separate glass, paper and food in yards.")
BUSES = ("Night buses", "Buses run through the whole night, every hour of it.")


def found(query: str) -> list[str]:
    """Ids of the records that answer."""
    return [hit.record_id for hit in search(query, ANYBODY, Filters()).hits]


def states() -> dict[str, int]:
    """Dimensions by state."""
    return dict(Encoder.objects.values_list("state", "dimensions"))


def embed_all() -> int:
    """Make every vector that waits; how many."""
    total = 0
    while made := embed_waiting(100):
        total += made
    return total
