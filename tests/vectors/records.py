"""Vectors of records: those that docs/FEDERATION.md shows, and attacks on their readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from chorsu.wire.envelope import Json, canonical_json, parse_json, parse_loose_json
from tests.vectors.sample import Vector

_FEDERATION = Path(__file__).parents[2] / "docs" / "FEDERATION.md"
_BLOB = re.compile(r"<!-- blob: (\S+) -->\n```json\n(.*?)```", re.DOTALL)


@cache
def documented(blob: str) -> bytes:
    """A blob that the document shows, in its canonical form."""
    shown = dict(_BLOB.findall(_FEDERATION.read_text("utf-8")))
    return canonical_json(parse_loose_json(shown[blob].encode(), 1 << 20))


def record_vectors() -> Iterator[Vector]:
    good = documented("practice")
    yield "practice/accepted/village-office.json", good
    changes: dict[str, dict[str, Json]] = {
        "nul-in-the-name-of-a-fact": {"facts": {"a\0b": ""}},
        "nul-in-the-name-of-a-word": {"texts": {"en": {"words": {"a\0b": ""}}}},
        "direction-mark-in-a-title": {"texts": {"en": {"words": {"title": "One\u202ewindow"}}}},
    }
    for attack, change in changes.items():
        value = parse_json(good, len(good))
        assert isinstance(value, dict)
        _merge(value, change)
        yield f"practice/refused/payload-malformed/{attack}.json", canonical_json(value)


def _merge(value: object, change: object) -> None:
    assert isinstance(value, dict)
    assert isinstance(change, dict)
    for name, part in change.items():
        if isinstance(part, dict):
            _merge(value[name], part)
        else:
            value[name] = part
