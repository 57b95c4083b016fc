"""The translate page over HTTP: one's own practices and peers', told honestly, lost to nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from chorsu.institutions.models import Institution, Person
from chorsu.practices import queries
from chorsu.practices.models import Practice
from chorsu.practices.shapes import TranslationView
from chorsu.records.viewer import Viewer
from tests.practices.conftest import person
from tests.practices.content import RUSSIAN
from tests.web.library import ID, publish
from tests.web.writing_desk import address, inputs, signed_in

pytestmark = pytest.mark.django_db
RU = (ID, "ru")


@pytest.fixture
def gulnara(academy: Institution) -> Person:
    return person(academy, "gulnara@hub.example", "Gulnara", "translator")


@pytest.fixture
def desk(gulnara: Person) -> Client:
    return signed_in(gulnara)


@pytest.fixture
def _practice(academy: Institution, now: datetime) -> None:
    publish(now, texts=[])


def typed(version: int, **changes: str) -> dict[str, str]:
    return {
        **RUSSIAN,
        "version": str(version),
        "revision": "1",
        "provenance": "human",
        "translated_by": "Отдел переводов",
        **changes,
    }


def in_work(who: Person) -> TranslationView:
    return queries.translation(*RU, Person.objects.get(pk=who.pk))


def russian() -> tuple[str, str, int]:
    text = queries.practice(ID, Viewer(member=True, languages=("ru",))).text
    return text.language, text.provenance, text.revision


@pytest.mark.usefixtures("_practice")
def test_the_original_stands_beside_the_fields_each_in_its_language(desk: Client) -> None:
    page = desk.get(address("practice-translate", *RU)).content.decode()
    assert 'name="title" rows="1" lang="ru" dir="auto"' in page
    assert "People of the village went to **four** offices." in page
    english = desk.get(f"/ru/practices/{ID}/translate/ru/").content.decode()
    assert '<h1 lang="en">One window for all papers</h1>' in english
    assert inputs(page)["translated_by"] == "Астанинский хаб"


@pytest.mark.usefixtures("_practice")
def test_a_translation_is_saved_and_then_published(desk: Client, gulnara: Person) -> None:
    address_ = address("practice-translate", *RU)
    desk.post(address_, typed(0))
    assert (in_work(gulnara).version, russian()[0]) == (1, "en")
    answer = desk.post(address_, typed(1, title="Одно окно", do="approve"))
    assert answer.headers["Location"] == address("practice", ID)
    assert russian() == ("ru", "human", 1)


@pytest.mark.usefixtures("_practice")
def test_a_gap_is_named_and_nothing_is_published_or_lost(desk: Client, gulnara: Person) -> None:
    page = desk.post(address("practice-translate", *RU), typed(0, failures="", do="approve"))
    html = page.content.decode()
    assert page.status_code == 422
    assert '<a href="#t-failures">What went wrong and what was changed</a>: This is needed' in html
    assert "Одно окно для всех справок</textarea>" in html
    assert russian()[0] == "en"
    assert '<input type="hidden" name="version" value="1">' in html
    answer = desk.post(address("practice-translate", *RU), typed(1, do="approve"))
    assert (answer.status_code, russian()[0]) == (302, "ru")


@pytest.mark.usefixtures("_practice")
def test_two_translators_do_not_overwrite_each_other(
    desk: Client, editor: Person, gulnara: Person
) -> None:
    address_ = address("practice-translate", *RU)
    desk.post(address_, typed(0))
    answer = signed_in(editor).post(address_, typed(0, title="Единое окно", steps="x"))
    html = answer.content.decode()
    assert answer.status_code == 409
    assert in_work(gulnara).words["title"] == RUSSIAN["title"]
    kept = inputs(html)
    assert (kept["title"], kept["version"]) == ("Единое окно", "1")
    merged = {**kept, "do": "merge", "pick-title": "theirs"}
    assert signed_in(editor).post(address_, merged).status_code == 302
    assert in_work(gulnara).words["title"] == RUSSIAN["title"]
    signed_in(editor).post(address_, {**kept, "version": "2", "do": "save"})
    assert in_work(gulnara).words["title"] == "Единое окно"


@pytest.mark.usefixtures("_practice")
def test_what_is_said_about_a_translation_is_not_overwritten_either(
    desk: Client, editor: Person, gulnara: Person, now: datetime
) -> None:
    address_ = address("practice-translate", *RU)
    publish(now + timedelta(days=1), texts=[], action="One room was opened, with a website.")
    desk.post(address_, typed(0))
    late = typed(0, provenance="edited", translated_by="Бюро <b>", revision="2")
    answer = signed_in(editor).post(address_, late)
    html = answer.content.decode()
    kept = inputs(html)
    picks = {name: side for name, side in kept.items() if name.startswith("pick-")}
    assert answer.status_code == 409
    assert picks == {
        "pick-provenance": "mine",
        "pick-translated_by": "mine",
        "pick-revision": "mine",
    }
    assert "Machine translation, corrected by a person" in html
    assert "Translated by a person" in html
    assert "Бюро &lt;b&gt;" in html
    merged = {**kept, "do": "merge", "pick-translated_by": "theirs"}
    assert signed_in(editor).post(address_, merged).status_code == 302
    saved = in_work(gulnara)
    assert (saved.provenance, saved.translated_by, saved.revision) == (
        "edited",
        "Отдел переводов",
        2,
    )


@pytest.mark.usefixtures("_practice")
def test_two_who_say_the_same_of_the_same_words_have_nothing_to_decide(
    desk: Client, editor: Person
) -> None:
    address_ = address("practice-translate", *RU)
    desk.post(address_, typed(0))
    same = typed(0, translated_by="  Отдел   переводов ")
    assert signed_in(editor).post(address_, same).status_code == 302


@pytest.mark.usefixtures("_practice")
def test_line_ends_of_a_browser_are_no_difference(desk: Client, gulnara: Person) -> None:
    where = address("practice-translate", ID, "ru")
    lines = "Первая строка.\n\nВторая строка."
    desk.post(where, typed(0, problem=lines))

    answer = desk.post(where, typed(0, problem=lines.replace("\n", "\r\n")))

    assert answer.status_code == 302


@pytest.mark.usefixtures("_practice")
def test_a_stale_text_shows_what_changed_and_is_fresh_only_when_that_is_said(
    desk: Client, gulnara: Person, now: datetime
) -> None:
    address_ = address("practice-translate", *RU)
    desk.post(address_, typed(0, do="approve"))
    publish(now + timedelta(days=1), texts=[], action="One room was opened, with a website.")
    html = desk.get(address_).content.decode()
    assert "made from revision 1; the original is now at revision 2" in html
    assert "opened<ins>, with a website</ins>." in html
    assert html.count("Changed in the original") == 1
    desk.post(address_, typed(0, source_revision="2", do="approve"))
    assert russian() == ("ru", "human", 1)
    fresh = typed(0, source_revision="2", up_to_date="yes", do="approve")
    desk.post(address_, fresh)
    assert russian() == ("ru", "human", 2)


def test_a_machine_s_text_that_a_person_opens_is_offered_as_corrected(
    desk: Client, academy: Institution, now: datetime
) -> None:
    publish(now)
    html = desk.get(address("practice-translate", ID, "kk")).content.decode()
    assert inputs(html)["provenance"] == "edited"


@pytest.mark.usefixtures("_practice")
def test_a_peer_s_practice_is_translated_by_the_same_page(desk: Client) -> None:
    Practice.objects.update(origin="ashgabat.chorsu.example")
    Practice.objects.get().texts.update(supplied_by="ashgabat.chorsu.example")
    desk.post(address("practice-translate", *RU), typed(0, do="approve"))
    text = queries.practice(ID, Viewer(member=True, languages=("ru",))).text
    assert (text.language, text.supplied_by) == ("ru", "hub.chorsu.example")


@pytest.mark.usefixtures("_practice")
def test_only_translators_translate(academy: Institution) -> None:
    reader = signed_in(person(academy, "reader@hub.example", "Reader", "contributor"))
    assert reader.get(address("translate", ID)).status_code == 403
    assert reader.get(address("practice-translate", *RU)).status_code == 403
    assert reader.post(address("practice-translate", *RU), typed(0)).status_code == 403


@pytest.mark.usefixtures("_practice")
def test_a_language_that_is_none_or_the_original_s_has_no_page(desk: Client) -> None:
    assert desk.get(address("practice-translate", ID, "xx")).status_code == 404
    assert desk.get(address("practice-translate", ID, "en")).status_code == 404


@pytest.mark.usefixtures("_practice")
def test_what_is_missing_waits_on_the_translator_s_desk(desk: Client, gulnara: Person) -> None:
    gulnara.languages = ["ru"]
    gulnara.save()
    assert address("practice-translate", *RU) in desk.get(address("work")).content.decode()


@pytest.mark.usefixtures("_practice")
def test_a_translation_in_work_is_discarded(desk: Client, gulnara: Person) -> None:
    desk.post(address("practice-translate", *RU), typed(0))
    desk.post(address("practice-translate-discard", *RU), {"version": "1"})
    assert (in_work(gulnara).version, in_work(gulnara).words) == (0, {})
