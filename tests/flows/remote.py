"""A remote node and what it publishes, for the federation tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from chorsu.exchange import actions
from chorsu.exchange.models import Peer, PeerEntry
from chorsu.practices.actions import accept
from chorsu.practices.rules import clean_facts, clean_words
from chorsu.practices.wire import (
    PublishedFile,
    PublishedPractice,
    PublishedRevision,
    PublishedText,
    withdrawal_bytes,
)
from chorsu.records.shapes import Arrival
from chorsu.wire.entry import Audience, Entry
from chorsu.wire.envelope import blob_hash
from tests.memory_node import MemoryNode

FACTS = {
    "themes": ["digital-government"],
    "sdg_goals": [16],
    "sdg_targets": [],
    "level": "village",
    "country": "CN",
    "year_from": 2019,
    "year_to": None,
    "status": "running",
    "cost": "unknown",
    "duration": "unknown",
    "indicators": [],
    "contacts": [],
    "sources": [],
}


def practice(
    node: MemoryNode,
    record_id: str,
    *,
    revision: int = 1,
    title: str = "村民议事",
    audience: str = "public",
    files: tuple[PublishedFile, ...] = (),
) -> PublishedPractice:
    """A practice as the node would publish it."""
    words = clean_words({"title": title, "summary": "每月开会一次。"})
    text = PublishedText("zh-Hans", "original", revision, "", None, words)
    return PublishedPractice(
        id=record_id,
        revision=revision,
        origin=node.name,
        institution="cn-nag",
        audience=audience,
        licence="CC-BY-4.0",
        original_language="zh-Hans",
        published_at=node.now().replace(microsecond=0),
        updated_at=node.now().replace(microsecond=0),
        facts=clean_facts(FACTS, known_codes=False),
        texts={"zh-Hans": text},
        files=files,
        history=[PublishedRevision(revision, node.now().replace(microsecond=0), "")],
    )


def publish(
    node: MemoryNode,
    record_id: str,
    *,
    revision: int = 1,
    title: str = "村民议事",
    audience: Audience = "public",
    files: tuple[PublishedFile, ...] = (),
) -> Entry:
    """Publish such a practice in the node's log."""
    form = practice(node, record_id, revision=revision, title=title, audience=audience, files=files)
    return node.publish("practice", record_id, revision, form.to_bytes(), audience)


def take_in(node: MemoryNode, form: PublishedPractice, *, at: datetime, now: datetime) -> None:
    """Have what the node published here, as if its log had been read."""
    payload = form.to_bytes()
    arrival = Arrival(payload, form.id, form.revision, form.audience, 0, at, blob_hash(payload))
    with transaction.atomic():
        accept(arrival=arrival, origin=node.name, now=now)


def withdraw(node: MemoryNode, record_id: str, reason: str = "It was a mistake.") -> Entry:
    """Withdraw it, with a reason in the form of practices."""
    last = next(entry for entry in reversed(node.entries()) if entry.id == record_id)
    data = withdrawal_bytes(kind=last.kind, record_id=record_id, reason=reason)
    blob = node.add_blob(data, last.audience)
    entry = replace(last, action="withdraw", blob=blob, size=len(data), time=node.now())
    node.append_raw(entry.to_bytes())
    return entry


def make_peer(node: MemoryNode, now: datetime) -> None:
    """Confirm the node here."""
    actions.add_peer(document=node.document(), now=now)
    actions.confirm_peer(name=node.name, vkey=node.key.vkey, now=now)


def states(node: MemoryNode) -> list[str]:
    """The states of its entries here, in order."""
    rows = PeerEntry.objects.filter(peer__name=node.name).order_by("index")
    return [str(state) for state in rows.values_list("state", flat=True)]


def reasons(node: MemoryNode) -> list[str]:
    """The reasons of its entries here, in order."""
    rows = PeerEntry.objects.filter(peer__name=node.name).order_by("index")
    return list(rows.values_list("reason", flat=True))


def row(node: MemoryNode) -> Peer:
    """What is kept of the peer."""
    return Peer.objects.get(name=node.name)
