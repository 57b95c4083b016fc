"""Pages of a list that changes meanwhile: nothing twice, nothing left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from chorsu.records.viewer import Viewer
from chorsu.search.actions import index, remove
from chorsu.search.places import Place
from chorsu.search.queries import SearchResults, search
from chorsu.search.rules import DocumentToIndex, Filters

pytestmark = pytest.mark.django_db
Make = Callable[..., DocumentToIndex]
ANYBODY = Viewer(member=False, languages=("en",))
TEXT = ("Night buses", "Buses run through the whole night.")


def page(question: str, number: int, after: Place | None = None) -> SearchResults:
    return search(question, ANYBODY, Filters(), offset=2 * (number - 1), limit=2, after=after)


def ids(results: SearchResults) -> list[str]:
    return [hit.record_id for hit in results.hits]


@pytest.mark.parametrize("question", ["", "night buses"])
def test_a_record_that_comes_between_two_pages_repeats_and_skips_nothing(
    document: Make, question: str
) -> None:
    made = [document(en=TEXT) for _ in range(5)]
    for one in made:
        index(one)
    newest_first = [one.record_id for one in reversed(made)]
    first = page(question, 1)
    assert ids(first) == newest_first[:2]

    index(document(en=TEXT))  # the newest, so it comes before all others
    second = page(question, 2, first.place)
    assert ids(second) == newest_first[2:4]
    assert (second.newer, second.total) == (1, 6)
    index(document(en=TEXT))
    third = page(question, 3, second.place)
    assert ids(third) == newest_first[4:]
    assert ids(page(question, 2, third.place)) == newest_first[2:4]  # and back
    assert ids(page(question, 2)) != newest_first[2:4]  # without the place it would not


@pytest.mark.parametrize("gone", [0, 1])
def test_one_withdrawn_between_two_pages_skips_nothing(document: Make, gone: int) -> None:
    made = [document(en=TEXT) for _ in range(5)]
    for one in made:
        index(one)
    newest_first = [one.record_id for one in reversed(made)]
    first = page("night buses", 1)
    remove(kind="practice", record_id=newest_first[gone])  # the last seen among them

    assert ids(page("night buses", 2, first.place)) == newest_first[2:4]


def test_one_changed_between_two_pages_is_followed_to_where_it_stands(document: Make) -> None:
    made = [document(en=TEXT) for _ in range(4)]
    for one in made:
        index(one)
    first = page("night buses", 1)
    index(replace(made[1], updated_at=made[3].updated_at + timedelta(days=1)))  # now the first

    assert ids(page("night buses", 2, first.place)) == [made[0].record_id]


def test_a_place_is_read_as_it_was_written_and_nothing_else_is() -> None:
    place = Place(20, 712345, 1764325000123456, "01a20b57-41cf-7240-9c2d-67167621df3b")
    assert Place.read(str(place)) == place
    for wrong in ("", "20", f"0{place}", f"{place} ", str(place).replace("-7", "-٧"), "9" * 999):
        assert Place.read(wrong) is None
