"""What comes from other nodes: requests as they were signed, refusals as nodes read them."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from chorsu.flows.peering import SignedRequest
from chorsu.wire.envelope import canonical_json
from chorsu.wire.errors import WireError

JSON = "application/json"


def signed_request(request: HttpRequest, max_bytes: int) -> SignedRequest:
    """The request as its signature covers it; raises `json-too-large` for a body over the cap."""
    length = request.headers.get("Content-Length") or "0"
    if not (length.isdecimal() and len(length) < 20) or int(length) > max_bytes:
        raise WireError("json-too-large", f"a body of {length[:20]} bytes")
    return SignedRequest(
        method=request.method or "",
        path=request.get_full_path(),
        headers=dict(request.headers.items()),
        body=request.body if max_bytes else b"",
    )


def refusal_status(error: WireError) -> int:
    """403 for a request that is not a peer's, 400 for one that can't be read."""
    return 403 if error.code.startswith("request-") else 400


def refusal(status: int, code: str) -> HttpResponse:
    """A refusal with its code."""
    body = canonical_json({"code": code, "node": settings.NODE_NAME})
    return HttpResponse(
        body, content_type=JSON, status=status, headers={"Cache-Control": "no-store"}
    )
