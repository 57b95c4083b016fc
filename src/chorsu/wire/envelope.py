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

import rfc8785

from chorsu.wire.errors import WireError

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"
JsonValue: TypeAlias = "bool | int | str | list[JsonValue] | dict[str, JsonValue] | None"

MAX_SAFE_INTEGER = 2**53 - 1
DEFAULT_MAX_DEPTH = 32
MAX_PRINTED_DEPTH = 128
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_BRACKETS_OR_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{]|[\]}]', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def canonical_json(value: Json) -> bytes:
    """The one canonical spelling of `value`.

    Floats and other types raise `json-malformed`, over 128 levels `json-too-deep`.
    """
    return rfc8785.dumps(_plain(value, 0))


def parse_json(data: bytes, max_bytes: int, max_depth: int = DEFAULT_MAX_DEPTH) -> JsonValue:
    """Read canonical JSON only.

    Raises `json-too-large`, `json-too-deep`, `json-malformed` (also duplicate keys, floats, NaN,
    lone surrogates, integers beyond 2**53 - 1) or `json-not-canonical`.
    """
    value = parse_loose_json(data, max_bytes, max_depth)
    if canonical_json(value) != data:
        raise WireError("json-not-canonical", "re-printing gives other bytes")
    return value


def parse_loose_json(data: bytes, max_bytes: int, max_depth: int = DEFAULT_MAX_DEPTH) -> JsonValue:
    """As `parse_json`, but white space and member order are free: for what people write."""
    if len(data) > max_bytes:
        raise WireError("json-too-large", f"{len(data)} bytes, cap {max_bytes}")
    _refuse_depth(data, max_depth)
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


def _refuse_depth(data: bytes, max_depth: int) -> None:
    # Before parsing: the parser recurses, and deep input must not reach it.
    depth = 0
    for match in _BRACKETS_OR_STRING.finditer(data):
        first = match.group()[:1]
        if first in b"[{":
            depth += 1
            if depth > max_depth:
                raise WireError("json-too-deep", f"deeper than {max_depth}")
        elif first in b"]}":
            depth -= 1


def _plain(value: object, depth: int) -> JsonValue:
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
        return {_checked_string(key): _plain(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, depth + 1) for one in value]
    raise WireError("json-malformed", f"a {type(value).__name__} has no place in JSON here")


def _checked_string(value: object) -> str:
    if not isinstance(value, str):
        raise WireError("json-malformed", "a key that is not a string")
    if not value.isascii() and _LONE_SURROGATE.search(value):
        raise WireError("json-malformed", "a lone surrogate")
    return value


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
