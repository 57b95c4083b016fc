"""One word and its other forms: endings, scripts, slips, keyboards; and the vocabulary of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from chorsu.kernel.text import fold
from chorsu.records.viewer import Viewer
from chorsu.search import lexicon
from chorsu.search.actions import count_words, index, remove
from chorsu.search.asking import (
    for_encoder,
    lexemes,
    likely_languages,
    mark,
    read_query,
)
from chorsu.search.embedding import embed_waiting
from chorsu.search.gazetteer import same_place
from chorsu.search.languages import shares
from chorsu.search.layouts import meant
from chorsu.search.lexicon import expand
from chorsu.search.models import Passage, Vector, Word
from chorsu.search.queries import search
from chorsu.search.rules import DocumentToIndex, Filters, NewPassage, TextToIndex
from chorsu.search.slips import hashes, is_slip
from chorsu.search.sounds import sound
from chorsu.search.spelling import in_stored_script
from chorsu.search.stems import stem

Make = Callable[..., DocumentToIndex]


@pytest.fixture(autouse=True)
def _no_words_of_other_tests(request: pytest.FixtureRequest) -> None:
    """Some fixtures commit records; their words must not answer here."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        Word.objects.all().delete()


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("kk", "мектеп мектебі мектептерде мектептерімізді"),
        ("kk", "қызмет қызметтері қызметіне қызметтермен"),
        ("kk", "Ош Ошта Оштың"),
        ("ky", "шаар шаардын шаарларга шаарда"),
        ("ky", "китеп китеби китептерден"),
        ("uz", "maktab maktabi maktablarimizda maktabning"),
        ("uz", "yoʻl yoʻllar yoʻlda yoʻlning"),
        ("tk", "mekdep mekdebi mekdeplerde mekdepleriň"),
        ("tk", "raýat raýatlaryň raýata"),
        ("tg", "шаҳрванд шаҳрвандон шаҳрвандонро шаҳрванди"),
        ("tg", "хизматрасонӣ хизматрасониҳо хизматрасониҳои"),
        ("ru", "приёмная приёмные приёмных"),
        ("en", "reception receptions"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(language: str, forms: str) -> None:
    assert len({stem(fold(form), language) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("language", "different"),
    [("kk", "жол жыл"), ("tk", "suw saw"), ("tg", "роҳ реҷа"), ("uz", "bola boshqa")],
)
def test_other_words_have_other_stems(language: str, different: str) -> None:
    assert len({stem(fold(word), language) for word in different.split()}) == 2


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("ер", "yer"), ("европа", "yevropa"), ("поезд", "poyezd"), ("объект", "obyekt"),
     ("мен", "men"), ("таълим бериш", "talim berish")],
)  # fmt: skip
def test_uzbek_in_cyrillic_is_spelt_as_it_is_in_latin(typed: str, stored: str) -> None:
    assert in_stored_script(typed, "uz") == stored


@given(st.text(max_size=40), st.sampled_from(["kk", "ky", "uz", "tk", "tg", "ru", "en", "xx"]))
def test_a_stem_of_anything_is_no_longer_than_it_and_never_empty(word: str, language: str) -> None:
    for folded in lexemes(word):
        assert 0 < len(stem(folded, language)) <= len(folded)


@pytest.mark.parametrize(
    "names",
    [
        "Ханчжоу Hangzhou Xanchjou Hançžou 杭州",
        "Сяогучэн Xiaogucheng Syaogucheng Sýaoguçen 小古城",
        "Шанхай Shanghai 上海",
        "Шэньчжэнь Shenzhen 深圳",
        "ҳукумат хукумат hukumat",
        "қызмет кызмет",
        "көрсету корсету",
        "Түндүк Тундук Tunduk",
        "государственные gosudarstvennye",
    ],
)
def test_a_name_sounds_the_same_in_every_script(names: str) -> None:
    heard = [{sound(fold(name)), sound(fold(name), pinyin=True)} for name in names.split()]
    assert set.intersection(*heard) - {""}


def test_names_that_do_not_sound_alike_are_known_from_cldr() -> None:
    assert {"ташкент", "toshkent"} <= same_place("塔什干")
    assert "china" in same_place(fold("Қытай"))
    assert same_place("мектеп") == frozenset()


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("ujhjl", "город"),
        ("j,kfcnm", "область"),
        (",3h", "бір"),
        ("щту", "one"),
        ("ыещз", "stop"),
        ("leify,t", "душанбе"),
    ],
)
def test_keys_of_another_layout(typed: str, word: str) -> None:
    assert word in meant(typed)


@pytest.mark.parametrize(
    ("typed", "word", "near"),
    [
        ("очередь", "очередь", True),
        ("очредь", "очередь", True),
        ("очеередь", "очередь", True),
        ("очерадь", "очередь", True),
        ("очеердь", "очередь", True),
        ("очеердьь", "очередь", False),
        ("чередь", "очередной", False),
        ("kitab", "kitap", True),
        ("ab", "ba", True),
    ],
)
def test_one_slip_of_the_finger(typed: str, word: str, near: bool) -> None:
    assert is_slip(typed, word) is near
    assert is_slip(word, typed) is near


@given(st.text(alphabet="абвгд", min_size=4, max_size=9), st.data())
def test_words_one_slip_apart_share_a_hash(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 2))
    other = data.draw(
        st.sampled_from(
            [
                word[:place] + word[place + 1 :],
                word[:place] + "е" + word[place:],
                word[:place] + "е" + word[place + 1 :],
                word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            ]
        )
    )
    assert is_slip(word, other)
    assert len(other) < 4 or set(hashes(word)) & set(hashes(other))


@pytest.mark.parametrize("number", ["9 416 267", "9,416,267", "9.416.267", "９ ４１６ ２６７"])
def test_a_number_is_the_same_with_and_without_separators(number: str) -> None:
    assert "9416267" in lexemes(f"{number} обращений")
    assert "9416267" in read_query(number).spellings
    assert mark("В 2024 году 9416267 обращений", read_query(number)) == [(12, 19)]


def test_traditional_characters_are_the_simplified_ones() -> None:
    assert lexemes("電子政務") == lexemes("电子政务")
    text = "城市大腦平台"
    assert [text[a:b] for a, b in mark(text, read_query("城市大脑"))] == ["城市大腦"]


def test_the_identifier_knows_the_eight_and_leaves_each_a_share() -> None:
    asked = {
        "bir penjire hyzmatlary": "tk",
        "davlat xizmatlari": "uz",
        "one stop shop": "en",
        "одно окно для граждан": "ru",
        "мамлекеттик кызматчыларды окутуу": "ky",
        "мемлекеттік қызметшілер": "kk",
        "хизматрасонии давлатӣ": "tg",
        "халқ қабулхоналари": "uz",
    }
    every = {"kk", "ky", "uz", "tg", "tk", "ru", "en"}
    for text, language in asked.items():
        found = shares(text, every)
        assert max(found, key=found.__getitem__) == language
        assert min(found.values()) > 0.01
        assert sum(found.values()) == pytest.approx(1.0)


def test_the_readers_own_language_weighs_where_the_words_do_not_tell() -> None:
    query = read_query("мактаб")
    tajik, russian = (likely_languages(query, [tag])["tg"] for tag in ("tg", "ru"))
    assert tajik > 2 * russian


def test_the_encoder_is_asked_in_the_script_of_the_texts() -> None:
    query = read_query("халқ қабулхоналари")
    assert for_encoder(query, likely_languages(query, ["uz"])) == "xalq qabulxonalari"
    query = read_query("одно окно")
    assert for_encoder(query, likely_languages(query, ["ru"])) == "одно окно"


@pytest.mark.parametrize(
    ("field", "text", "has_meaning"),
    [
        ("steps", "村民在樟树下一起讨论村里的大事", False),
        ("steps", "村民每月在樟树下一起讨论村里的大事", True),
        ("steps", "Villagers meet under the tree.", False),
        ("place", "Xiaogucheng village, Yuhang district, Hangzhou", False),
        ("contacts", "Department of Public Service Development and Quality", False),
        ("title", "村", True),
    ],
)
def test_what_gets_a_vector(field: str, text: str, has_meaning: bool) -> None:
    assert NewPassage("zh-Hans", field, 1, text).has_meaning is has_meaning


def near(typed: str) -> set[str]:
    return {one for term in expand(read_query(typed)).terms for one in (*term.near, *term.related)}


@pytest.mark.django_db
def test_the_vocabulary_brings_other_endings_slips_and_sounds(document: Make) -> None:
    index(document(kk=("Ханчжоудағы мектептер", "Кітапхана")))
    assert near("мектепке") == {"мектептер"}
    assert near("метепке") == {"мектептер"}
    assert near("杭州") == {"ханчжоудағы"}
    assert near("кітапхна") == {"кітапхана"}
    assert near("зауыт") == set()


@pytest.mark.django_db
def test_fewer_words_stand_in_for_each_word_of_a_sentence(document: Make) -> None:
    forms = "мектебі мектептерде мектептер мектептің мектепке мектептен мектепті"
    index(document(kk=(forms, "Мектеп")))
    assert near("мектеп") == set(forms.split())
    sentence = "мектеп пен ауыл әкімдігі бала саны туралы есепті айына екі рет береді"
    of_school = expand(read_query(sentence)).terms[0]
    assert (of_school.typed, len(of_school.near), len(of_school.related)) == ("мектеп", 4, 0)


@pytest.mark.django_db
def test_a_word_that_exists_is_no_slip(document: Make) -> None:
    index(document(ru=("Порт и спорт", "Порты")))
    assert near("порт") == {"порты"}


@pytest.mark.django_db
def test_what_was_typed_on_another_keyboard_is_read_as_it_was_meant(document: Make) -> None:
    index(document(ru=("Городской транспорт области", "Одно окно")))
    query = expand(read_query("jlyj jryj"))
    assert query.text == "одно окно"
    assert expand(read_query("городской jryj транспорт")).text == "городской jryj транспорт"
    assert [term.typed for term in expand(read_query("j,kfcnb nhfycgjhn")).terms] == [
        "области",
        "транспорт",
    ]


@pytest.mark.django_db
def test_rare_words_weigh_more_once_they_are_counted(document: Make) -> None:
    for number in range(12):
        index(document(en=(f"Training of officials {number}", "Training")))
    rare = document(en=("Beekeeping of officials", "Bees"))
    index(rare)
    count_words(anew=False)
    with connection.cursor() as cursor:  # how many passages there are is PostgreSQL's own estimate
        cursor.execute("ANALYZE search_passage")
    by_word = {term.typed: term for term in expand(read_query("officials beekeeping")).terms}
    assert by_word["officials"].passages == 13
    assert by_word["beekeeping"].weight > 1.5 * by_word["officials"].weight
    hits = search("beekeeping training", Viewer(member=False, languages=("en",)), Filters()).hits
    assert hits[0].record_id == rare.record_id


@pytest.mark.django_db
def test_counting_again_does_nothing_until_there_is_something_new(document: Make) -> None:
    index(document(en=("Night buses", "Trams")))
    assert lexicon.needs_counting()
    count_words(anew=False)
    assert not lexicon.needs_counting()
    assert set(Word.objects.values_list("word", "passages")) == {
        ("night", 1),
        ("buses", 1),
        ("trams", 1),
    }


@pytest.mark.django_db
def test_an_erased_name_leaves_the_vocabulary(document: Make) -> None:
    one = document(en=("Interview with Gulnara Ismailova", "Words"))
    index(one)
    index(document(en=("Another interview", "Words")))
    index(replace(one, texts=[TextToIndex("en", "Interview", [("summary", "Words")])]))
    assert not Word.objects.filter(word__in=["gulnara", "ismailova"]).exists()
    remove(kind="practice", record_id=one.record_id)
    assert set(Word.objects.values_list("word", flat=True)) == {"another", "interview", "words"}


@pytest.mark.django_db
def test_the_count_drops_twins_and_what_no_passage_has(document: Make) -> None:
    index(document(en=("Night buses", "Trams")))
    for word in ("night", "ghost"):
        Word.objects.create(language="en", word=word, stem=word, sound="")
    count_words(anew=True)
    assert sorted(Word.objects.values_list("word", flat=True)) == ["buses", "night", "trams"]


@pytest.mark.django_db
def test_a_short_chinese_passage_waits_for_a_vector_when_it_is_taken_in_anew(
    document: Make,
) -> None:
    one = document(zh=("村民议事", "村民每月在樟树下一起讨论村里的大事"))
    index(one)
    embed_waiting(10)
    short = Passage.objects.get(field="summary")
    Vector.objects.filter(passage=short).delete()
    Passage.objects.filter(pk=short.pk).update(has_meaning=False)
    assert index(one) == 1
    assert Passage.objects.get(field="summary").has_meaning


@pytest.mark.django_db
@given(st.text(max_size=400))
def test_whatever_is_typed_the_words_asked_for_are_few_and_plain(raw: str) -> None:
    terms = expand(read_query(raw)).terms
    assert len(terms) <= 12
    for term in terms:
        assert len(term.any) < 12_000
        assert len(term.any.split(" | ")) <= 80
        for word in (*term.spellings, *term.near, *term.related, *term.pieces):
            assert not set(word) & set(" '\\:*&|!()<>\x00")
