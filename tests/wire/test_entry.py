from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.wire.entry import Entry, UnknownEntry, parse_entry
from chorsu.wire.envelope import Json, blob_hash, canonical_json
from chorsu.wire.errors import WireError
from tests.wire.refusal import refusal

ENTRY = Entry(
    kind="practice",
    id="019349f5-3c00-7d3e-8a52-6f0e6a1f4b01",
    revision=2,
    action="publish",
    audience="network",
    time=datetime(2026, 11, 24, 2, 8, 43, tzinfo=UTC),
    blob=blob_hash(b"blob"),
    size=4,
)
MEMBERS = json.loads(ENTRY.to_bytes())

entries = st.builds(
    Entry,
    kind=st.from_regex(r"\A[a-z][a-z0-9-]{0,31}\Z"),
    id=st.just(ENTRY.id),
    revision=st.integers(1, 2**53 - 1),
    action=st.sampled_from(["publish", "withdraw"]),
    audience=st.sampled_from(["public", "network"]),
    time=st.datetimes(timezones=st.just(UTC)),
    blob=st.binary().map(blob_hash),
    size=st.integers(0, 2**53 - 1),
    supplement=st.integers(0, 2**53 - 1),
)


@given(entries)
def test_an_entry_printed_reads_back(entry: Entry) -> None:
    assert parse_entry(entry.to_bytes()) == entry


def test_an_entry_is_this_leaf() -> None:
    assert ENTRY.to_bytes() == (
        b'{"action":"publish","audience":"network","blob":"'
        + blob_hash(b"blob").encode()
        + b'","format":1,"id":"019349f5-3c00-7d3e-8a52-6f0e6a1f4b01","kind":"practice",'
        b'"revision":2,"size":4,"time":"2026-11-24T02:08:43Z"}'
    )


@given(
    st.dictionaries(
        st.sampled_from([*MEMBERS, "supplement", "x"]),
        st.none() | st.booleans() | st.integers(-2, 2) | st.text(max_size=5) | st.just([]),
    )
)
def test_any_members_are_an_entry_or_kept_or_refused(change: dict[str, Json]) -> None:
    data = canonical_json({**MEMBERS, **change})
    code = refusal(lambda: parse_entry(data))
    assert code == "entry-malformed" or parse_entry(data).to_bytes() == data


@given(st.data())
def test_no_flipped_bit_reads_as_the_same_entry(data: st.DataObject) -> None:
    leaf = bytearray(ENTRY.to_bytes())
    bit = data.draw(st.integers(0, len(leaf) * 8 - 1))
    leaf[bit // 8] ^= 1 << (bit % 8)
    code = refusal(lambda: parse_entry(bytes(leaf)))
    assert code is not None or parse_entry(bytes(leaf)) != ENTRY


def test_time_is_kept_in_utc_and_whole_seconds() -> None:
    astana = datetime(2026, 11, 24, 7, 8, 43, 5, tzinfo=timezone(timedelta(hours=5)))
    assert replace(ENTRY, time=astana) == ENTRY


def test_an_entry_without_a_zone_is_not_made() -> None:
    with pytest.raises(WireError) as caught:
        replace(ENTRY, time=datetime(2026, 11, 24))  # noqa: DTZ001 - the point of the test
    assert caught.value.code == "entry-malformed"


def test_an_entry_has_no_room_for_words() -> None:
    free_text = {"title", "name", "reason", "email", "author", "text"}
    assert MEMBERS.keys() & free_text == set()
    with_name = canonical_json({**MEMBERS, "author": "A Person"})
    assert isinstance(parse_entry(with_name), UnknownEntry)


def test_a_kind_nobody_accepts_is_kept_when_kinds_are_given() -> None:
    leaf = replace(ENTRY, kind="course").to_bytes()
    assert parse_entry(leaf, kinds={"practice"}) == UnknownEntry(leaf, 1, "course", ENTRY.id)
    assert parse_entry(leaf) == replace(ENTRY, kind="course")


def test_a_malformed_entry_of_an_unknown_kind_is_refused_all_the_same() -> None:
    leaf = canonical_json({**MEMBERS, "kind": "course", "revision": 0})
    assert refusal(lambda: parse_entry(leaf, kinds={"practice"})) == "entry-malformed"


def test_an_entry_of_a_newer_format_tells_what_it_can() -> None:
    leaf = canonical_json({"format": 7, "kind": "seminar", "id": "any", "place": {"x": []}})
    assert parse_entry(leaf) == UnknownEntry(leaf, 7, "seminar", "any")
    nameless = canonical_json({"format": 7, "kind": "seminar"})
    assert parse_entry(nameless) == UnknownEntry(nameless, 7, "seminar", None)
