"""Changing a bank: questions saved, retired and taken back, files of questions read and kept."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from chorsu.institutions.actions import record_event
from chorsu.institutions.models import Person
from chorsu.institutions.writing import personal_data
from chorsu.kernel.ids import new_id
from chorsu.kernel.languages import by_tag
from chorsu.records.fields import TRANSLATIONS, FieldError
from chorsu.training.actions.pictures import illustrated, keep_contents, keep_rows
from chorsu.training.errors.bank import NoSuchQuestion, QuestionConflict
from chorsu.training.formats import questions as formats
from chorsu.training.items import (
    PICTURE_WORDS,
    Facts,
    InvalidItem,
    Item,
    ItemText,
    clean_facts,
    clean_words,
    missing,
    undescribed,
)
from chorsu.training.models import BankItem, QuestionImport
from chorsu.training.queries.bank import (
    editable,
    import_view,
    item_of,
    newest_row,
)
from chorsu.training.queries.pictures import made_before
from chorsu.training.shapes.bank import ImportView, NewText


@transaction.atomic
def save_question(
    *,
    course_id: str,
    item: str | None,
    version: int,
    original_language: str,
    facts: Mapping[str, object],
    texts: Mapping[str, NewText],
    by: Person,
    now: datetime,
) -> Item:
    """Save a question with the languages in `texts`; those not named stay. What changed is a new
    version: attempts keep the one they began with. Saving what is there changes nothing.

    `item` None, `version` 0: a new question. Raises `NoSuchBank`, `NoSuchQuestion`, `NotAllowed`,
    `QuestionConflict`, `UnknownLanguage`, or `InvalidItem` with fields of the facts by path, and
    words by `<language>.<name>`.
    """
    place = editable(course_id, by)
    before = None if item is None else item_of(newest_row(course_id, item, locked=True))
    if before is not None and before.version != version:
        raise QuestionConflict(before)
    original = before.original_language if before else by_tag(original_language).tag
    clean = clean_facts(facts)
    new = _texts(clean, original, texts, before)
    clean = _with_pictures(clean, original, new, course_id, before)
    _refuse_people(new)
    made = Item(
        id=item or new_id(),
        version=version + 1,
        original_language=original,
        facts=clean,
        texts=new,
    )
    if before is not None and (before.facts, before.texts) == (clean, new):
        return before
    _store(course_id, made, by, now)
    _record(by, "question.saved", course_id, place.institution_id, now, item=made.id)
    return made


@transaction.atomic
def set_retired(*, course_id: str, item: str, retired: bool, by: Person, now: datetime) -> None:
    """Retire a question, so that new attempts draw it no more, or take it back. Attempts that have
    it keep it. Raises `NoSuchBank`, `NoSuchQuestion`, `NotAllowed`, and `InvalidItem` if one that
    is to be drawn again cannot be asked as it is.
    """
    place = editable(course_id, by)
    row = newest_row(course_id, item, locked=True)
    if row.current == (not retired):
        return
    one = item_of(row)
    if not retired and (errors := missing(one.facts, one.texts[one.original_language].words)):
        raise InvalidItem(errors)
    row.current = not retired
    row.save(update_fields=["current"])
    action = "question.retired" if retired else "question.taken-back"
    _record(by, action, course_id, place.institution_id, now, item=item)


@transaction.atomic
def read_file(
    *,
    course_id: str,
    name: str,
    content: bytes,
    language: str,
    competence: str,
    by: Person,
    now: datetime,
) -> ImportView:
    """Read a file of questions and keep what it gave to be looked at; the bank is not changed.

    `language`: of questions that do not say theirs; `competence`: for those that name none. Raises
    `NoSuchBank`, `NotAllowed`, `UnknownLanguage`, `formats.questions.NotReadable`.
    """
    place = editable(course_id, by)
    report = formats.read(content, name, by_tag(language).tag, made_before)
    types = {
        one["sha256"]: one["media_type"]
        for each in report.found
        for one in each.facts.get("pictures", [])
    }
    keep_contents(report.pictures, types, now)
    row = QuestionImport.objects.create(
        id=uuid.UUID(new_id()),
        course_id=uuid.UUID(course_id),
        institution_id=place.institution_id,
        name=name[:200],
        competence=competence,
        found=[asdict(one) for one in report.found],
        troubles=[asdict(one) for one in report.troubles],
        made_by=by,
        made_at=now,
    )
    return import_view(row)


@transaction.atomic
def keep_import(
    *, course_id: str, import_id: str, places: Iterable[int], by: Person, now: datetime
) -> int:
    """Take the questions at these places (from 0) of a file into the bank; returns how many.

    One with a picture of which nothing says what it shows is kept retired until somebody has said
    it. All or none. Raises `NoSuchBank`, `NoSuchQuestion`, `NotAllowed`, `InvalidItem` where words
    name a person of this node (`<place>.<language>.<word>`).
    """
    place = editable(course_id, by)
    row = _import(course_id, import_id)
    view = import_view(row)
    wanted = sorted(set(places) & set(range(len(view.found))))
    errors: list[FieldError] = []
    for number in wanted:
        one = view.found[number]
        facts = clean_facts({**one.facts, "competence": one.facts["competence"] or row.competence})
        texts = {
            tag: ItemText(dict(words), "original" if first else "human", 1)
            for first, (tag, words) in zip(
                [True] + [False] * len(one.texts), one.texts.items(), strict=False
            )
        }
        named = personal_data(_flat(texts))
        errors += [FieldError(f"{number}.{e.field}", e.code, e.params) for e in named]
        original = next(iter(texts))
        lacks = bool(undescribed(facts, texts[original].words))
        keep_rows(uuid.UUID(course_id), facts.get("pictures", []), origin="")
        _store(course_id, Item(new_id(), 1, original, facts, texts), by, now, retired=lacks)
    if errors:
        raise InvalidItem(errors)
    row.delete()
    _record(
        by, "questions.imported", course_id, place.institution_id, now,
        file=view.name, count=len(wanted),
    )  # fmt: skip
    return len(wanted)


@transaction.atomic
def discard_import(*, course_id: str, import_id: str, by: Person) -> None:
    """Throw away what a file gave. Raises as `keep_import`."""
    editable(course_id, by)
    _import(course_id, import_id).delete()


def _import(course_id: str, import_id: str) -> QuestionImport:
    try:
        key = uuid.UUID(import_id)
    except ValueError:
        raise NoSuchQuestion(import_id[:50]) from None
    row = (
        QuestionImport.objects.select_for_update()
        .filter(pk=key, course_id=uuid.UUID(course_id))
        .first()
    )
    if row is None:
        raise NoSuchQuestion(import_id)
    return row


def _texts(
    facts: Facts, original: str, given: Mapping[str, NewText], before: Item | None
) -> dict[str, ItemText]:
    """The texts of the new version; raises `InvalidItem`.

    A translation is based on the version in which the original last changed; one that is not
    touched stays based on what it was, and so shows itself as out of date.
    """
    errors: list[FieldError] = []
    words: dict[str, dict[str, str]] = {}
    for tag, text in given.items():
        try:
            words[by_tag(tag).tag] = clean_words(facts, text.words)
        except InvalidItem as invalid:
            errors += [FieldError(f"{tag}.{e.field}", e.code, e.params) for e in invalid.errors]
        if tag != original and text.provenance not in TRANSLATIONS:
            errors.append(FieldError(f"{tag}.provenance", "unknown"))
    old = before.texts if before else {}
    whole = words.get(original, dict(old[original].words) if original in old else {})
    errors += [
        error
        if error.field.startswith("fields")
        else FieldError(f"{original}.{error.field}", error.code)
        for error in missing(facts, whole)
    ]
    if errors:
        raise InvalidItem(errors)
    same = original in old and dict(old[original].words) == whole
    based_on = old[original].based_on if same else (before.version + 1 if before else 1)
    found = {original: ItemText(whole, "original", based_on)}
    for tag, text in given.items():
        if tag == original or not words[tag]:
            continue
        earlier = old.get(tag)
        untouched = earlier is not None and dict(earlier.words) == words[tag]
        kept = earlier.based_on if earlier and untouched and not text.confirmed else based_on
        found[tag] = ItemText(words[tag], text.provenance, kept)
    # Words of rows that are gone go with them, in the languages that were not sent too.
    for tag, one in old.items():
        if tag not in given and tag != original:
            found[tag] = ItemText(_still_there(facts, one.words), one.provenance, one.based_on)
    return found


def _with_pictures(
    facts: Facts, original: str, texts: Mapping[str, ItemText], course_id: str, before: Item | None
) -> Facts:
    """The facts with the pictures that the texts show; raises `InvalidItem`."""
    whole, errors = illustrated(facts, texts, course_id, before)
    errors += [
        FieldError(f"{tag}.{word}", PICTURE_WORDS)
        for tag, text in texts.items()
        if tag == original or before is None or before.texts.get(tag) != text
        for word in undescribed(whole, text.words)
    ]
    if errors:
        raise InvalidItem(errors)
    return whole


def _still_there(facts: Facts, words: Mapping[str, str]) -> dict[str, str]:
    try:
        return clean_words(facts, words)
    except InvalidItem as invalid:
        gone = {error.field for error in invalid.errors}
        return clean_words(facts, {name: t for name, t in words.items() if name not in gone})


def _refuse_people(texts: Mapping[str, ItemText]) -> None:
    """A bank is read wherever its course is taught: nobody of this node is named in it."""
    errors = personal_data(_flat(texts))
    if errors:
        raise InvalidItem(errors)


def _flat(texts: Mapping[str, ItemText]) -> dict[str, str]:
    return {f"{tag}.{n}": words for tag, one in texts.items() for n, words in one.words.items()}


def _store(course_id: str, item: Item, by: Person, now: datetime, *, retired: bool = False) -> None:
    rows = BankItem.objects.filter(item=uuid.UUID(item.id), current=True)
    retired = retired or (item.version > 1 and not rows.exists())
    rows.update(current=False)
    BankItem.objects.create(
        course_id=uuid.UUID(course_id),
        item=uuid.UUID(item.id),
        version=item.version,
        current=not retired,
        competence=item.facts["competence"],
        original_language=item.original_language,
        facts=item.facts,
        texts={tag: asdict(text) for tag, text in item.texts.items()},
        saved_by=by,
        saved_at=now,
    )


def _record(
    by: Person, action: str, course_id: str, institution_id: str, now: datetime,
    **detail: str | int,
) -> None:  # fmt: skip
    record_event(
        person=by,
        action=action,
        subject_kind="course",
        subject_id=course_id,
        detail={"institution": institution_id, **detail},
        now=now,
    )
