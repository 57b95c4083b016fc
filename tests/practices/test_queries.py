"""Reading: the right text for the reader, narrowed lists, bounded queries."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from chorsu.institutions.models import Institution, Person
from chorsu.kernel.clock import utc_now
from chorsu.practices import actions, queries
from chorsu.practices.errors import NoSuchPractice
from chorsu.practices.shapes import Filters
from chorsu.records.cursors import InvalidCursor
from chorsu.records.viewer import Viewer
from tests.practices.content import FACTS, RUSSIAN, WORDS, ready_draft
from tests.practices.test_publishing import russian

ANYONE = Viewer(member=False, languages=("en",))
MEMBER = Viewer(member=True, languages=("en",))


def ids(number: int) -> str:
    return f"01920000-0000-7000-8000-{number:012}"


@pytest.fixture
def five(academy: Institution, now: datetime) -> None:
    """Five practices an hour apart; the second for the network only, the third in Russian too."""
    for number in range(1, 6):
        actions.publish_ready(
            practice_id=ids(number),
            institution_id="hub-astana",
            language="en",
            audience="network" if number == 2 else "public",
            licence="CC-BY-4.0",
            words={**WORDS, "title": f"Practice {number}"},
            facts={
                **FACTS,
                "country": "CN" if number == 3 else "KZ",
                "level": "national" if number > 3 else "village",
                "themes": ["transport"] if number == 5 else ["service-delivery", "transport"],
                "year_from": 2010 + number,
                "year_to": None if number == 1 else 2010 + number,
            },
            texts=[russian()] if number == 3 else [],
            now=now + timedelta(hours=number),
        )


def found(filters: Filters, viewer: Viewer = ANYONE) -> list[str]:
    return [card.title[-1] for card in queries.practices(viewer, filters).items]


@pytest.mark.usefixtures("five")
def test_lists_are_newest_first_and_keep_the_networks_records_in_it() -> None:
    assert found(Filters()) == ["5", "4", "3", "1"]
    assert found(Filters(), MEMBER) == ["5", "4", "3", "2", "1"]
    assert [card.title[-1] for card in queries.latest(ANYONE, 2)] == ["5", "4"]


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(theme="service-delivery"), ["4", "3", "1"]),
        (Filters(goal=16), ["5", "4", "3", "1"]),
        (Filters(goal=1), []),
        (Filters(country="CN"), ["3"]),
        (Filters(institution="tm-acs"), []),
        (Filters(level="national"), ["5", "4"]),
        (Filters(level="national", theme="service-delivery"), ["4"]),
        (Filters(status="running", origin="hub.chorsu.example"), ["5", "4", "3", "1"]),
        (Filters(year=2014), ["4", "1"]),
        (Filters(year=2010), []),
        (Filters(year=utc_now().year), ["1"]),
        (Filters(year=2099), []),
    ],
)
def test_lists_are_narrowed(filters: Filters, expected: list[str]) -> None:
    assert found(filters) == expected


@pytest.mark.usefixtures("five")
def test_a_list_is_narrowed_to_a_language_and_read_in_it() -> None:
    page = queries.practices(Viewer(member=False, languages=("ru",)), Filters(language="ru"))
    (card,) = page.items
    assert (card.title, card.text_language, card.languages) == (
        RUSSIAN["title"],
        "ru",
        ["ru", "en"],
    )


@pytest.mark.usefixtures("five")
def test_pages_follow_each_other_without_a_gap() -> None:
    titles, cursor = [], ""
    for _ in range(5):
        page = queries.practices(MEMBER, after=cursor, limit=2)
        titles += [card.title[-1] for card in page.items]
        cursor = page.next_cursor
        if not cursor:
            break
    assert titles == ["5", "4", "3", "2", "1"]


@pytest.mark.parametrize("cursor", ["x", "????", "MjAyNg", "é", "MjAyNi0xMS0yNHwx", "a" * 500])
def test_a_cursor_nobody_gave_is_refused(db: None, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        queries.practices(ANYONE, after=cursor)


@pytest.mark.usefixtures("five")
def test_the_number_of_queries_does_not_grow(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(3):
        queries.practice(ids(3), ANYONE)
    with django_assert_num_queries(2):
        queries.practices(MEMBER)
    with django_assert_num_queries(1):
        queries.counts(MEMBER)
    with django_assert_num_queries(2):
        queries.history(ids(3), ANYONE)
    with django_assert_num_queries(2):
        queries.document_for_search(ids(3))


def test_a_work_list_and_a_draft_take_few_queries(
    editor: Person, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    drafts = [ready_draft(editor, now) for _ in range(4)]
    queries.drafts_for(editor)
    with django_assert_num_queries(1):
        queries.drafts_for(editor)
    with django_assert_num_queries(3):
        queries.draft(drafts[0].id, editor)


@pytest.mark.usefixtures("five")
def test_counts_are_of_what_the_reader_may_see() -> None:
    counts = queries.counts(ANYONE)
    assert (counts.total, counts.theme) == (4, {"transport": 4, "service-delivery": 3})
    assert counts.country == {"KZ": 3, "CN": 1}
    assert (counts.level, counts.status) == ({"village": 2, "national": 2}, {"running": 4})
    assert (counts.language, counts.goal) == ({"en": 4, "ru": 1}, {"16": 4})
    assert counts.institution == {"hub-astana": 4}
    running = {str(year): 1 for year in range(2011, utc_now().year + 1)}  # the first has not ended
    assert counts.year == {**running, "2013": 2, "2014": 2, "2015": 2}
    assert queries.counts(ANYONE, Filters(year=2014)).total == counts.year["2014"]
    assert queries.counts(MEMBER).total == 5
    assert queries.counts(ANYONE, Filters(level="national")).country == {"KZ": 2}


def test_counts_of_nothing(db: None) -> None:
    counts = queries.counts(ANYONE)
    assert (counts.total, counts.theme, counts.language) == (0, {}, {})


@pytest.mark.usefixtures("five")
def test_a_reader_gets_the_first_of_their_languages_that_there_is() -> None:
    reader = Viewer(member=False, languages=("tk", "ru", "en"))
    view = queries.practice(ids(3), reader)
    assert (view.text.language, view.original.language) == ("ru", "en")
    assert queries.practice(ids(3), reader, language="en").text.language == "en"
    assert queries.practice(ids(1), reader).text.language == "en"
    with pytest.raises(NoSuchPractice):
        queries.practice(ids(3), reader, language="tk")


@pytest.mark.usefixtures("five")
def test_what_a_reader_may_not_know_of_is_not_there() -> None:
    for practice_id in (ids(2), ids(99), "nonsense"):
        with pytest.raises(NoSuchPractice):
            queries.practice(practice_id, ANYONE)
    assert queries.practice(ids(2), MEMBER).audience == "network"
    assert list(queries.practices_by_id([ids(1), ids(2)], ANYONE)) == [ids(1)]


@pytest.mark.usefixtures("five")
def test_search_is_given_every_text_in_plain_words() -> None:
    document = queries.document_for_search(ids(3))
    assert document is not None
    assert (document.kind, document.record_id) == ("practice", ids(3))
    assert (document.year_from, document.year_to) == (2013, 2013)
    assert (list(document.languages), document.country) == (["en", "ru"], "CN")
    second, english = document.texts
    assert (english.title, second.language) == ("Practice 3", "ru")
    sections = dict(english.sections)
    assert sections["problem"] == "People of the village went to four offices."
    assert sections["results"] == "waiting fell from 12 days to 2"
    assert sections["indicators.waiting.name"] == "Waiting"
    assert queries.document_for_search(ids(99)) is None
