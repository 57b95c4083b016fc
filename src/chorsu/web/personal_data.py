"""All that this node keeps on one person, in one file: for them, or for who hands it to them."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_POST, require_safe

from chorsu.flows.disclosing import disclose, everything_on
from chorsu.institutions.models import Person
from chorsu.institutions.personal import in_json
from chorsu.kernel.clock import utc_now
from chorsu.web.access import node_administrator, signed_in
from chorsu.web.sending import as_made


@login_required
@require_safe
def own(request: HttpRequest) -> StreamingHttpResponse:
    """All on oneself; of a guest as well."""
    return json_file(request, everything_on(signed_in(request), now=utc_now()), "my-data")


@login_required
@require_POST
def of_person(request: HttpRequest, person_id: int) -> StreamingHttpResponse:
    """All on somebody else, for an administrator of the node; the audit log says so."""
    by = node_administrator(request)
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise Http404
    told = disclose(person=person, by=by, now=utc_now())
    return json_file(request, told, f"person-{person.pk}")


def json_file(request: HttpRequest, told: Mapping[str, object], name: str) -> StreamingHttpResponse:
    """A JSON object as a file that nobody on the way keeps, sent as it is written."""
    pieces = as_made(request, in_json(told))
    answer = StreamingHttpResponse(pieces, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}.json"'
    answer["Cache-Control"] = "private, no-store"
    return answer
