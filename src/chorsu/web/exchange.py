"""What other nodes ask of this one, and blobs for everybody who may have them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import BinaryIO

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chorsu.exchange import blobs, keys, queries, witnesses
from chorsu.exchange import mirror as mirrored
from chorsu.exchange.actions import KeyDiffers, PeeringRefused
from chorsu.exchange.queries import Access
from chorsu.flows import erasing, peering
from chorsu.flows.sharing import FOR_NODES_ALONE
from chorsu.flows.wishing import where_to_wish, wish_file
from chorsu.institutions.queries import is_member
from chorsu.kernel.clock import utc_now
from chorsu.practices.errors import PracticeWithdrawn
from chorsu.web.asked import JSON, refusal, refusal_status, signed_request
from chorsu.web.erased import gone_page
from chorsu.web.ranges import UnsatisfiableRange, requested_range
from chorsu.web.sending import part_of
from chorsu.web.viewer import viewer_of
from chorsu.wire.batch import (
    MAX_BATCH_BYTES,
    MAX_QUESTION_BYTES,
    encode_answer,
    parse_question,
)
from chorsu.wire.envelope import is_blob_hash
from chorsu.wire.erasing import MAX_ANSWERS_BYTES, parse_answers
from chorsu.wire.errors import WireError
from chorsu.wire.node import FILE_SUFFIX, MAX_NODE_BYTES
from chorsu.wire.succession import print_chain
from chorsu.wire.tiles import TILE_WIDTH, parse_tile_path

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOREVER = "public, max-age=31536000, immutable"
# A withdrawn record's blob must not live on in caches for long.
PUBLIC_BLOB = "public, max-age=300"
PRIVATE_BLOB = "private, no-cache"
SHOWN_IN_PLACE = ("image/jpeg", "image/png", "image/webp")
# What else keeps its name; anything a browser might run goes out as plain bytes.
DOWNLOADS = (
    "application/json",
    "application/pdf",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/zip",
    "text/csv",
    "text/plain",
)
SANDBOX = "default-src 'none'; sandbox"


@require_safe
def node_document(request: HttpRequest) -> HttpResponse:
    """Who this node is."""
    return _answer(request, peering.own_document().to_bytes(), JSON, "public, max-age=60")


@require_safe
def node_file(request: HttpRequest) -> HttpResponse:
    """The same, signed, as a file to be carried to where no network reaches."""
    answer = _answer(request, peering.own_file(), TEXT, "no-cache")
    answer["Content-Disposition"] = f'attachment; filename="{settings.NODE_NAME}{FILE_SUFFIX}"'
    return answer


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed checkpoint of the node's feed, and who has seen it."""
    try:
        note = witnesses.own_checkpoint()
    except queries.NotThere:
        return refusal(503, "log-stopped")
    return _answer(request, note, TEXT, "no-cache")


@require_safe
def witness(request: HttpRequest, origin: str) -> HttpResponse:
    """What this node has seen of a peer's log: its newest checkpoint, cosigned."""
    try:
        note = witnesses.cosigned(origin)
    except queries.NotThere:
        return refusal(404, "not-witnessed")
    return _answer(request, note, TEXT, "no-cache")


@require_safe
def key_successions(request: HttpRequest) -> HttpResponse:
    """How the node came from its first key to its present one; empty while it has its first."""
    return _answer(request, print_chain(keys.chain()), TEXT, "no-cache")


@require_safe
def keys_of_peer(request: HttpRequest, name: str) -> HttpResponse:
    """How a peer came to its key, as far as it is known here: it may have lost that key."""
    try:
        chain = queries.chain_of(name)
    except queries.NotThere:
        return refusal(404, "not-witnessed")
    return _answer(request, chain, TEXT, "no-cache")


@require_safe
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """A hash tile or an entry bundle. Full ones never change; partial ones give way to full."""
    try:
        place = parse_tile_path(f"tile/{path}")
        content = queries.tile_bytes(place)
    except WireError as error:
        return refusal(400, error.code)
    except queries.NotThere:
        return refusal(404, "tile-not-there")
    full = place.width == TILE_WIDTH
    return _answer(request, content, BYTES, FOREVER if full else "public, max-age=3600")


@csrf_exempt
@require_POST
def ping(request: HttpRequest) -> HttpResponse:
    """A peer says that its feed has grown."""
    try:
        peering.receive_ping(signed_request(request, MAX_NODE_BYTES), utc_now())
    except WireError as error:
        return refusal(refusal_status(error), error.code)
    return HttpResponse(status=204)


@csrf_exempt
@require_POST
def receive_peering(request: HttpRequest) -> HttpResponse:
    """A node says that its administrator confirmed this one: 200 if so here too, else 202."""
    try:
        confirmed = peering.receive_peering(signed_request(request, MAX_NODE_BYTES), utc_now())
    except WireError as error:
        return refusal(refusal_status(error), error.code)
    except KeyDiffers:
        return refusal(409, "key-differs")
    except PeeringRefused:
        return refusal(403, "peering-refused")
    content = peering.own_document().to_bytes()
    return HttpResponse(content, content_type=JSON, status=200 if confirmed else 202)


@require_safe
def blob(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """The bytes of a hash, whole or a range, to whoever may read a record that needs them."""
    if not is_blob_hash(sha256):
        return refusal(404, "blob-not-there")
    access, shared = queries.blob_access(sha256), True
    if access == Access.FORBIDDEN:
        shared = False
        try:
            access = _access_of_asker(request, sha256)
        except WireError as error:
            return refusal(refusal_status(error), error.code)
    if access == Access.FORBIDDEN:
        return refusal(403, "for-the-network")
    if access == Access.GONE:
        return _gone(request, sha256)
    if access != Access.ALLOWED:
        return _not_here(request, sha256)
    return _stored(request, sha256, PUBLIC_BLOB if shared else PRIVATE_BLOB)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def erasures(request: HttpRequest) -> HttpResponse:
    """What this node has erased, for a confirmed peer (GET); and what that did about it (POST)."""
    now = utc_now()
    try:
        body_cap = MAX_ANSWERS_BYTES if request.method == "POST" else 0
        signed = signed_request(request, body_cap)
        asker = peering.authenticate(signed, now)
        if request.method == "POST":
            erasing.hear_answers(peer_name=asker, answers=parse_answers(signed.body), now=now)
            return HttpResponse(status=204)
    except WireError as error:
        return refusal(refusal_status(error), error.code)
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        return refusal(400, "erasure-malformed")
    note = erasing.tell_list(peer_name=asker, after=int(after), now=now)
    return HttpResponse(note, content_type=TEXT, headers={"Cache-Control": "no-store"})


@csrf_exempt
@require_POST
def many_blobs(request: HttpRequest) -> HttpResponse:
    """Many small blobs in one answer, those that the asker may have."""
    try:
        signed = signed_request(request, MAX_QUESTION_BYTES)
        asker = None
        if "Signature-Input" in request.headers:
            asker = peering.authenticate(signed, utc_now())
        hashes = parse_question(signed.body)
    except WireError as error:
        return refusal(refusal_status(error), error.code)
    return _batch(hashes, queries.open_blobs(hashes, peer=asker))


@require_safe
def mirror(request: HttpRequest, path: str) -> HttpResponseBase:
    """A peer's own log, as far as it is stored here, for that peer: checkpoint, tiles, blobs."""
    try:
        origin = peering.authenticate_origin(signed_request(request, 0), utc_now())
        if path == "checkpoint":
            return _private(mirrored.mirrored_note(origin), TEXT)
        if path.startswith("blob/"):
            return _mirrored_blob(request, origin, path.removeprefix("blob/"))
        return _private(mirrored.mirrored_tile(origin, parse_tile_path(path)), BYTES)
    except WireError as error:
        return refusal(refusal_status(error), error.code)
    except queries.NotThere:
        return refusal(404, "not-witnessed" if path == "checkpoint" else "tile-not-there")


@csrf_exempt
@require_POST
def mirror_blobs(request: HttpRequest) -> HttpResponse:
    """Many small blobs of a peer's own log in one answer."""
    try:
        signed = signed_request(request, MAX_QUESTION_BYTES)
        origin = peering.authenticate_origin(signed, utc_now())
        hashes = parse_question(signed.body)
    except WireError as error:
        return refusal(refusal_status(error), error.code)
    return _batch(hashes, mirrored.mirrored_blobs(origin, hashes))


def _mirrored_blob(request: HttpRequest, origin: str, sha256: str) -> HttpResponseBase:
    if not is_blob_hash(sha256) or not mirrored.mirrored_blobs(origin, [sha256]):
        return refusal(404, "blob-not-there")
    return _stored(request, sha256, PRIVATE_BLOB)


def _private(content: bytes, media_type: str) -> HttpResponse:
    return HttpResponse(content, content_type=media_type, headers={"Cache-Control": "no-store"})


def _batch(hashes: Sequence[str], allowed: Collection[str]) -> HttpResponse:
    found = blobs.read_small([one for one in hashes if one in allowed], MAX_BATCH_BYTES)
    return HttpResponse(
        encode_answer([found.get(sha256) for sha256 in hashes]),
        content_type=BYTES,
        headers={"Cache-Control": "no-store", "Content-Encoding": "identity"},
    )


def _not_here(request: HttpRequest, sha256: str) -> HttpResponse:
    """A blob that is not here: a reader of the practice whose file it is has it fetched."""
    if "Signature-Input" in request.headers:
        return refusal(404, "blob-not-there")
    viewer = viewer_of(request)
    practice_id = where_to_wish(sha256=sha256, member=viewer.member)
    if practice_id is None:
        return refusal(404, "blob-not-there")
    if "text/html" in request.headers.get("Accept", ""):
        answer: HttpResponse = redirect("practice-file", practice_id, sha256)
        answer["Cache-Control"] = "no-store"
        return answer
    try:
        if request.method == "GET":
            wish_file(practice_id=practice_id, sha256=sha256, viewer=viewer, now=utc_now())
    except (LookupError, PracticeWithdrawn):
        return refusal(404, "blob-not-there")
    answer = refusal(503, "blob-not-here-yet")
    answer["Retry-After"] = "60"
    return answer


def private_blob(request: HttpRequest, sha256: str) -> HttpResponseBase:
    """The bytes of a hash for somebody whose right to them the caller has checked."""
    return _stored(request, sha256, PRIVATE_BLOB)


def _gone(request: HttpRequest, sha256: str) -> HttpResponse:
    """410: as a page for somebody with a browser, if it was erased; else as nodes read it."""
    if not queries.erased_at_all(sha256):
        return refusal(410, "withdrawn")
    if "text/html" in request.headers.get("Accept", ""):
        return gone_page(request, sha256)
    return refusal(410, "erased")


def _stored(request: HttpRequest, sha256: str, cache: str) -> HttpResponseBase:
    known, file = blobs.info(sha256), blobs.open_blob(sha256)
    if known is None or file is None:
        return refusal(404, "blob-not-there")
    return _blob_response(request, known, file, cache)


def _access_of_asker(request: HttpRequest, sha256: str) -> Access:
    if "Signature-Input" in request.headers:
        name = peering.authenticate(signed_request(request, 0), utc_now())
        return queries.blob_access(sha256, peer=name)
    return queries.blob_access(
        sha256, member=is_member(request.user), for_nodes_alone=FOR_NODES_ALONE
    )


def _blob_response(
    request: HttpRequest, known: blobs.BlobInfo, file: BinaryIO, cache: str
) -> HttpResponseBase:
    etag = f'"{known.sha256}"'
    headers = _blob_headers(known.media_type) | {"ETag": etag, "Cache-Control": cache}
    if etag in [one.strip() for one in request.headers.get("If-None-Match", "").split(",")]:
        file.close()
        return HttpResponse(status=304, headers=headers)
    try:
        part = requested_range(
            request.headers.get("Range", ""), request.headers.get("If-Range", ""), etag, known.size
        )
    except UnsatisfiableRange:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{known.size}"})
    start, end = part or (0, known.size)
    headers["Content-Length"] = str(end - start)
    if part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{known.size}"
    status = 206 if part else 200
    if request.method == "HEAD":
        file.close()
        return HttpResponse(status=status, headers=headers)
    file.seek(start)
    sent = part_of(request, file, end - start)
    return StreamingHttpResponse(sent, status=status, headers=headers)


def _blob_headers(media_type: str) -> dict[str, str]:
    in_place = media_type in SHOWN_IN_PLACE
    return {
        "Content-Type": media_type if in_place or media_type in DOWNLOADS else BYTES,
        "Content-Disposition": "inline" if in_place else "attachment",
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Accept-Ranges": "bytes",
        # Said outright, or a layer below would compress, and ranges would no longer fit.
        "Content-Encoding": "identity",
    }


def _answer(request: HttpRequest, content: bytes, media_type: str, cache: str) -> HttpResponse:
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": cache, "Access-Control-Allow-Origin": "*"}
    if request.headers.get("If-None-Match", "") == etag:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(content, content_type=media_type, headers=headers)
