"""What all vectors are made of. The keys come from published seeds and are worth nothing."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chorsu.wire.checkpoint import Checkpoint
from chorsu.wire.entry import Entry
from chorsu.wire.envelope import blob_hash, canonical_json
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import Range, leaf_hash
from chorsu.wire.node import NodeDocument

Vector = tuple[str, bytes]
NOW = datetime(2026, 11, 24, 2, 8, 43, tzinfo=UTC)
BEIJING = SigningKey.from_bytes(bytes(range(32)), "beijing.chorsu.example")
ASTANA = SigningKey.from_bytes(bytes(range(32, 64)), "astana.chorsu.example")
BLOB = canonical_json({"title": "一门式服务", "year_from": 2016})
REASON = canonical_json({"reason": "the results could not be confirmed"})
PUBLISHED = Entry(
    kind="practice",
    id="019349f5-3c00-7d3e-8a52-6f0e6a1f4b01",
    revision=1,
    action="publish",
    audience="public",
    time=NOW,
    blob=blob_hash(BLOB),
    size=len(BLOB),
)
WITHDRAWN = replace(
    PUBLISHED,
    action="withdraw",
    time=NOW + timedelta(hours=1),
    blob=blob_hash(REASON),
    size=len(REASON),
)
LEAVES = [
    PUBLISHED.to_bytes(),
    replace(PUBLISHED, supplement=1, time=NOW + timedelta(minutes=5)).to_bytes(),
    WITHDRAWN.to_bytes(),
]
EDGE = Range.empty().append_all(map(leaf_hash, LEAVES))
CHECKPOINT = Checkpoint(BEIJING.name, EDGE.size, EDGE.root())
ROOT = base64.b64encode(EDGE.root()).decode()
NODE = NodeDocument(
    name=BEIJING.name,
    vkey=BEIJING.vkey,
    address="https://beijing.chorsu.example",
    institutions=("cn-nag", "cn-gansu", "cn-xpcc"),
    software="chorsu/0.1.0",
)
