"""A node gives a peer its own log back, and nothing to anybody else."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from chorsu.exchange import blobs, keys
from chorsu.exchange.models import Peer, PeerEntry
from chorsu.flows.pulling import pull
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.practices.wire import PublishedFile
from chorsu.wire.batch import decode_answer
from chorsu.wire.checkpoint import open_checkpoint
from chorsu.wire.envelope import canonical_json
from chorsu.wire.merkle import leaf_hash, subtree_root
from chorsu.wire.note import parse_note
from chorsu.wire.requests import sign_request
from chorsu.wire.tiles import decode_bundle, hash_reader
from tests.flows.remote import make_peer, publish, withdraw
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.usefixtures("empty_queue")
FILE = b"%PDF-1.4 a plan"


@pytest.fixture
def now() -> datetime:
    return utc_now()


@pytest.fixture
def beijing(db: None, now: datetime) -> Iterator[MemoryNode]:
    """A peer that published something for all, something for the network and a file."""
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        publish(node, new_id())
        sha256 = node.add_blob(FILE, "network")
        file = PublishedFile(sha256, len(FILE), "application/pdf", "plan.pdf", "")
        publish(node, new_id(), audience="network", files=(file,))
        pull(peer_name=node.name, now=now)
        yield node


def ask(
    client: Client, by: MemoryNode, path: str, body: bytes | None = None, method: str = "GET"
) -> HttpResponse:
    url = settings.NODE_ADDRESS + path
    signed = sign_request(by.key, method, url, body, utc_now(), uuid.uuid4().hex)
    if body is None:
        return client.get(path, headers=signed)
    return client.post(path, body, content_type="application/json", headers=signed)


def content(answer: HttpResponse) -> bytes:
    return answer.getvalue()


def test_the_origin_has_its_whole_log_back(client: Client, beijing: MemoryNode) -> None:
    note = content(ask(client, beijing, "/exchange/mirror/checkpoint"))
    kept = open_checkpoint(note, beijing.key.verify_key)
    assert kept == beijing.checkpoint()
    assert len(parse_note(note).signatures) == 1
    bundle = content(ask(client, beijing, "/exchange/mirror/tile/entries/000.p/2"))
    assert decode_bundle(bundle, 2) == beijing.leaves
    tile = content(ask(client, beijing, "/exchange/mirror/tile/0/000.p/2"))
    assert tile == b"".join(map(leaf_hash, beijing.leaves))
    assert subtree_root(0, 2, hash_reader(2, lambda place: tile)) == kept.root


def test_the_origin_has_its_contents_back_whoever_they_are_for(
    client: Client, beijing: MemoryNode
) -> None:
    for sha256, data in beijing.blobs.items():
        assert content(ask(client, beijing, f"/exchange/mirror/blob/{sha256}")) == data
    hashes = sorted(beijing.blobs)
    body = canonical_json({"blobs": hashes})
    answer = ask(client, beijing, "/exchange/mirror/blobs", body, "POST")
    assert decode_answer(content(answer), len(hashes)) == [beijing.blobs[one] for one in hashes]


def test_a_part_of_a_content_is_enough(client: Client, beijing: MemoryNode) -> None:
    sha256 = next(one for one, data in beijing.blobs.items() if data == FILE)
    path = f"/exchange/mirror/blob/{sha256}"
    url = settings.NODE_ADDRESS + path
    signed = sign_request(beijing.key, "GET", url, None, utc_now(), uuid.uuid4().hex)
    answer = client.get(path, headers={**signed, "Range": "bytes=5-"})
    assert (answer.status_code, content(answer)) == (206, FILE[5:])


def test_what_was_withdrawn_is_given_back_to_who_withdrew_it(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    first = beijing.entries()[0]
    withdraw(beijing, first.id)
    pull(peer_name=beijing.name, now=now)
    assert client.get(f"/exchange/blob/{first.blob}").status_code != 200
    assert content(ask(client, beijing, f"/exchange/mirror/blob/{first.blob}"))


@pytest.mark.parametrize(
    "path", ["checkpoint", "tile/0/000.p/2", "tile/entries/000.p/2", "blob/" + "ab" * 32]
)
def test_nobody_else_is_given_anything(
    client: Client, beijing: MemoryNode, now: datetime, path: str
) -> None:
    path = f"/exchange/mirror/{path}"
    assert client.get(path).status_code == 403
    stranger = MemoryNode("stranger.chorsu.example")
    assert ask(client, stranger, path).status_code == 403
    another = MemoryNode("astana.chorsu.example")
    make_peer(another, now)
    assert ask(client, another, path).status_code == 404
    for sha256 in beijing.blobs:
        assert ask(client, another, f"/exchange/mirror/blob/{sha256}").status_code == 404


def test_another_peer_is_left_out_of_many(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    another = MemoryNode("astana.chorsu.example")
    make_peer(another, now)
    body = canonical_json({"blobs": sorted(beijing.blobs)})
    answer = ask(client, another, "/exchange/mirror/blobs", body, "POST")
    assert decode_answer(content(answer), len(beijing.blobs)) == [None] * len(beijing.blobs)
    plain = client.post("/exchange/mirror/blobs", body, content_type="application/json")
    assert plain.status_code == 403


def test_who_is_set_aside_may_see_what_was_kept_of_it(client: Client, beijing: MemoryNode) -> None:
    Peer.objects.update(state=Peer.State.SET_ASIDE)
    assert ask(client, beijing, "/exchange/mirror/checkpoint").status_code == 200
    Peer.objects.update(state=Peer.State.REFUSED)
    assert ask(client, beijing, "/exchange/mirror/checkpoint").status_code == 403


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("tile/0/000.p/3", 404, "tile-not-there"),
        ("tile/0/000", 404, "tile-not-there"),
        ("tile/1/000.p/1", 404, "tile-not-there"),
        ("tile/63/000.p/1", 404, "tile-not-there"),
        ("tile/entries/000.p/3", 404, "tile-not-there"),
        ("tile/0/0", 400, "tile-path"),
        ("nowhere", 400, "tile-path"),
        ("blob/nonsense", 404, "blob-not-there"),
    ],
)
def test_what_is_not_there(
    client: Client, beijing: MemoryNode, path: str, status: int, code: str
) -> None:
    answer = ask(client, beijing, f"/exchange/mirror/{path}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_bytes_that_are_gone_are_not_there(client: Client, beijing: MemoryNode) -> None:
    entry = PeerEntry.objects.get(index=0)
    blobs.erase(entry.blob)
    assert ask(client, beijing, f"/exchange/mirror/blob/{entry.blob}").status_code == 404


def test_before_the_first_look_there_is_no_copy(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    another = MemoryNode("astana.chorsu.example")
    make_peer(another, now)
    answer = ask(client, another, "/exchange/mirror/checkpoint")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-witnessed")
