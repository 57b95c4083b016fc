"""What `sickle` does with the same records over OAI-PMH: nothing, or one row after another.

Saving goes the way an application with Django's ORM harvests, so that it may be run again:
`update_or_create` of each row, each in a transaction of its own. Whole records become the rows of
practices that a first copy writes (the practice, its texts, its newest revision), under ids and an
origin of their own; what a first copy does besides (log, blob, proofs, work for translators) is
not in it.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import datetime

from lxml import etree
from sickle import Sickle
from sickle.models import Record

Figures = dict[str, float]
ORIGIN = "harvested.bench.example"
_HEADER = "{http://www.openarchives.org/OAI/2.0/}metadata"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_WHOLE, _CORE = "chorsu", "oai_dc"


def drop(address: str, form: str, most: int) -> Figures:
    """Read records and keep nothing; `form` is `whole` or `dublin-core`."""
    prefix = {"whole": _WHOLE, "dublin-core": _CORE}[form]
    return _harvest(address, prefix, most, lambda record: None)


def save_whole(address: str, most: int) -> Figures:
    """Read whole records and save each as the rows of a practice."""
    from chorsu.kernel.clock import utc_now
    from chorsu.practices.models import Practice

    now = utc_now()
    figures = _harvest(address, _WHOLE, most, lambda record: _save_practice(record, now))
    Practice.objects.filter(origin=ORIGIN).delete()
    return figures


def save_core(address: str, most: int) -> Figures:
    """Read Dublin Core and save each as one row."""
    from chorsu.harvested.models import HarvestedRecord, Repository
    from chorsu.kernel.clock import utc_now

    now = utc_now()
    repository = Repository.objects.create(address=address, name=address, added_at=now)

    def save(record: Record) -> None:
        HarvestedRecord.objects.update_or_create(
            repository=repository,
            identifier=record.header.identifier,
            defaults={
                "id": uuid.uuid5(uuid.NAMESPACE_URL, record.header.identifier),
                "datestamp": record.header.datestamp,
                "title": record.metadata["title"][0],
                "values": record.metadata,
                "harvested_at": now,
                "run": 1,
            },
        )

    figures = _harvest(address, _CORE, most, save)
    repository.delete()
    return figures


def _save_practice(record: Record, now: datetime) -> None:
    from chorsu.practices.models import Practice, PracticeRevision, PracticeText

    metadata = record.xml.find(_HEADER)
    whole = metadata[0]
    texts = [child for child in whole if _name(child) == "text"]
    original = next(text for text in texts if text.get("provenance") == "original")
    facts = [
        {"is": _name(child), "says": child.text or "", **child.attrib}
        for child in whole
        if _name(child) in ("theme", "goal", "target", "indicator", "source", "cost", "duration")
    ]
    themes = [fact["code"] for fact in facts if fact["is"] == "theme"]
    origin = next(child for child in whole if _name(child) == "origin")
    practice, _ = Practice.objects.update_or_create(
        pk=uuid.uuid5(uuid.NAMESPACE_URL, record.header.identifier),
        defaults={
            "origin": ORIGIN,
            "institution_id": next(
                child.get("id") for child in whole if _name(child) == "institution"
            ),
            "revision": int(whole.get("revision")),
            "audience": "public",
            "licence": _said(whole, "licence"),
            "original_language": _language(original),
            "published_at": _said(whole, "published"),
            "updated_at": _said(whole, "updated"),
            "arrived_at": now,
            "blob": origin.get("blob"),
            "facts": facts,
            "themes": themes,
            "goals": [int(fact["says"]) for fact in facts if fact["is"] == "goal"],
            "level": _said(whole, "level"),
            "country": _said(whole, "country"),
            "status": _said(whole, "status"),
            "year_from": _said(whole, "yearFrom") or None,
            "year_to": _said(whole, "yearTo") or None,
        },
    )
    for text in texts:
        words = {child.get("field"): child.text or "" for child in text}
        PracticeText.objects.update_or_create(
            practice=practice,
            language=_language(text),
            supplied_by=ORIGIN,
            defaults={
                "provenance": text.get("provenance"),
                "revision": int(text.get("revision")),
                "translated_by": text.get("translatedBy", ""),
                "translated_on": text.get("translatedOn"),
                "title": words["title"],
                "summary": words["summary"],
                "words": words,
            },
        )
        if text is original:
            PracticeRevision.objects.update_or_create(
                practice=practice,
                revision=practice.revision,
                defaults={"published_at": practice.updated_at, "facts": facts, "words": words},
            )


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _said(whole: etree._Element, name: str) -> str:
    return next((child.text or "" for child in whole if _name(child) == name), "")


def _language(text: etree._Element) -> str:
    return text.get(_LANG) or ""


def _harvest(address: str, prefix: str, most: int, keep: Callable[[Record], None]) -> Figures:
    """At most so many records, of one prefix; bytes are of the answers, unpacked."""
    client = Sickle(f"{address}/oai")
    count = size = 0
    honest = client.harvest

    def harvest(**arguments: str) -> object:
        nonlocal size
        answer = honest(**arguments)
        size += len(answer.http_response.content)
        return answer

    client.harvest = harvest
    for record in itertools.islice(client.ListRecords(metadataPrefix=prefix), most):
        count += 1
        keep(record)
    return {"records": count, "bytes": size}
