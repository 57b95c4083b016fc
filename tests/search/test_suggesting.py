"""What is offered while typing: in any script, in the reader's languages first, never unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.models import Institution
from chorsu.records.viewer import Viewer
from chorsu.search import suggesting, suggestions
from chorsu.search.actions import index, remove
from chorsu.search.errors import SearchTooSlow
from chorsu.search.learning import learn_waiting
from chorsu.search.rules import DocumentToIndex, TextToIndex
from chorsu.search.suggesting import Suggestion, suggest

pytestmark = pytest.mark.django_db
Make = Callable[..., DocumentToIndex]
ANYBODY = Viewer(member=False, languages=("en",))
MEMBER = Viewer(member=True, languages=("en",))


def offered(typed: str, viewer: Viewer = ANYBODY, limit: int = 8) -> list[Suggestion]:
    return suggest(typed, viewer, kinds=["practice"], limit=limit)


def texts(typed: str, viewer: Viewer = ANYBODY) -> list[str]:
    return [one.text for one in offered(typed, viewer) if one.sort in ("title", "place")]


def take_in(*documents: DocumentToIndex) -> None:
    for one in documents:
        index(one)
    learn_waiting(limit=100)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("scho", "A School for every village"),
        ("village sch", "A School for every village"),
        ("навб", "Navbatsiz qabul"),  # Uzbek in Cyrillic letters
        ("mekteb", "Ауыл мектебі"),  # Kazakh in Latin letters
        ("okuwcy", "Okuwçylar üçin naharlar"),
        ("oquvchi", "Oʻquvchilar"),
        ("o'quv", "Oʻquvchilar"),
        ("елк", "Ёлка"),
        ("服务", "政务服务一站式办理"),
        ("一站式", "政务服务一站式办理"),
        ("ＳＣＨ", "A School for every village"),
    ],
)
def test_a_title_is_found_by_the_beginnings_of_its_words_in_any_script(
    document: Make, typed: str, wanted: str
) -> None:
    take_in(
        document(en=("A School for every village", "")),
        document(uz=("Navbatsiz qabul", "")),
        document(kk=("Ауыл мектебі", ""), ru=("Ёлка", "")),
        document(tk=("Okuwçylar üçin naharlar", "")),
        document(uz=("Oʻquvchilar", "")),
        document(zh=("政务服务一站式办理", "")),
    )
    assert texts(typed) == [wanted]


@pytest.mark.parametrize(
    "typed", ["", " ", "s", "я", "!!", "'; DROP", "zzzz", "\x00", "village xyz"]
)
def test_nothing_is_offered_to_who_typed_too_little_or_what_nothing_begins_with(
    document: Make, typed: str
) -> None:
    take_in(document(en=("A School for every village", "")))
    assert offered(typed) == []


def test_one_of_a_records_titles_is_offered_that_in_the_readers_language(document: Make) -> None:
    take_in(
        document(en=("Digital school", ""), tk=("Digital mekdep", ""), uz=("Digital maktab", ""))
    )
    assert texts("digi") == ["Digital school"]
    assert texts("digi", Viewer(member=False, languages=("tk", "uz"))) == ["Digital mekdep"]
    assert texts("digi", Viewer(member=False, languages=("zh-Hans", "uz"))) == ["Digital maktab"]


def test_a_title_that_begins_so_comes_before_one_with_the_word_inside(document: Make) -> None:
    take_in(document(en=("New water", "")), document(en=("Water meters for all", "")))
    assert texts("wat") == ["Water meters for all", "New water"]


def test_titles_for_the_network_are_offered_to_members_only(document: Make) -> None:
    take_in(document(audience="network", en=("Inspection schedule", "")))
    assert texts("insp") == []
    assert texts("insp", MEMBER) == ["Inspection schedule"]


def test_a_withdrawn_title_is_offered_no_more_a_changed_one_as_it_is_now(document: Make) -> None:
    one = document(en=("Night buses", ""))
    take_in(one)
    index(replace(one, texts=[TextToIndex("en", "Day trams", [])]))
    assert texts("night") == []  # at once, though the new one waits for a worker
    learn_waiting(limit=10)
    assert texts("day") == ["Day trams"]
    remove(kind="practice", record_id=one.record_id)
    assert texts("day") == []


def test_a_place_is_offered_once_however_many_records_are_of_it(document: Make) -> None:
    for _ in range(3):
        texts = [TextToIndex("en", "Some title", [("place", "Hangzhou, Zhejiang")])]
        index(replace(document(en=("Some title", "")), texts=texts))
    learn_waiting(limit=10)
    assert offered("hang") == [Suggestion("place", "en", "Hangzhou, Zhejiang", "")]
    assert offered("zhej") == offered("hang")


def test_institutions_and_themes_are_offered_by_their_names_in_any_language(
    academy: Institution,
) -> None:
    assert offered("астанин") == [Suggestion("institution", "ru", "Астанинский хаб", "hub-astana")]
    theme = offered("digital")[0]
    assert theme.sort == "theme"
    assert "igital" in theme.text


def test_titles_leave_room_for_institutions_and_themes(
    document: Make, academy: Institution
) -> None:
    take_in(*(document(en=(f"Astana practice {number}", "")) for number in range(10)))
    found = offered("astana", limit=6)
    assert [one.sort for one in found] == ["title"] * 5 + ["institution"]


def test_one_statement_whatever_is_offered(
    document: Make, academy: Institution, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    take_in(document(en=("Astana", "")))
    offered("ast")  # institutions are kept by the process
    with django_assert_num_queries(4):  # in a savepoint, with its time limit
        assert len(offered("ast")) == 2


def test_the_cost_of_what_is_typed_is_bounded() -> None:
    asked = suggestions.typed("слово " * 1000 + "x" * 10_000)
    assert len(asked) <= suggestions.MAX_WORDS
    assert all(len(one) <= suggestions.MAX_BEGINNING for word in asked for one in word)


@pytest.mark.usefixtures("locked")
@pytest.mark.django_db(transaction=True)
def test_it_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggesting, "PATIENCE_MS", 150)
    with pytest.raises(SearchTooSlow):
        offered("school")
