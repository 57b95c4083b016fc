"""Taking in the banks of questions that peers publish and, after a loss, one's own.

Besides the rules of every record: a bank is of a course of the same node, a question is of the node
that published it first, and a version of a question never changes, since attempts hang on it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db import transaction

from chorsu.records.reading import Refused, parse_withdrawal
from chorsu.records.shapes import Accepted, Arrival
from chorsu.training.actions.pictures import keep_rows
from chorsu.training.actions.taking import keep_publication, take_where_lacking
from chorsu.training.items import Item, empty_facts
from chorsu.training.models import (
    Attempt,
    BankItem,
    BankPicture,
    Course,
    SharedBank,
    SharedBankRevision,
)
from chorsu.training.queries.bank import item_of
from chorsu.training.queries.pictures import needed_by
from chorsu.training.wire.banks import KIND, PublishedBank, parse_bank, pictures_of
from chorsu.wire.entry import NETWORK

ACCEPTED, SUPERSEDED = "accepted", "superseded"


@transaction.atomic
def accept(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in a `question-bank` blob that an entry of `origin`'s feed names. Raises `Refused`."""
    row = _find(arrival)
    form = None
    if row is not None and row.course_id is None and row.origin != origin:
        # A mark that another node set for a bank that it never had.
        form = _named_form(arrival, origin)
        if _origin_of_course(form) == origin:
            row.origin, row.feed_index = origin, None
    _require_origin(row, origin)
    if _is_older(row, arrival):
        return Accepted("", SUPERSEDED)
    form = form or _named_form(arrival, origin)
    if _origin_of_course(form) not in ("", origin):
        raise Refused("not-the-origin", f"course {form.course} is not of {origin}")
    others = SharedBank.objects.filter(course_id=form.course, origin=origin).exclude(pk=form.id)
    if others.exists():
        raise Refused("payload-malformed", f"course {form.course} has another bank")
    keep_items(form, origin=origin)
    row = row or SharedBank(id=uuid.UUID(form.id), origin=origin)
    keep_publication(row, form, at=arrival.at, blob=arrival.blob, index=arrival.index)
    take_where_lacking(row)
    return Accepted("", ACCEPTED, files=needed_by(row.pk))


@transaction.atomic
def accept_withdrawal(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Take in that the origin withdrew a bank: it is asked no more, and its questions leave the
    tables but for those that attempts were asked, whose results must stay explicable. One that
    never came leaves a mark. An empty `payload` is a withdrawal without a reason. Raises `Refused`.
    """
    row = _find(arrival)
    _require_origin(row, origin)
    if _is_older(row, arrival):
        return Accepted("", SUPERSEDED)
    reason = parse_withdrawal(arrival.payload, KIND, arrival.record_id) if arrival.payload else ""
    row = row or SharedBank(id=uuid.UUID(arrival.record_id), origin=origin)
    row.revision, row.feed_index = arrival.revision, arrival.index
    _withdraw(row, arrival, reason)
    # Held before it is looked which were asked: an attempt that is being begun holds them too.
    there = _rows(row.revisions.all())
    held = BankItem.objects.filter(origin=origin, item__in={item for item, _version in there})
    list(held.select_for_update().order_by("pk").values_list("pk", flat=True))
    asked = _asked(row)
    elsewhere = SharedBankRevision.objects.filter(bank__origin=origin).exclude(bank=row)
    for item, version in there - asked - _rows(elsewhere):
        BankItem.objects.filter(item=item, version=version, origin=origin).delete()
    _let_go_of_pictures(row)
    for told in row.revisions.all():
        told.items = [one for one in told.items if (one["item"], one["version"]) in asked]
        told.save(update_fields=["items"])
    return Accepted("", ACCEPTED)


def _let_go_of_pictures(row: SharedBank) -> None:
    """Forget the pictures of a peer's bank that no question left here shows.

    Those of an own bank stay with the course, as an author put them there.
    """
    if row.course_id is None or row.origin == settings.NODE_NAME:
        return
    of_bank = BankItem.objects.filter(course_id=row.course_id, origin=row.origin)
    left = of_bank.filter(facts__has_key="pictures").values_list("facts__pictures", flat=True)
    shown = {one["sha256"] for pictures in left for one in pictures}
    held = BankPicture.objects.filter(course_id=row.course_id, origin=row.origin)
    held.exclude(sha256__in=shown).delete()


@transaction.atomic
def restore(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Make an own bank what an entry of the own log published; entries come in order. Questions
    that are lost come back with it, and are drawn again. Raises `Refused`.
    """
    form = _named_form(arrival, origin)
    row = _find(arrival)
    before = row.revisions.filter(revision=row.revision) if row else []
    gone = {item for item, _version in _rows(before)} - {one.id for one in form.questions}
    BankItem.objects.filter(origin="", item__in=gone).update(current=False)
    for one in keep_items(form, origin=""):
        newer = BankItem.objects.filter(item=one.id, version__gt=one.version)
        if not newer.exists():
            BankItem.objects.filter(item=one.id).update(current=False)
            BankItem.objects.filter(item=one.id, version=one.version).update(
                current=True, saved_at=arrival.at
            )
    row = row or SharedBank(id=uuid.UUID(form.id), origin=origin)
    keep_publication(row, form, at=arrival.at, blob=arrival.blob, index=None)
    return Accepted("", ACCEPTED)


@transaction.atomic
def restore_withdrawal(*, arrival: Arrival, origin: str, now: datetime) -> Accepted:
    """Make an own bank withdrawn again; its questions stay its course's. Raises `Refused`."""
    reason = parse_withdrawal(arrival.payload, KIND, arrival.record_id) if arrival.payload else ""
    row = _find(arrival) or SharedBank(
        id=uuid.UUID(arrival.record_id), origin=origin, revision=arrival.revision
    )
    _withdraw(row, arrival, reason)
    return Accepted("", ACCEPTED)


def files_of(payload: bytes) -> list[tuple[str, int, str]]:
    """Hash, bytes and media type of the pictures in a blob of this node; raises `Refused`."""
    pictures = pictures_of(parse_bank(payload, str(settings.NODE_NAME)).questions)
    return [(one["sha256"], one["size"], one["media_type"]) for one in pictures]


def hold_still(*, record_id: str) -> None:
    """Let nobody publish a bank in the caller's transaction; they lock its row first too."""
    rows = SharedBank.objects.select_for_update().filter(pk=uuid.UUID(record_id))
    list(rows.values_list("pk", flat=True))


@transaction.atomic
def forget_revision(*, bank_id: uuid.UUID, revision: int) -> None:
    """Let go of what a publication asked that is not what the bank says now: the words of each
    version of a question that no other publication has and that no own quiz draws.

    An attempt that was asked one keeps its points, and has no words to show for it any more; the
    question says with which publication they went.
    """
    row = SharedBank.objects.select_for_update().filter(pk=bank_id).first()
    if row is None or (row.withdrawn_at is None and row.revision == revision):
        return
    told = row.revisions.filter(revision=revision)
    gone = _rows(told) - _rows(row.revisions.exclude(revision=revision))
    for item, version in gone:
        rows = BankItem.objects.filter(item=item, version=version, current=False)
        for one in rows.select_for_update():
            _blank(one, revision)
    told.update(items=[])


@transaction.atomic
def forget_reason(*, bank_id: uuid.UUID) -> None:
    """Let go of the reason for which a bank was withdrawn."""
    rows = SharedBank.objects.filter(pk=bank_id, withdrawn_at__isnull=False)
    rows.update(withdrawal_reason="")


def keep_items(form: PublishedBank, *, origin: str) -> list[Item]:
    """Keep the questions of a form that are not here; returns those. `origin`: empty for one's own.

    Raises `Refused` for a question of another node, or a version that says something else here.
    """
    ids = [one.id for one in form.questions]
    if BankItem.objects.filter(item__in=ids).exclude(origin=origin).exists():
        raise Refused("not-the-origin", "a question is another node's")
    here = {(str(row.item), row.version): row for row in BankItem.objects.filter(item__in=ids)}
    new = []
    for one in form.questions:
        row = here.get((one.id, one.version))
        if row is None:
            new.append(one)
        elif not item_of(row).has_words:
            row.facts, row.texts, row.erased_revision = one.facts, _texts(one), None
            row.save(update_fields=["facts", "texts", "erased_revision"])
        elif origin and item_of(row) != one:
            raise Refused("payload-malformed", f"version {one.version} of {one.id} has changed")
    keep_rows(uuid.UUID(form.course), pictures_of(form.questions), origin=origin)
    BankItem.objects.bulk_create(
        BankItem(
            course_id=uuid.UUID(form.course),
            item=uuid.UUID(one.id),
            version=one.version,
            origin=origin,
            current=False,
            competence=one.facts["competence"],
            original_language=one.original_language,
            facts=one.facts,
            texts=_texts(one),
        )
        for one in new
    )
    return new


def _texts(item: Item) -> dict[str, dict[str, object]]:
    return {tag: asdict(text) for tag, text in item.texts.items()}


def _find(arrival: Arrival) -> SharedBank | None:
    rows = SharedBank.objects.select_for_update()
    return rows.filter(pk=uuid.UUID(arrival.record_id)).first()


def _named_form(arrival: Arrival, origin: str) -> PublishedBank:
    form = parse_bank(arrival.payload, origin)
    if (form.id, form.revision, NETWORK) != arrival.named:
        raise Refused("payload-entry-mismatch", "id, revision or audience")
    return form


def _origin_of_course(form: PublishedBank) -> str:
    rows = Course.objects.filter(pk=form.course)
    return rows.values_list("origin", flat=True).first() or ""


def _require_origin(row: SharedBank | None, origin: str) -> None:
    if row is not None and row.origin != origin:
        raise Refused("not-the-origin", f"{row.pk} belongs to {row.origin}, not to {origin}")


def _is_older(row: SharedBank | None, arrival: Arrival) -> bool:
    return row is not None and row.feed_index is not None and arrival.index <= row.feed_index


def _withdraw(row: SharedBank, arrival: Arrival, reason: str) -> None:
    row.withdrawn_at = row.updated_at = arrival.at
    row.withdrawal_reason, row.blob = reason, arrival.blob
    row.save()


def _rows(revisions: Iterable[SharedBankRevision]) -> set[tuple[str, int]]:
    return {(one["item"], one["version"]) for row in revisions for one in row.items}


def _asked(row: SharedBank) -> set[tuple[str, int]]:
    """What attempts of cohorts that took the bank were asked."""
    attempts = Attempt.objects.filter(enrolment__cohort__questions__bank=row)
    drawn: Sequence[tuple[list[str], list[int]]] = list(attempts.values_list("items", "versions"))
    return {one for items, versions in drawn for one in zip(items, versions, strict=True)}


def _blank(row: BankItem, revision: int) -> None:
    """Nothing is left of a question but what an attempt's points need."""
    facts = {**empty_facts(row.facts["type"]), "competence": row.competence}
    row.facts = {**facts, "points": row.facts["points"]}
    row.texts = {
        row.original_language: {"words": {}, "provenance": "original", "based_on": row.version}
    }
    row.erased_revision = revision
    row.save(update_fields=["facts", "texts", "erased_revision"])
