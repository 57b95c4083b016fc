"""A certificate of another node, verified here by the log that was read: nothing else is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chorsu.exchange.models import Peer, PeerEntry
from chorsu.flows import certifying
from chorsu.flows.certifying import CheckedCertificate
from chorsu.flows.pulling import pull
from chorsu.institutions.models import Institution
from chorsu.kernel.ids import new_id
from chorsu.training.models import Certificate, Commitment, Recognition, StatusList
from chorsu.wire.credential import Signed, sign
from chorsu.wire.credential_code import encode_code
from chorsu.wire.credential_records import (
    COMMITMENTS,
    STATUS,
    PublishedCommitments,
    PublishedStatus,
)
from chorsu.wire.envelope import canonical_json
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.statuslist import empty_list, encode_list, with_set
from tests.flows.remote import reasons, states
from tests.memory_node import MemoryNode
from tests.vectors.credentials import CREDENTIAL, INDEX, LIST_ID


def signed_by(node: MemoryNode, now: datetime) -> Signed:
    credential = replace(
        CREDENTIAL, node=node.name, valid_from=now - timedelta(hours=1), texts="",
        valid_until=now + timedelta(days=100),
    )  # fmt: skip
    return sign(credential, node.key)


def tell(node: MemoryNode, record: PublishedCommitments | PublishedStatus) -> None:
    kind = COMMITMENTS if isinstance(record, PublishedCommitments) else STATUS
    revision = record.revision if isinstance(record, PublishedStatus) else 1
    node.publish(kind, record.id, revision, record.to_bytes(), "public")


def listed(node: MemoryNode, revision: int, *positions: int) -> PublishedStatus:
    bits = empty_list()
    for position in positions:
        bits = with_set(bits, position)
    return PublishedStatus(LIST_ID, node.name, revision, encode_list(bits))


def issue(node: MemoryNode, now: datetime) -> Signed:
    signed = signed_by(node, now)
    tell(node, listed(node, 1))
    tell(node, PublishedCommitments(new_id(), node.name, (signed.commitment,)))
    pull(peer_name=node.name, now=now)
    return signed


def check(signed: Signed, now: datetime) -> CheckedCertificate:
    return certifying.check(encode_code(signed).encode(), now)


def test_a_code_of_another_nodes_certificate_is_genuine_as_of_the_last_look(
    beijing: MemoryNode, now: datetime
) -> None:
    signed = issue(beijing, now)
    assert states(beijing) == ["accepted", "accepted"]
    checked = check(signed, now + timedelta(minutes=5))
    assert (checked.verdict.standing, checked.here) == ("genuine", True)
    looked = Peer.objects.get(name=beijing.name).answered_at
    # The node's own entries have whole seconds, and may be a part of one later.
    assert looked is not None
    assert looked <= (checked.verdict.as_of or now) < looked + timedelta(seconds=1)
    assert not Certificate.objects.exists()


def test_a_revocation_there_counts_here_after_the_next_look(
    beijing: MemoryNode, now: datetime
) -> None:
    signed = issue(beijing, now)
    tell(beijing, listed(beijing, 2, INDEX))
    assert check(signed, now).verdict.standing == "genuine"
    pull(peer_name=beijing.name, now=now + timedelta(minutes=1))
    assert check(signed, now).verdict.standing == "revoked"


def test_before_the_log_was_read_it_is_unconfirmed(beijing: MemoryNode, now: datetime) -> None:
    checked = check(signed_by(beijing, now), now)
    assert (checked.verdict.standing, checked.here) == ("unconfirmed", False)
    assert checked.verdict.issued_at is None


def test_a_stranger_is_an_unknown_key(beijing: MemoryNode, now: datetime) -> None:
    stranger = MemoryNode("tashkent.chorsu.example", institutions=("uz-apa",))
    assert check(signed_by(stranger, now), now).verdict.standing == "unknown-key"


def test_another_key_under_a_peers_name_is_refused(beijing: MemoryNode, now: datetime) -> None:
    issue(beijing, now)
    impostor = SigningKey.from_bytes(bytes(32), beijing.name)
    forged = sign(signed_by(beijing, now).credential, impostor)
    with pytest.raises(WireError) as refusal:
        check(forged, now)
    assert refusal.value.code == "wrong-key"


def test_expired_and_not_yet(beijing: MemoryNode, now: datetime) -> None:
    signed = issue(beijing, now)
    assert check(signed, now + timedelta(days=100)).verdict.standing == "expired"
    assert check(signed, now - timedelta(hours=2)).verdict.standing == "not-yet"


def test_a_peer_cannot_list_or_revoke_in_anothers_name(
    beijing: MemoryNode, astana: MemoryNode, now: datetime
) -> None:
    signed = issue(beijing, now)
    tell(astana, replace(listed(astana, 9, INDEX)))
    tell(astana, replace(listed(beijing, 9, INDEX), id=new_id()))
    tell(astana, PublishedCommitments(new_id(), beijing.name, ("ab" * 32,)))
    pull(peer_name=astana.name, now=now)
    assert reasons(astana) == ["not-the-origin"] * 3
    assert check(signed, now).verdict.standing == "genuine"
    assert not Commitment.objects.filter(commitment="ab" * 32).exists()


def test_a_revocation_is_not_taken_back(beijing: MemoryNode, now: datetime) -> None:
    signed = issue(beijing, now)
    tell(beijing, listed(beijing, 2, INDEX))
    pull(peer_name=beijing.name, now=now)
    tell(beijing, listed(beijing, 3))
    pull(peer_name=beijing.name, now=now)
    assert states(beijing)[-1] == "refused"
    assert reasons(beijing)[-1] == "payload-malformed"
    assert check(signed, now).verdict.standing == "revoked"


@pytest.mark.parametrize("kind", [COMMITMENTS, STATUS])
def test_neither_kind_can_be_withdrawn(beijing: MemoryNode, now: datetime, kind: str) -> None:
    signed = issue(beijing, now)
    last = next(entry for entry in beijing.entries() if entry.kind == kind)
    gone = replace(last, action="withdraw", blob=None, size=None, time=beijing.now())
    beijing.append_raw(gone.to_bytes())
    pull(peer_name=beijing.name, now=now)
    assert states(beijing)[-1] == "refused"
    assert check(signed, now).verdict.standing == "genuine"


def test_what_the_blob_says_is_what_the_entry_says(beijing: MemoryNode, now: datetime) -> None:
    record = listed(beijing, 2)
    beijing.publish(STATUS, LIST_ID, 1, record.to_bytes(), "public")
    other = PublishedCommitments(new_id(), beijing.name, ("ab" * 32,))
    beijing.publish(COMMITMENTS, other.id, 1, other.to_bytes(), "network")
    pull(peer_name=beijing.name, now=now)
    assert reasons(beijing) == ["payload-entry-mismatch"] * 2
    assert not StatusList.objects.exists()


def test_a_form_of_tomorrow_is_kept_for_newer_software(beijing: MemoryNode, now: datetime) -> None:
    members = {**json.loads(listed(beijing, 1).to_bytes()), "format": 2}
    beijing.publish(STATUS, LIST_ID, 1, canonical_json(members), "public")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["unknown"]
    assert PeerEntry.objects.get().reason == "newer-format"


def test_what_counts_here_is_told_with_the_order_by_which(
    beijing: MemoryNode, academy: Institution, now: datetime
) -> None:
    signed = issue(beijing, now)
    assert check(signed, now).recognised is None
    rule = {"institution": academy, "issuer": "cn-nag", "since": now.date(), "created_at": now}
    Recognition.objects.create(**rule, percent=50, basis="Order 7")
    assert check(signed, now).recognised == (36, "Order 7")
    title = "Основы цифровой трансформации государственных услуг"
    Recognition.objects.create(**rule, percent=100, title=title, basis="Order 9")
    assert check(signed, now).recognised == (72, "Order 9")
