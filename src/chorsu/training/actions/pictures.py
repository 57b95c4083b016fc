"""Pictures of banks of questions: taken in, kept with the questions that show them, let go of."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from chorsu.exchange import blobs, erasures
from chorsu.institutions.models import Person
from chorsu.records.fields import FieldError
from chorsu.training.formats.questions import NotReadable, made_ready
from chorsu.training.items import Facts, Item, ItemText, Picture, pictures_shown
from chorsu.training.items.pictures import by_name
from chorsu.training.models import BankPicture
from chorsu.training.queries.bank import editable
from chorsu.training.queries.pictures import in_bank, made_before

MAX_IN_BANK = 2000


@transaction.atomic
def add_picture(*, course_id: str, content: bytes, name: str, by: Person, now: datetime) -> Picture:
    """Take a picture into a bank, made anew as every image is; one that is there is that one.

    Raises `NoSuchBank`, `NotAllowed`, `NotReadable` (what it is instead, or over a cap).
    """
    editable(course_id, by)
    if BankPicture.objects.filter(course_id=course_id, origin="").count() >= MAX_IN_BANK:
        raise NotReadable("bank_pictures", count=MAX_IN_BANK)
    picture, ready = made_ready(content, name)
    keep_contents({picture["sha256"]: ready}, {picture["sha256"]: picture["media_type"]}, now)
    known = made_before(picture["sha256"])
    picture = known or picture
    keep_rows(uuid.UUID(course_id), [picture], origin="")
    return picture


def keep_contents(contents: Mapping[str, bytes], types: Mapping[str, str], now: datetime) -> None:
    """Keep the bytes of pictures (by SHA-256) as blobs; raises `NotReadable` for an erased one."""
    for sha256, content in contents.items():
        try:
            blobs.put(content, media_type=types[sha256], now=now)
        except blobs.Erased:
            raise NotReadable("picture_erased") from None


def keep_rows(course_id: uuid.UUID, pictures: Iterable[Picture], *, origin: str) -> None:
    """Have a bank know the pictures of its questions. `origin`: empty for an own bank."""
    BankPicture.objects.bulk_create(
        [BankPicture(course_id=course_id, origin=origin, **one) for one in pictures],
        ignore_conflicts=True,
    )


def illustrated(
    facts: Facts, texts: Mapping[str, ItemText], course_id: str, before: Item | None
) -> tuple[Facts, list[FieldError]]:
    """The facts with the pictures that the words of any language name, and an error for each word
    that names one which neither the bank has nor the question had: `no_such_picture`.
    """
    shown = [
        (f"{tag}.{word}", name)
        for tag, text in texts.items()
        for word, name, _said in pictures_shown(facts, text.words)
    ]
    whole = facts.copy()
    whole.pop("pictures", None)
    if not shown:
        return whole, []
    there = in_bank(course_id)
    had = by_name(before.facts.get("pictures", []) if before else [])
    gone = erasures.erased([one["sha256"] for one in had.values()]) if had else {}
    known = {n: one for n, one in had.items() if one["sha256"] not in gone} | there
    errors = [
        FieldError(word, "no_such_picture", {"value": name[:60]})
        for word, name in shown
        if name not in known
    ]
    named = sorted({name for _word, name in shown} & known.keys())
    if named:
        whole["pictures"] = [known[name] for name in named]
    return whole, errors


def forget_picture(*, sha256: str, origin: str = "") -> None:
    """Let go of a file as a picture of banks; with `origin`, of that node's banks alone. Versions
    of questions go on naming it, and show in its place what is said for who cannot see it.
    """
    BankPicture.objects.filter(sha256=sha256, origin=origin).delete()
