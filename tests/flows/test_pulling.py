"""A peer's log comes here whole, once, or says why not. Tests are named after the attack."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection

from chorsu.exchange import actions, blobs, queries
from chorsu.exchange.locks import lock_number
from chorsu.exchange.models import BlobUse, Peer, PeerEntry, WantedBlob
from chorsu.flows import ingesting, looking, pulling
from chorsu.flows.pulling import pull
from chorsu.institutions.models import AuditEvent
from chorsu.kernel.ids import new_id
from chorsu.practices.models import Practice, PracticeText
from chorsu.practices.wire import PublishedFile, PublishedPractice
from chorsu.wire.envelope import blob_hash, canonical_json
from tests.flows.remote import make_peer, practice, publish, reasons, row, states, withdraw
from tests.memory_node import MemoryNode


def titles() -> list[str]:
    return sorted(PracticeText.objects.values_list("title", flat=True))


def test_what_a_peer_publishes_is_here_and_in_sync(beijing: MemoryNode, now: datetime) -> None:
    first, second = new_id(), new_id()
    publish(beijing, first, title="一")
    publish(beijing, second, title="二")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "accepted"]
    assert titles() == ["一", "二"]
    peer = queries.peer(beijing.name)
    assert (peer.verified_size, peer.offered_size, peer.trouble) == (2, 2, "")
    assert peer.in_sync
    assert peer.answered_at == now


def test_looking_again_changes_nothing(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    before = Practice.objects.get()
    beijing.requests.clear()
    pull(peer_name=beijing.name, now=now)
    assert beijing.requests == [("GET", "/exchange/checkpoint")]
    assert Practice.objects.get().arrived_at == before.arrived_at
    assert states(beijing) == ["accepted"]


def test_a_long_log_is_proven_and_kept_part_by_part(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "BATCH_BUNDLES", 1)
    same = new_id()
    for revision in range(1, 601):
        publish(beijing, same, revision=revision, title=f"第{revision}版")
    pull(peer_name=beijing.name, now=now)
    assert row(beijing).verified_size == 600
    assert states(beijing) == ["superseded"] * 599 + ["accepted"]
    assert titles() == ["第600版"]
    # Of 600 blobs only the one that counts was fetched.
    assert sum(1 for _, path in beijing.requests if "/blob/" in path) == 1


def test_a_link_cut_between_two_parts_loses_nothing(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "BATCH_BUNDLES", 1)
    for _ in range(300):
        beijing.publish("poem", new_id(), 1, {"line": 1})
    honest = beijing._tile
    monkeypatch.setattr(
        beijing, "_tile", lambda path: (404, {}, b"") if "entries/001" in path else honest(path)
    )
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).verified_size, row(beijing).trouble) == (256, "peer-lacks")
    monkeypatch.setattr(beijing, "_tile", honest)
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).verified_size, row(beijing).trouble) == (301, "")
    assert states(beijing) == ["unknown"] * 300 + ["accepted"]


def test_a_part_of_a_rewritten_log_is_not_continued(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "BATCH_BUNDLES", 1)
    for _ in range(300):
        publish(beijing, new_id())
    honest = beijing._tile
    monkeypatch.setattr(
        beijing, "_tile", lambda path: (404, {}, b"") if "entries/001" in path else honest(path)
    )
    pull(peer_name=beijing.name, now=now)
    monkeypatch.setattr(beijing, "_tile", honest)
    # The part that is here stays as it was; only what the accepted note promised is changed.
    beijing.rewrite_history(280)
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("set-aside", "rewritten")
    assert row(beijing).verified_size == 256


def test_history_rewritten(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id(), title="一")
    publish(beijing, new_id(), title="二")
    pull(peer_name=beijing.name, now=now)
    signed_before = bytes(row(beijing).checkpoint).decode()
    beijing.rewrite_history()
    publish(beijing, new_id(), title="三")
    pull(peer_name=beijing.name, now=now)
    peer = row(beijing)
    assert (peer.state, peer.trouble, peer.verified_size) == ("set-aside", "rewritten", 2)
    assert signed_before in peer.trouble_detail
    assert beijing.honest_checkpoint_note().decode() in peer.trouble_detail
    assert AuditEvent.objects.get().action == "peer.set-aside"
    assert titles() == ["一", "二"]


def test_fork(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    beijing.fork()
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("set-aside", "fork")


def test_roll_back(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    beijing.roll_back()
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("set-aside", "rolled-back")


def test_a_peer_set_aside_is_asked_nothing(beijing: MemoryNode, now: datetime) -> None:
    Peer.objects.update(state=Peer.State.SET_ASIDE)
    pull(peer_name=beijing.name, now=now)
    assert beijing.requests == []


def test_another_key(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    beijing.sign_with_another_key()
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).state, row(beijing).trouble) == ("confirmed", "wrong-key")
    assert states(beijing) == []
    beijing.behave()
    pull(peer_name=beijing.name, now=now)
    assert row(beijing).trouble == ""
    assert states(beijing) == ["accepted"]


def test_the_log_of_another_node(beijing: MemoryNode, now: datetime) -> None:
    beijing.claim_origin("astana.chorsu.example")
    pull(peer_name=beijing.name, now=now)
    assert row(beijing).trouble == "wrong-origin"


def test_more_promised_than_served(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    beijing.promise_more()
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).trouble, states(beijing)) == ("peer-lacks", [])


def test_entry_flipped_on_the_way(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    publish(beijing, new_id())
    beijing.serve_entry_flipped()
    pull(peer_name=beijing.name, now=now)
    # A broken line is no proof against the peer: it is asked again, not set aside.
    assert (row(beijing).state, row(beijing).trouble) == ("confirmed", "root-mismatch")
    beijing.behave()
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "accepted"]


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        ("serve_blob_flipped", "blob-hash"),
        ("serve_blob_cut", "blob-size"),
        ("serve_blob_endless", "answer-too-large"),
    ],
)
def test_blob_damaged(beijing: MemoryNode, now: datetime, attack: str, code: str) -> None:
    publish(beijing, new_id())
    getattr(beijing, attack)()
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), reasons(beijing)) == (["stored"], [code])
    assert Practice.objects.count() == 0
    beijing.behave()
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["stored"], "it waits for its next try"
    pull(peer_name=beijing.name, now=now + timedelta(seconds=11))
    assert (states(beijing), reasons(beijing)) == (["accepted"], [""])


def test_a_missing_blob_holds_up_no_other_record(beijing: MemoryNode, now: datetime) -> None:
    lost = publish(beijing, new_id(), title="一")
    publish(beijing, new_id(), title="二")
    beijing.erase_blob(lost.blob or "")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["stored", "accepted"]
    assert reasons(beijing) == ["peer-erased", ""]
    assert not queries.peer(beijing.name).in_sync


def test_an_erased_blob_of_an_earlier_revision_is_not_missed(
    beijing: MemoryNode, now: datetime
) -> None:
    record = new_id()
    first = publish(beijing, record, title="一")
    publish(beijing, record, revision=2, title="二")
    beijing.erase_blob(first.blob or "")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["superseded", "accepted"]
    assert titles() == ["二"]


def test_node_down_and_up(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    beijing.down = True
    pull(peer_name=beijing.name, now=now)
    assert (row(beijing).trouble, row(beijing).looked_at) == ("peer-error", now)
    assert row(beijing).answered_at is None
    beijing.behave()
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]


def test_nobody_at_the_address(db: None, now: datetime) -> None:
    nobody = MemoryNode("nobody.chorsu.example")
    with nobody.serve():
        make_peer(nobody, now)
    pull(peer_name=nobody.name, now=now)
    assert row(nobody).trouble == "unreachable"


def test_a_peer_that_leads_into_this_machine(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.NODE._values, "exchange.private_peers", False)
    pull(peer_name=beijing.name, now=now)
    assert row(beijing).trouble == "private-address"
    assert beijing.requests == []


def test_unknown_kind_is_kept_and_read_by_newer_software(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    beijing.publish("poem", new_id(), 1, {"line": "白日依山尽"})
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["unknown", "accepted"]
    assert reasons(beijing) == ["unknown-kind", ""]
    assert queries.peer(beijing.name).in_sync
    # The same software does not look twice; another one does.
    monkeypatch.setattr(pulling, "SOFTWARE", "chorsu/99")
    monkeypatch.setattr(pulling, "knows_kind", lambda kind: True)
    monkeypatch.setattr(pulling, "ingest", lambda **_: PeerEntry.objects.update(state="accepted"))
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "accepted"]


def test_newer_format_of_an_entry_is_kept(beijing: MemoryNode, now: datetime) -> None:
    leaf = canonical_json({"format": 2, "kind": "practice", "where": "elsewhere"})
    beijing.append_raw(leaf)
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["unknown", "accepted"]
    kept = PeerEntry.objects.get(index=0)
    assert (bytes(kept.leaf), kept.reason) == (leaf, "newer-format")


def test_newer_format_of_a_record_is_kept_and_the_earlier_one_read(
    beijing: MemoryNode, now: datetime
) -> None:
    record = new_id()
    publish(beijing, record, title="一")
    newer = {"format": 2, "kind": "practice", "id": record}
    beijing.publish("practice", record, 2, newer)
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "unknown"]
    assert titles() == ["一"]


def test_nonsense_as_a_leaf(beijing: MemoryNode, now: datetime) -> None:
    beijing.append_raw(b"\x00\xff nonsense")
    beijing.append_raw(b"x" * 5000)
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["refused", "refused", "accepted"]
    assert reasons(beijing)[:2] == ["json-malformed", "entry-too-large"]


def test_a_revision_beyond_every_integer(beijing: MemoryNode, now: datetime) -> None:
    beijing.publish("practice", new_id(), 2**53 - 1, {"format": 1, "kind": "practice"})
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["refused", "accepted"]


def test_an_entry_from_the_future_waits(beijing: MemoryNode, now: datetime) -> None:
    beijing.now = lambda: now + timedelta(days=300)
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), reasons(beijing)) == (["stored"], ["from-the-future"])


def test_a_node_publishes_another_nodes_record(beijing: MemoryNode, now: datetime) -> None:
    record = new_id()
    publish(beijing, record, title="一")
    pull(peer_name=beijing.name, now=now)
    thief = MemoryNode("thief.chorsu.example", institutions=("cn-nag",))
    with thief.serve():
        make_peer(thief, now)
        publish(thief, record, revision=2, title="偷")
        pull(peer_name=thief.name, now=now)
        withdraw(thief, record)
        pull(peer_name=thief.name, now=now)
    assert (states(thief), set(reasons(thief))) == (["refused", "refused"], {"not-the-origin"})
    assert titles() == ["一"]
    assert Practice.objects.get().withdrawn_at is None


def test_a_node_replays_another_nodes_blob_as_its_own(beijing: MemoryNode, now: datetime) -> None:
    form: PublishedPractice = practice(beijing, new_id())
    thief = MemoryNode("thief.chorsu.example")
    with thief.serve():
        make_peer(thief, now)
        thief.publish("practice", form.id, 1, form.to_bytes())
        pull(peer_name=thief.name, now=now)
    assert (states(thief), reasons(thief)) == (["refused"], ["not-the-origin"])
    assert Practice.objects.count() == 0


def test_withdrawn(beijing: MemoryNode, now: datetime) -> None:
    record = new_id()
    published = publish(beijing, record)
    pull(peer_name=beijing.name, now=now)
    assert queries.blob_access(published.blob or "") == queries.Access.ALLOWED
    withdraw(beijing, record, "Ошибка в данных.")
    pull(peer_name=beijing.name, now=now)
    gone = Practice.objects.get()
    assert (gone.withdrawal_reason, titles()) == ("Ошибка в данных.", [])
    assert queries.blob_access(published.blob or "") != queries.Access.ALLOWED


def test_a_withdrawal_holds_without_its_reason(beijing: MemoryNode, now: datetime) -> None:
    record = new_id()
    publish(beijing, record)
    pull(peer_name=beijing.name, now=now)
    entry = withdraw(beijing, record)
    beijing.erase_blob(entry.blob or "")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "accepted"]
    assert Practice.objects.get().withdrawn_at is not None


def test_a_withdrawal_with_nonsense_as_its_reason_holds(beijing: MemoryNode, now: datetime) -> None:
    record = new_id()
    publish(beijing, record)
    pull(peer_name=beijing.name, now=now)
    beijing.withdraw(record)
    pull(peer_name=beijing.name, now=now)
    assert Practice.objects.get().withdrawn_at is not None


def test_killed_between_storing_and_accepting(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(beijing, new_id())
    beijing.publish("poem", new_id(), 1, {"line": 1})

    class Killed(BaseException):
        """What a process that is killed does not survive."""

    def die(**_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(pulling, "ingest", die)
        with pytest.raises(Killed):
            pull(peer_name=beijing.name, now=now)
    assert states(beijing)[0] == "fetched"
    pull(peer_name=beijing.name, now=now)
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "unknown"]
    assert Practice.objects.count() == 1


def test_a_fault_of_ours_with_one_entry_holds_up_no_other(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(beijing, new_id(), title="一")
    publish(beijing, new_id(), title="二")
    honest, calls = ingesting.settle, []

    def fail_once(*arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 1:
            raise ZeroDivisionError
        honest(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ingesting, "settle", fail_once)
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), reasons(beijing)) == (["fetched", "accepted"], ["internal", ""])
    assert titles() == ["二"]
    pull(peer_name=beijing.name, now=now + timedelta(seconds=11))
    assert states(beijing) == ["accepted", "accepted"]


def test_for_the_network_is_asked_for_with_a_signature(beijing: MemoryNode, now: datetime) -> None:
    entry = publish(beijing, new_id(), audience="network")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]
    blob = entry.blob or ""
    assert queries.blob_access(blob) == queries.Access.FORBIDDEN
    assert queries.blob_access(blob, member=True) == queries.Access.ALLOWED
    # Beijing gave it to this node, not to this node's other peers.
    assert queries.blob_access(blob, peer="astana.chorsu.example") == queries.Access.FORBIDDEN


def test_for_the_network_waits_until_the_peer_confirms(beijing: MemoryNode, now: datetime) -> None:
    beijing.peers.clear()
    publish(beijing, new_id(), audience="network")
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), reasons(beijing)) == (["stored"], ["peer-forbids"])


def picture(beijing: MemoryNode, data: bytes) -> PublishedFile:
    return PublishedFile(beijing.add_blob(data), len(data), "image/png", "map.png", "")


def test_files_follow_their_record(beijing: MemoryNode, now: datetime) -> None:
    file = picture(beijing, b"a picture")
    record = new_id()
    publish(beijing, record, files=(file,))
    pull(peer_name=beijing.name, now=now)
    assert blobs.read(file.sha256) == b"a picture"
    assert WantedBlob.objects.count() == 0
    assert BlobUse.objects.filter(record_id=uuid.UUID(record)).count() == 2


def test_a_file_that_is_gone_delays_no_words(beijing: MemoryNode, now: datetime) -> None:
    file = picture(beijing, b"a lost picture")
    beijing.erase_blob(file.sha256)
    publish(beijing, new_id(), files=(file,))
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]
    wanted = WantedBlob.objects.get()
    assert (wanted.trouble, wanted.tries) == ("peer-erased", 1)


def test_a_file_larger_than_this_node_takes(beijing: MemoryNode, now: datetime) -> None:
    file = PublishedFile(blob_hash(b"?"), 10**12, "application/pdf", "all.pdf", "")
    publish(beijing, new_id(), files=(file,))
    pull(peer_name=beijing.name, now=now)
    assert WantedBlob.objects.get().trouble == "answer-too-large"


def test_a_cut_download_is_taken_up_where_it_was(beijing: MemoryNode, now: datetime) -> None:
    file = picture(beijing, b"first half, second half")
    blobs.partial_path(file.sha256).write_bytes(b"first half")
    publish(beijing, new_id(), files=(file,))
    pull(peer_name=beijing.name, now=now)
    assert blobs.read(file.sha256) == b"first half, second half"


def test_two_workers_do_not_read_one_peer_at_once(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id())
    number = lock_number(f"pull {beijing.name}")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])
            pull(peer_name=beijing.name, now=now)
            assert beijing.requests == []
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
    finally:
        other.close()
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"]


def test_a_ping_during_a_look_is_followed_by_another(beijing: MemoryNode, now: datetime) -> None:
    publish(beijing, new_id(), title="一")
    moments = iter([now, now + timedelta(seconds=2)])

    def clock() -> datetime:
        moment = next(moments)
        if moment == now:
            actions.want_look(name=beijing.name, now=now + timedelta(seconds=1))
        return moment

    pulling.pull_until_quiet(peer_name=beijing.name, clock=clock)
    looks = [path for _, path in beijing.requests if path == "/exchange/checkpoint"]
    assert len(looks) == 2


def test_re_adding_a_forgotten_peer_brings_nothing_twice(
    beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    actions.forget_peer(name=beijing.name)
    make_peer(beijing, now)
    pull(peer_name=beijing.name, now=now)
    assert Practice.objects.count() == 1
    assert states(beijing) == ["superseded"]
