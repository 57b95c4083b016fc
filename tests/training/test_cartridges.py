"""A cartridge becomes the draft of a course, with its files and its bank; all or nothing."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest

from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Institution, Person
from chorsu.training.actions import cartridges as actions
from chorsu.training.actions.retaining import forget_old
from chorsu.training.errors.cartridges import NoSuchCartridge
from chorsu.training.formats.cartridges import Note
from chorsu.training.formats.questions import NotReadable
from chorsu.training.models import BankItem, CartridgeImport, CourseDraft, CourseFile
from chorsu.training.queries import bank
from chorsu.training.queries import cartridges as queries
from chorsu.training.rules.fields import units_of
from tests.practices.conftest import person
from tests.training.formats.cartridge_kit import members, village
from tests.training.formats.packing import pack

pytestmark = pytest.mark.django_db


def hand_in(by: Person, now: datetime, content: bytes | None = None) -> uuid.UUID:
    """The village as somebody hands it in."""
    return actions.hand_in(
        institution_id="hub-astana", language="en", name="village.imscc",
        content=village() if content is None else content, by=by, now=now,
    )  # fmt: skip


def test_looking_at_a_cartridge_begins_nothing(editor: Person, now: datetime) -> None:
    key = hand_in(editor, now)
    view = queries.cartridge(key, editor)
    assert [len(module.units) for module in view.course.modules] == [3, 4]
    assert [line.name for line in queries.cartridges(editor)] == ["village.imscc"]
    kept = (CourseDraft, CourseFile, BankItem)
    assert [table.objects.count() for table in kept] == [0, 0, 0]


def test_kept_it_is_a_draft_with_outline_files_and_questions(editor: Person, now: datetime) -> None:
    draft = actions.keep(import_id=hand_in(editor, now), by=editor, now=now)
    assert (draft.institution_id, draft.language) == ("hub-astana", "en")
    assert [module["key"] for module in draft.facts["modules"]] == ["m1", "m2"]
    assert draft.words["units.u1.body"].startswith("## Why one window")
    units = {unit["key"]: unit for unit in units_of(draft.facts)}
    assert units["u4"]["tool"] == "https://sim.example.org/launch"
    quiz = units["u5"]["quiz"]
    assert quiz is not None
    assert (quiz["draws"], quiz["minutes"], quiz["attempts"]) == (
        [{"competence": "", "count": 2}], 20, 2,
    )  # fmt: skip
    task = units["u6"]["assignment"]
    assert task is not None
    assert [row["points"] for row in task["rubric"]] == [10]
    names = CourseFile.objects.filter(course_id=draft.id, in_draft=True).order_by("position")
    assert list(names.values_list("name", flat=True)) == ["queue today.png", "map.png"]
    stems = [one.texts["en"].words["stem"] for one in bank.current_items(draft.id)]
    assert stems == ["Which is right?", "Which is yes?", "Which is one?"]
    assert AuditEvent.objects.filter(action="cartridge.kept", subject_id=draft.id).count() == 1
    assert queries.cartridges(editor) == []


def test_what_is_kept_is_what_was_shown(editor: Person, now: datetime) -> None:
    key = hand_in(editor, now)
    shown = queries.cartridge(key, editor).course
    draft = actions.keep(import_id=key, by=editor, now=now)
    files = CourseFile.objects.filter(course_id=draft.id)
    assert {file.sha256 for file in files} == {one.sha256 for one in shown.files}
    titles = [unit.title for module in shown.modules for unit in module.units]
    assert [draft.words[f"units.u{place}.title"] for place in range(1, 8)] == titles


def test_nobody_else_sees_or_keeps_what_somebody_handed_in(
    academy: Institution, editor: Person, now: datetime
) -> None:
    key = hand_in(editor, now)
    other = person(academy, "other@hub.example", "Other One", "editor")
    with pytest.raises(NoSuchCartridge):
        queries.cartridge(key, other)
    with pytest.raises(NoSuchCartridge):
        actions.keep(import_id=key, by=other, now=now)
    with pytest.raises(NoSuchCartridge):
        actions.discard(import_id=key, by=other)


def test_who_writes_nowhere_hands_in_nothing(editor: Person, now: datetime) -> None:
    stranger = Person.objects.create_user("stranger@hub.example", "correct horse")
    with pytest.raises(NotAllowed):
        hand_in(stranger, now)
    assert CartridgeImport.objects.count() == 0


def test_what_cannot_be_read_is_not_kept(editor: Person, now: datetime) -> None:
    with pytest.raises(NotReadable):
        hand_in(editor, now, pack({"a.txt": b"a"}))
    assert CartridgeImport.objects.count() == 0


def test_put_aside_it_is_gone(editor: Person, now: datetime) -> None:
    key = hand_in(editor, now)
    actions.discard(import_id=key, by=editor)
    with pytest.raises(NoSuchCartridge):
        queries.cartridge(key, editor)


def test_a_question_that_names_a_person_of_this_node_is_left_out_and_told(
    editor: Person, now: datetime
) -> None:
    whole = dict(members())
    whole["bank.xml"] = whole["bank.xml"].replace(b"Which is one?", b"Who is Editor One?")
    key = hand_in(editor, now, pack(whole))
    course = queries.cartridge(key, editor).course
    assert len(course.questions) == 2
    assert Note("bank.xml: q4", "personal") in course.notes
    draft = actions.keep(import_id=key, by=editor, now=now)
    assert len(bank.current_items(draft.id)) == 2


def test_what_nobody_took_in_is_deleted_after_days(editor: Person, now: datetime) -> None:
    key = hand_in(editor, now)
    forget_old(today=now.date() + timedelta(days=2))
    assert queries.cartridge(key, editor).name == "village.imscc"
    assert forget_old(today=now.date() + timedelta(days=5)) == {"cartridges": 1}
    assert queries.cartridges(editor) == []


def test_the_oldest_goes_when_a_person_lets_too_many_wait(editor: Person, now: datetime) -> None:
    keys = [
        hand_in(editor, now + timedelta(minutes=number))
        for number in range(queries.MAX_WAITING + 1)
    ]
    waiting = [line.id for line in queries.cartridges(editor)]
    assert waiting == [str(key) for key in reversed(keys[1:])]
