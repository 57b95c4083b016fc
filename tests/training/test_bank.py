"""A bank of questions: versions, languages, who may, files that are looked at first."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Person
from chorsu.training.actions import bank as actions
from chorsu.training.actions import courses
from chorsu.training.errors.bank import NoSuchBank, NoSuchQuestion, QuestionConflict
from chorsu.training.formats.questions import NotReadable
from chorsu.training.items import InvalidItem, Item
from chorsu.training.models import BankItem, CourseDraft, QuestionImport
from chorsu.training.queries import bank
from chorsu.training.shapes.bank import NewText
from tests.practices.conftest import reader
from tests.training.courses.content import ready_draft
from tests.training.items import builders

__all__ = ["reader"]
pytestmark = pytest.mark.django_db
QUESTION = builders.single()
WORDS = QUESTION.texts["en"].words
KYRGYZ = QUESTION.texts["ky"].words


@pytest.fixture
def course(editor: Person, now: datetime) -> str:
    """A course that is being written."""
    return ready_draft(editor, now).id


def save(course: str, by: Person, now: datetime, item: Item | None = None, **texts: object) -> Item:
    """Save the question of a capital; `texts`: language -> words."""
    return actions.save_question(
        course_id=course,
        item=item.id if item else None,
        version=item.version if item else 0,
        original_language="en",
        facts=QUESTION.facts,
        texts={
            tag: words if isinstance(words, NewText) else NewText(words)  # type: ignore[arg-type]
            for tag, words in (texts or {"en": WORDS}).items()
        },
        by=by,
        now=now,
    )


def test_a_changed_question_is_a_new_version_and_the_old_one_stays(
    course: str, editor: Person, now: datetime
) -> None:
    first = save(course, editor, now)
    second = save(course, editor, now, first, en={**WORDS, "stem": "Which one?"})

    assert (first.version, second.version) == (1, 2)
    asked = bank.item_versions([(first.id, 1)])[first.id]
    assert asked.texts["en"].words["stem"] == "Which city is the capital?"
    assert [(one.item, one.version) for one in bank.candidates(UUID(course))] == [(first.id, 2)]


def test_saving_what_is_there_changes_nothing(course: str, editor: Person, now: datetime) -> None:
    first = save(course, editor, now)

    assert save(course, editor, now, first).version == 1
    assert BankItem.objects.count() == 1


def test_of_two_who_save_the_second_is_told(course: str, editor: Person, now: datetime) -> None:
    first = save(course, editor, now)
    save(course, editor, now, first, en={**WORDS, "stem": "Mine?"})

    with pytest.raises(QuestionConflict) as conflict:
        save(course, editor, now, first, en={**WORDS, "stem": "No, mine?"})

    assert conflict.value.current.texts["en"].words["stem"] == "Mine?"


def test_a_translation_is_out_of_date_until_it_is_looked_at(
    course: str, editor: Person, now: datetime
) -> None:
    first = save(course, editor, now, en=WORDS, ky=KYRGYZ)
    assert bank.language_state(first, "ky").state == "complete"

    second = save(course, editor, now, first, en={**WORDS, "stem": "Which is it?"})
    assert bank.language_state(second, "ky").state == "stale"

    untouched = save(course, editor, now, second, ky=NewText(KYRGYZ))
    assert bank.language_state(untouched, "ky").state == "stale"
    looked_at = save(course, editor, now, second, ky=NewText(KYRGYZ, confirmed=True))
    assert bank.language_state(looked_at, "ky").state == "complete"
    assert bank.language_state(looked_at, "tk").state == ""


def test_words_of_an_option_that_is_gone_go_in_every_language(
    course: str, editor: Person, now: datetime
) -> None:
    first = save(course, editor, now, en=WORDS, ky=KYRGYZ)
    facts = {**QUESTION.facts}
    facts["fields"] = [{**facts["fields"][0], "options": facts["fields"][0]["options"][:2]}]
    left = {name: text for name, text in WORDS.items() if ".c." not in name}

    second = actions.save_question(
        course_id=course, item=first.id, version=1, original_language="en", facts=facts,
        texts={"en": NewText(left)}, by=editor, now=now,
    )  # fmt: skip

    assert "options.answer.c.text" not in second.texts["ky"].words
    assert "options.answer.b.text" in second.texts["ky"].words


def test_a_retired_question_is_not_drawn_and_comes_back(
    course: str, editor: Person, now: datetime
) -> None:
    first = save(course, editor, now)
    actions.set_retired(course_id=course, item=first.id, retired=True, by=editor, now=now)
    assert bank.candidates(UUID(course)) == []

    changed = save(course, editor, now, first, en={**WORDS, "stem": "Still?"})
    assert bank.candidates(UUID(course)) == []
    assert [line.retired for line in bank.lines(course)] == [True]

    actions.set_retired(course_id=course, item=first.id, retired=False, by=editor, now=now)
    assert [one.version for one in bank.candidates(UUID(course))] == [changed.version]
    told = AuditEvent.objects.filter(action__startswith="question.").values_list(
        "action", flat=True
    )
    assert sorted(told) == [
        "question.retired", "question.saved", "question.saved", "question.taken-back",
    ]  # fmt: skip


def test_what_is_wrong_names_its_language_and_changes_nothing(
    course: str, editor: Person, now: datetime
) -> None:
    with pytest.raises(InvalidItem) as refused:
        save(course, editor, now, en={"stem": ""}, ky={"nothing": "x"})

    fields = {(error.field, error.code) for error in refused.value.errors}
    assert ("en.stem", "required") in fields
    assert ("ky.nothing", "unknown") in fields
    assert BankItem.objects.count() == 0


def test_nobody_of_this_node_is_named_in_a_question(
    course: str, editor: Person, now: datetime
) -> None:
    with pytest.raises(InvalidItem) as refused:
        save(course, editor, now, en={**WORDS, "stem": "What did Editor One decide?"})

    assert [(e.field, e.code) for e in refused.value.errors] == [("en.stem", "personal_name")]


def test_only_writers_of_the_course_may(
    course: str, editor: Person, reader: Person, now: datetime
) -> None:
    with pytest.raises(NotAllowed):
        save(course, reader, now)
    with pytest.raises(NoSuchBank):
        save("01a20b57-41cf-7240-9c2d-67167621df4a", editor, now)
    with pytest.raises(NoSuchBank):
        bank.lines("nothing")


def test_a_question_is_of_one_bank_only(course: str, editor: Person, now: datetime) -> None:
    first = save(course, editor, now)
    other = ready_draft(editor, now + timedelta(minutes=1)).id

    with pytest.raises(NoSuchQuestion):
        bank.question(other, first.id)
    with pytest.raises(NoSuchQuestion):
        save(other, editor, now, first, en={**WORDS, "stem": "Taken?"})


def test_a_bank_outlives_the_draft_of_its_course(
    course: str, editor: Person, now: datetime
) -> None:
    save(course, editor, now)
    courses.publish(draft_id=course, version=bank_version(course), by=editor, now=now)

    place = bank.editable(course, editor)

    assert (place.institution_id, place.language, place.is_own) == ("hub-astana", "en", True)
    assert len(bank.lines(course)) == 1


def test_questions_of_a_course_that_never_was_go_with_its_draft(
    course: str, editor: Person, now: datetime
) -> None:
    save(course, editor, now)
    read(course, editor, now)

    courses.discard_draft(draft_id=course, version=bank_version(course), by=editor, now=now)

    assert (BankItem.objects.count(), QuestionImport.objects.count()) == (0, 0)


def test_questions_of_a_withdrawn_course_go_on_with_the_draft_of_its_next_revision(
    course: str, editor: Person, now: datetime
) -> None:
    first = save(course, editor, now)
    courses.publish(draft_id=course, version=bank_version(course), by=editor, now=now)
    courses.revise(course_id=course, by=editor, now=now)

    courses.withdraw(course_id=course, reason="Wrong", by=editor, now=now)

    (draft,) = CourseDraft.objects.all()
    assert str(draft.pk) != course
    assert [line.item for line in bank.lines(str(draft.pk))] == [first.id]


def bank_version(course: str) -> int:
    """The version of the draft of a course."""
    return CourseDraft.objects.get(pk=course).version


GIFT = "First?{=yes ~no}\n\nSecond?{#4:1}\n\nNo answers here.\n"


def read(course: str, by: Person, now: datetime, text: str = GIFT) -> str:
    """Read a GIFT file into an import; its id."""
    return actions.read_file(
        course_id=course, name="bank.gift", content=text.encode(), language="en",
        competence="one-window", by=by, now=now,
    ).id  # fmt: skip


def test_a_file_is_looked_at_before_anything_is_kept(
    course: str, editor: Person, now: datetime
) -> None:
    view = bank.question_import(course, read(course, editor, now))

    assert [one.texts["en"]["stem"] for one in view.found] == ["First?", "Second?"]
    assert [(one.place[:2], one.code) for one in view.troubles] == [("5:", "no_answers")]
    assert bank.lines(course) == []

    kept = actions.keep_import(
        course_id=course, import_id=view.id, places=[1, 7], by=editor, now=now
    )

    (line,) = bank.lines(course)
    assert (kept, line.title, line.competence) == (1, "Second?", "one-window")
    assert QuestionImport.objects.count() == 0


def test_of_a_file_that_names_a_person_nothing_is_kept(
    course: str, editor: Person, now: datetime
) -> None:
    made = read(course, editor, now, "Who?{=yes ~no}\n\nIs Editor One right?{T}")

    with pytest.raises(InvalidItem) as refused:
        actions.keep_import(course_id=course, import_id=made, places=[0, 1], by=editor, now=now)

    assert [e.field for e in refused.value.errors] == ["1.en.stem"]
    assert (BankItem.objects.count(), QuestionImport.objects.count()) == (0, 1)


def test_a_file_is_put_aside_by_who_may(
    course: str, editor: Person, reader: Person, now: datetime
) -> None:
    made = read(course, editor, now)
    with pytest.raises(NotAllowed):
        actions.discard_import(course_id=course, import_id=made, by=reader)

    actions.discard_import(course_id=course, import_id=made, by=editor)

    assert bank.imports(course) == []
    with pytest.raises(NoSuchQuestion):
        bank.question_import(course, made)


def test_a_file_that_is_none_changes_nothing(course: str, editor: Person, now: datetime) -> None:
    with pytest.raises(NotReadable):
        read(course, editor, now, "<html></html>")

    assert QuestionImport.objects.count() == 0
