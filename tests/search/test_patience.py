"""A database that does not answer in time."""

from __future__ import annotations

import pytest
from django.db import connection

from chorsu.records.viewer import Viewer
from chorsu.search import queries
from chorsu.search.errors import SearchTooSlow
from chorsu.search.rules import Filters


@pytest.mark.django_db(transaction=True)
def test_search_gives_up_in_time_and_the_next_one_works(
    locked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PATIENCE_MS", 150)
    with pytest.raises(SearchTooSlow):
        queries.search("school meals", Viewer(member=False), Filters())
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
