"""What a peer published is taken in once, or kept with the reason. Named after the attack."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chorsu.exchange import queries
from chorsu.exchange.models import PeerEntry
from chorsu.flows import ingesting, pulling
from chorsu.flows.pulling import pull
from chorsu.kernel.ids import new_id
from chorsu.practices.models import Practice, PracticeText
from chorsu.practices.wire import PublishedPractice, build_payload
from chorsu.wire.envelope import canonical_json
from tests.flows.remote import (
    FACTS,
    make_peer,
    practice,
    publish,
    reasons,
    states,
    withdraw,
)
from tests.memory_node import MemoryNode


def titles() -> list[str]:
    return sorted(PracticeText.objects.values_list("title", flat=True))


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


def test_what_no_database_holds_is_refused_and_said_not_tried_for_ever(
    beijing: MemoryNode, now: datetime
) -> None:
    record_id = new_id()
    form = build_payload(practice(beijing, record_id))
    form["facts"] = {**FACTS, "a\0b": ""}
    beijing.publish("practice", record_id, 1, form)
    publish(beijing, new_id())
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["refused", "accepted"]
    assert reasons(beijing)[0] == "payload-malformed"
    assert queries.entries_to_explain(beijing.name)[0].reason_detail == "a\ufffdb: unknown"


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

    def fail_once(**arguments: object) -> None:
        calls.append(arguments)
        if len(calls) == 1:
            raise ZeroDivisionError
        honest(**arguments)  # type: ignore[arg-type]

    def fail_always(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ingesting, "settle", fail_once)
    # What spoils one spoils all that are taken in together: then each has its own turn.
    monkeypatch.setattr(ingesting, "_ingest_new", fail_always)
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), reasons(beijing)) == (["fetched", "accepted"], ["internal", ""])
    assert titles() == ["二"]
    pull(peer_name=beijing.name, now=now + timedelta(seconds=11))
    assert states(beijing) == ["accepted", "accepted"]
