"""Finding what a peer published, under the filters of the reader."""

from __future__ import annotations

from datetime import datetime

from chorsu.flows.finding import find
from chorsu.flows.pulling import pull
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.practices.queries import counts
from chorsu.records.viewer import Viewer
from chorsu.search.rules import Filters
from tests.flows.remote import FACTS, publish
from tests.memory_node import MemoryNode

ANYBODY = Viewer(member=False, languages=("en",))


def test_a_peers_practice_that_has_not_ended_is_found_by_every_year_since_its_first(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    this_year = utc_now().year

    def ran(year: int) -> int:
        return find("", ANYBODY, Filters(years=(year,)), offset=0, limit=10).total

    assert (FACTS["year_from"], FACTS["year_to"]) == (2019, None)
    assert [ran(year) for year in (2018, 2019, this_year, this_year + 1)] == [0, 1, 1, 0]
    facets = find("", ANYBODY, Filters(), offset=0, limit=10).facets["years"]
    assert facets == counts(ANYBODY).year == {str(year): 1 for year in range(2019, this_year + 1)}
