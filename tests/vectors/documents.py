"""Vectors of JSON, entries, bundles, tile paths, node documents and requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from chorsu.wire.batch import encode_answer, encode_question
from chorsu.wire.envelope import Json, blob_hash, canonical_json
from chorsu.wire.keys import SigningKey
from chorsu.wire.node import FILE_HEADER, sign_node
from chorsu.wire.note import parse_note, sign
from chorsu.wire.requests import sign_request
from chorsu.wire.tiles import encode_bundle
from tests.vectors.sample import (
    ASTANA,
    BEIJING,
    BLOB,
    LEAVES,
    NODE,
    NOW,
    PUBLISHED,
    WITHDRAWN,
    Vector,
)


def json_vectors() -> Iterator[Vector]:
    yield "json/accepted/practice.json", BLOB
    yield "json/accepted/keys-by-utf-16.json", '{"\U0001f600":1,"\ufb33":2}'.encode()
    yield "json/accepted/largest-integer.json", str(2**53 - 1).encode()
    refused = {
        "json-malformed/duplicate-key": b'{"a":1,"a":1}',
        "json-malformed/float": b'{"a":1.5}',
        "json-malformed/integral-float": b'{"a":1.0}',
        "json-malformed/exponent": b'{"a":1e3}',
        "json-malformed/nan": b'{"a":NaN}',
        "json-malformed/infinity": b'{"a":-Infinity}',
        "json-malformed/integer-over-2-53": str(2**53).encode(),
        "json-malformed/integer-of-5000-digits": b"9" * 5000,
        "json-malformed/lone-surrogate": b'{"a":"\\ud800"}',
        "json-malformed/lone-surrogate-key": b'{"\\ud800":1}',
        "json-malformed/raw-control-character": b'{"a":"\x01"}',
        "json-malformed/two-documents": b"{}{}",
        "json-malformed/byte-order-mark": b"\xef\xbb\xbf{}",
        "json-malformed/not-utf-8": b'{"a":"\xff"}',
        "json-malformed/utf-16": '{"a":1}'.encode("utf-16"),
        "json-malformed/comment": b"{}//",
        "json-malformed/empty": b"",
        "json-not-canonical/space": b'{"a": 1}',
        "json-not-canonical/newline-at-end": b'{"a":1}\n',
        "json-not-canonical/keys-unsorted": b'{"b":1,"a":1}',
        "json-not-canonical/escaped-letter": b'{"a":"\\u0061"}',
        "json-not-canonical/escaped-slash": b'{"a":"\\/"}',
        "json-not-canonical/minus-zero": b'{"a":-0}',
        "json-too-large/many-lists-in-few-bytes": b"[" + b"[]," * 2**17 + b"[]]",
        "json-too-deep/thirty-three-lists": b"[" * 33 + b"]" * 33,
        "json-too-deep/many-lists": b"[" * 20_000,
        "json-too-deep/brackets-after-a-string": b'["\\"",' + b"[" * 5_000,
    }
    for attack, data in refused.items():
        yield f"json/refused/{attack}.json", data


def entry_vectors() -> Iterator[Vector]:
    yield "entry/accepted/publish.json", LEAVES[0]
    yield "entry/accepted/publish-supplement.json", LEAVES[1]
    yield "entry/accepted/withdraw.json", LEAVES[2]
    without_reason = replace(WITHDRAWN, blob=None, size=None)
    yield "entry/accepted/withdraw-without-reason.json", without_reason.to_bytes()
    members = json.loads(LEAVES[0])
    yield "entry/accepted/kind-of-tomorrow.json", canonical_json({**members, "kind": "course"})
    yield "entry/kept/newer-format.json", canonical_json({**members, "format": 2, "id": [1]})
    yield "entry/kept/extra-member.json", canonical_json({**members, "region": "asia"})
    changes: dict[str, dict[str, Json]] = {
        "format-zero": {"format": 0},
        "format-true": {"format": True},
        "format-text": {"format": "1"},
        "kind-upper-case": {"kind": "Practice"},
        "kind-path": {"kind": "../practice"},
        "kind-33-letters": {"kind": "k" * 33},
        "kind-newline": {"kind": "practice\n"},
        "kind-empty": {"kind": ""},
        "id-upper-case": {"id": PUBLISHED.id.upper()},
        "id-version-4": {"id": "3f2b9c1e-5c1d-4e57-9d1c-0a7b64d0a1aa"},
        "id-braces": {"id": "{" + PUBLISHED.id + "}"},
        "revision-zero": {"revision": 0},
        "revision-negative": {"revision": -1},
        "revision-true": {"revision": True},
        "revision-text": {"revision": "1"},
        "action-unknown": {"action": "replace"},
        "audience-unknown": {"audience": "everyone"},
        "audience-upper-case": {"audience": "Public"},
        "time-local": {"time": "2026-11-24T02:08:43"},
        "time-offset": {"time": "2026-11-24T02:08:43+00:00"},
        "time-fraction": {"time": "2026-11-24T02:08:43.5Z"},
        "time-leap-second": {"time": "2026-12-31T23:59:60Z"},
        "time-february-30": {"time": "2026-02-30T00:00:00Z"},
        "time-arabic-indic-digits": {"time": "٢٠٢٦-11-24T02:08:43Z"},
        "blob-upper-case": {"blob": str(PUBLISHED.blob).upper()},
        "blob-cut": {"blob": str(PUBLISHED.blob)[:-1]},
        "blob-path": {"blob": "../" + str(PUBLISHED.blob)[:-3]},
        "blob-without-size": {"size": None},
        "size-without-blob": {"blob": None},
        "publication-without-blob": {"blob": None, "size": None},
        "size-negative": {"size": -1},
        "supplement-zero-spelt-out": {"supplement": 0},
        "supplement-negative": {"supplement": -1},
    }
    for attack, change in changes.items():
        data = canonical_json({**members, **change})
        yield f"entry/refused/entry-malformed/{attack}.json", data
    for missing in ("format", "kind", "id", "audience", "blob"):
        rest = {name: value for name, value in members.items() if name != missing}
        yield f"entry/refused/entry-malformed/no-{missing}.json", canonical_json(rest)
    yield "entry/refused/entry-malformed/a-list.json", b"[]"
    long = canonical_json({**members, "note": "x" * 4096})
    yield "entry/refused/entry-too-large/padded.json", long
    yield "entry/refused/json-not-canonical/trailing-newline.json", LEAVES[0] + b"\n"
    duplicate = LEAVES[0][:-1] + b',"time":"2026-11-24T02:08:43Z"}'
    yield "entry/refused/json-malformed/member-twice.json", duplicate


def bundle_vectors() -> Iterator[Vector]:
    good = encode_bundle(LEAVES)
    yield "bundle/accepted/three-entries.bin", good
    refused = {
        "one-byte-missing": good[:-1],
        "one-byte-more": good + b"\0",
        "empty": b"",
        "two-of-three": encode_bundle(LEAVES[:2]),
        "four-of-three": encode_bundle([*LEAVES, b""]),
        "length-beyond-end": b"\xff\xff" + good[2:],
    }
    for attack, data in refused.items():
        yield f"bundle/refused/bundle-malformed/{attack}.bin", data


def tile_path_vectors() -> Iterator[Vector]:
    accepted = {
        "first": "tile/0/000",
        "index-1234067": "tile/0/x001/x234/067",
        "partial": "tile/1/000.p/17",
        "entries-partial": "tile/entries/x001/000.p/255",
        "highest-level": "tile/63/000",
    }
    for what, path in accepted.items():
        yield f"tile-path/accepted/{what}.txt", path.encode()
    refused = {
        "level-64": "tile/64/000",
        "level-leading-zero": "tile/00/000",
        "level-arabic-indic-digit": "tile/١/000",
        "index-short": "tile/0/00",
        "index-without-x": "tile/0/001/234",
        "index-leading-x000": "tile/0/x000/001",
        "index-x-at-last": "tile/0/x001",
        "index-of-24-digits": "tile/0/" + "x001/" * 7 + "000",
        "width-zero": "tile/0/000.p/0",
        "width-256": "tile/0/000.p/256",
        "width-leading-zero": "tile/0/000.p/07",
        "parent-folder": "tile/0/../../blob",
        "newline-at-end": "tile/0/000\n",
        "slash-at-end": "tile/0/000/",
        "data": "tile/data/000",
    }
    for attack, path in refused.items():
        yield f"tile-path/refused/tile-path/{attack}.txt", path.encode()


def node_vectors() -> Iterator[Vector]:
    yield "node/accepted/beijing.json", NODE.to_bytes()
    members = json.loads(NODE.to_bytes())
    yield "node/refused/node-format/newer.json", canonical_json({**members, "format": 2})
    changes: dict[str, dict[str, Json]] = {
        "format-true": {"format": True},
        "key-of-another": {"vkey": ASTANA.vkey},
        "unknown-member": {"comment": "x"},
        "address-with-user": {"address": "https://a:b@beijing.chorsu.example"},
        "address-with-query": {"address": "https://beijing.chorsu.example?x"},
        "address-with-slash": {"address": "https://beijing.chorsu.example/"},
        "address-with-dots": {"address": "https://beijing.chorsu.example/../x"},
        "address-of-a-file": {"address": "file:///etc/passwd"},
        "address-script": {"address": "javascript:alert(1)"},
        "address-port-0": {"address": "https://beijing.chorsu.example:0"},
        "address-port-99999": {"address": "https://beijing.chorsu.example:99999"},
        "address-newline": {"address": "https://beijing.chorsu.example\n"},
        "institution-twice": {"institutions": ["cn-nag", "cn-nag"]},
        "institution-markup": {"institutions": ["<b>"]},
        "institutions-text": {"institutions": "cn-nag"},
        "institutions-too-many": {"institutions": [f"x-{i}" for i in range(257)]},
        "formats-none": {"formats": []},
        "formats-unsorted": {"formats": [2, 1]},
        "formats-true": {"formats": [True]},
        "software-newline": {"software": "chorsu\n"},
        "software-a-number": {"software": 1},
    }
    for attack, change in changes.items():
        data = canonical_json({**members, **change})
        yield f"node/refused/node-malformed/{attack}.json", data
    upper = canonical_json({**members, "name": "BEIJING"})
    yield "node/refused/name-malformed/upper-case.json", upper
    padded = canonical_json({**members, "comment": "x" * 65536})
    yield "node/refused/json-too-large/padded.json", padded


def node_file_vectors() -> Iterator[Vector]:
    """The same as a file to be carried."""
    good = sign_node(NODE, BEIJING)
    yield "node-file/accepted/beijing.chorsu-node", good
    text, members = parse_note(good).text, json.loads(NODE.to_bytes())
    yield "node-file/refused/wrong-key/signed-by-another.chorsu-node", sign(text, ASTANA)
    moved = good.replace(b"https://beijing", b"https://beijinh", 1)
    yield "node-file/refused/bad-signature/address-changed-on-the-way.chorsu-node", moved
    unsigned = NODE.to_bytes() + b"\n"
    yield "node-file/refused/note-malformed/not-signed.chorsu-node", unsigned
    newer = canonical_json({**members, "format": 2}).decode()
    for code, attack, lines in (
        ("node-format", "newer", f"{FILE_HEADER}\n{newer}\n"),
        ("node-malformed", "no-first-line", f"{NODE.to_bytes().decode()}\n"),
        ("node-malformed", "first-line-of-a-checkpoint", text.replace(FILE_HEADER, BEIJING.name)),
        ("node-malformed", "third-line", f"{text}x\n"),
        ("json-not-canonical", "spaces", f"{FILE_HEADER}\n{json.dumps(members)}\n"),
    ):
        yield f"node-file/refused/{code}/{attack}.chorsu-node", sign(lines, BEIJING)


URL = "https://beijing.chorsu.example/exchange/peering?lang=kk"


def request_vectors() -> Iterator[Vector]:
    body = b'{"hello":"beijing"}'
    good = _request("POST", URL, body, ASTANA, NOW)
    yield "request/accepted/post-with-query.json", _print(good)
    blob = "https://beijing.chorsu.example/exchange/blob/" + blob_hash(BLOB)
    yield "request/accepted/get-a-blob.json", _print(_request("GET", blob, None, ASTANA, NOW))
    ping = "https://beijing.chorsu.example/exchange/ping"
    yield "request/accepted/ping.json", _print(_request("POST", ping, b"", ASTANA, NOW))
    signature = {
        "method-changed": {"method": "PUT"},
        "path-changed": {"url": URL.replace("peering", "ping")},
        "host-changed": {"url": URL.replace("beijing", "astana")},
        "query-changed": {"url": URL.replace("kk", "ru")},
        "query-dropped": {"url": URL.partition("?")[0]},
    }
    for attack, change in signature.items():
        yield f"request/refused/request-signature/{attack}.json", _print({**good, **change})
    yield (
        "request/refused/request-digest/body-changed.json",
        _print({**good, "body": body.decode().replace("hello", "hullo")}),
    )
    unsigned_body = {**_request("POST", URL, None, ASTANA, NOW), "body": "unsigned"}
    yield "request/refused/request-digest/body-not-covered.json", _print(unsigned_body)
    for attack, seconds in {"replayed-later": -301, "from-the-future": 301}.items():
        late = _request("POST", URL, body, ASTANA, NOW + timedelta(seconds=seconds))
        yield f"request/refused/request-expired/{attack}.json", _print(late)
    stranger = SigningKey.from_bytes(bytes(32), "stranger.example")
    unknown = _request("POST", URL, body, stranger, NOW)
    yield "request/refused/request-unknown-key/stranger.json", _print(unknown)
    impostor = SigningKey.from_bytes(bytes(32), ASTANA.name)
    pretended = _request("POST", URL, body, impostor, NOW)
    yield "request/refused/request-signature/another-key-same-name.json", _print(pretended)
    yield "request/refused/request-unsigned/no-headers.json", _print({**good, "headers": {}})


def _request(
    method: str, url: str, body: bytes | None, key: SigningKey, when: datetime
) -> dict[str, object]:
    return {
        "method": method,
        "url": url,
        "headers": sign_request(key, method, url, body, when, "n0nce-of-this-request"),
        "body": (body or b"").decode(),
    }


def _print(request: dict[str, object]) -> bytes:
    return (json.dumps(request, indent=2, sort_keys=True) + "\n").encode()


def batch_vectors() -> Iterator[Vector]:
    hashes = [blob_hash(leaf) for leaf in LEAVES]
    yield "batch-question/accepted/three-blobs.json", encode_question(hashes)
    answer = encode_answer([LEAVES[0], None, b""])
    yield "batch-answer/accepted/one-not-given-one-empty.bin", answer
    questions = {
        "no-hash": b'{"blobs":[]}',
        "hash-twice": canonical_json({"blobs": [hashes[0], hashes[0]]}),
        "upper-case": canonical_json({"blobs": [hashes[0].upper()]}),
        "a-path-instead": b'{"blobs":["../../keys/node.key"]}',
        "number": b'{"blobs":[1]}',
        "another-member": canonical_json({"blobs": hashes, "since": 1}),
        "257-hashes": canonical_json({"blobs": [f"{n:064x}" for n in range(257)]}),
    }
    for attack, data in questions.items():
        yield f"batch-question/refused/batch-malformed/{attack}.json", data
    answers = {
        "one-byte-missing": answer[:-1],
        "one-byte-more": answer + b"\0",
        "empty": b"",
        "unknown-mark": b"\x02" + answer[1:],
        "length-beyond-end": answer[:1] + b"\xff" + answer[2:],
    }
    for attack, data in answers.items():
        yield f"batch-answer/refused/batch-malformed/{attack}.bin", data
