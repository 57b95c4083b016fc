"""Canonical JSON (RFC 8785) and blobs addressed by SHA-256.

The network's JSON is a subset of RFC 8785: integers only, within +-(2**53 - 1); a decimal number
travels as a string. One value has one spelling, so a hash of it means something.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

import orjson

from chorsu.wire.errors import WireError

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"
JsonValue: TypeAlias = "bool | int | str | list[JsonValue] | dict[str, JsonValue] | None"

MAX_SAFE_INTEGER = 2**53 - 1
DEFAULT_MAX_DEPTH = 32
MAX_PRINTED_DEPTH = 128
MAX_MARKS = 1 << 18
"""Commas and opening brackets outside of strings: what is small as text may be large as values."""
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
# Strings without a way back: a plain repetition would remember a place for each character.
_MARKS_OR_STRINGS = re.compile(rb'(?:"(?:[^"\\]++|\\.)*+"?)++|[\[{]|[\]}]|,', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
# The first byte of any character beyond the basic plane, in UTF-8.
_BEYOND = tuple(bytes([byte]) for byte in range(0xF0, 0xF5))
_PRINTED = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER
_SCALARS = frozenset((str, int, bool, type(None)))
_PLAIN = _SCALARS | {dict, list, tuple}


def canonical_json(value: Json) -> bytes:
    """The one canonical spelling of `value`.

    Floats and other types raise `json-malformed`, over 128 levels `json-too-deep`.
    """
    if (quick := _quickly_printed(value)) is not None:
        return quick
    return canonical_json_slowly(value)


def canonical_json_slowly(value: Json) -> bytes:
    """As `canonical_json`, a value at a time: it says why, and the quick way is measured by it."""
    # The printer of the standard library escapes exactly as RFC 8785 asks, and prints no numbers
    # here but integers; only the order of members is ours.
    return json.dumps(
        _plain(value, 0, in_order=True), ensure_ascii=False, separators=(",", ":")
    ).encode()


def parse_json(data: bytes, max_bytes: int, max_depth: int = DEFAULT_MAX_DEPTH) -> JsonValue:
    """Read canonical JSON only.

    Raises `json-too-large` (in bytes, or over `MAX_MARKS`), `json-too-deep`, `json-malformed`
    (also duplicate keys, floats, NaN, lone surrogates, integers beyond 2**53 - 1) or
    `json-not-canonical`.
    """
    if (quick := _quickly(data, max_bytes, max_depth)) is not None:
        return quick
    return parse_json_slowly(data, max_bytes, max_depth)


def parse_json_slowly(data: bytes, max_bytes: int, max_depth: int = DEFAULT_MAX_DEPTH) -> JsonValue:
    """As `parse_json`, step by step: it says why, and is what the quick way is measured by."""
    value = parse_loose_json(data, max_bytes, max_depth)
    if canonical_json_slowly(value) != data:
        raise WireError("json-not-canonical", "re-printing gives other bytes")
    return value


def parse_loose_json(data: bytes, max_bytes: int, max_depth: int = DEFAULT_MAX_DEPTH) -> JsonValue:
    """As `parse_json`, but white space and member order are free: for what people write."""
    if len(data) > max_bytes:
        raise WireError("json-too-large", f"{len(data)} bytes, cap {max_bytes}")
    _refuse_shape(data, max_depth)
    try:
        value: JsonValue = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object_without_duplicates,
            parse_int=_safe_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
    except ValueError as error:
        raise WireError("json-malformed", str(error)[:200]) from error
    return _plain(value, 0)


def blob_hash(data: bytes) -> str:
    """SHA-256 of a blob, 64 lower-case hex digits: its address."""
    return hashlib.sha256(data).hexdigest()


def is_blob_hash(text: str) -> bool:
    """Whether `text` is of the form `blob_hash` gives."""
    return _HASH.fullmatch(text) is not None


def check_blob(data: bytes, expected_hash: str, size: int) -> None:
    """Raise `blob-size` or `blob-hash` unless `data` is the blob its entry names."""
    if len(data) != size:
        raise WireError("blob-size", f"{len(data)} bytes, expected {size}")
    if blob_hash(data) != expected_hash:
        raise WireError("blob-hash", f"expected {expected_hash}, got {blob_hash(data)}")


def _quickly(data: bytes, max_bytes: int, max_depth: int) -> JsonValue:
    """What is read by the library in C, if that alone proves that it is canonical; else None.

    The library prints strings, small integers and what holds them as `canonical_json` does, except
    that it sorts by code points: the same order, but beyond the basic plane. So whatever it prints
    as it came, without floats and as flat as is wanted, is canonical, however it was read.
    """
    # Small enough, it can't hold too many marks, nor take much memory before it is judged.
    if len(data) > min(max_bytes, MAX_MARKS) or _is_beyond(data):
        return None
    try:
        value: JsonValue = orjson.loads(data)
        if orjson.dumps(value, option=_PRINTED) != data:
            return None
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None
    return value if _is_flat(value, max_depth) else None


def _quickly_printed(value: Json) -> bytes | None:
    """What the library in C prints, where it prints as RFC 8785 asks (see `_quickly`); else None.

    The shape comes first: the library follows a value that holds itself, and prints other types.
    """
    if not _is_flat(value, MAX_PRINTED_DEPTH):
        return None
    try:
        data = orjson.dumps(value, option=_PRINTED)
    except orjson.JSONEncodeError:
        return None
    return None if _is_beyond(data) else data


def _is_beyond(data: bytes) -> bool:
    return not data.isascii() and any(byte in data for byte in _BEYOND)


def _is_flat(value: object, max_depth: int) -> bool:
    """Whether it is of plain types, without floats, and nothing in it is deeper than that."""
    level: list[object] = [[value]]
    for _ in range(max_depth + 1):
        inner: list[object] = []
        for one in level:
            parts = one.values() if isinstance(one, dict) else one
            kinds = set(map(type, parts))  # type: ignore[call-overload]
            if kinds <= _SCALARS:
                continue
            if not kinds <= _PLAIN:
                return False
            inner += [part for part in parts if type(part) not in _SCALARS]  # type: ignore[attr-defined]
        if not inner:
            return True
        if len(inner) > MAX_MARKS:  # as of what holds itself twice
            return False
        level = inner
    return False


def _refuse_shape(data: bytes, max_depth: int) -> None:
    # Before parsing: the parser recurses, and deep input must not reach it; nor what would take
    # many times its own size in memory.
    depth = marks = 0
    for match in _MARKS_OR_STRINGS.finditer(data):
        first = data[match.start()]
        marks += first in b"[{,"
        if marks > MAX_MARKS:
            raise WireError("json-too-large", f"over {MAX_MARKS} commas and brackets")
        if first in b"[{":
            depth += 1
            if depth > max_depth:
                raise WireError("json-too-deep", f"deeper than {max_depth}")
        elif first in b"]}":
            depth -= 1


def _plain(value: object, depth: int, *, in_order: bool = False) -> JsonValue:
    # A check and a copy in one: the printer knows only dict, list and tuple.
    if depth > MAX_PRINTED_DEPTH:
        raise WireError("json-too-deep", f"deeper than {MAX_PRINTED_DEPTH}")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _checked_string(value)
    if isinstance(value, int):
        if not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            raise WireError("json-malformed", "an integer beyond 2**53 - 1")
        return value
    if isinstance(value, Mapping):
        members = {_checked_string(key): one for key, one in value.items()}
        names = sorted(members, key=_utf_16) if in_order else members
        return {name: _plain(members[name], depth + 1, in_order=in_order) for name in names}
    if isinstance(value, list | tuple):
        return [_plain(one, depth + 1, in_order=in_order) for one in value]
    raise WireError("json-malformed", f"a {type(value).__name__} has no place in JSON here")


def _checked_string(value: object) -> str:
    if not isinstance(value, str):
        raise WireError("json-malformed", "a key that is not a string")
    if not value.isascii() and _SURROGATE.search(value):
        raise WireError("json-malformed", "a lone surrogate")
    return value


def _utf_16(name: str) -> bytes:
    # By UTF-16 code units, as RFC 8785 sorts members; not by code points.
    return name.encode("utf-16-be")


def _object_without_duplicates(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a member occurs twice")
    return value


def _safe_integer(digits: str) -> int:
    if len(digits) > 17:
        raise ValueError("an integer beyond 2**53 - 1")
    return int(digits)


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"only integers are numbers here, not {text[:40]}")
