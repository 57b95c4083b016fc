"""Who names another's content in its own log gains nothing by it: not for itself, not for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from chorsu.exchange import blobs, keys, mirror
from chorsu.exchange.queries import Access, blob_access
from chorsu.flows import erasing
from chorsu.flows.pulling import pull
from chorsu.kernel.ids import new_id
from chorsu.practices.wire import PublishedFile
from chorsu.wire.entry import Entry
from tests.flows.remote import make_peer, publish, states
from tests.memory_node import MemoryNode


@pytest.fixture
def secret(beijing: MemoryNode, now: datetime) -> Entry:
    """What a peer published for the network, and is here; the entry itself anybody can read."""
    beijing.add_peer(keys.signing_key().verify_key)
    entry = publish(beijing, new_id(), title="内部材料", audience="network")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]
    return entry


@pytest.fixture
def curious(db: None, now: datetime) -> Iterator[MemoryNode]:
    """A peer of this node, and none of the other's."""
    node = MemoryNode("ashgabat.chorsu.example")
    with node.serve():
        make_peer(node, now)
        yield node


def is_kept_close(secret: Entry, curious: MemoryNode) -> bool:
    blob = secret.blob or ""
    return blob_access(blob) != Access.ALLOWED and not mirror.mirrored_blobs(curious.name, [blob])


def test_as_the_content_of_a_publication(curious: MemoryNode, secret: Entry, now: datetime) -> None:
    entry = replace(secret, id=new_id(), audience="public", time=now)
    curious.append_raw(entry.to_bytes())
    pull(peer_name=curious.name, now=now)
    assert is_kept_close(secret, curious)


def test_as_the_reason_of_a_withdrawal(curious: MemoryNode, secret: Entry, now: datetime) -> None:
    record = new_id()
    publish(curious, record)
    pull(peer_name=curious.name, now=now)
    entry = replace(secret, id=record, audience="public", action="withdraw", time=now)
    curious.append_raw(entry.to_bytes())
    pull(peer_name=curious.name, now=now)
    assert states(curious)[-1] == "accepted"
    assert is_kept_close(secret, curious)


@pytest.mark.parametrize("many", [False, True])
def test_as_a_file_of_a_record(
    curious: MemoryNode, secret: Entry, now: datetime, *, many: bool
) -> None:
    file = PublishedFile(secret.blob or "", secret.size or 0, "application/pdf", "a.pdf", "")
    publish(curious, new_id(), files=(file,))
    if many:
        publish(curious, new_id())
    pull(peer_name=curious.name, now=now)
    assert states(curious)[0] == "accepted"
    assert is_kept_close(secret, curious)


def test_as_a_file_with_the_content_of_another_record_before_it_is_here(
    beijing: MemoryNode, curious: MemoryNode, now: datetime
) -> None:
    beijing.add_peer(keys.signing_key().verify_key)
    later = publish(beijing, new_id(), title="内部材料", audience="network")
    file = PublishedFile(later.blob or "", later.size or 0, "application/pdf", "a.pdf", "")
    publish(curious, new_id(), files=(file,))
    for node in (curious, beijing, curious):
        pull(peer_name=node.name, now=now)
    assert is_kept_close(later, curious)


def test_a_file_that_two_peers_have_is_shown_for_both(
    beijing: MemoryNode, curious: MemoryNode, now: datetime
) -> None:
    data = b"the same law"
    for node in (beijing, curious):
        sha256 = node.add_blob(data)
        file = PublishedFile(sha256, len(data), "application/pdf", "law.pdf", "")
        publish(node, new_id(), files=(file,))
        pull(peer_name=node.name, now=now)
        assert mirror.mirrored_blobs(node.name, [sha256]) == {sha256}
    assert blob_access(sha256) == Access.ALLOWED


def test_who_has_what_is_for_the_network_may_publish_it(
    curious: MemoryNode, beijing: MemoryNode, secret: Entry, now: datetime
) -> None:
    data = beijing.blobs[secret.blob or ""]
    file = PublishedFile(curious.add_blob(data), len(data), "text/plain", "a.txt", "")
    publish(curious, new_id(), files=(file,))
    pull(peer_name=curious.name, now=now)
    assert blob_access(file.sha256) == Access.ALLOWED


def test_a_file_that_one_peer_erased_is_fetched_from_another(
    beijing: MemoryNode, curious: MemoryNode, now: datetime
) -> None:
    data = b"the same law"
    for node in (beijing, curious):
        node.add_peer(keys.signing_key().verify_key)
    sha256 = beijing.add_blob(data)
    file = PublishedFile(sha256, len(data), "application/pdf", "law.pdf", "")
    record = new_id()
    publish(beijing, record, files=(file,))
    pull(peer_name=beijing.name, now=now)
    beijing.ask_to_erase(sha256, "file", record)
    pull(peer_name=beijing.name, now=now)
    erasing.finish(now=now)
    assert blobs.read(sha256) is None
    curious.add_blob(data)
    publish(curious, new_id(), files=(file,))
    pull(peer_name=curious.name, now=now)
    assert blobs.read(sha256) == data
