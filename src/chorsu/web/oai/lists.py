"""Records and their headers, one or a page of many."""

from __future__ import annotations

import uuid
from dataclasses import replace

from django.conf import settings

from chorsu.flows import offering
from chorsu.flows.offering import Offer, OfferedPage, Selection
from chorsu.kernel.clock import format_time
from chorsu.training.shapes.courses import OfferedCourse
from chorsu.web.oai.arguments import Arguments, check_prefix, read_set, read_times
from chorsu.web.oai.dublin_core import add_dublin_core
from chorsu.web.oai.elements import Element, add
from chorsu.web.oai.refusals import Refusal
from chorsu.web.oai.tokens import Place, read_token
from chorsu.web.oai.whole_course import add_whole_course
from chorsu.web.oai.whole_practice import add_whole_practice

PAGE = 250
"""Records on one page of a list."""


def identifier(record_id: str) -> str:
    """What harvesters call a record."""
    return f"oai:{settings.NODE_NAME}:{record_id}"


def find(name: str, *, whole: bool) -> Offer | None:
    """The record that harvesters call so; None if there is none."""
    start = identifier("")
    try:
        record_id = uuid.UUID(name.removeprefix(start))
    except ValueError:
        return None
    # One spelling: the UUID in small letters with hyphens.
    if name != identifier(str(record_id)):
        return None
    return offering.offered_record(record_id, whole=whole)


def get_record(body: Element, arguments: Arguments) -> None:
    """One record."""
    prefix = check_prefix(arguments["metadataPrefix"])
    offer = find(arguments["identifier"], whole=prefix == "chorsu")
    if offer is None:
        raise Refusal("idDoesNotExist", "no such record")
    _add_record(body, offer, prefix)


def list_records(body: Element, arguments: Arguments) -> None:
    """A page of records."""
    place, selection = _asked(arguments)
    page = _page(place, selection, whole=place.prefix == "chorsu")
    for offer in page.offers:
        _add_record(body, offer, place.prefix)
    _add_token(body, place, selection, page)


def list_identifiers(body: Element, arguments: Arguments) -> None:
    """A page of headers."""
    place, selection = _asked(arguments)
    page = _page(place, selection, whole=False)
    for offer in page.offers:
        _add_header(body, offer)
    _add_token(body, place, selection, page)


def _asked(arguments: Arguments) -> tuple[Place, Selection]:
    verb = arguments["verb"]
    if "resumptionToken" in arguments:
        place = read_token(verb, arguments["resumptionToken"])
    else:
        place = Place(
            verb=verb,
            after=offering.START,
            given=0,
            total=0,
            prefix=check_prefix(arguments["metadataPrefix"]),
            set_spec=arguments.get("set", ""),
            since=arguments.get("from", ""),
            until=arguments.get("until", ""),
        )
    since, until = read_times(place.since, place.until)
    facet, code = read_set(place.set_spec)
    if facet == "kind":
        return place, Selection(since, until, kind=code)
    return place, Selection(since, until, facet, code)


def _page(place: Place, selection: Selection, *, whole: bool) -> OfferedPage:
    page = offering.offered_page(selection, after=place.after, limit=PAGE, whole=whole)
    if not page.offers:
        raise Refusal("noRecordsMatch", "nothing matches")
    return page


def _add_token(body: Element, place: Place, selection: Selection, page: OfferedPage) -> None:
    """The way to the next page. A list that came whole has none, the last page an empty one."""
    resumed = place.after != offering.START
    if not page.more and not resumed:
        return
    given = place.given + len(page.offers)
    # Counted once, for it reads the whole log; the list may have grown since.
    total = max(given, place.total if resumed else offering.count(selection))
    after = page.offers[-1].index
    token = replace(place, after=after, given=given, total=total).token() if page.more else ""
    numbers = {"completeListSize": str(total), "cursor": str(place.given)}
    add(body, "resumptionToken", token, **numbers)


def _add_record(body: Element, offer: Offer, prefix: str) -> None:
    record = add(body, "record")
    _add_header(record, offer)
    if offer.record is None:
        return
    metadata = add(record, "metadata")
    if prefix != "chorsu":
        add_dublin_core(metadata, offer, offer.record)
    elif isinstance(offer.record, OfferedCourse):
        add_whole_course(metadata, offer, offer.record)
    else:
        add_whole_practice(metadata, offer, offer.record)


def _add_header(parent: Element, offer: Offer) -> None:
    status = {"status": "deleted"} if offer.record is None else {}
    header = add(parent, "header", **status)
    add(header, "identifier", identifier(offer.record_id))
    add(header, "datestamp", format_time(offer.at))
    if offer.institution_id:
        add(header, "setSpec", f"institution:{offer.institution_id}")
    for code in offer.themes:
        add(header, "setSpec", f"theme:{code}")
    for language in offer.languages:
        add(header, "setSpec", f"language:{language}")
    add(header, "setSpec", f"kind:{offer.kind}")
