"""The passage that answers, in the reader's language, from the same place of the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chorsu.records.viewer import Viewer
from chorsu.search.actions import index
from chorsu.search.embedding import embed_waiting
from chorsu.search.inside import Inside, inside
from chorsu.search.queries import Snippet, search
from chorsu.search.rules import DocumentToIndex, Filters, TextToIndex

pytestmark = pytest.mark.django_db
Make = Callable[..., DocumentToIndex]
ENGLISH = TextToIndex(
    "en",
    "School meals",
    [
        ("summary", "Every child gets a warm lunch at school without paying for it."),
        ("problem", "Families in distant villages could not pay for any lunch of their children."),
        ("results", "Attendance in winter rose because pupils no longer walk home at noon."),
    ],
)
TURKMEN = TextToIndex(
    "tk",
    "Mekdep naharlary",
    [
        ("summary", "Her çaga mekdepde gyzgyn nahary tölegsiz alýar, her gün günortan."),
        ("problem", "Uzak obalardaky maşgalalar çagalarynyň naharyny töläp bilmeýärdi."),
    ],
)


def viewer(*languages: str, member: bool = False) -> Viewer:
    return Viewer(member=member, languages=languages)


@pytest.fixture
def meals(document: Make) -> DocumentToIndex:
    made = replace(document(en=("", ""), tk=("", "")), texts=[ENGLISH, TURKMEN], audience="public")
    index(made)
    embed_waiting(100)
    return made


def snippet(question: str, reader: Viewer) -> Snippet:
    (hit,) = search(question, reader, Filters()).hits
    assert hit.snippet is not None
    return hit.snippet


def test_words_met_in_another_language_show_the_same_place_in_the_readers(
    meals: DocumentToIndex,
) -> None:
    found = snippet("families in distant villages", viewer("tk"))
    assert (found.language, found.field) == ("tk", "problem")
    assert found.text.startswith("Uzak obalardaky")
    assert (found.marks, found.by_words, found.words_in) == ((), True, "en")


def test_words_of_the_readers_own_text_are_marked(meals: DocumentToIndex) -> None:
    found = snippet("gyzgyn nahary", viewer("tk", "en"))
    assert (found.language, found.field, found.words_in) == ("tk", "summary", "tk")
    assert [found.text[a:b] for a, b in found.marks] == ["gyzgyn", "nahary"]


def test_where_the_readers_text_lacks_the_field_the_passage_itself_is_shown(
    meals: DocumentToIndex,
) -> None:
    found = snippet("attendance in winter", viewer("tk"))
    assert (found.language, found.field) == ("en", "results")
    assert found.text[slice(*found.marks[0])] == "Attendance"


def test_without_a_text_in_the_readers_language_it_is_the_original(meals: DocumentToIndex) -> None:
    assert snippet("warm lunch", viewer("zh-Hans")).language == "en"


def test_what_only_means_the_same_says_so(meals: DocumentToIndex) -> None:
    found = snippet("бесплатное питание школьников", viewer("en"))
    assert (found.by_words, found.words_in, found.marks) == (False, "", ())
    assert found.language == "en"


def test_the_place_in_a_long_field_is_the_same_share_of_it(document: Make) -> None:
    def long(language: str, sentences: list[str]) -> TextToIndex:
        return TextToIndex(language, "Long", [("action", " ".join(sentences))])

    english = [
        f"Sentence {number} speaks at length {'of this and that ' * 30}." for number in "1234"
    ]
    russian = [f"Предложение {number} говорит долго {'о том и о сём ' * 40}." for number in "1234"]
    english[2] = "The brass telescope was bought " + "for the observatory of the town " * 17 + "."
    one = replace(
        document(en=("", ""), ru=("", "")), texts=[long("en", english), long("ru", russian)]
    )
    index(one)
    found = snippet("brass telescope", viewer("ru"))
    assert found.text.startswith("Предложение 3")


def look(question: str, one: DocumentToIndex, reader: Viewer, language: str = "tk") -> Inside:
    return inside(
        question,
        reader,
        kind="practice",
        record_id=one.record_id,
        language=language,
        original="en",
        limit=5,
    )


def test_inside_a_record_each_place_is_shown_once_with_the_original_beside(
    meals: DocumentToIndex,
) -> None:
    spots = look("maşgalalar naharyny töläp bilmeýärdi", meals, viewer("tk")).spots
    assert (spots[0].shown.language, spots[0].shown.field) == ("tk", "problem")
    assert spots[0].original is not None
    assert (spots[0].original.language, spots[0].original.field) == ("en", "problem")
    marked = [spots[0].shown.text[a:b] for a, b in spots[0].shown.marks]
    assert marked == ["maşgalalar", "naharyny", "töläp", "bilmeýärdi"]
    places = [(spot.shown.language, spot.shown.field) for spot in spots]
    assert len(places) == len(set(places))


def test_inside_a_record_words_of_the_original_are_found_from_the_translation(
    meals: DocumentToIndex,
) -> None:
    (first, *_) = look("distant villages", meals, viewer("tk")).spots
    assert first.shown.text.startswith("Uzak obalardaky")
    assert first.original is not None
    assert len(first.original.marks) == 2
    (first, *_) = look("attendance", meals, viewer("tk")).spots
    assert (first.shown.language, first.original) == ("en", None)  # tk lacks this field


def test_inside_a_record_nothing_is_said_where_nothing_answers(meals: DocumentToIndex) -> None:
    assert look("quantum chromodynamics", meals, viewer("tk")).spots == ()
    assert look("!!!", meals, viewer("tk")).query.empty


def test_inside_a_record_for_the_network_only_members_find_anything(document: Make) -> None:
    one = document(audience="network", en=("Inspection schedule", "Inspectors come in May."))
    index(one)
    assert look("inspectors", one, viewer("en"), "en").spots == ()
    assert len(look("inspectors", one, viewer("en", member=True), "en").spots) >= 1
