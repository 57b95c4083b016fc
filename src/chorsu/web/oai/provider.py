"""The provider's one address: every verb, by GET and POST."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from lxml import etree

from chorsu.kernel.clock import format_time, utc_now
from chorsu.web.oai import lists, repository
from chorsu.web.oai.arguments import Arguments, arguments_of
from chorsu.web.oai.elements import Element, add, root
from chorsu.web.oai.refusals import Refusal
from chorsu.web.oai.whole_record import schema

MEDIA_TYPE = "text/xml; charset=utf-8"
_ANSWERS: Mapping[str, Callable[[Element, Arguments], None]] = {
    "GetRecord": lists.get_record,
    "Identify": repository.identify,
    "ListIdentifiers": lists.list_identifiers,
    "ListMetadataFormats": repository.list_metadata_formats,
    "ListRecords": lists.list_records,
    "ListSets": repository.list_sets,
}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def provider(request: HttpRequest) -> HttpResponse:
    """Answer one request of a harvester; the protocol's errors are answers too."""
    now = utc_now()
    arguments: Arguments = {}
    try:
        arguments = arguments_of(request)
        verb = arguments["verb"]
        answer = _opened(now, arguments)
        _ANSWERS[verb](add(answer, verb), arguments)
    except Refusal as refusal:
        # What was not understood is not repeated: it might not fit into an answer.
        understood = refusal.code not in ("badArgument", "badVerb")
        answer = _opened(now, arguments if understood else {})
        add(answer, "error", str(refusal), code=refusal.code)
    content = etree.tostring(answer, encoding="UTF-8", xml_declaration=True)
    return HttpResponse(content, content_type=MEDIA_TYPE, headers={"Cache-Control": "no-cache"})


@require_safe
def chorsu_schema(request: HttpRequest) -> HttpResponse:
    """The schema of the richer format."""
    headers = {"Cache-Control": "public, max-age=86400"}
    return HttpResponse(schema(), content_type="application/xml", headers=headers)


def _opened(now: datetime, arguments: Arguments) -> Element:
    answer = root()
    add(answer, "responseDate", format_time(now))
    add(answer, "request", repository.address(), **arguments)
    return answer
