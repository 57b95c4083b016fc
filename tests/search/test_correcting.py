"""Mistyped words: what was meant, in words the reader may see, and nothing where all is well."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chorsu.records.viewer import Viewer
from chorsu.search import correcting
from chorsu.search.actions import index, remove
from chorsu.search.asking import read_query
from chorsu.search.correcting import correct
from chorsu.search.errors import SearchTooSlow
from chorsu.search.learning import forget_gone_words, learn_waiting
from chorsu.search.mistakes import distance, is_mistyped
from chorsu.search.models import Document, ShownWord
from chorsu.search.rules import DocumentToIndex

pytestmark = pytest.mark.django_db
Make = Callable[..., DocumentToIndex]
ANYBODY = Viewer(member=False, languages=("en",))
MEMBER = Viewer(member=True, languages=("en",))


def meant(typed: str, viewer: Viewer = ANYBODY, found: int = 0) -> str | None:
    correction = correct(typed, read_query(typed), viewer, kinds=["practice"], found=found)
    return correction and correction.text


def take_in(*documents: DocumentToIndex) -> None:
    for one in documents:
        index(one)
    learn_waiting(limit=100)


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("shcool meals", "school meals"),
        ("school meels", "school meals"),
        ("Sckool, please", "school, please"),
        ("шкоьное питание", "школьное питание"),
        ("navabt", "navbat"),
        ("навабт", "navbat"),  # Uzbek in Cyrillic letters, stored in Latin ones
        ("oʻquvchillar", "oʻquvchilar"),
        ("okuwcylatr", "okuwçylar"),
        ("мектпе", "мектеп"),
    ],
)
def test_a_slip_of_the_hand_is_corrected_as_texts_write_the_word(
    document: Make, typed: str, wanted: str
) -> None:
    take_in(
        document(
            en=("School meals", "Every child eats, please note."), ru=("Школьное питание", "")
        ),
        document(uz=("Navbat oʻquvchilar uchun", "")),
        document(tk=("Okuwçylar üçin", ""), kk=("Мектеп", "")),
    )
    assert meant(typed) == wanted


def test_of_two_scripts_the_one_typed_is_corrected_in(document: Make) -> None:
    take_in(document(uz=("Portal", "")), document(uz=("Portal ochildi", "")))
    take_in(document(ru=("Портал", "")))
    assert meant("поратл") == "портал"
    assert meant("poratl") == "portal"


@pytest.mark.parametrize(
    "typed", ["school meals", "schools", "scho", "学校餐", "meel 2020", "zzzzzz"]
)
def test_what_is_known_or_like_nothing_is_left_alone(document: Make, typed: str) -> None:
    take_in(document(en=("Schools give school meals", "Meel is the name of a village.")))
    assert meant(typed) is None


def test_nothing_is_corrected_into_a_word_of_a_record_for_the_network(document: Make) -> None:
    take_in(document(audience="network", en=("Inspection schedule", "")))
    assert meant("inspektion") is None
    assert meant("inspektion", MEMBER) == "inspection"


def test_a_word_of_the_network_is_unknown_to_anybody_else_and_corrected(document: Make) -> None:
    take_in(document(audience="network", en=("Zamirbek", "")), document(en=("Zumirbek", "")))
    assert meant("zamirbek") == "zumirbek"
    assert meant("zamirbek", MEMBER) is None


def test_a_withdrawn_records_words_are_offered_no_more_and_soon_gone(document: Make) -> None:
    gone, left = document(en=("Certificates", "")), document(en=("Library", ""))
    take_in(gone, left)
    assert meant("certifikates") == "certificates"
    remove(kind="practice", record_id=gone.record_id)
    assert meant("certifikates") is None
    assert forget_gone_words() == 1
    assert list(ShownWord.objects.values_list("folded", flat=True)) == ["library"]


def test_a_rare_word_is_doubted_where_next_to_nothing_was_found_and_another_is_common(
    document: Make,
) -> None:
    take_in(*(document(en=("Certificates", "")) for _ in range(11)))
    take_in(document(en=("Certifikates", "")))
    assert meant("certifikates", found=1) == "certificates"
    assert meant("certifikates", found=12) is None


def test_changed_texts_are_learned_anew(document: Make) -> None:
    one = document(en=("Library", ""))
    take_in(one)
    assert Document.objects.get().learned
    index(one)
    assert not Document.objects.get().learned


def test_other_forms_of_a_word_are_no_slips() -> None:
    assert not is_mistyped("maktabga", "maktabda")
    assert not is_mistyped("школами", "школам")
    assert is_mistyped("registraton", "registration")
    assert is_mistyped("shcool", "school")


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("abcd", "abcd", 0), ("abcd", "abdc", 1), ("abcd", "abd", 1), ("ab", "xyz", 3), ("", "ab", 2)],
)
def test_slips_are_counted(one: str, other: str, apart: int) -> None:
    assert distance(one, other) == distance(other, one) == apart


@pytest.mark.usefixtures("locked")
@pytest.mark.django_db(transaction=True)
def test_it_gives_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correcting, "PATIENCE_MS", 150)
    with pytest.raises(SearchTooSlow):
        meant("school")
