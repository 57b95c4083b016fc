"""What external tools ask by LTI 1.3: a launch for the browser, services for the tool's server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chorsu.flows import choosing_content, launching, tool_services
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.languages import by_tag
from chorsu.tools.keys import own_set
from chorsu.tools.rules import LINE_ITEM, MEMBERS, RESULT, SCORE, LtiRefused, ToolView
from chorsu.web.viewer import viewer_of

ITEM = "application/vnd.ims.lis.v2.lineitem+json"
ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
MEMBERSHIPS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
_STATUS = {
    "invalid_token": 401, "invalid_client": 401, "insufficient_scope": 403, "access_denied": 403,
    "not_found": 404,
}  # fmt: skip
P = ParamSpec("P")


@require_safe
def keys(request: HttpRequest) -> JsonResponse:
    """The node's public LTI key, a JWK Set."""
    return JsonResponse(own_set())


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """A tool's authentication request: answered by a page that carries the token to the tool.

    A POST comes from the tool's site, without this site's cookies: it is asked again by GET. The
    page's form goes on by itself with a script, and by its button without.
    """
    if request.method == "POST":
        asked = urlencode({key: str(value) for key, value in request.POST.items()})
        return HttpResponseRedirect(f"{reverse('lti-authorize')}?{asked}")
    if not isinstance(request.user, Person):
        return HttpResponseRedirect(
            f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}"
        )
    told = {key: str(value) for key, value in request.GET.items()}
    try:
        found = launching.launch(
            asked=told,
            person=request.user,
            languages=viewer_of(request).languages,
            now=utc_now(),
        )
    except LtiRefused as refused:
        return render(request, "tools/refused.html", {"refused": refused}, status=400)
    response = render(request, "tools/launch.html", {"launch": found})
    parts = urlsplit(found.redirect_url)
    # This page's form alone goes to another host: to that of the tool.
    response._csp_update = {"form-action": [f"{parts.scheme}://{parts.netloc}"]}  # type: ignore[attr-defined]
    return response


@csrf_exempt
@never_cache
@require_POST
def token(request: HttpRequest) -> JsonResponse:
    """An access token for a tool's server."""
    form = {key: str(value) for key, value in request.POST.items()}
    try:
        return JsonResponse(tool_services.grant(form=form, now=utc_now()))
    except LtiRefused as refused:
        return _refusal(refused)


def _service(
    scope: str,
) -> Callable[
    [Callable[Concatenate[HttpRequest, ToolView, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """A view for a tool with an access token of this scope; refusals as JSON."""

    def wrap(
        made: Callable[Concatenate[HttpRequest, ToolView, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(made)
        def asked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                tool = tool_services.bearer(request.headers.get("Authorization", ""), scope)
                return made(request, tool, *args, **kwargs)
            except LtiRefused as refused:
                return _refusal(refused)

        return asked

    return wrap


@require_safe
@_service(LINE_ITEM)
def line_items(request: HttpRequest, tool: ToolView, cohort_id: UUID) -> HttpResponse:
    """The units of a cohort that are the tool's."""
    found = tool_services.line_items(tool, cohort_id)
    wanted = request.GET.get("resource_link_id")
    listed = [one for one in found if wanted in (None, one["resourceLinkId"])]
    return JsonResponse(listed, safe=False, content_type=ITEMS)


@require_safe
@_service(LINE_ITEM)
def line_item(request: HttpRequest, tool: ToolView, cohort_id: UUID, unit: str) -> HttpResponse:
    """One of them."""
    return JsonResponse(tool_services.line_item(tool, cohort_id, unit), content_type=ITEM)


@require_safe
@_service(RESULT)
def results(request: HttpRequest, tool: ToolView, cohort_id: UUID, unit: str) -> HttpResponse:
    """The scores of a unit."""
    found = tool_services.results(tool, cohort_id, unit, request.GET.get("user_id", ""))
    return JsonResponse(found, safe=False, content_type=RESULTS)


@csrf_exempt
@require_POST
@_service(SCORE)
def scores(request: HttpRequest, tool: ToolView, cohort_id: UUID, unit: str) -> HttpResponse:
    """Take a score; 409 if a newer one is there."""
    if len(request.body) > tool_services.MAX_SCORE_BYTES:
        raise LtiRefused("invalid_request", "too large")
    try:
        raw = json.loads(request.body)
    except (ValueError, RecursionError) as error:  # nested without end
        raise LtiRefused("invalid_request", "no JSON") from error
    taken = tool_services.score(tool=tool, cohort_id=cohort_id, unit=unit, raw=raw, now=utc_now())
    return HttpResponse(status=204 if taken else 409)


@require_safe
@_service(MEMBERS)
def members(request: HttpRequest, tool: ToolView, cohort_id: UUID) -> HttpResponse:
    """Who is in a cohort, a page at a time: `Link` says where the next one is."""
    role = request.GET.get("role", "")
    start, limit = (_number(request.GET.get(name, "")) for name in ("from", "limit"))
    found, following = tool_services.members(tool, cohort_id, role=role, start=start, limit=limit)
    answer = JsonResponse(found, content_type=MEMBERSHIPS)
    if following is not None:
        asked = {"role": role, "limit": str(limit or ""), "from": str(following)}
        query = urlencode({name: value for name, value in asked.items() if value})
        answer["Link"] = f'<{found["id"]}?{query}>; rel="next"'
    return answer


def _number(text: str) -> int:
    """A whole number as an address has it; 0 if it is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0


@csrf_exempt
@never_cache
@require_POST
def content(request: HttpRequest) -> HttpResponse:
    """What an author chose in a tool, signed by it. It comes from another site: whose it is shows
    at the address that it leads to, where this site's cookies are.
    """
    try:
        kept, language = choosing_content.receive(token=request.POST.get("JWT", ""), now=utc_now())
    except LtiRefused as refused:
        return render(request, "tools/refused.html", {"refused": refused}, status=400)
    with override(by_tag(language).django_code):
        return HttpResponseRedirect(reverse("tool-content", args=[kept]))


def _refusal(refused: LtiRefused) -> JsonResponse:
    told = {"error": refused.code, "error_description": refused.detail[:200]}
    return JsonResponse(told, status=_STATUS.get(refused.code, 400))
