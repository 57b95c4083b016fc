"""What a peer asks about people: who came back with a code, by which keys, what they earned, how
their courses ended, and to forget.
"""

from __future__ import annotations

import json

from allauth.idp.oidc import views
from allauth.idp.oidc.models import Token
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from chorsu.flows import bringing_home, forgetting, peering, transcripts
from chorsu.flows.signing_in import told_keys
from chorsu.kernel.clock import utc_now
from chorsu.web.across.provider import registered
from chorsu.web.asked import refusal, refusal_status, signed_request
from chorsu.wire.errors import WireError
from chorsu.wire.identity import MAX_FORGET_BYTES
from chorsu.wire.results import MAX_ASK_BYTES
from chorsu.wire.transcript import MAX_QUESTION_BYTES as MAX_TRANSCRIPT_BYTES

TEXT = "text/plain; charset=utf-8"
MAX_QUESTION_BYTES = 4096


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """A confirmed peer exchanges a code for an ID token: OpenID Connect's token endpoint.

    The client is proven by the signature of the request, so a code is of use to the peer it was
    made for and to nobody else. No access token leaves: there is nothing that would take one.
    """
    try:
        asker = peering.authenticate(signed_request(request, MAX_QUESTION_BYTES), utc_now())
    except WireError as error:
        return refusal(refusal_status(error), error.code)
    is_own = request.POST.get("client_id") == asker and registered(asker) is not None
    if not is_own or request.POST.get("grant_type") != "authorization_code":
        return refusal(400, "identity-malformed")
    answer: HttpResponse = views.token(request)
    if answer.status_code != 200:
        return refusal(400, "identity-token")
    found = json.loads(answer.content)
    for name in ("access_token", "refresh_token"):
        Token.objects.by_value(found.get(name, "")).delete()
    told = {"id_token": found["id_token"], "token_type": "Bearer"}
    return JsonResponse(told, headers={"Cache-Control": "no-store"})


@require_safe
def identity_keys(request: HttpRequest) -> HttpResponse:
    """The keys of this node's ID tokens, signed by the node."""
    note = told_keys(json.loads(views.jwks(request).content))
    return HttpResponse(note, content_type=TEXT, headers={"Cache-Control": "no-store"})


@csrf_exempt
@require_POST
def results(request: HttpRequest) -> HttpResponse:
    """A confirmed peer asks for the certificates of one of its people, who learned here."""
    try:
        answer = bringing_home.receive(signed_request(request, MAX_ASK_BYTES), utc_now())
    except WireError as error:
        return refusal(refusal_status(error), error.code)
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(answer, content_type="application/json", headers=headers)


@csrf_exempt
@require_POST
def transcript(request: HttpRequest) -> HttpResponse:
    """A confirmed peer asks how the courses of one of its people ended here."""
    try:
        note = transcripts.receive(signed_request(request, MAX_TRANSCRIPT_BYTES), utc_now())
    except WireError as error:
        return refusal(refusal_status(error), error.code)
    return HttpResponse(note, content_type=TEXT, headers={"Cache-Control": "no-store"})


@csrf_exempt
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """A confirmed peer asks to forget one of its people; the answer is the signed confirmation."""
    try:
        note = forgetting.receive(signed_request(request, MAX_FORGET_BYTES), utc_now())
    except WireError as error:
        return refusal(refusal_status(error), error.code)
    return HttpResponse(note, content_type=TEXT, headers={"Cache-Control": "no-store"})
