"""Cartridges that wait to become courses: read anew for everybody who looks."""

from __future__ import annotations

import hashlib
import io
import uuid
from dataclasses import replace

from django.conf import settings

from chorsu.institutions.models import Person
from chorsu.institutions.writing import personal_data
from chorsu.records.fields import InvalidRecord
from chorsu.records.files import prepare
from chorsu.records.films import prepare_film
from chorsu.training.errors.cartridges import NoSuchCartridge
from chorsu.training.formats.cartridges import (
    CourseFound,
    Fitted,
    ModuleFound,
    Note,
    Unfit,
    read_course,
)
from chorsu.training.formats.questions import Found
from chorsu.training.formats.questions.packages import Package
from chorsu.training.models import CartridgeImport
from chorsu.training.shapes.cartridges import CartridgeLine, CartridgeView

MAX_WAITING = 20


def cartridges(person: Person) -> list[CartridgeLine]:
    """Those that a person handed in and has not decided on, newest first. One query."""
    rows = CartridgeImport.objects.filter(made_by=person).defer("content").order_by("-made_at")
    return [
        CartridgeLine(str(row.pk), row.name, row.institution_id, row.made_at)
        for row in rows[:MAX_WAITING]
    ]


def cartridge(import_id: uuid.UUID, person: Person) -> CartridgeView:
    """What would be made of a cartridge that this person handed in. Two queries.

    Raises `NoSuchCartridge`.
    """
    row = CartridgeImport.objects.filter(pk=import_id, made_by=person).first()
    if row is None:
        raise NoSuchCartridge(str(import_id))
    return CartridgeView(
        id=str(row.pk),
        name=row.name,
        institution_id=row.institution_id,
        language=row.language,
        course=course_of(bytes(row.content), row.language, row.name),
    )


def course_of(content: bytes, language: str, name: str) -> CourseFound:
    """The course of a package; raises `formats.questions.NotReadable`. One query.

    Questions that name a person of this node are left out and noted: a bank is read wherever its
    course is taught.
    """
    found = read_course(Package(content), language, name, _fit)
    named = _naming_people(found.questions)
    kept = tuple(one for number, one in enumerate(found.questions) if number not in named)
    return replace(
        found,
        modules=tuple(_drawing_at_most(len(kept), one) for one in found.modules),
        questions=kept,
        notes=(
            *found.notes,
            *(Note(found.questions[number].place, "personal") for number in sorted(named)),
        ),
    )


def _drawing_at_most(questions: int, module: ModuleFound) -> ModuleFound:
    """No quiz draws more than the bank will have; of an empty one its author is told."""
    most = max(questions, 1)
    return replace(
        module,
        units=tuple(replace(one, questions=min(one.questions, most)) for one in module.units),
    )


def _naming_people(questions: tuple[Found, ...]) -> set[int]:
    said = {
        f"{number}.{tag}.{name}": text
        for number, one in enumerate(questions)
        for tag, words in one.texts.items()
        for name, text in words.items()
    }
    errors = personal_data(said) if said else []
    return {int(error.field.partition(".")[0]) for error in errors}


def _fit(name: str, content: bytes) -> Fitted:
    """What a file would be kept as; nothing is kept."""
    max_bytes = settings.NODE.number("files.max_mb") * 1_000_000
    longest = settings.NODE.number("files.image_max_px")
    upload = io.BytesIO(content)
    try:
        prepared = prepare_film(upload, name, max_bytes=max_bytes) or prepare(
            upload, name, max_bytes=max_bytes, image_max_px=longest
        )
    except InvalidRecord as invalid:
        raise Unfit(invalid.errors[0].code) from invalid
    if prepared.told and personal_data({"file": prepared.told}):
        raise Unfit("personal_name")
    prepared.file.seek(0)
    sha256 = hashlib.sha256(prepared.file.read()).hexdigest()
    prepared.file.close()
    return Fitted(prepared.media_type, prepared.name, sha256)
