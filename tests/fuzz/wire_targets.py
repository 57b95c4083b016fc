"""Every reader of `chorsu.wire`, and what must hold of what it takes.

What is signed by a key of the vectors was signed when they were made: a reader that takes another
text under such a signature has been deceived.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from urllib.parse import urlsplit

from chorsu.kernel.clock import InvalidTime, format_time, parse_time
from chorsu.kernel.ids import InvalidId, parse_id
from chorsu.verifier import words
from chorsu.wire.batch import decode_answer, encode_answer, encode_question, parse_question
from chorsu.wire.bundle import member_cap, parse_manifest
from chorsu.wire.checkpoint import open_checkpoint, open_cosignature, parse_checkpoint
from chorsu.wire.entry import parse_entry
from chorsu.wire.envelope import (
    blob_hash,
    canonical_json,
    parse_json,
    parse_json_slowly,
    parse_loose_json,
)
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey, parse_name
from chorsu.wire.merkle import Range
from chorsu.wire.node import open_node_file, parse_address, parse_node
from chorsu.wire.note import open_note, parse_note
from chorsu.wire.proof import parse_proof
from chorsu.wire.requests import verify_signature
from chorsu.wire.saved import parse_saved, verify_saved
from chorsu.wire.tiles import decode_bundle, encode_bundle, parse_tile_path
from chorsu.wire.zips import scan
from tests.fuzz.forger import (
    FALSE_WITNESS,
    FORGER,
    sealed_note,
    sealed_request,
    sealed_saved,
)
from tests.fuzz.seeds import vectors
from tests.fuzz.target import Target
from tests.vectors import sample
from tests.wire.part import read_part

CAP = 64 * 1024
BEIJING, ASTANA = sample.BEIJING.verify_key, sample.ASTANA.verify_key


def _text(data: bytes) -> str:
    """As a door hands it on; what is no text has no door."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise WireError("name-malformed", "no text") from error


@cache
def _signed_texts() -> frozenset[str]:
    """Every text that Beijing's key signed, in any vector."""
    found = set()
    for format_ in ("note", "checkpoint", "cosignature"):
        for data in vectors(format_):
            with suppress(WireError):
                found.add(open_note(data, [BEIJING]).text)
    return frozenset(found)


@cache
def _cosigned() -> frozenset[tuple[str, str]]:
    found = set()
    for data in (*vectors("cosignature"), *vectors("note"), *vectors("checkpoint")):
        with suppress(WireError):
            one = open_cosignature(data, ASTANA)
            found.add((one.checkpoint.text(), str(one.time)))
    return frozenset(found)


@cache
def _proven() -> frozenset[tuple[bytes, int, bytes]]:
    """Root, index and leaf of every saved record of the vectors that proves something."""
    found = set()
    for data in vectors("saved"):
        with suppress(WireError):
            verdict = verify_saved(data, [BEIJING, ASTANA])
            found.add((verdict.checkpoint.root, verdict.index, parse_saved(data).entry))
    return frozenset(found)


def _note(data: bytes) -> bytes:
    note = parse_note(data)
    assert not any(byte < 0x20 and byte != 0x0A for byte in data)
    with suppress(WireError):
        assert open_note(data, [BEIJING]).text in _signed_texts()
    return note.to_bytes()


def _checkpoint(data: bytes) -> bytes:
    checkpoint = open_checkpoint(data, BEIJING)
    assert checkpoint.text() in _signed_texts()
    return checkpoint.text().encode() + data[len(checkpoint.text().encode()) :]


def _forged_checkpoint(data: bytes) -> bytes:
    checkpoint = open_checkpoint(data, FORGER.verify_key)
    text = parse_note(data).text
    assert checkpoint.text() == text
    assert parse_checkpoint(text) == checkpoint
    with suppress(WireError):
        open_cosignature(data, FALSE_WITNESS.verify_key)
    return data


def _cosignature(data: bytes) -> bytes:
    one = open_cosignature(data, ASTANA)
    assert (one.checkpoint.text(), str(one.time)) in _cosigned()
    return data


def _saved(data: bytes) -> bytes:
    saved = parse_saved(data)
    verdict = verify_saved(data, [BEIJING, ASTANA])
    if verdict.trusted:
        place = (verdict.checkpoint.root, verdict.index, saved.entry)
        assert place in _proven()
    return saved.to_bytes()


def _forged_saved(data: bytes) -> bytes:
    saved = parse_saved(data)
    verdict = verify_saved(data, [FORGER.verify_key])
    assert verdict.trusted
    blob = getattr(verdict.entry, "blob", None)
    assert saved.record is None or blob_hash(saved.record) == blob
    # What the page and the command go on to show of it.
    words.lines(verdict, str)
    words.warnings(verdict, str)
    words.headline(words.result_of(verdict), str)
    return saved.to_bytes()


def _part(data: bytes) -> bytes:
    contents = scan(lambda at, count: data[at : at + count], len(data))
    for name, one in contents.members.items():
        assert 0 <= one.start <= one.start + one.size <= len(data)
        assert name.isprintable()
        cap = member_cap(name)
        assert cap is None or cap > 0
    read_part(data, BEIJING)
    return data


def _rebuilt_part(data: bytes) -> bytes:
    """The checksums of a part made right again, so that its members are read."""
    contents = scan(lambda at, count: data[at : at + count], len(data))
    whole = bytearray(data)
    for one in contents.members.values():
        crc = zlib.crc32(data[one.start : one.start + one.size])
        whole[one.at + 14 : one.at + 18] = crc.to_bytes(4, "little")
    return bytes(whole)


def _sealed_part(data: bytes) -> bytes:
    try:
        return _rebuilt_part(data)
    except WireError:
        return data


def _bundle(data: bytes) -> bytes:
    count = 3
    entries = decode_bundle(data, count)
    assert len(entries) == count
    return encode_bundle(entries)


def _time(data: bytes) -> bytes:
    return format_time(parse_time(_text(data))).encode()


def _json(data: bytes) -> bytes:
    # The quick way and the slow one must agree in every word.
    assert _said(parse_json, data) == _said(parse_json_slowly, data)
    value = parse_json(data, CAP)
    assert parse_loose_json(data, CAP) == value
    return canonical_json(value)


def _said(read: Callable[[bytes, int], object], data: bytes) -> str:
    """A value with its types, or a refusal."""
    try:
        return repr(read(data, CAP))
    except WireError as refusal:
        return str(refusal)


def _loose_json(data: bytes) -> None:
    value = parse_loose_json(data, CAP)
    assert parse_json(canonical_json(value), 8 * CAP) == value


def _request(data: bytes) -> None:
    method, url, body = _verified(data, sample.ASTANA)
    assert (method, _place(url), body) in _requests()


def _forged_request(data: bytes) -> None:
    _verified(data, FALSE_WITNESS)


def _verified(data: bytes, key: SigningKey) -> tuple[str, str, bytes]:
    try:
        request = json.loads(data)
        method, url = request["method"], request["url"]
        headers, body = request["headers"], request["body"].encode()
        shape = isinstance(method, str) and isinstance(url, str) and url.startswith("https://")
        shape = shape and all(isinstance(one, str) for pair in headers.items() for one in pair)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise WireError("json-malformed", "no request") from error
    # The address is the receiver's own with the path that its server has read.
    if not shape or not url.isascii() or any(char <= " " for char in url):
        raise WireError("json-malformed", "no request")
    known = {key.name: key.verify_key}
    found = verify_signature(method, url, headers, body, known.get, sample.NOW)
    assert found.key == key.verify_key
    assert found.nonce
    return method, url, body


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc.lower().removesuffix(':443')}{parts.path or '/'}?{parts.query}"


@cache
def _requests() -> frozenset[tuple[str, str, bytes]]:
    found = set()
    for data in vectors("request", "accepted"):
        request = json.loads(data)
        found.add((request["method"], _place(request["url"]), request["body"].encode()))
    return frozenset(found)


def _node_file(data: bytes) -> None:
    document = open_node_file(data)
    # Who has the key may have signed anything; nobody here has Beijing's.
    assert document.vkey != sample.BEIJING.vkey or document == sample.NODE


def _name(data: bytes) -> bytes:
    return parse_name(_text(data)).encode()


def wire_targets() -> list[Target]:
    """All of them."""
    edges = [sample.EDGE.to_bytes(), Range.empty().to_bytes()]
    names = [sample.BEIJING.name.encode(), b"a.b-c.d"]
    addresses = [b"https://beijing.chorsu.example", b"http://[::1]:8000/a/b", b"http://1.2.3.4:99"]
    moment = b"2026-11-24T02:08:43Z"
    return [
        Target("json", "json", vectors("json"), _json),
        Target("loose-json", "json", vectors("json"), _loose_json),
        Target("name", "bytes", names, _name),
        Target(
            "key",
            "lines",
            vectors("key"),
            lambda data: VerifyKey.parse(_text(data)).vkey.encode(),
        ),
        Target("note", "lines", vectors("note"), _note),
        Target("checkpoint", "lines", vectors("checkpoint"), _checkpoint),
        Target(
            "checkpoint-signed",
            "lines",
            vectors("checkpoint"),
            _forged_checkpoint,
            seal=sealed_note,
        ),
        Target("cosignature", "lines", vectors("cosignature"), _cosignature),
        Target("proof", "lines", vectors("proof"), lambda data: parse_proof(data).to_bytes()),
        Target("saved", "json", vectors("saved"), _saved),
        Target("saved-signed", "json", vectors("saved"), _forged_saved, seal=sealed_saved),
        Target("manifest", "json", vectors("manifest"), lambda d: parse_manifest(d).to_bytes()),
        Target("part", "zip", vectors("part"), _part, seal=_sealed_part),
        Target(
            "entry",
            "json",
            [*vectors("entry", "accepted"), *vectors("entry", "kept"), *vectors("entry")],
            lambda data: parse_entry(data, ("practice",)).to_bytes(),
        ),
        Target("bundle", "bytes", vectors("bundle"), _bundle),
        Target(
            "batch-question",
            "json",
            vectors("batch-question"),
            lambda data: encode_question(parse_question(data)),
        ),
        Target(
            "batch-answer",
            "bytes",
            vectors("batch-answer"),
            lambda data: encode_answer(decode_answer(data, 3)),
        ),
        Target(
            "tile-path",
            "bytes",
            vectors("tile-path"),
            lambda data: parse_tile_path(_text(data)).path.encode(),
        ),
        Target("node", "json", vectors("node"), lambda data: parse_node(data).to_bytes()),
        Target("node-file", "lines", vectors("node-file"), _node_file),
        Target("address", "bytes", addresses, lambda d: parse_address(_text(d)).encode()),
        Target("request", "json", vectors("request"), _request),
        Target("request-signed", "json", vectors("request"), _forged_request, seal=sealed_request),
        Target("range", "bytes", edges, lambda data: Range.from_bytes(data).to_bytes()),
        Target("time", "bytes", [moment], _time, (WireError, InvalidTime)),
        Target(
            "id",
            "bytes",
            [sample.PUBLISHED.id.encode()],
            lambda data: parse_id(_text(data)).encode(),
            (WireError, InvalidId),
        ),
    ]
