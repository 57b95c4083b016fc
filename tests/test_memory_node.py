"""The remote node of the federation tests is itself a node a stranger could talk to."""

from __future__ import annotations

import httpx
import pytest

from chorsu.kernel.ids import new_id
from chorsu.wire.entry import Entry, UnknownEntry, parse_entry
from chorsu.wire.envelope import blob_hash, canonical_json, check_blob
from chorsu.wire.merkle import Range, leaf_hash
from chorsu.wire.node import parse_node
from chorsu.wire.tiles import bundles_for, decode_bundle, tile_hashes
from chorsu.wire.trust import advance
from tests.memory_node import MemoryNode
from tests.wire.refusal import refusal


@pytest.fixture
def node() -> MemoryNode:
    return MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))


def client(node: MemoryNode) -> httpx.Client:
    return httpx.Client(transport=node.transport(), base_url=node.address)


def read_whole_log(http: httpx.Client, node: MemoryNode) -> list[bytes]:
    note = http.get("/exchange/checkpoint").content
    leaves: list[bytes] = []
    for tile in bundles_for(0, node.checkpoint().size):
        response = http.get(f"/exchange/{tile.path}")
        assert response.status_code == 200
        leaves += decode_bundle(response.content, tile.width)
    advance(None, Range.empty(), note, node.key.verify_key, leaves)
    return leaves


def test_a_stranger_reads_and_verifies_everything_public(node: MemoryNode) -> None:
    published = node.publish("practice", new_id(), 1, {"title": "一"})
    withdrawn = node.withdraw(published.id, "an error")
    with client(node) as http:
        assert parse_node(http.get("/.well-known/chorsu").content) == node.document()
        assert [parse_entry(leaf) for leaf in read_whole_log(http, node)] == [published, withdrawn]
        for entry in (published, withdrawn):
            blob = http.get(f"/exchange/blob/{entry.blob}").content
            check_blob(blob, str(entry.blob), entry.size or 0)


def test_it_serves_the_same_over_a_real_server(node: MemoryNode) -> None:
    node.publish("practice", new_id(), 1, b"\x00binary\xff")
    with node.serve() as address, httpx.Client(base_url=address, trust_env=False) as http:
        assert parse_node(http.get("/.well-known/chorsu").content).address == address
        assert read_whole_log(http, node) == node.leaves
    assert node.address == "http://beijing.chorsu.example"


@pytest.mark.parametrize("count", [1, 256, 300])
def test_every_tile_of_its_tree_is_served(node: MemoryNode, count: int) -> None:
    for number in range(count):
        node.append_raw(str(number).encode())
    expected = tile_hashes([leaf_hash(leaf) for leaf in node.leaves])
    with client(node) as http:
        served = {tile: http.get(f"/exchange/{tile.path}").content for tile in expected}
    assert served == expected


def test_a_tile_wider_than_the_log_is_not_there(node: MemoryNode) -> None:
    node.append_raw(b"one")
    with client(node) as http:
        for path in ("tile/0/000", "tile/0/000.p/2", "tile/entries/001.p/1", "tile/1/000.p/1"):
            assert http.get(f"/exchange/{path}").status_code == 404


def test_what_is_for_the_network_is_for_known_peers_only(node: MemoryNode) -> None:
    entry = node.publish("practice", new_id(), 1, {"inner": 1}, "network")
    peer, stranger = MemoryNode("astana.chorsu.example"), MemoryNode("stranger.example")
    node.add_peer(peer.key.verify_key)
    url = f"{node.address}/exchange/blob/{entry.blob}"
    with client(node) as http:
        assert http.get(url).status_code == 403
        assert http.get(url, headers=stranger.signed_headers("GET", url)).status_code == 403
        allowed = http.get(url, headers=peer.signed_headers("GET", url))
        assert (allowed.status_code, blob_hash(allowed.content)) == (200, entry.blob)


def test_a_file_that_is_public_once_is_public(node: MemoryNode) -> None:
    digest = node.add_blob(b"file", "network")
    node.add_blob(b"file", "public")
    with client(node) as http:
        assert http.get(f"/exchange/blob/{digest}").status_code == 200


def test_an_erased_blob_is_gone_and_the_log_still_verifies(node: MemoryNode) -> None:
    entry = node.publish("practice", new_id(), 1, {})
    node.erase_blob(str(entry.blob))
    with client(node) as http:
        assert http.get(f"/exchange/blob/{entry.blob}").status_code == 410
        assert read_whole_log(http, node) == [entry.to_bytes()]


def test_pings_are_taken_from_peers_only(node: MemoryNode) -> None:
    peer = MemoryNode("astana.chorsu.example")
    url = f"{node.address}/exchange/ping"
    with client(node) as http:
        assert http.post(url, headers=peer.signed_headers("POST", url)).status_code == 403
        node.add_peer(peer.key.verify_key)
        assert http.post(url, headers=peer.signed_headers("POST", url)).status_code == 204
    assert node.pings == [peer.name]


def test_a_peering_is_recorded_when_its_own_key_signed_it(node: MemoryNode) -> None:
    peer = MemoryNode("astana.chorsu.example")
    url, body = f"{node.address}/exchange/peering", peer.document().to_bytes()
    with client(node) as http:
        assert http.post(url, content=body).status_code == 403
        headers = peer.signed_headers("POST", url, body)
        response = http.post(url, content=body, headers=headers)
    assert parse_node(response.content) == node.document()
    assert node.peerings == [peer.document()]


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (MemoryNode.serve_blob_flipped, "blob-hash"),
        (MemoryNode.serve_blob_cut, "blob-size"),
        (MemoryNode.serve_blob_endless, "blob-size"),
    ],
)
def test_spoilt_blobs_are_noticed_and_end_with_good_behaviour(
    node: MemoryNode, attack: object, code: str
) -> None:
    assert callable(attack)
    entry = node.publish("practice", new_id(), 1, {"title": "text"})

    def read() -> None:
        with client(node) as http:
            blob = http.get(f"/exchange/blob/{entry.blob}").content
        check_blob(blob, str(entry.blob), entry.size or 0)

    attack(node)
    assert refusal(read) == code
    node.behave()
    assert refusal(read) is None


def test_spoilt_entries_are_noticed(node: MemoryNode) -> None:
    node.publish("practice", new_id(), 1, {})
    node.serve_entry_flipped()
    with client(node) as http:
        assert refusal(lambda: read_whole_log(http, node)) == "root-mismatch"


def test_entries_of_tomorrow_are_in_its_log(node: MemoryNode) -> None:
    leaf = canonical_json({"format": 2, "kind": "seminar"})
    node.append_raw(leaf)
    node.publish("practice", new_id(), 1, {})
    kinds = [type(parse_entry(one)) for one in node.leaves]
    assert kinds == [UnknownEntry, Entry]


def test_a_node_that_is_down_refuses_the_connection(node: MemoryNode) -> None:
    node.down = True
    with client(node) as http, pytest.raises(httpx.ConnectError):
        http.get("/exchange/checkpoint")
    assert node.respond("GET", "/exchange/checkpoint", {}, b"")[0] == 503
