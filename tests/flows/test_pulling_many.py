"""Many records come in few requests and transactions; one that spoils them harms no other."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chorsu.exchange import blobs
from chorsu.exchange.models import BlobUse, PeerEntry, WantedBlob
from chorsu.flows.ingesting import PORTION_BYTES, ingest_many
from chorsu.flows.pulling import pull
from chorsu.institutions.models import Institution
from chorsu.kernel.ids import new_id
from chorsu.language.models import TranslationRequest
from chorsu.practices.models import Practice, PracticeRevision, PracticeText
from chorsu.practices.wire import PublishedFile
from chorsu.wire.batch import MAX_BATCH
from chorsu.wire.envelope import blob_hash
from tests.flows.remote import practice, publish, reasons, states
from tests.memory_node import MemoryNode

COUNT = 12


def publish_many(node: MemoryNode, count: int = COUNT) -> list[str]:
    ids = [new_id() for _ in range(count)]
    for number, record_id in enumerate(ids):
        publish(node, record_id, title=f"记录{number}")
    return ids


def asked(node: MemoryNode, what: str) -> int:
    return sum(path.startswith(f"/exchange/{what}") for _, path in node.requests)


def rows() -> dict[str, list[tuple[object, ...]]]:
    """Everything that taking in writes, told without what differs between two runs."""
    return {
        "practices": list(
            Practice.objects.order_by("feed_index").values_list(
                "id", "origin", "institution_id", "revision", "audience", "blob", "feed_index",
                "published_at", "updated_at", "withdrawn_at", "facts", "themes", "goals", "country",
            )
        ),
        "texts": list(
            PracticeText.objects.order_by("practice_id").values_list(
                "practice_id", "language", "provenance", "revision", "title", "words",
                "supplied_by", "feed_index", "audience", "record_id",
            )
        ),
        "revisions": list(
            PracticeRevision.objects.order_by("practice_id").values_list(
                "practice_id", "revision", "published_at", "facts", "words", "note", "audience"
            )
        ),
        "requests": list(
            TranslationRequest.objects.order_by("record_id", "language").values_list(
                "kind", "record_id", "language", "revision", "reason"
            )
        ),
        "uses": list(
            BlobUse.objects.order_by("blob_id").values_list(
                "blob_id", "record_id", "audience", "own"
            )
        ),
    }  # fmt: skip


def test_many_records_come_in_one_request(beijing: MemoryNode, now: datetime) -> None:
    publish_many(beijing)
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"] * COUNT
    assert (asked(beijing, "blobs"), asked(beijing, "blob/")) == (1, 0)
    assert Practice.objects.count() == COUNT


def test_more_than_may_be_in_memory_comes_in_several_answers(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_many(beijing)
    size = max(entry.size for entry in beijing.entries())
    monkeypatch.setattr("chorsu.flows.portions.TOGETHER_BYTES", 5 * size)
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"] * COUNT
    assert (asked(beijing, "blobs"), asked(beijing, "blob/")) == (3, 0)


def test_the_queries_of_a_batch_do_not_grow_with_it(beijing: MemoryNode, now: datetime) -> None:
    counts = []
    for count in (20, 60):
        publish_many(beijing, count)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            pull(peer_name=beijing.name, now=now)
        counts.append(len(captured))
    assert counts[1] <= counts[0]


def test_the_next_are_on_their_way_while_those_that_came_are_taken_in(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = []

    def when_asked(*, peer_name: str, indexes: Sequence[int], now: datetime) -> Mapping[int, str]:
        until = time.monotonic() + 10
        while asked(beijing, "blobs") < 2 and time.monotonic() < until:
            time.sleep(0.01)
        questions.append(asked(beijing, "blobs"))
        return ingest_many(peer_name=peer_name, indexes=indexes, now=now)

    publish_many(beijing, MAX_BATCH + 3)
    monkeypatch.setattr("chorsu.flows.pulling.ingest_many", when_asked)
    pull(peer_name=beijing.name, now=now)
    assert questions == [2, 2]
    assert (states(beijing), asked(beijing, "blob/")) == (["accepted"] * (MAX_BATCH + 3), 0)


def test_what_was_asked_ahead_and_came_wrong_is_asked_for_once_more(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_a_bad_answer(
        *, peer_name: str, indexes: Sequence[int], now: datetime
    ) -> Mapping[int, str]:
        until = time.monotonic() + 10
        while asked(beijing, "blobs") < 2 and time.monotonic() < until:
            time.sleep(0.01)
        beijing.behave()
        return ingest_many(peer_name=peer_name, indexes=indexes, now=now)

    def spoil_the_second(data: bytes) -> bytes:
        return data if asked(beijing, "blobs") < 2 else b"X" + data[1:]

    publish_many(beijing, MAX_BATCH + 3)
    beijing._spoil_blob = spoil_the_second
    monkeypatch.setattr("chorsu.flows.pulling.ingest_many", after_a_bad_answer)
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), asked(beijing, "blobs")) == (["accepted"] * (MAX_BATCH + 3), 3)


@pytest.mark.parametrize("portion_bytes", [1, 2000, PORTION_BYTES])
def test_together_leaves_what_one_by_one_leaves(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch, portion_bytes: int
) -> None:
    """The two ways are told apart by nothing but their speed, whatever is in memory at a time."""
    monkeypatch.setattr("chorsu.flows.ingesting.PORTION_BYTES", portion_bytes)
    for record_id in publish_many(beijing, 3):
        publish(beijing, record_id, revision=2, title="第二版")
    pull(peer_name=beijing.name, now=now)
    together = rows()
    Practice.objects.all().delete()
    TranslationRequest.objects.all().delete()
    BlobUse.objects.all().delete()
    beijing_rows = states(beijing)
    PeerEntry.objects.filter(state="accepted").update(state="stored")
    monkeypatch.setattr("chorsu.flows.pulling.ingest_many", lambda **_: {})
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), rows()) == (beijing_rows, together)


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        ("serve_blob_flipped", "blob-hash"),
        ("serve_blob_cut", "blob-size"),
        ("serve_blob_endless", "answer-too-large"),
    ],
)
def test_damaged_blobs_among_many(
    beijing: MemoryNode, now: datetime, attack: str, code: str
) -> None:
    publish_many(beijing, 3)
    getattr(beijing, attack)()
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), reasons(beijing)) == (["stored"] * 3, [code] * 3)
    assert Practice.objects.count() == 0


def test_a_node_that_gives_no_many_is_asked_one_by_one(beijing: MemoryNode, now: datetime) -> None:
    beijing.gives_many = False
    publish_many(beijing, 3)
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), asked(beijing, "blob/")) == (["accepted"] * 3, 3)


def test_a_refused_record_among_many_is_explained_and_harms_no_other(
    beijing: MemoryNode, now: datetime
) -> None:
    publish_many(beijing, 2)
    beijing.publish("practice", new_id(), 1, {"format": 1, "kind": "practice"})
    publish_many(beijing, 2)
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "accepted", "refused", "accepted", "accepted"]
    assert reasons(beijing)[2] == "payload-malformed"


def test_one_for_an_institution_of_another_node_among_many_is_refused_with_its_reason(
    beijing: MemoryNode, now: datetime
) -> None:
    publish_many(beijing, 2)
    theirs = replace(practice(beijing, new_id()), institution="kz-apa")
    beijing.publish("practice", theirs.id, 1, theirs.to_bytes())
    publish_many(beijing, 2)
    Institution.objects.create(
        id="kz-apa", kind="academy", country="KZ", node="astana.chorsu.example"
    )
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "accepted", "refused", "accepted", "accepted"]
    assert (reasons(beijing)[2], Practice.objects.count()) == ("not-the-host", 4)


def test_an_erased_blob_among_many_waits_with_its_reason(
    beijing: MemoryNode, now: datetime
) -> None:
    publish_many(beijing, 2)
    lost = publish(beijing, new_id())
    beijing.erase_blob(lost.blob or "")
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted", "accepted", "stored"]
    assert reasons(beijing)[2] == "peer-erased"


def test_network_records_among_many_are_asked_for_by_signature(
    beijing: MemoryNode, now: datetime
) -> None:
    for _ in range(3):
        publish(beijing, new_id(), title=new_id(), audience="network")
    publish_many(beijing, 3)
    pull(peer_name=beijing.name, now=now)
    assert (states(beijing), asked(beijing, "blobs")) == (["accepted"] * 6, 2)
    assert set(BlobUse.objects.values_list("audience", flat=True)) == {"public", "network"}


def test_a_fault_with_all_together_leaves_each_its_own_turn(
    beijing: MemoryNode, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("a fault of ours")

    publish_many(beijing, 3)
    monkeypatch.setattr("chorsu.language.actions.request_many", fail)
    pull(peer_name=beijing.name, now=now)
    assert states(beijing) == ["accepted"] * 3


def test_files_of_many_records_are_wanted(beijing: MemoryNode, now: datetime) -> None:
    data = b"%PDF-1.7 a file"
    file = PublishedFile(blob_hash(data), len(data), "application/pdf", "a.pdf", "")
    for number in range(3):
        publish(beijing, new_id(), title=f"{number}", files=(file,))
    pull(peer_name=beijing.name, now=now)
    assert WantedBlob.objects.count() == 3, "the peer does not have it yet"
    beijing.add_blob(data)
    WantedBlob.objects.update(next_try_at=None)
    pull(peer_name=beijing.name, now=now)
    assert (blobs.is_here(file.sha256), WantedBlob.objects.count()) == (True, 0)
    assert BlobUse.objects.filter(blob_id=file.sha256).count() == 3
