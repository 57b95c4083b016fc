"""Vectors of lists of erasures, which Beijing signs, and of what is answered to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from chorsu.wire.envelope import JsonValue, blob_hash, canonical_json
from chorsu.wire.erasing import (
    ANSWERS_HEADER,
    HEADER,
    Erasure,
    ErasureAnswer,
    ErasureList,
    encode_answers,
    sign_answers,
)
from chorsu.wire.note import parse_note, sign
from tests.vectors.sample import ASTANA, BEIJING, BLOB, NOW, PUBLISHED, WITHDRAWN, Vector

FILE = Erasure(
    number=1,
    blob=blob_hash(b"a list of names"),
    what="file",
    kind="practice",
    record=PUBLISHED.id,
    revision=0,
    ground="personal-data",
    words="名单中有公民的姓名。",
    language="zh-Hans",
    named=False,
    time=NOW + timedelta(days=1),
)
RECORD = replace(FILE, number=2, blob=blob_hash(BLOB), what="record", revision=1, named=True)
REASON = replace(RECORD, number=4, blob=WITHDRAWN.blob or "", what="reason", ground="a-new-one")
LIST = ErasureList(BEIJING.name, 0, 4, (FILE, RECORD, REASON))
ANSWERS = [
    ErasureAnswer(FILE.blob, "erased", "", NOW + timedelta(days=2)),
    ErasureAnswer(RECORD.blob, "kept", "used-here", NOW + timedelta(days=2)),
    ErasureAnswer(REASON.blob, "waiting", "", NOW + timedelta(days=2)),
]
Members = dict[str, JsonValue]


def erasure_vectors() -> Iterator[Vector]:
    """Lists of erasures, and answers."""
    yield "erasures/accepted/file-record-reason.note", LIST.to_bytes(BEIJING)
    one = ErasureList(BEIJING.name, 0, 4, (FILE,))
    yield "erasures/accepted/more-to-come.note", one.to_bytes(BEIJING)
    yield (
        "erasures/accepted/nothing-new.note",
        ErasureList(BEIJING.name, 4, 4, ()).to_bytes(BEIJING),
    )
    for attack, text in _texts():
        yield f"erasures/refused/erasure-malformed/{attack}.note", sign(text, BEIJING)
    newer = _list(lambda value: value.update(format=2, more=True))
    yield "erasures/refused/erasure-format/format-2.note", sign(newer, BEIJING)
    spaced = f"{HEADER}\n{json.dumps(_members(), ensure_ascii=False)}\n"
    yield "erasures/refused/json-not-canonical/spaces.note", sign(spaced, BEIJING)
    text = parse_note(LIST.to_bytes(BEIJING)).text
    yield "erasures/refused/wrong-key/signed-by-a-peer.note", sign(text, ASTANA)
    unsigned = LIST.to_bytes(BEIJING).replace(b'"named":false', b'"named":true ', 1)
    yield "erasures/refused/bad-signature/changed-on-the-way.note", unsigned
    carried = sign_answers(ANSWERS, origin=BEIJING.name, key=ASTANA)
    yield "carried-answers/accepted/astana-to-beijing.note", carried
    text = parse_note(carried).text
    yield "carried-answers/refused/wrong-key/signed-by-another.note", sign(text, BEIJING)
    spoilt = carried.replace(b'"kept"', b'"lost"', 1)
    yield "carried-answers/refused/bad-signature/changed-on-the-way.note", spoilt
    others = sign_answers(ANSWERS, origin=ASTANA.name, key=ASTANA)
    for attack, note in {
        "meant-for-another-node": others,
        "first-line-of-a-list": sign(text.replace(ANSWERS_HEADER, HEADER), ASTANA),
        "nobody-it-is-for": sign(text.replace(f"{BEIJING.name}\n", ""), ASTANA),
        "fifth-line": sign(f"{text}x\n", ASTANA),
    }.items():
        yield f"carried-answers/refused/erasure-malformed/{attack}.note", note
    yield "erasure-answers/accepted/one-of-each.json", encode_answers(ANSWERS)
    for attack, data in _answers():
        yield f"erasure-answers/refused/erasure-malformed/{attack}.json", data


def _texts() -> Iterator[tuple[str, str]]:
    changes: dict[str, Callable[[Members], object]] = {
        "anothers-list": lambda value: value.update(origin=ASTANA.name),
        "no-last": lambda value: value.pop("last"),
        "last-below-its-numbers": lambda value: value.update(last=3),
        "after-its-numbers": lambda value: value.update(after=1),
        "empty-before-the-end": lambda value: value.update(erasures=[]),
        "numbers-going-back": lambda value: _rows(value).reverse(),
        "25-erasures": lambda value: value.update(
            erasures=[{**_row(value, 0), "number": n} for n in range(1, 26)], last=25
        ),
    }
    for attack, change in changes.items():
        yield attack, _list(change)
    lines: dict[str, Members] = {
        "upper-case-hash": {"blob": FILE.blob.upper()},
        "path-instead-of-a-hash": {"blob": "../../keys/node.key"},
        "what-nobody-knows": {"what": "log"},
        "file-with-a-revision": {"revision": 1},
        "negative-number": {"number": -1},
        "number-as-text": {"number": "1"},
        "number-as-truth": {"number": True},
        "id-of-another-version": {"record": "00000000-0000-4000-8000-000000000000"},
        "no-words": {"words": ""},
        "words-too-long": {"words": "x" * 501},
        "words-with-a-mark-of-direction": {"words": "x\u202ey"},
        "language-that-is-markup": {"language": 'en" onload="x'},
        "ground-that-is-markup": {"ground": "<b>"},
        "named-as-number": {"named": 1},
        "time-with-a-zone": {"time": "2026-11-25T02:08:43+00:00"},
        "person-who-erased": {"by": "somebody"},
    }
    for attack, members in lines.items():
        yield attack, _list(lambda value, new=members: _row(value, 0).update(new))  # type: ignore[misc]
    plain = canonical_json(_members()).decode()
    yield "no-first-line", f"{plain}\n"
    yield "first-line-of-a-checkpoint", f"{BEIJING.name}\n{plain}\n"
    yield "third-line", f"{HEADER}\n{plain}\n{plain}\n"


def _answers() -> Iterator[tuple[str, bytes]]:
    value = json.loads(encode_answers(ANSWERS))
    rows = value["answers"]
    changed = {
        "no-answers": [],
        "blob-twice": [rows[0], rows[0]],
        "kept-without-a-code": [{**rows[1], "code": ""}],
        "erased-with-a-code": [{**rows[0], "code": "used-here"}],
        "answer-nobody-knows": [{**rows[0], "answer": "maybe"}],
        "code-that-is-markup": [{**rows[1], "code": "<script>"}],
        "person-who-decided": [{**rows[0], "by": "somebody"}],
        "65-answers": [{**rows[0], "blob": f"{n:064x}"} for n in range(65)],
    }
    for attack, some in changed.items():
        yield attack, canonical_json({"format": 1, "answers": some})
    yield "list-alone", canonical_json(rows)


def _members() -> Members:
    value: Members = json.loads(parse_note(LIST.to_bytes(BEIJING)).text.split("\n")[1])
    return value


def _list(change: Callable[[Members], object]) -> str:
    value = _members()
    change(value)
    return f"{HEADER}\n{canonical_json(value).decode()}\n"


def _rows(value: Members) -> list[Members]:
    return value["erasures"]  # type: ignore[return-value]


def _row(value: Members, place: int) -> Members:
    return _rows(value)[place]
