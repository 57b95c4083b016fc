"""More like this: near by meaning in any language, never what the reader may not see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from chorsu.kernel.ids import new_id
from chorsu.records.viewer import Viewer
from chorsu.search import similar as module
from chorsu.search import switching
from chorsu.search.actions import index
from chorsu.search.embedding import embed_waiting
from chorsu.search.errors import SearchTooSlow
from chorsu.search.rules import DocumentToIndex
from chorsu.search.similar import similar

pytestmark = pytest.mark.django_db
Make = Callable[..., DocumentToIndex]
ANYBODY = Viewer(member=False, languages=("en",))
MEMBER = Viewer(member=True, languages=("en",))
WASTE = ("Household waste sorting", "Residents separate glass, paper and food in their yards.")
WASTE_RU = ("Сортировка бытовых отходов", "Жители делят стекло, бумагу и пищу во дворах домов.")
COURT = ("Judges hear cases by video", "The court hears witnesses from afar over a video line.")


def like(one: DocumentToIndex, viewer: Viewer = ANYBODY, limit: int = 5) -> list[str]:
    return [found.record_id for found in similar("practice", one.record_id, viewer, limit=limit)]


def take_in(*documents: DocumentToIndex) -> None:
    for one in documents:
        index(one)
    embed_waiting(100)


def test_what_says_the_same_in_another_language_is_near_and_what_says_another_thing_is_not(
    document: Make,
) -> None:
    english, russian, court = document(en=WASTE), document(ru=WASTE_RU), document(en=COURT)
    take_in(english, russian, court)

    assert like(english) == [russian.record_id]
    assert like(russian) == [english.record_id]
    assert like(court) == []


def test_the_nearest_comes_first_and_no_more_than_asked_for(document: Make) -> None:
    one, same, other = document(en=WASTE), document(en=WASTE), document(ru=WASTE_RU)
    take_in(one, other, same)

    assert like(one) == [same.record_id, other.record_id]
    assert like(one, limit=1) == [same.record_id]


def test_a_record_for_the_network_is_near_for_members_only(document: Make) -> None:
    public, inner = document(en=WASTE), document(audience="network", ru=WASTE_RU)
    take_in(public, inner)

    assert like(public) == []
    assert like(public, MEMBER) == [inner.record_id]
    assert like(inner) == []  # who may not see it learns nothing of it either


def test_a_record_without_vectors_or_not_there_is_like_nothing(document: Make) -> None:
    one, other = document(en=WASTE), document(ru=WASTE_RU)
    take_in(other)
    index(one)

    assert like(one) == []
    assert similar("practice", new_id(), ANYBODY, limit=5) == []


def test_two_statements_whatever_is_found(
    document: Make, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = document(en=WASTE)
    take_in(one, *(document(en=WASTE) for _ in range(5)))

    with django_assert_num_queries(5):  # in a savepoint, with its time limit
        assert len(like(one)) == 5


@pytest.mark.usefixtures("locked")
@pytest.mark.django_db(transaction=True)
def test_it_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        switching.targets()  # an encoder serves
    monkeypatch.setattr(module, "PATIENCE_MS", 150)
    with pytest.raises(SearchTooSlow):
        similar("practice", new_id(), ANYBODY, limit=5)
