"""Reading foreign repositories and records."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from chorsu.harvested.errors import NoSuchHarvested
from chorsu.harvested.models import HarvestedRecord, Repository
from chorsu.harvested.rules import FALLBACK, language_of
from chorsu.search.rules import DocumentToIndex, TextToIndex

KIND = "harvested"
_SEARCHED = ("description", "subject", "coverage")


@dataclass(frozen=True, slots=True)
class RepositoryView:
    """A repository as pages show it; `trouble` is a code or empty, `records` are those here."""

    id: int
    address: str
    name: str
    email: str
    earliest: str
    deleted: str
    granularity: str
    wanted: bool
    running: bool
    read_in_run: int
    skipped_in_run: int
    finished_at: datetime | None
    trouble: str
    trouble_detail: str
    next_try_at: datetime | None
    records: int


@dataclass(frozen=True, slots=True)
class HarvestedView:
    """A foreign record; `values` maps a name of Dublin Core to (text, declared language) pairs."""

    id: str
    repository: str
    repository_address: str
    identifier: str
    datestamp: datetime
    title: str
    title_language: str
    link: str
    harvested_at: datetime
    values: Mapping[str, Sequence[tuple[str, str]]]


def repositories() -> list[RepositoryView]:
    """Every repository, by name. One query."""
    rows = Repository.objects.annotate(held=Count("records")).order_by("name", "id")
    return [_repository(row, row.held) for row in rows]


def repository(repository_id: int) -> RepositoryView:
    """One repository; raises `NoSuchHarvested`."""
    for view in repositories():
        if view.id == repository_id:
            return view
    raise NoSuchHarvested(str(repository_id))


def due(now: datetime, before: datetime) -> list[int]:
    """Repositories to be read: begun and not ended, or not read since `before`."""
    waits = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
    wanted = Q(running=True) | Q(finished_at__isnull=True) | Q(finished_at__lt=before)
    rows = Repository.objects.filter(waits & wanted, wanted=True)
    return list(rows.order_by("id").values_list("id", flat=True))


def record(record_id: uuid.UUID) -> HarvestedView:
    """One record; raises `NoSuchHarvested`. One query."""
    row = HarvestedRecord.objects.select_related("repository").filter(pk=record_id).first()
    if row is None:
        raise NoSuchHarvested(str(record_id))
    return _view(row)


def records_by_id(ids: Iterable[str]) -> dict[str, HarvestedView]:
    """These records, as far as they are here. One query."""
    rows = HarvestedRecord.objects.select_related("repository").filter(pk__in=list(ids))
    return {str(row.pk): _view(row) for row in rows}


def stored_for_search(record_id: str) -> DocumentToIndex | None:
    """A record that is here as search takes it in; None if it is gone."""
    row = HarvestedRecord.objects.filter(pk=record_id).first()
    return None if row is None else document_for_search(row)


def document_for_search(row: HarvestedRecord) -> DocumentToIndex:
    """A record as search takes it in: a text for each of the eight languages it has words in.

    Words that declare none of them are under the record's language, else under English.
    """
    own = language_of(row.language) or FALLBACK
    words: dict[str, list[str]] = {own: []}
    titles: dict[str, str] = {}
    for text, declared in row.values.get("title", []):
        titles.setdefault(language_of(declared) or own, text)
    for name in _SEARCHED:
        for text, declared in row.values.get(name, []):
            words.setdefault(language_of(declared) or own, []).append(text)
    languages = list(dict.fromkeys([own, *titles, *words]))
    return DocumentToIndex(
        kind=KIND,
        record_id=str(row.pk),
        audience="public",
        origin="",
        institution_id="",
        country="",
        level="",
        themes=[],
        languages=languages,
        year_from=None,
        year_to=None,
        updated_at=row.datestamp,
        texts=[
            TextToIndex(
                tag, titles.get(tag, row.title), [("summary", "\n".join(words.get(tag, [])))]
            )
            for tag in languages
        ],
    )


def _repository(row: Repository, records: int) -> RepositoryView:
    return RepositoryView(
        id=row.pk,
        address=row.address,
        name=row.name,
        email=row.email,
        earliest=row.earliest,
        deleted=row.deleted,
        granularity=row.granularity,
        wanted=row.wanted,
        running=row.running,
        read_in_run=row.read_in_run,
        skipped_in_run=row.skipped_in_run,
        finished_at=row.finished_at,
        trouble=row.trouble,
        trouble_detail=row.trouble_detail,
        next_try_at=row.next_try_at,
        records=records,
    )


def _view(row: HarvestedRecord) -> HarvestedView:
    values = {name: [(text, tag) for text, tag in pairs] for name, pairs in row.values.items()}
    titles = values.get("title", [])
    return HarvestedView(
        id=str(row.pk),
        repository=row.repository.name,
        repository_address=row.repository.address,
        identifier=row.identifier,
        datestamp=row.datestamp,
        title=row.title,
        title_language=(titles[0][1] if titles else "") or row.language,
        link=row.link,
        harvested_at=row.harvested_at,
        values=values,
    )
