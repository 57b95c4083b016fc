"""What verifiers outside the network fetch: the node's keys and its status lists."""

from __future__ import annotations

import base64
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from chorsu.exchange.keys import own_keys
from chorsu.flows import certifying
from chorsu.kernel.clock import utc_now
from chorsu.wire.credential import MEDIA_TYPE, did
from chorsu.wire.keys import VerifyKey

SECONDS = 300


@require_safe
def did_document(request: HttpRequest) -> HttpResponse:
    """The node as did:web names it, with every key it has signed credentials by.

    Not those that may be in other hands: the log tells the network what they signed before, and
    nobody outside can tell.
    """
    own = own_keys()
    keys = [own.key.verify_key, *(one.old for one in own.chain if not one.revoked)]
    name = did(settings.NODE_NAME)
    document = {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": name,
        "verificationMethod": [_method(name, key) for key in keys],
        "assertionMethod": [f"{name}#{key.key_id:08x}" for key in keys],
    }
    answer = JsonResponse(document, content_type="application/did+json")
    return _public(answer)


@require_safe
def status_list(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """One of this node's Bitstring Status Lists as a signed credential."""
    found = certifying.status_credential(list_id, utc_now())
    if found is None:
        raise Http404
    return _public(HttpResponse(found, content_type=MEDIA_TYPE))


def _method(name: str, key: VerifyKey) -> dict[str, object]:
    x = base64.urlsafe_b64encode(key.public).rstrip(b"=").decode()
    return {
        "id": f"{name}#{key.key_id:08x}",
        "type": "JsonWebKey",
        "controller": name,
        "publicKeyJwk": {"kty": "OKP", "crv": "Ed25519", "alg": "Ed25519", "x": x},
    }


def _public(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = f"public, max-age={SECONDS}"
    answer["Access-Control-Allow-Origin"] = "*"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
