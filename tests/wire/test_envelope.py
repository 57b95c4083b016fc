from __future__ import annotations

import enum
import json
import math
import tracemalloc
from collections import OrderedDict
from collections.abc import Callable
from types import MappingProxyType

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from chorsu.wire.envelope import (
    MAX_SAFE_INTEGER,
    Json,
    blob_hash,
    canonical_json,
    canonical_json_slowly,
    check_blob,
    parse_json,
    parse_json_slowly,
    parse_loose_json,
)
from chorsu.wire.errors import WireError
from tests.vectors import make
from tests.wire.refusal import refusal

strings = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER) | strings,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(strings, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_a_value_printed_reads_back(value: Json) -> None:
    assert parse_json(canonical_json(value), 2**20) == value


@given(st.binary(max_size=200) | values.map(lambda value: repr(value).encode()))
def test_any_bytes_are_canonical_json_or_refused(data: bytes) -> None:
    code = refusal(lambda: parse_json(data, 2**20))
    assert code is not None or canonical_json(parse_json(data, 2**20)) == data


def verdict(read: Callable[..., Json], data: bytes, max_depth: int) -> tuple[str, str]:
    """What a reader makes of bytes: the value, types and all, or the refusal word by word."""
    try:
        return "taken", repr(read(data, 2**20, max_depth))
    except WireError as error:
        return error.code, error.detail


# Also what is nearly canonical: another order, spaces, escapes, floats, large integers, a byte off.
numbers = st.floats() | st.integers(-(2**70), 2**70)
anything = st.recursive(
    values | numbers,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=4),
    max_leaves=12,
)
spellings = st.builds(
    json.dumps,
    anything,
    ensure_ascii=st.booleans(),
    sort_keys=st.booleans(),
    separators=st.sampled_from([(",", ":"), (", ", ": ")]),
).map(lambda text: text.encode("utf-8", "surrogatepass"))


@st.composite
def bent(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(values.map(canonical_json) | spellings))
    place = draw(st.integers(0, len(data)))
    data[place : place + draw(st.integers(0, 2))] = draw(st.binary(max_size=3))
    return bytes(data)


@given(values.map(canonical_json) | spellings | bent(), st.integers(1, 4))
def test_the_quick_way_says_what_the_slow_way_says(data: bytes, max_depth: int) -> None:
    assert verdict(parse_json, data, max_depth) == verdict(parse_json_slowly, data, max_depth)


@pytest.mark.parametrize("max_depth", [2, 8, 32])
def test_both_ways_say_the_same_of_every_vector(max_depth: int) -> None:
    for name, data in make.vectors():
        quick = verdict(parse_json, data, max_depth)
        assert quick == verdict(parse_json_slowly, data, max_depth), name


@pytest.mark.parametrize(
    "data",
    [
        '{"\U0001f600":2,"\ufb33":1}',
        '{"\ufb33":1,"\U0001f600":2}',
        '{"a":"\U0001f600"}',
        '{"a":1,"a":1}',
        "[1.0]",
        "[1e2]",
        "[-0]",
        "[-0.0]",
        "[9007199254740991]",
        "[9007199254740992]",
        "[-9007199254740992]",
        "[18446744073709551616]",
        "[NaN]",
        "null",
        "",
        '"\\ud800"',
        '"\\u007f"',
        '"\x7f"',
        '"\u2028"',
        '"\\u001f\\b\\f\\n\\r\\t\\"\\\\"',
        '"\\u001F"',
        '"\\/"',
        "[" * 1500,
        "[" * 300 + "]" * 300,
        '{"a":' * 5 + "{}" + "}" * 5,
        "\ufeff[]",
    ],
)
def test_both_ways_say_the_same_where_libraries_differ(data: str) -> None:
    for max_depth in (1, 5, 6, 32):
        quick = verdict(parse_json, data.encode(), max_depth)
        assert quick == verdict(parse_json_slowly, data.encode(), max_depth)


def test_members_are_ordered_by_utf_16_as_rfc_8785_demands() -> None:
    assert canonical_json({"\ufb33": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ufb33":1}'.encode()


@given(values)
def test_printing_is_that_of_an_independent_rfc_8785(value: Json) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("character", [*map(chr, range(0x20)), '"', "\\", "/", "\x7f", "\u2028"])
def test_each_character_is_escaped_as_rfc_8785_demands(character: str) -> None:
    assert canonical_json({character: character}) == rfc8785.dumps({character: character})


@pytest.mark.parametrize("unit", [b"a", b"\\\\", "я".encode(), b'","'])
def test_a_document_takes_a_few_times_its_own_size_in_memory(unit: bytes) -> None:
    document = b'["' + unit * (400_000 // len(unit)) + b'"]'
    tracemalloc.start()
    parse_json(document, 2**20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * len(document)


@pytest.mark.parametrize("unit", [b"[],", b"{},", b"0,", b'"",'])
def test_small_text_that_would_be_many_values_is_refused_before_it_is_read(unit: bytes) -> None:
    document = b"[" + unit * 262_144 + unit[:-1] + b"]"
    assert refusal(lambda: parse_json(document, 2**24)) == "json-too-large"


def test_commas_and_brackets_in_a_string_are_words() -> None:
    document = b'"' + b",[" * 262_144 + b'"'
    assert canonical_json(parse_json(document, 2**24)) == document


def test_any_mapping_and_tuple_is_printed() -> None:
    value = MappingProxyType(OrderedDict(b=(1, 2), a=None))
    assert canonical_json(value) == b'{"a":null,"b":[1,2]}'


@pytest.mark.parametrize(
    "value", [1.0, math.nan, {1: 2}, {"a": {1, 2}}, b"bytes", 2**53, -(2**53), "\ud800", [object()]]
)
def test_what_has_no_place_in_json_is_not_printed(value: Json) -> None:
    with pytest.raises(WireError) as caught:
        canonical_json(value)
    assert caught.value.code == "json-malformed"


def test_a_value_that_holds_itself_is_refused_not_followed() -> None:
    circle: list[Json] = []
    circle.append(circle)
    with pytest.raises(WireError) as caught:
        canonical_json(circle)
    assert caught.value.code == "json-too-deep"


def test_size_is_capped_before_parsing() -> None:
    with pytest.raises(WireError) as caught:
        parse_json(b"[" * 1000, max_bytes=999)
    assert caught.value.code == "json-too-large"


def test_depth_may_be_the_cap_and_not_more() -> None:
    assert parse_json(b"[[[]]]", 100, max_depth=3) == [[[]]]
    with pytest.raises(WireError) as caught:
        parse_json(b"[[[[]]]]", 100, max_depth=3)
    assert caught.value.code == "json-too-deep"


def test_brackets_inside_a_string_are_not_depth() -> None:
    assert parse_json(b'["[[[[\\"[[["]', 100, max_depth=1) == ['[[[["[[[']


def test_brackets_after_a_string_of_escapes_are_depth() -> None:
    # The string ends at the quote after two backslashes, not at the one after three.
    deep = b'["\\\\\\"[",[[]]]'
    assert parse_json(deep, 100, max_depth=3) == ['\\"[', [[]]]
    with pytest.raises(WireError) as caught:
        parse_json(deep, 100, max_depth=2)
    assert caught.value.code == "json-too-deep"


@pytest.mark.parametrize("half", [0xD800, 0xDBFF, 0xDC00, 0xDFFF])
def test_half_a_pair_anywhere_in_a_text_is_refused(half: int) -> None:
    with pytest.raises(WireError) as caught:
        canonical_json({"text": f"乡村学校{chr(half)}流动图书馆"})
    assert caught.value.code == "json-malformed"


def test_what_people_write_may_be_spaced_and_in_any_order() -> None:
    assert parse_loose_json(b'{ "b": 1,\n "a": [] }\n', 100) == {"a": [], "b": 1}


@pytest.mark.parametrize("data", [b'{"a":1,"a":2}', b"1.5", b"NaN", b'"\\ud800"'])
def test_what_people_write_is_strict_in_what_it_means(data: bytes) -> None:
    with pytest.raises(WireError) as caught:
        parse_loose_json(data, 100)
    assert caught.value.code == "json-malformed"


def test_a_whole_blob_passes() -> None:
    check_blob(b"blob", blob_hash(b"blob"), 4)


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"blo", "blob-size"), (b"blobs", "blob-size"), (b"", "blob-size"), (b"blub", "blob-hash")],
)
def test_another_blob_does_not_pass(data: bytes, code: str) -> None:
    assert refusal(lambda: check_blob(data, blob_hash(b"blob"), 4)) == code


class _Text(str):
    __slots__ = ()


class _Colour(enum.Enum):
    RED = "red"


odd = st.one_of(
    anything,
    st.binary(max_size=3),
    st.uuids(),
    st.datetimes(),
    st.just(_Colour.RED),
    st.text(max_size=3).map(_Text),
    st.tuples(values, values),
    st.just("\ud800"),
    st.integers(2**53 - 2, 2**53 + 2),
    values.map(lambda value: MappingProxyType({"a": value})),
)
odd_values = st.recursive(
    odd,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(strings | st.text(max_size=2) | st.integers(0, 3), inner, max_size=3)
    ),
    max_leaves=6,
)


def printed(print_: Callable[[Json], bytes], value: Json) -> tuple[str, object]:
    """What a printer makes of a value: bytes, or the refusal word by word."""
    try:
        return "printed", print_(value)
    except WireError as error:
        return error.code, error.detail


@given(odd_values)
def test_the_quick_way_prints_what_the_slow_way_prints(value: Json) -> None:
    assert printed(canonical_json, value) == printed(canonical_json_slowly, value)


def test_a_value_that_holds_itself_twice_is_refused_not_unfolded() -> None:
    circle: list[Json] = []
    circle += [circle, circle]
    assert refusal(lambda: canonical_json(circle)) == "json-too-deep"


@pytest.mark.parametrize("depth", [127, 128, 129, 130, 200, 300])
def test_both_ways_print_as_deep(depth: int) -> None:
    value: Json = 1
    for _ in range(depth):
        value = [value]
    assert printed(canonical_json, value) == printed(canonical_json_slowly, value)
