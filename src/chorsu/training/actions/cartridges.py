"""Cartridges of other learning systems: handed in, looked at, made the draft of a course."""

from __future__ import annotations

import io
import uuid
from datetime import datetime

from django.db import transaction

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person, Role
from chorsu.institutions.writing import require_own, require_writer
from chorsu.kernel.ids import new_id
from chorsu.kernel.languages import by_tag
from chorsu.training.actions.bank import save_question
from chorsu.training.actions.courses import add_file, begin_draft
from chorsu.training.errors.cartridges import NoSuchCartridge
from chorsu.training.formats.cartridges import CourseFound, UnitFound
from chorsu.training.formats.questions.packages import Package
from chorsu.training.models import CartridgeImport
from chorsu.training.queries.cartridges import MAX_WAITING, course_of
from chorsu.training.rules.fields import Facts, empty_facts
from chorsu.training.shapes.bank import NewText
from chorsu.training.shapes.courses import CourseDraftView


@transaction.atomic
def hand_in(
    *, institution_id: str, language: str, name: str, content: bytes, by: Person, now: datetime
) -> uuid.UUID:
    """Keep a package to be looked at; no course is begun. Of those a person has not decided on the
    oldest goes when there are too many.

    Raises `NotAllowed`, `UnknownLanguage`, `formats.questions.NotReadable`.
    """
    require_own(institution_id, Role.CONTRIBUTOR)
    require_writer(by, institution_id)
    tag = by_tag(language).tag
    course_of(content, tag, name)
    waiting = CartridgeImport.objects.filter(made_by=by).order_by("-made_at")
    CartridgeImport.objects.filter(
        pk__in=list(waiting.values_list("pk", flat=True)[MAX_WAITING - 1 :])
    ).delete()
    row = CartridgeImport.objects.create(
        id=uuid.UUID(new_id()),
        institution_id=institution_id,
        language=tag,
        name=name[:200],
        content=content,
        made_by=by,
        made_at=now,
    )
    return row.pk


@transaction.atomic
def keep(*, import_id: uuid.UUID, by: Person, now: datetime) -> CourseDraftView:
    """Make the draft of a course of it, with its files and the questions of its bank.

    All or nothing. Raises `NoSuchCartridge`, `NotAllowed`, `InvalidRecord`.
    """
    row = _locked(import_id, by)
    content = bytes(row.content)
    found = course_of(content, row.language, row.name)
    words, facts = _outline(found)
    draft = begin_draft(
        by=by, institution_id=row.institution_id, language=row.language, words=words, facts=facts,
        now=now,
    )  # fmt: skip
    package = Package(content)
    for file in found.files:
        upload = io.BytesIO(package.read(file.member))
        add_file(draft_id=draft.id, upload=upload, name=file.name, language="", by=by, now=now)
    for one in found.questions:
        original = next(iter(one.texts))
        save_question(
            course_id=draft.id,
            item=None,
            version=0,
            original_language=original,
            facts=one.facts,
            texts={
                tag: NewText(dict(said), "original" if tag == original else "human")
                for tag, said in one.texts.items()
            },
            by=by,
            now=now,
        )
    record_event(
        person=by,
        action="cartridge.kept",
        subject_kind="course",
        subject_id=draft.id,
        detail={"institution": row.institution_id, "file": row.name},
        now=now,
    )
    row.delete()
    return draft


@transaction.atomic
def discard(*, import_id: uuid.UUID, by: Person) -> None:
    """Throw a package away. Raises `NoSuchCartridge`."""
    _locked(import_id, by).delete()


def _locked(import_id: uuid.UUID, by: Person) -> CartridgeImport:
    rows = CartridgeImport.objects.select_for_update().filter(pk=import_id, made_by=by)
    row = rows.first()
    if row is None:
        raise NoSuchCartridge(str(import_id))
    return row


def _outline(found: CourseFound) -> tuple[dict[str, str], Facts]:
    """Words and facts of the draft."""
    words = {"title": found.title, "summary": found.summary}
    facts, modules, number = empty_facts(), [], 0
    for place, module in enumerate(found.modules, 1):
        words[f"modules.m{place}.title"] = module.title
        units = []
        for unit in module.units:
            number += 1
            key = f"u{number}"
            words[f"units.{key}.title"] = unit.title
            words[f"units.{key}.body"] = unit.body
            units.append(_unit(key, unit))
        modules.append({"key": f"m{place}", "units": units})
    said = {name: text for name, text in words.items() if text}
    return said, Facts(**{**facts, "modules": modules})  # type: ignore[typeddict-item]


def _unit(key: str, unit: UnitFound) -> dict[str, object]:
    one: dict[str, object] = {"key": key, "kind": unit.kind}
    if unit.kind == "tool":
        one["tool"] = unit.tool
    elif unit.kind == "video":
        one["video"] = {"variants": [unit.film], "captions": []}
    elif unit.kind == "quiz":
        one["quiz"] = {
            "draws": [{"competence": "", "count": unit.questions}],
            "minutes": unit.minutes,
            "attempts": unit.attempts,
            "shuffle": True,
            "review": "answers",
            "weight": 1,
        }
    elif unit.kind == "assignment":
        one["assignment"] = {
            "forms": list(unit.forms),
            "rubric": [{"key": f"{key}-r1", "points": unit.points}],
            "second_marker": False,
            "weight": 1,
        }
    return one
