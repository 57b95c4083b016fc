"""Almost valid inputs: a good one with some of its parts changed, in the way of its format.

All choices come from a `random.Random`: Hypothesis gives one whose choices it can shrink, and
libFuzzer's mutator one that is seeded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random

from chorsu.wire.envelope import canonical_json
from chorsu.wire.errors import WireError
from tests.fuzz.target import Shape

MAX_BYTES = 300_000
_NUMBERS = (-1, 0, 1, 2, 17, 255, 256, 2**31 - 1, 2**31, 2**32, 2**53 - 1, 2**53, 2**63, 2**64)
_TEXTS = (
    "", " ", "\0", "\n", "\x01", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\ufffe", "é",
    "e\u0301", "\U0001f600", "ʻ", "Ы", "中", "..", "/", "../", "%2e", "+", "=", "-", "-0", "0x1",
    "1e3", "٣", "public", "network", "practice", "withdraw", "original", "zh-Hans", "x" * 300,
    "http://[", "a@b", "2026-02-30", "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z",
    "019349f5-3c00-7d3e-8a52-6f0e6a1f4b01",
)  # fmt: skip
_VALUES: tuple[object, ...] = (None, True, False, 1.5, [], {}, [[]], [None], {"": ""}, *_NUMBERS)
_PIECES = (
    b"\0", b"\n", b"\n\n", b"\r\n", b" ", b"\xff", b"\xff" * 8, b"\0" * 8, b"\xef\xbb\xbf",
    b"\xed\xa0\x80", b"\xe2\x80\x94 ", b"\x01", b"+", b"=", b"==", b"/", b"..", b"-", b"0",
    b"\xd9\xa3", b"A" * 64, b'"', b"\\", b"{", b"[", b"}", b"]", b",", b":", b"<", b"</", b"/>",
    b"<![CDATA[", b"]]>", b"<!--", b"<?", b"&#0;", b"&amp;", b"&x;", b"PK\x03\x04", b"PK\x05\x06",
    b'xmlns=""', b";", b"?1", b"()", b'("', b"@", b"1" * 20,
)  # fmt: skip


def mutated(random: Random, data: bytes, shape: Shape, other: bytes = b"") -> bytes:
    """`data` with one to four changes; `other`, another good input, may lend it parts."""
    for _ in range(random.randrange(1, 5)):
        data = _STEPS[shape](random, data, other)
    return data[:MAX_BYTES]


def _bytes(random: Random, data: bytes, other: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    end = min(len(data), at + random.randrange(1, 64))
    how = random.randrange(9)
    if how == 0:
        return data[:at]
    if how == 1:
        return data[:at] + data[end:]
    if how == 2:
        return data[:at] + random.choice(_PIECES) + data[at:]
    if how == 3:
        return data[:at] + random.choice(_PIECES) + data[end:]
    if how == 4:
        return data[:end] + data[at:end] * random.choice((1, 2, 7, 300, 4000)) + data[end:]
    if how == 5:
        begin = random.randrange(len(other) + 1)
        return data[:at] + other[begin : begin + random.randrange(1, 200)] + data[end:]
    if how == 6 and at < len(data):
        return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
    if at < len(data):
        return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]
    return data + random.choice(_PIECES)


def _lines(random: Random, data: bytes, other: bytes) -> bytes:
    if random.randrange(2):
        return _bytes(random, data, other)
    lines = data.split(b"\n")
    at = random.randrange(len(lines))
    how = random.randrange(5)
    if how == 0:
        del lines[at]
    elif how == 1:
        lines.insert(at, random.choice(lines))
    elif how == 2:
        lines[at : at + 1] = [lines[at]] * random.choice((2, 3, 65, 500))
    elif how == 3:
        lines[at] = random.choice(other.split(b"\n"))
    else:
        lines[at] = _bytes(random, lines[at], other)
    return b"\n".join(lines)


def _xml(random: Random, data: bytes, other: bytes) -> bytes:
    if random.randrange(3) == 0:
        return _bytes(random, data, other)
    parts = data.split(b"<")
    at = random.randrange(len(parts))
    how = random.randrange(4)
    if how == 0:
        del parts[at]
    elif how == 1:
        parts[at] = random.choice(other.split(b"<"))
    elif how == 2:
        end = min(len(parts), at + random.randrange(1, 12))
        parts[at:end] = parts[at:end] * random.choice((2, 3, 60, 300))
    else:
        parts[at] = _bytes(random, parts[at], other)
    return b"<".join(parts)


def _json(random: Random, data: bytes, other: bytes) -> bytes:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return _bytes(random, data, other)
    if random.randrange(6) == 0:
        return _bytes(random, data, other)
    value = _changed(random, value, _foreign(random, other))
    try:
        return canonical_json(value)
    except WireError:
        return json.dumps(value, separators=(",", ":"), sort_keys=True).encode("utf-8", "replace")


def _changed(random: Random, value: object, lent: object) -> object:
    """The value with something in it changed: one path is walked, and ends anywhere on it."""
    if isinstance(value, dict) and value and random.randrange(6):
        name = random.choice(sorted(value))
        how = random.randrange(12)
        if how == 0:
            return {one: part for one, part in value.items() if one != name}
        if how == 1:
            return {**value, random.choice(_TEXTS): lent}
        if how == 2:
            return {
                (random.choice(_TEXTS) if one == name else one): part for one, part in value.items()
            }
        return {**value, name: _changed(random, value[name], lent)}
    if isinstance(value, list) and value and random.randrange(6):
        at = random.randrange(len(value))
        how = random.randrange(8)
        if how == 0:
            return value[:at] + value[at + 1 :]
        if how == 1:
            return value[: at + 1] + [value[at]] * random.choice((1, 49, 50, 400)) + value[at + 1 :]
        if how == 2:
            return value[::-1]
        return [*value[:at], _changed(random, value[at], lent), *value[at + 1 :]]
    return _replaced(random, value, lent)


def _replaced(random: Random, value: object, lent: object) -> object:
    how = random.randrange(6)
    if how == 0:
        return random.choice(_VALUES)
    if how == 1:
        return random.choice(_TEXTS)
    if how == 2:
        return lent
    if how == 3:
        return [value] if random.randrange(2) else {"a": value}
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + random.choice((-1, 1, 256, -value, 2**31))
    if isinstance(value, str):
        at = random.randrange(len(value) + 1)
        return value[:at] + random.choice(_TEXTS) + value[at + random.randrange(3) :]
    return value


def _foreign(random: Random, other: bytes) -> object:
    """A part of another input."""
    try:
        value = json.loads(other)
    except (ValueError, RecursionError):
        return ""
    while isinstance(value, dict | list) and value and random.randrange(4):
        value = random.choice(list(value.values()) if isinstance(value, dict) else value)
    return value


_STEPS: Mapping[Shape, Callable[[Random, bytes, bytes], bytes]] = {
    "bytes": _bytes,
    "zip": _bytes,
    "lines": _lines,
    "xml": _xml,
    "json": _json,
}
