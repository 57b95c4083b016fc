"""Pictures of a bank: put in by who writes it, with words for who cannot see them."""

from __future__ import annotations

from datetime import datetime

import pytest

from chorsu.exchange import blobs
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person
from chorsu.training.actions import bank as actions
from chorsu.training.actions import courses
from chorsu.training.actions.pictures import add_picture, forget_picture
from chorsu.training.formats.questions import VERSIONS, NotReadable
from chorsu.training.items import InvalidItem
from chorsu.training.models import BankItem, BankPicture, CourseDraft
from chorsu.training.queries import bank
from chorsu.training.queries.pictures import in_bank, made_before
from chorsu.training.shapes.bank import NewText
from tests.practices.conftest import reader
from tests.training.formats.packing import written_package
from tests.training.formats.questions.test_pictures import body, package
from tests.training.pictures_kit import SVG, picture
from tests.training.test_bank import KYRGYZ, WORDS, bank_version, course, save

__all__ = ["course", "reader"]
pytestmark = pytest.mark.django_db


def put_in(course: str, by: Person, now: datetime, content: bytes = b"") -> str:
    """A picture of the bank; its name."""
    return add_picture(
        course_id=course, content=content or picture(), name="City map.png", by=by, now=now
    )["name"]


def test_a_question_shows_a_picture_of_its_bank_in_every_language(
    course: str, editor: Person, now: datetime
) -> None:
    name = put_in(course, editor, now)
    stem = f"Where is the capital?\n\n![A map of the country]({name})"

    item = save(course, editor, now, en={**WORDS, "stem": stem})

    (shown,) = item.facts["pictures"]
    assert (shown["name"], shown["width"], shown["height"]) == (name, 40, 30)
    assert blobs.read(shown["sha256"]) == picture_as_kept(course, name)
    assert save(course, editor, now, item, en={**WORDS, "stem": stem}).version == 1
    without = save(course, editor, now, item, en=WORDS)
    assert "pictures" not in without.facts


def picture_as_kept(course: str, name: str) -> bytes | None:
    return blobs.read(BankPicture.objects.get(course_id=course, name=name).sha256)


def test_the_same_picture_is_kept_once(course: str, editor: Person, now: datetime) -> None:
    assert put_in(course, editor, now) == put_in(course, editor, now)
    assert BankPicture.objects.count() == 1


@pytest.mark.parametrize(
    ("stem", "code"),
    [
        ("Where? ![ ]({name})", "picture_words"),
        ("Where? ![A map](other-01234567.png)", "no_such_picture"),
        ("Where? ![A map](https://example.org/map.png)", "no_such_picture"),
    ],
)
def test_a_picture_that_is_not_there_or_says_nothing_is_told_at_its_word(
    course: str, editor: Person, now: datetime, stem: str, code: str
) -> None:
    name = put_in(course, editor, now)

    with pytest.raises(InvalidItem) as invalid:
        save(course, editor, now, en={**WORDS, "stem": stem.format(name=name)})

    assert [(e.field, e.code) for e in invalid.value.errors] == [("en.stem", code)]
    assert not BankItem.objects.exists()


def test_a_translation_says_in_its_own_words_what_a_picture_shows(
    course: str, editor: Person, now: datetime
) -> None:
    name = put_in(course, editor, now)
    first = save(course, editor, now, en={**WORDS, "stem": f"Where? ![A map]({name})"})
    half = NewText({**KYRGYZ, "stem": f"Кайда? ![]({name})"}, "human")

    with pytest.raises(InvalidItem) as invalid:
        save(course, editor, now, first, ky=half)

    assert [(e.field, e.code) for e in invalid.value.errors] == [("ky.stem", "picture_words")]
    whole = NewText({**KYRGYZ, "stem": f"Кайда? ![Карта]({name})"}, "human")
    item = save(course, editor, now, first, ky=whole)
    assert bank.language_state(item, "ky").state == "complete"


def test_only_who_writes_the_course_puts_pictures_in(
    course: str, reader: Person, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        put_in(course, reader, now)
    assert not BankPicture.objects.exists()


@pytest.mark.parametrize("content", [SVG, b"%PDF-1.7", b"words"])
def test_what_is_no_picture_is_not_put_in(
    course: str, editor: Person, now: datetime, content: bytes
) -> None:
    with pytest.raises(NotReadable):
        put_in(course, editor, now, content)
    assert not BankPicture.objects.exists()


def imported(course: str, by: Person, now: datetime, image: str) -> BankItem:
    content = package(body(f"Where? {image}"), map_png=picture())
    view = actions.read_file(
        course_id=course, name="p.zip", content=content, language="en", competence="",
        by=by, now=now,
    )  # fmt: skip
    actions.keep_import(course_id=course, import_id=view.id, places=[0], by=by, now=now)
    return BankItem.objects.get()


def test_a_file_brings_its_pictures_and_gives_them_again(
    course: str, editor: Person, now: datetime
) -> None:
    row = imported(course, editor, now, '<img src="../images/map.png" alt="A map"/>')
    item = bank.item_of(row)

    assert (row.current, list(in_bank(course))) == (True, [item.facts["pictures"][0]["name"]])
    texts = {tag: text.words for tag, text in item.texts.items()}
    written, left_out = written_package([("q", item.facts, texts)], VERSIONS["3.0"], blobs.read)
    assert left_out == []
    view = actions.read_file(
        course_id=course, name="again.zip", content=written, language="en", competence="",
        by=editor, now=now,
    )  # fmt: skip
    assert (view.found[0].facts, view.found[0].texts) == (item.facts, texts)


def test_a_question_whose_picture_says_nothing_is_not_drawn_until_it_does(
    course: str, editor: Person, now: datetime
) -> None:
    row = imported(course, editor, now, '<img src="../images/map.png"/>')
    item = bank.item_of(row)
    assert (row.current, bank.language_state(item, "en").state) == (False, "partial")

    with pytest.raises(InvalidItem):
        actions.set_retired(course_id=course, item=item.id, retired=False, by=editor, now=now)
    words = item.texts["en"].words
    said = {**words, "stem": words["stem"].replace("![]", "![A map]")}
    actions.save_question(
        course_id=course, item=item.id, version=1, original_language="en", facts=item.facts,
        texts={"en": NewText(said)}, by=editor, now=now,
    )  # fmt: skip
    actions.set_retired(course_id=course, item=item.id, retired=False, by=editor, now=now)
    assert BankItem.objects.get(version=2).current


def test_a_picture_that_was_let_go_of_is_in_the_bank_no_more(
    course: str, editor: Person, now: datetime
) -> None:
    name = put_in(course, editor, now)
    forget_picture(sha256=BankPicture.objects.get().sha256)

    assert in_bank(course) == {}
    with pytest.raises(InvalidItem):
        save(course, editor, now, en={**WORDS, "stem": f"Where? ![A map]({name})"})


def test_a_picture_that_only_a_peers_bank_has_was_not_made_ready_here(
    course: str, editor: Person, now: datetime
) -> None:
    put_in(course, editor, now)
    sha256 = BankPicture.objects.get().sha256
    assert made_before(sha256) is not None

    BankPicture.objects.update(origin="ashgabat.chorsu.example")

    assert made_before(sha256) is None


def test_pictures_go_on_with_the_questions_of_a_withdrawn_course(
    course: str, editor: Person, now: datetime
) -> None:
    name = put_in(course, editor, now)
    courses.publish(draft_id=course, version=bank_version(course), by=editor, now=now)
    courses.revise(course_id=course, by=editor, now=now)

    courses.withdraw(course_id=course, reason="Wrong", by=editor, now=now)

    (draft,) = CourseDraft.objects.all()
    assert list(in_bank(str(draft.pk))) == [name]
    assert in_bank(course) == {}


def test_pictures_of_a_discarded_draft_go_with_it(
    course: str, editor: Person, now: datetime
) -> None:
    put_in(course, editor, now)

    courses.discard_draft(draft_id=course, version=bank_version(course), by=editor, now=now)

    assert not BankPicture.objects.exists()
