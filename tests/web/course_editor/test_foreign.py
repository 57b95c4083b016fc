"""Another academy's course on one's own pages: translated part by part, read with who made it."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from chorsu.exchange.models import FeedEntry
from chorsu.institutions.models import Institution, InstitutionName, Person
from chorsu.institutions.queries import forget_institutions
from chorsu.kernel.ids import new_id
from chorsu.training.models import Course, CourseText
from chorsu.training.queries import courses as queries
from chorsu.training.wire.courses import TEXT_KIND
from tests.practices.conftest import person
from tests.training.class_kit import ENGLISH, cohort, enrol
from tests.training.class_kit import course as taught_course
from tests.training.courses.content import RUSSIAN
from tests.training.courses.test_foreign_texts import ID, PUBLIC, course, russian, take, take_text
from tests.web.course_editor.test_ways import CLAIMS, mark_in, text_of
from tests.web.writing_desk import address, signed_in

THIRD = "tashkent.chorsu.example"


@pytest.fixture
def theirs(academy: Institution) -> None:
    """A course of another node, in English alone."""
    take(course(), 4)


@pytest.fixture
def third(academy: Institution) -> Institution:
    """A third academy, which translates."""
    made = Institution.objects.create(id="uz-apa", kind="academy", country="UZ", node=THIRD)
    InstitutionName.objects.create(
        institution=made, language="en", name="Academy of Tashkent", short="Tashkent"
    )
    forget_institutions()
    return made


def test_a_translator_publishes_another_academys_course_in_their_language(
    theirs: None, academy: Institution
) -> None:
    client = signed_in(person(academy, "translator@hub.example", "Translator Three", "translator"))
    ways = address("course-translations", ID)
    assert ways in text_of(client, address("course", ID))
    first = address("course-translate", ID, "ru", "the_course")
    index = text_of(client, ways)
    assert first in index
    assert "What you publish is your academy" in index
    for part in ("the_course", "visit", "check", "the_terms"):
        page = address("course-translate", ID, "ru", part)
        group = {"the_course": ("title", "summary", "aims", "modules."), "the_terms": ("terms.",)}
        names = group.get(part, (f"units.{part}.",))
        words = {name: text for name, text in RUSSIAN.items() if name.startswith(names)}
        form = {**words, **CLAIMS, "version": mark_in(text_of(client, page))}
        do = "approve" if part == "the_terms" else "next"
        answer = client.post(page, {**form, "do": do})
        assert answer.status_code == 302, part
    assert answer.headers["Location"] == address("course", ID)
    [entry] = FeedEntry.objects.all()
    assert (entry.kind, entry.action) == (TEXT_KIND, "publish")
    text = queries.course(ID, PUBLIC).text
    assert (text.words, text.supplied_by) == (RUSSIAN, "hub.chorsu.example")
    assert "Astana Civil Service Hub" in text_of(client, ways)


def test_who_may_not_translate_is_shown_no_way_to_it(theirs: None, academy: Institution) -> None:
    client = signed_in(person(academy, "reader@hub.example", "Reader Four", "reader"))
    ways = address("course-translations", ID)
    assert ways not in text_of(client, address("course", ID))
    assert client.get(ways).status_code == 403


def test_a_course_says_who_translated_it(theirs: None, third: Institution) -> None:
    take_text(russian(), 1)
    page = text_of(Client(), address("course", ID) + "?text=ru")
    assert RUSSIAN["title"] in page
    assert "Academy of Tashkent" in page
    unit = text_of(Client(), address("course-unit", ID, "visit") + "?text=ru")
    assert "Translated by: Academy of Tashkent" in unit
    assert "Academy of Tashkent" not in text_of(Client(), address("course", ID) + "?text=en")


def test_two_translations_in_a_language_are_one_link(theirs: None, third: Institution) -> None:
    take_text(russian(), 1)
    CourseText.objects.create(
        course=Course.objects.get(), language="ru", provenance="machine", revision=1,
        supplied_by="bishkek.chorsu.example", record_id=new_id(), title="Машинный", summary="-",
        words={"title": "Машинный", "summary": "-"},
    )  # fmt: skip
    page = text_of(Client(), address("course", ID) + "?text=ru")
    assert page.count(f'class="texts__link" href="{address("course", ID)}?text=ru"') == 1
    assert "Машинный" not in page


def test_a_learner_reads_their_language_and_who_translated_into_it(
    academy: Institution, third: Institution, editor: Person, now: datetime
) -> None:
    row = taught_course(now, origin="ashgabat.chorsu.example")
    learner = enrol(cohort(row, academy, now), editor, now)
    words = {**ENGLISH, "title": "Бір терезе"}
    CourseText.objects.create(
        course=row, language="kk", provenance="human", revision=1, supplied_by=THIRD,
        record_id=new_id(), title=words["title"], summary=words["summary"], words=words,
    )  # fmt: skip
    client = signed_in(editor)
    for place in (("learning-course", learner.id), ("learning-unit", learner.id, "r1")):
        page = client.get(address(*place).replace("/en/", "/kk/")).content.decode()
        assert "Бір терезе" in page
        assert "Academy of Tashkent" in page
    english = text_of(client, address("learning-course", learner.id))
    assert "Academy of Tashkent" not in english
