"""What is said of a file of questions or a cartridge, in every language."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import datetime
from html import unescape

import pytest
from django.test import Client
from django.utils.html import strip_tags
from django.utils.translation import override

from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.kernel.languages import LANGUAGES, Language
from chorsu.records.fields import FieldError
from chorsu.training.formats.cartridges import NOTE_PARAMS, NOTES, Note
from chorsu.training.formats.questions import PARAMS, TROUBLES, Trouble
from chorsu.training.models import QuestionImport
from chorsu.web.course_editor.cartridge_notes import NOTE_SENTENCES, note_sentence
from chorsu.web.question_bank.trouble_words import SENTENCES
from chorsu.web.question_bank.troubles import trouble_sentence, trouble_text
from tests.training.items import builders
from tests.web.bank_kit import add
from tests.web.question_bank.test_pages import at, course, writer

__all__ = ["course", "writer"]
OTHERS = [language for language in LANGUAGES if language.tag != "en"]
ENGLISH = next(language for language in LANGUAGES if language.tag == "en")
NAMES = {str(code): own for code, own in (*PARAMS.items(), *NOTE_PARAMS.items())}
# A number of each plural form that a language may have.
COUNTS = (1, 2, 5, 21)


def params(names: tuple[str, ...], count: int = 5) -> dict[str, str | int]:
    numbers = {"count": count, "size": 1_234_567, "line": 17, "method": 14}
    return {name: numbers.get(name, f"<{name}>") for name in names}


def said(language: Language, count: int = 5) -> dict[str, str]:
    """Code -> its sentence in a language, in plain text."""
    with override(language.django_code):
        found: dict[str, str] = {}
        for code in TROUBLES:
            told = trouble_sentence(Trouble("", code, params(PARAMS.get(code, ()), count)))
            found[code] = unescape(strip_tags(told))
        for name in NOTES:
            noted = note_sentence(Note("", name, params(NOTE_PARAMS.get(name, ()), count)))
            found[name] = unescape(strip_tags(noted))
    return found


def test_each_code_has_one_sentence_and_no_sentence_is_of_another() -> None:
    assert SENTENCES.keys() == set(TROUBLES)
    assert NOTE_SENTENCES.keys() == set(NOTES)
    assert not set(TROUBLES) & set(NOTES)


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.tag)
def test_every_code_is_said_in_every_language(language: Language) -> None:
    english, here = said(ENGLISH), said(language)
    assert [code for code in english if here[code] == english[code]] == []
    assert len(set(here.values())) == len(english)
    assert [code for code, text in here.items() if "%(" in text or "%%" in text] == []


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.tag)
def test_what_is_in_the_file_is_in_the_sentence_and_nothing_else_of_it(language: Language) -> None:
    numbers = {"count": "5", "line": "17", "method": "14", "size": "1"}
    for code, text in said(language).items():
        own = NAMES.get(code, ())
        assert [name for name in own if numbers.get(name, f"<{name}>") not in text] == [], code
        assert set(re.findall(r"<([a-z_]+)>", text)) == {*own} - {*numbers}, code


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.tag)
def test_numbers_choose_the_plural_of_the_language(language: Language) -> None:
    counted = [code for code, own in NAMES.items() if "count" in own]
    forms = {
        code: {re.sub(r"\d+", "#", said(language, count)[code]) for count in COUNTS}
        for code in counted
    }
    assert len(counted) > 15
    # The members' languages but Russian leave a noun after a number as it is.
    fewest = {"ru": 2, "en": 2}.get(language.tag, 1)
    assert [code for code, found in forms.items() if len(found) < fewest] == []


def test_numbers_are_written_as_the_language_writes_them() -> None:
    many = Trouble("", "questions", {"count": 2000})
    large = Trouble("", "picture_size", {"name": "a.png", "size": 1_234_567})
    with override("ru"):
        assert trouble_sentence(many) == "В файле больше 2\xa0000 вопросов."
        assert trouble_text(large) == "Изображение a.png слишком велико: 1,2 MB."
    with override("en"):
        assert trouble_sentence(many) == "There are more than 2,000 questions in the file."


def test_what_a_stranger_wrote_is_set_apart_and_never_markup() -> None:
    named = Trouble("", "picture_missing", {"name": "<b>x</b>"})
    with override("en"):
        assert trouble_sentence(named) == (
            "The picture is not in the file: "
            '<code dir="auto" translate="no">&lt;b&gt;x&lt;/b&gt;</code>'
        )
        assert trouble_text(named) == "The picture is not in the file: <b>x</b>"


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        (
            "en",
            "Something is wrong in it. Option: This is needed. "
            "Points: This must be from 0 to 1,000. Right numbers: This is not a number such as "
            "12.18. sub: This cannot be right.",
        ),
        (
            "ru",
            "В нём ошибка. Вариант: Это необходимо. Баллы: Должно быть от 0 до 1\xa0000. "
            "Верные числа: Это не число вида 12.18. sub: Это неверно.",
        ),
        (
            "zh-hans",
            "其中有误。选项：此项必填。分数：应在 0 到 1,000 之间。"
            "正确数字：这不是 12.18 这样的数字。sub：这里有误。",
        ),
    ],
)
def test_fields_in_which_something_is_wrong_are_called_as_on_their_page(
    tag: str, says: str
) -> None:
    errors = (
        FieldError("options.answer.k1.text", "required"),
        FieldError("points", "out_of_range", {"low": 0, "high": 1000}),
        FieldError("fields.0.numbers.0.value", "not_a_decimal"),
        FieldError("sub", "not_a_key"),
    )
    with override(tag):
        assert trouble_text(Trouble("", "invalid", {}, errors)) == says
        assert strip_tags(trouble_sentence(Trouble("", "invalid", {}, errors))) == says


def kept(course: str, by: Person, now: datetime, *troubles: Mapping[str, object]) -> str:
    """The address of an import with these troubles, as its row holds them."""
    place = QuestionImport.objects.create(
        id=new_id(), course_id=course, institution_id="hub-astana", name="old.xml",
        found=[], troubles=list(troubles), made_by=by, made_at=now,
    )  # fmt: skip
    return at(course, f"import/{place.pk}/")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "detail", "begins"),
    [
        ("unreadable", "no gap", "Невозможно прочитать: "),
        ("too_large", "2000", "Больше допустимого: "),
        ("unsupported", "<math>", "Содержит то, что не поддерживается: "),
        ("scoring", "no option earns points", "Не удалось перенести порядок начисления баллов: "),
        ("invalid", "points: out_of_range", "В нём ошибка: "),
    ],
)
def test_what_was_kept_before_codes_said_it_is_still_shown(
    writer: Client, course: str, editor: Person, now: datetime, code: str, detail: str, begins: str
) -> None:
    look = kept(course, editor, now, {"place": "3: Old", "code": code, "detail": detail})
    html = writer.get(look.replace("/en/", "/ru/")).content.decode()
    shown = detail.replace("<", "&lt;").replace(">", "&gt;")
    assert f'<td>3: Old</td><td>{begins}<bdi lang="en">{shown}</bdi></td>' in html


@pytest.mark.django_db
def test_an_old_trouble_without_a_detail_is_still_shown(
    writer: Client, course: str, editor: Person, now: datetime
) -> None:
    look = kept(course, editor, now, {"place": "a", "code": "other_language", "detail": ""})
    said = "It does not agree with the same question in another language."
    assert f"<td>a</td><td>{said}</td>" in writer.get(look).content.decode()


@pytest.mark.django_db
def test_the_text_in_a_package_is_in_the_language_of_the_page(
    writer: Client, course: str, editor: Person, now: datetime
) -> None:
    add(course, builders.numeric(), editor, now)
    content = writer.get(at(course, "qti-3.0.zip").replace("/en/", "/ru/")).getvalue()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        told = package.read("left-out.txt").decode()
    sentences = [line.partition(": ")[2] for line in told.splitlines()]
    assert sentences == ["QTI не может выразить единицы измерения числа."] * 2
