"""Taking records in, finding them by words at once and by meaning once embedded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.records.viewer import Viewer
from chorsu.search.actions import index, remove
from chorsu.search.embedding import embed_waiting
from chorsu.search.encoder import Vectors
from chorsu.search.meaning import Meaning
from chorsu.search.models import Encoder, Passage, Vector
from chorsu.search.queries import search, waiting_passages
from chorsu.search.rules import DocumentToIndex, Filters, TextToIndex

pytestmark = pytest.mark.django_db
ANYBODY = Viewer(member=False, languages=("en",))
MEMBER = Viewer(member=True, languages=("en",))


ALL = Filters()


def found(query: str, viewer: Viewer = ANYBODY, filters: Filters = ALL, **more: int) -> list[str]:
    return [hit.record_id for hit in search(query, viewer, filters, **more).hits]


def embedded() -> list[str]:
    """Texts of the passages that have a vector."""
    have = Vector.objects.values("passage")
    return sorted(Passage.objects.filter(pk__in=have).values_list("text", flat=True))


def test_words_are_found_at_once_and_meaning_after_embedding(
    document: Callable[..., DocumentToIndex],
) -> None:
    waste = document(
        en=("Household waste sorting", "Residents separate glass, paper and food in yards.")
    )
    assert index(waste) == 2
    assert found("household waste") == [waste.record_id]
    assert found("мусор") == []
    assert embed_waiting(10) == 2
    assert waiting_passages() == 0
    assert found("раздельный сбор мусора") == [waste.record_id]


def test_taking_in_again_replaces_and_keeps_vectors(
    document: Callable[..., DocumentToIndex],
) -> None:
    before = document(en=("Night buses", "Buses run through the whole night, every hour."))
    index(before)
    embed_waiting(10)
    after = replace(
        before,
        texts=[
            TextToIndex(
                "en", "Night buses", [("summary", "Trams run through the whole night, every hour.")]
            )
        ],
    )
    assert index(after) == 1
    assert sorted(Passage.objects.values_list("text", flat=True)) == [
        "Night buses",
        "Trams run through the whole night, every hour.",
    ]
    assert found("night buses") == [before.record_id]


def test_the_same_text_in_another_record_is_not_embedded_again(
    document: Callable[..., DocumentToIndex],
) -> None:
    index(document(en=("Night buses", "Buses run through the whole night, every hour.")))
    embed_waiting(10)
    assert (
        index(document(en=("Night trams", "Buses run through the whole night, every hour."))) == 1
    )


def test_the_same_words_waiting_in_many_records_are_embedded_at_once(
    document: Callable[..., DocumentToIndex],
) -> None:
    for _ in range(3):
        index(
            document(
                en=(
                    "A shared title",
                    "A shared summary that is long enough to be given a vector of its own.",
                )
            )
        )

    embed_waiting(1)

    assert embedded() == ["A shared title"] * 3


def test_removed_is_gone(document: Callable[..., DocumentToIndex]) -> None:
    one = document(en=("Village library", "Books for every village."))
    index(one)
    remove(kind="practice", record_id=one.record_id)
    assert found("village library") == []
    assert Passage.objects.count() == 0


def test_removing_what_was_never_there_changes_nothing() -> None:
    remove(kind="practice", record_id=new_id())
    assert search("", ANYBODY, ALL).total == 0


def test_titles_get_their_vectors_first(document: Callable[..., DocumentToIndex]) -> None:
    index(document(en=("First title", "The first summary, long enough to say anything.")))
    index(document(en=("Second title", "The second summary, long enough to say anything.")))
    embed_waiting(2)
    assert embedded() == ["First title", "Second title"]


def test_names_are_found_by_words_alone(document: Callable[..., DocumentToIndex]) -> None:
    one = document(en=("Night buses", "Republic of Kazakhstan"))
    assert index(one) == 1
    assert embed_waiting(10) == 1
    assert found("kazakhstan") == [one.record_id]


def test_network_records_never_reach_a_stranger(document: Callable[..., DocumentToIndex]) -> None:
    secret = document(en=("Inspection schedule", "Dates of inspections."), audience="network")
    index(secret)
    embed_waiting(10)
    for query in ("inspection schedule", "расписание проверок", ""):
        assert search(query, ANYBODY, ALL).total == 0
        assert search(query, ANYBODY, ALL).facets["countries"] == {}
        assert found(query, MEMBER) == [secret.record_id]


def test_vectors_of_another_encoder_are_not_compared(
    document: Callable[..., DocumentToIndex],
) -> None:
    one = document(
        en=("Household waste sorting", "Residents separate glass, paper and food in yards.")
    )
    index(one)
    embed_waiting(10)
    other = Encoder.objects.create(
        name="another", choice={}, dimensions=384, state="leaving", since=utc_now(), audiences=[]
    )
    Vector.objects.update(encoder=other)
    assert found("раздельный сбор мусора") == []
    assert found("household waste") == [one.record_id]


def test_five_statements_answer_however_much_is_found(
    document: Callable[..., DocumentToIndex],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(12):
        index(document(en=(f"School meals {number}", "Hot meals for all pupils.")))
    with django_assert_num_queries(8):  # five, one for filters, the savepoint around them
        assert len(found("school meals", filters=Filters(countries=("KZ",)))) == 12


@pytest.mark.parametrize(("country", "by_record"), [("TM", True), ("KZ", False)])
def test_few_records_that_pass_are_read_and_many_are_asked_by_the_word_index(
    document: Callable[..., DocumentToIndex],
    monkeypatch: pytest.MonkeyPatch,
    country: str,
    by_record: bool,
) -> None:
    for number in range(8):
        one = document(en=(f"School meals {number}", "Hot meals for all pupils."))
        index(replace(one, country="KZ" if number else "TM"))
    connection.cursor().execute("ANALYZE search_document")
    monkeypatch.setattr("chorsu.search.queries.FEW", 4)
    with CaptureQueriesContext(connection) as captured:
        assert found("school meals", filters=Filters(countries=(country,)))
    by_words = next(one["sql"] for one in captured if "@@" in one["sql"])
    ways = by_words.count("JOIN search_document"), by_words.count("LATERAL")
    assert ways == ((2, 2) if by_record else (0, 4))


def test_words_are_found_while_the_vector_of_the_question_is_made(
    document: Callable[..., DocumentToIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    index(document(en=("School meals", "Hot meals for all pupils.")))
    embed_waiting(10)
    by_words, in_time, make = threading.Event(), [], Meaning.query

    def slowly(meaning: Meaning, text: str, likely: Mapping[str, float]) -> Vectors:
        in_time.append(by_words.wait(10))
        return make(meaning, text, likely)

    def watch(
        execute: Callable[..., object], sql: str, values: object, many: bool, context: object
    ) -> object:
        done = execute(sql, values, many, context)
        if "@@" in sql and "<#>" not in sql:
            by_words.set()
        return done

    monkeypatch.setattr(Meaning, "query", slowly)
    with connection.execute_wrapper(watch):
        assert len(found("school meals")) == 1
    assert in_time == [True]


def test_the_vector_is_begun_before_the_database_is_asked(
    document: Callable[..., DocumentToIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    index(document(en=("School meals", "Hot meals for all pupils.")))
    embed_waiting(10)
    found("warm")  # this process knows which encoder serves
    begun, in_time, make = threading.Event(), [], Meaning.query

    def noting(meaning: Meaning, text: str, likely: Mapping[str, float]) -> Vectors:
        begun.set()
        return make(meaning, text, likely)

    def watch(
        execute: Callable[..., object], sql: str, values: object, many: bool, context: object
    ) -> object:
        if "hnsw.ef_search" in sql:
            in_time.append(begun.wait(10))
        return execute(sql, values, many, context)

    monkeypatch.setattr(Meaning, "query", noting)
    with connection.execute_wrapper(watch):
        assert len(found("school meals")) == 1
    assert in_time == [True]


def test_what_was_typed_on_other_keys_has_the_vector_of_what_was_meant(
    document: Callable[..., DocumentToIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    index(document(ru=("Школьное питание", "Горячее питание для всех школьников области.")))
    embed_waiting(10)
    texts, make = [], Meaning.query

    def noting(meaning: Meaning, text: str, likely: Mapping[str, float]) -> Vectors:
        texts.append(text)
        return make(meaning, text, likely)

    monkeypatch.setattr(Meaning, "query", noting)
    assert len(found("irjkmyjt gbnfybt")) == 1
    assert "школьное питание" in texts  # what was typed may be made later than what was meant


def test_pages_follow_each_other_without_overlap(
    document: Callable[..., DocumentToIndex],
) -> None:
    for number in range(7):
        index(document(en=(f"School meals {number}", "Hot meals for all pupils.")))
    whole = found("school meals")
    assert len(whole) == 7
    pages = [found("school meals", offset=start, limit=3) for start in (0, 3, 6, 9)]
    assert [one for page in pages for one in page] == whole


def test_filters_narrow_and_counts_say_what_another_choice_brings(
    document: Callable[..., DocumentToIndex],
) -> None:
    kazakh = document(en=("School meals", "Hot meals."), country="KZ", themes=("education",))
    uzbek = document(en=("School meals", "Warm meals."), country="UZ", themes=("health",))
    index(kazakh)
    index(uzbek)
    results = search("school meals", ANYBODY, Filters(countries=("KZ",)))
    assert [hit.record_id for hit in results.hits] == [kazakh.record_id]
    assert results.total == 1
    assert results.facets["countries"] == {"KZ": 1, "UZ": 1}
    assert results.facets["themes"] == {"education": 1}


def test_a_year_means_that_the_record_ran_in_it(document: Callable[..., DocumentToIndex]) -> None:
    this_year = utc_now().year
    spans = {"over": (2015, 2017), "running": (2016, None), "planned": (this_year + 2, None)}
    spans["unknown"] = (None, 2017)
    ids = {}
    for name, (first, last) in spans.items():
        one = document(en=("School meals", "Hot meals."), year_from=first, year_to=last)
        index(one)
        ids[name] = one.record_id

    def ran(*years: int) -> set[str]:
        filters = Filters(years=years)
        with_question = found("school meals", filters=filters)
        assert set(found("", filters=filters)) == set(with_question)
        return {name for name, record_id in ids.items() if record_id in with_question}

    assert ran(2014) == set()
    assert ran(2015) == {"over"}
    assert ran(2017) == {"over", "running"}
    assert ran(2018) == {"running"}
    assert ran(this_year) == {"running"}
    assert ran(this_year + 1) == set()
    assert ran(this_year + 2) == {"planned"}
    assert ran(2015, this_year) == {"over", "running"}
    counts = search("school meals", ANYBODY, ALL).facets["years"]
    assert {year: len(ran(int(year))) for year in counts} == counts
    assert sum(counts.values()) == 3 + (this_year - 2015) + 1


def test_snippet_is_in_the_readers_language_else_the_original(
    document: Callable[..., DocumentToIndex],
) -> None:
    index(
        document(
            ru=("Школьное питание", "Горячее питание для школьников."),
            en=("School meals", "Hot meals for all pupils."),
        )
    )
    in_english = search("meals", ANYBODY, ALL).hits[0].snippet
    assert in_english is not None
    assert (in_english.language, in_english.field) == ("en", "summary")
    marked = [in_english.text[start:end] for start, end in in_english.marks]
    assert marked == ["meals"]
    in_original = search("meals", Viewer(False, ("tk",)), ALL).hits[0].snippet
    assert in_original is not None
    assert in_original.language == "ru"


def test_what_the_filters_keep_out_is_no_measure_for_the_rest(
    document: Callable[..., DocumentToIndex],
) -> None:
    """A text that is the question itself, word for word, is in another language than asked for."""
    question = "Инспектор приезжает в посёлок по вторникам и принимает жалобы на тарифы за тепло"
    index(document(ru=(question, question)))
    weaker = document(
        tk=("Ýyladyş üçin töleg", "Ilatyň arzalary etrapda kabul edilýär, jogap berilýär.")
    )
    index(weaker)
    embed_waiting(10)
    viewer = Viewer(member=False, languages=("ru",))
    turkmen = search(question, viewer, Filters(languages=("tk",)))
    assert [hit.record_id for hit in turkmen.hits] == [weaker.record_id]
