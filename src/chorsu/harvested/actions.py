"""Writing foreign repositories and records: each page of a harvest and its place in one step."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from chorsu.harvested.errors import NoSuchHarvested, NotHarvestable
from chorsu.harvested.models import HarvestedRecord, Repository
from chorsu.harvested.queries import KIND, document_for_search
from chorsu.harvested.rules import web_address
from chorsu.harvested.wire import Answer, ForeignRecord, Granularity, Identity, as_from
from chorsu.search import actions as search

MOST_RECORDS = 200_000
"""In one run: what is more than this is no source for a network of academies, or has no end."""
MOST_RESTARTS = 20
"""Tokens refused one after the other without the list having moved on."""
MOST_STALE_PAGES = 3
OVERLAP = timedelta(minutes=5)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to ask next: the token, or a new list from `since` (empty: everything)."""

    address: str
    token: str
    since: str


@transaction.atomic
def add_repository(*, address: str, identity: Identity, now: datetime) -> int:
    """Keep a repository, or bring what it says of itself up to date; returns its number."""
    row, _ = Repository.objects.update_or_create(
        address=address,
        defaults={
            "name": identity.name,
            "email": identity.email,
            "earliest": identity.earliest,
            "deleted": identity.deleted,
            "granularity": identity.granularity,
        },
        create_defaults={
            "name": identity.name,
            "email": identity.email,
            "earliest": identity.earliest,
            "deleted": identity.deleted,
            "granularity": identity.granularity,
            "added_at": now,
        },
    )
    return row.pk


@transaction.atomic
def want(*, repository_id: int, everything: bool = False) -> str:
    """Have it read from now on, or all of it anew (`everything`); returns its address.

    Raises `NoSuchHarvested`.
    """
    row = _locked(repository_id)
    row.wanted, row.tries, row.next_try_at, row.trouble, row.trouble_detail = True, 0, None, "", ""
    if everything:
        row.running, row.token, row.next_since = False, "", None
    row.save()
    return row.address


@transaction.atomic
def forget_repository(*, repository_id: int) -> str:
    """Drop a repository with all its records; returns its address. Raises `NoSuchHarvested`."""
    row = _locked(repository_id)
    for record_id in row.records.values_list("pk", flat=True):
        search.remove(kind=KIND, record_id=str(record_id))
    row.delete()
    return row.address


@transaction.atomic
def next_step(*, repository_id: int) -> NextStep | None:
    """Begin a run or go on with the one that is under way; None if it is not to be read."""
    row = Repository.objects.select_for_update().filter(pk=repository_id, wanted=True).first()
    if row is None:
        return None
    if not row.running:
        row.run, row.running, row.since = row.run + 1, True, row.next_since
        row.token, row.began_at, row.last_datestamp = "", None, None
        row.in_order, row.restarts, row.stale_pages = True, 0, 0
        row.read_in_run = row.skipped_in_run = 0
        row.save()
    since = as_from(row.since, _granularity(row)) if row.since else ""
    return NextStep(row.address, row.token, since)


@transaction.atomic
def store_page(*, repository_id: int, asked: NextStep, answer: Answer, now: datetime) -> bool:
    """Keep a page and the place behind it; returns whether there is more.

    Nothing is kept of a page whose question another worker has answered meanwhile. Raises
    `NotHarvestable` for a list that goes in a circle or has no end.
    """
    row = _locked(repository_id)
    if not row.running or row.token != asked.token:
        return row.running
    row.began_at = row.began_at or answer.at
    if answer.token and answer.token == asked.token:
        raise NotHarvestable("circle", "the same resumption token again")
    fresh = _store(row, answer.records, now)
    row.stale_pages = 0 if fresh else row.stale_pages + 1
    row.read_in_run += len(answer.records)
    row.skipped_in_run += answer.skipped
    # After a restart much is met again, and rightly.
    if answer.token and not row.restarts and row.stale_pages >= MOST_STALE_PAGES:
        raise NotHarvestable("circle", f"{row.stale_pages} pages without anything new")
    if row.read_in_run > MOST_RECORDS:
        raise NotHarvestable("too-many", f"over {MOST_RECORDS} records")
    row.token, row.tries, row.next_try_at, row.trouble, row.trouble_detail = (
        answer.token, 0, None, "", "",
    )  # fmt: skip
    row.save()
    if not answer.token:
        _sweep(row)
        _finish(row, now)
    return bool(answer.token)


@transaction.atomic
def finish_empty(*, repository_id: int, now: datetime) -> None:
    """The repository has nothing (more) for what was asked."""
    row = _locked(repository_id)
    if row.running:
        _finish(row, now)


@transaction.atomic
def token_refused(*, repository_id: int, asked: NextStep) -> None:
    """Go on without the token: from the last datestamp if the list was in order, else anew.

    What was read already is read again and stays as it is. Raises `NotHarvestable` when tokens are
    refused again and again.
    """
    row = _locked(repository_id)
    if not row.running or row.token != asked.token or not asked.token:
        return
    moved = row.in_order and row.last_datestamp is not None and row.last_datestamp != row.since
    row.restarts = 1 if moved else row.restarts + 1
    if row.restarts > MOST_RESTARTS:
        raise NotHarvestable("tokens-refused", f"{row.restarts} times")
    row.token, row.stale_pages = "", 0
    if moved:
        row.since = row.last_datestamp
    row.save()


@transaction.atomic
def note_trouble(
    *, repository_id: int, code: str, detail: str, now: datetime, pause_s: int | None = None
) -> None:
    """Note why it could not be read; the next try is after `pause_s`, or a pause that grows."""
    row = Repository.objects.select_for_update().filter(pk=repository_id).first()
    if row is None:
        return
    row.tries += 1
    pause = min(FIRST_PAUSE * (1 << min(row.tries - 1, 16)), LONGEST_PAUSE)
    if pause_s is not None:
        pause = min(max(timedelta(seconds=pause_s), timedelta(seconds=10)), LONGEST_PAUSE)
    row.trouble, row.trouble_detail, row.next_try_at = code, detail[:2000], now + pause
    if code in ("circle", "too-many", "tokens-refused"):
        # The list itself is at fault: its beginning is the only other place to try.
        row.running, row.token = False, ""
    row.save()


def _store(row: Repository, records: Sequence[ForeignRecord], now: datetime) -> int:
    """How many of them the run had not brought yet."""
    known = dict(
        row.records.filter(identifier__in=[one.identifier for one in records]).values_list(
            "identifier", "run"
        )
    )
    fresh = 0
    for one in records:
        if row.last_datestamp is not None and one.datestamp < row.last_datestamp:
            row.in_order = False
        row.last_datestamp = max(one.datestamp, row.last_datestamp or one.datestamp)
        fresh += known.get(one.identifier) != row.run
        record_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{row.address}#{one.identifier}")
        if one.deleted:
            search.remove(kind=KIND, record_id=str(record_id))
            row.records.filter(pk=record_id).delete()
        else:
            _store_record(row, record_id, one, now)
    return fresh


def _store_record(row: Repository, record_id: uuid.UUID, one: ForeignRecord, now: datetime) -> None:
    values = {name: [[v.text, v.language] for v in held] for name, held in one.values.items()}
    titles = [v.text for v in one.values.get("title", [])]
    languages = [v.text for v in one.values.get("language", [])]
    links = [v.text for name in ("identifier", "relation") for v in one.values.get(name, [])]
    kept = row.records.filter(pk=record_id).first()
    same = kept is not None and kept.values == values and kept.datestamp == one.datestamp
    saved, _ = HarvestedRecord.objects.update_or_create(
        pk=record_id,
        defaults={
            "repository": row,
            "identifier": one.identifier,
            "datestamp": one.datestamp,
            "title": titles[0] if titles else one.identifier,
            "language": languages[0][:20] if languages else "",
            "values": values,
            "link": web_address(links),
            "harvested_at": now,
            "run": row.run,
        },
    )
    if not same:
        search.index(document_for_search(saved))


def _sweep(row: Repository) -> None:
    """After a whole list without an accident: what is not in it any more is gone."""
    if row.since is None and not row.restarts:
        for gone in row.records.filter(run__lt=row.run):
            search.remove(kind=KIND, record_id=str(gone.pk))
            gone.delete()


def _finish(row: Repository, now: datetime) -> None:
    row.running, row.token, row.finished_at = False, "", now
    row.tries, row.next_try_at, row.trouble, row.trouble_detail = 0, None, "", ""
    began = row.began_at or row.last_datestamp
    if began is not None:
        row.next_since = began - OVERLAP
    row.save()


def _locked(repository_id: int) -> Repository:
    row = Repository.objects.select_for_update().filter(pk=repository_id).first()
    if row is None:
        raise NoSuchHarvested(str(repository_id))
    return row


def _granularity(row: Repository) -> Granularity:
    return "second" if row.granularity == "second" else "day"
