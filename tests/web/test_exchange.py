"""What other nodes are given: tiles, checkpoints, blobs; and what strangers are not."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import AsyncClient, Client
from procrastinate.contrib.django.models import ProcrastinateJob

from chorsu.exchange import actions, blobs, keys
from chorsu.exchange.models import Peer, SeenNonce
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.wire.batch import decode_answer
from chorsu.wire.checkpoint import open_checkpoint
from chorsu.wire.envelope import blob_hash, canonical_json
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import Range
from chorsu.wire.node import NodeDocument, parse_node
from chorsu.wire.requests import sign_request
from chorsu.wire.tiles import bundles_for, decode_bundle
from chorsu.wire.trust import advance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_queue")]
PUBLIC = b'{"title":"for all"}'
NETWORK = b'{"title":"for the network"}'


@pytest.fixture
def beijing(now: datetime) -> SigningKey:
    """The key of a peer that is confirmed here."""
    key = SigningKey.generate("beijing.chorsu.example")
    actions.add_peer(document=document_of(key), now=now)
    actions.confirm_peer(name=key.name, vkey=key.vkey, now=now)
    return key


def document_of(key: SigningKey) -> NodeDocument:
    return NodeDocument(key.name, key.vkey, f"https://{key.name}", ("cn-nag",), "test/1")


def publish(
    payload: bytes, audience: str = "public", files: tuple[str, ...] = (), record: str = ""
) -> str:
    with transaction.atomic():
        actions.append(
            kind="practice",
            record_id=record or new_id(),
            revision=1,
            action="publish",
            audience=audience,
            payload=payload,
            files=files,
            now=utc_now(),
        )
    return blob_hash(payload)


def signed(key: SigningKey, method: str, path: str, body: bytes = b"") -> dict[str, str]:
    url = settings.NODE_ADDRESS + path
    return sign_request(key, method, url, body or None, utc_now(), uuid.uuid4().hex)


def post(client: Client, path: str, headers: dict[str, str], body: bytes = b"") -> HttpResponse:
    answer = client.post(path, body, content_type="application/json", headers=headers)
    assert isinstance(answer, HttpResponse)
    return answer


def bytes_of(answer: object) -> bytes:
    content = getattr(answer, "streaming_content", None)
    assert content is not None
    return b"".join(content)


def test_the_node_document_names_the_key_and_the_address(client: Client) -> None:
    answer = client.get("/.well-known/chorsu")
    document = parse_node(answer.content)
    assert (document.name, document.vkey) == (settings.NODE_NAME, keys.signing_key().vkey)
    assert document.address == settings.NODE_ADDRESS


def test_a_stranger_reads_and_verifies_the_whole_feed(client: Client) -> None:
    for number in range(3):
        publish(b"%d" % number)
    note = client.get("/exchange/checkpoint")
    assert note["Cache-Control"] == "no-cache"
    key = keys.signing_key().verify_key
    size = open_checkpoint(note.content, key).size
    leaves: list[bytes] = []
    for place in bundles_for(0, size):
        leaves += decode_bundle(client.get(f"/exchange/{place.path}").content, place.width)
    assert advance(None, Range.empty(), note.content, key, leaves).checkpoint.size == 3


def test_full_tiles_never_change_and_partial_ones_may(client: Client) -> None:
    for number in range(257):
        publish(b"%d" % number)
    full = client.get("/exchange/tile/0/000")
    part = client.get("/exchange/tile/0/001.p/1")
    assert "immutable" in full["Cache-Control"]
    assert part["Cache-Control"] == "public, max-age=3600"
    again = client.get("/exchange/tile/0/000", headers={"If-None-Match": full["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("0/000", 404),
        ("0/000.p/2", 404),
        ("entries/000.p/2", 404),
        ("0/0", 400),
        ("99/000", 400),
        ("0/000.p/256", 400),
        ("entries/../../etc/passwd", 400),
    ],
)
def test_tiles_that_are_not(client: Client, path: str, status: int) -> None:
    publish(b"1")
    assert client.get(f"/exchange/tile/{path}").status_code == status


def test_a_public_blob_is_a_safe_download(client: Client) -> None:
    digest = publish(PUBLIC)
    answer = client.get(f"/exchange/blob/{digest}")
    assert bytes_of(answer) == PUBLIC
    assert answer["Content-Disposition"] == "attachment"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize(
    ("media_type", "served", "disposition"),
    [
        ("text/html", "application/octet-stream", "attachment"),
        ("image/svg+xml", "application/octet-stream", "attachment"),
        ("application/pdf", "application/pdf", "attachment"),
        ("image/png", "image/png", "inline"),
    ],
)
def test_only_images_are_shown_in_place(
    client: Client, now: datetime, media_type: str, served: str, disposition: str
) -> None:
    file = blobs.put(f"<script>{media_type}".encode(), media_type=media_type, now=now)
    publish(PUBLIC, files=(file,))
    answer = client.get(f"/exchange/blob/{file}")
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (served, disposition)
    bytes_of(answer)


def test_a_head_request_tells_the_size(client: Client) -> None:
    answer = client.head(f"/exchange/blob/{publish(PUBLIC)}")
    assert answer["Content-Length"] == str(len(PUBLIC))


def test_a_blob_that_no_record_uses_is_nobodys(client: Client, now: datetime) -> None:
    draft = blobs.put(b"a draft's file", media_type="application/pdf", now=now)
    assert client.get(f"/exchange/blob/{draft}").status_code == 404


def test_network_blob_to_a_stranger(client: Client) -> None:
    digest = publish(NETWORK, "network")
    answer = client.get(f"/exchange/blob/{digest}")
    assert (answer.status_code, json.loads(answer.content)["code"]) == (403, "for-the-network")


def test_network_blob_to_a_member(client: Client, editor: Person) -> None:
    digest = publish(NETWORK, "network")
    client.force_login(editor)
    answer = client.get(f"/exchange/blob/{digest}")
    assert (bytes_of(answer), answer["Cache-Control"]) == (NETWORK, "private, no-cache")


def test_network_blob_to_a_confirmed_peer(client: Client, beijing: SigningKey) -> None:
    path = f"/exchange/blob/{publish(NETWORK, 'network')}"
    answer = client.get(path, headers=signed(beijing, "GET", path))
    assert bytes_of(answer) == NETWORK


def test_a_signed_request_replayed(client: Client, beijing: SigningKey) -> None:
    path = f"/exchange/blob/{publish(NETWORK, 'network')}"
    headers = signed(beijing, "GET", path)
    assert bytes_of(client.get(path, headers=headers)) == NETWORK
    answer = client.get(path, headers=headers)
    assert (answer.status_code, json.loads(answer.content)["code"]) == (403, "request-signature")


def test_a_signature_for_another_path(client: Client, beijing: SigningKey) -> None:
    path = f"/exchange/blob/{publish(NETWORK, 'network')}"
    headers = signed(beijing, "GET", "/exchange/blob/" + "0" * 64)
    assert client.get(path, headers=headers).status_code == 403


@pytest.mark.parametrize("state", ["asked", "added", "refused", "set-aside"])
def test_network_blob_to_a_peer_that_is_not_confirmed(
    client: Client, beijing: SigningKey, state: str
) -> None:
    Peer.objects.update(state=state)
    path = f"/exchange/blob/{publish(NETWORK, 'network')}"
    assert client.get(path, headers=signed(beijing, "GET", path)).status_code == 403


def test_a_withdrawn_blob_is_gone(client: Client) -> None:
    record = new_id()
    digest = publish(PUBLIC, record=record)
    with transaction.atomic():
        actions.append(
            kind="practice",
            record_id=record,
            revision=1,
            action="withdraw",
            audience="public",
            payload=b'{"reason":""}',
            now=utc_now(),
        )
    assert client.get(f"/exchange/blob/{digest}").status_code == 410


@pytest.mark.parametrize(
    ("asked", "part", "content_range"),
    [
        ("bytes=2-4", b"tit", "bytes 2-4/19"),
        ("bytes=10-", b'for all"}'[0:0] + PUBLIC[10:], "bytes 10-18/19"),
        ("bytes=-3", PUBLIC[-3:], "bytes 16-18/19"),
        ("bytes=15-900", PUBLIC[15:], "bytes 15-18/19"),
    ],
)
def test_a_range(client: Client, asked: str, part: bytes, content_range: str) -> None:
    answer = client.get(f"/exchange/blob/{publish(PUBLIC)}", headers={"Range": asked})
    assert (answer.status_code, answer["Content-Range"]) == (206, content_range)
    assert bytes_of(answer) == part


def test_an_async_server_streams_it(async_client: AsyncClient) -> None:
    path = f"/exchange/blob/{publish(PUBLIC)}"

    async def read() -> bytes:
        answer = await async_client.get(path)
        assert answer.is_async
        return b"".join([chunk async for chunk in answer.streaming_content])

    assert async_to_sync(read)() == PUBLIC


def test_a_range_beyond_the_end(client: Client) -> None:
    answer = client.get(f"/exchange/blob/{publish(PUBLIC)}", headers={"Range": "bytes=19-"})
    assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */19")


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "lines=1-2", "bytes=4-2", "bytes=-"])
def test_a_range_that_is_none_gives_all(client: Client, asked: str) -> None:
    answer = client.get(f"/exchange/blob/{publish(PUBLIC)}", headers={"Range": asked})
    assert (answer.status_code, bytes_of(answer)) == (200, PUBLIC)


def test_a_known_blob_is_not_sent_again(client: Client) -> None:
    digest = publish(PUBLIC)
    answer = client.get(f"/exchange/blob/{digest}", headers={"If-None-Match": f'"{digest}"'})
    assert answer.status_code == 304


def test_a_ping_has_the_peer_looked_at(client: Client, beijing: SigningKey) -> None:
    answer = post(client, "/exchange/ping", signed(beijing, "POST", "/exchange/ping"))
    assert answer.status_code == 204
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args) == (
        "chorsu.jobs.tasks.pull_peer",
        {"peer_name": beijing.name},
    )


def test_a_second_ping_asks_for_no_second_look(client: Client, beijing: SigningKey) -> None:
    for _ in range(2):
        headers = signed(beijing, "POST", "/exchange/ping")
        assert post(client, "/exchange/ping", headers).status_code == 204
    assert ProcrastinateJob.objects.count() == 1


def test_a_ping_of_a_stranger_or_of_nobody(client: Client) -> None:
    stranger = SigningKey.generate("stranger.example")
    answer = post(client, "/exchange/ping", signed(stranger, "POST", "/exchange/ping"))
    assert json.loads(answer.content)["code"] == "request-unknown-key"
    assert post(client, "/exchange/ping", {}).status_code == 403
    assert ProcrastinateJob.objects.count() == 0


def test_a_node_that_confirmed_us_is_kept_as_asking(client: Client) -> None:
    key = SigningKey.generate("astana.chorsu.example")
    body = document_of(key).to_bytes()
    headers = signed(key, "POST", "/exchange/peering", body)
    assert post(client, "/exchange/peering", headers, body).status_code == 202
    row = Peer.objects.get()
    assert (row.name, row.state, row.confirmed_by_peer) == (key.name, "asked", True)


def test_a_confirmed_node_is_told_that_it_is(client: Client, beijing: SigningKey) -> None:
    body = document_of(beijing).to_bytes()
    headers = signed(beijing, "POST", "/exchange/peering", body)
    assert post(client, "/exchange/peering", headers, body).status_code == 200
    assert Peer.objects.get().confirmed_by_peer


def test_an_impostor_takes_over_no_confirmed_name(client: Client, beijing: SigningKey) -> None:
    impostor = SigningKey.generate(beijing.name)
    body = document_of(impostor).to_bytes()
    headers = signed(impostor, "POST", "/exchange/peering", body)
    assert post(client, "/exchange/peering", headers, body).status_code == 409
    assert Peer.objects.get().vkey == beijing.vkey


def test_a_document_signed_by_another_key(client: Client) -> None:
    key = SigningKey.generate("astana.chorsu.example")
    body = document_of(key).to_bytes()
    headers = signed(SigningKey.generate(key.name), "POST", "/exchange/peering", body)
    assert post(client, "/exchange/peering", headers, body).status_code == 403
    assert Peer.objects.count() == 0


def test_strangers_can_not_fill_the_list(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chorsu.exchange.actions.peers.MAX_ASKING", 2)
    answers = []
    for number in range(3):
        key = SigningKey.generate(f"stranger{number}.example")
        body = document_of(key).to_bytes()
        headers = signed(key, "POST", "/exchange/peering", body)
        answers.append(post(client, "/exchange/peering", headers, body).status_code)
    assert answers == [202, 202, 403]


def test_a_body_beyond_the_cap(client: Client, beijing: SigningKey) -> None:
    body = b" " * 70_000
    headers = signed(beijing, "POST", "/exchange/peering", body)
    assert post(client, "/exchange/peering", headers, body).status_code == 400


def test_old_nonces_are_forgotten(client: Client, beijing: SigningKey) -> None:
    post(client, "/exchange/ping", signed(beijing, "POST", "/exchange/ping"))
    assert actions.clean_up(now=utc_now()) == 0
    assert actions.clean_up(now=utc_now() + timedelta(minutes=11)) == 1
    assert SeenNonce.objects.count() == 0


def many(*hashes: str) -> bytes:
    return canonical_json({"blobs": list(hashes)})


def test_many_blobs_to_a_stranger_are_the_public_ones(client: Client) -> None:
    digests = [publish(PUBLIC), publish(NETWORK, "network"), "0" * 64]
    answer = post(client, "/exchange/blobs", {}, many(*digests))
    assert decode_answer(answer.content, 3) == [PUBLIC, None, None]


def test_many_blobs_to_a_confirmed_peer(client: Client, beijing: SigningKey) -> None:
    body = many(publish(NETWORK, "network"), publish(PUBLIC))
    headers = signed(beijing, "POST", "/exchange/blobs", body)
    answer = post(client, "/exchange/blobs", headers, body)
    assert decode_answer(answer.content, 2) == [NETWORK, PUBLIC]
    again = post(client, "/exchange/blobs", headers, body)
    assert (again.status_code, json.loads(again.content)["code"]) == (403, "request-signature")


def test_many_blobs_beyond_the_cap_are_left_out(client: Client, now: datetime) -> None:
    big = [publish(bytes([n]) * (3 * 1024 * 1024)) for n in range(3)]
    answer = post(client, "/exchange/blobs", {}, many(*big))
    assert [one is not None for one in decode_answer(answer.content, 3)] == [True, True, False]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"blobs":["../../keys/node.key"]}'])
def test_a_question_that_is_none(client: Client, body: bytes) -> None:
    assert post(client, "/exchange/blobs", {}, body).status_code == 400


def test_a_question_beyond_the_cap_is_not_read(client: Client) -> None:
    answer = post(client, "/exchange/blobs", {}, bytes(21 * 1024))
    assert (answer.status_code, json.loads(answer.content)["code"]) == (400, "json-too-large")
