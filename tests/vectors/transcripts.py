"""Vectors of transcripts, which Beijing signs, and of what a home asks for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from chorsu.wire.envelope import JsonValue, canonical_json
from chorsu.wire.note import parse_note, sign
from chorsu.wire.transcript import AT_ONCE, TRANSCRIPT_HEADER, Line, Question, Transcript
from tests.vectors.credentials import CREDENTIAL, SIGNED
from tests.vectors.sample import ASTANA, BEIJING, NOW, Vector

SUBJECT = "a-person-of-astana"
FIRST = "019349fa-0000-7c11-9b3d-2f6a5c8e7d31"
PASSED = Line(
    id=FIRST,
    course=CREDENTIAL.course,
    revision=3,
    language="zh-Hans",
    titles=CREDENTIAL.names,
    institution="cn-nag",
    starts_on=date(2026, 10, 5),
    ends_on=date(2026, 11, 20),
    state="passed",
    final=True,
    hours={"in_person": 40, "live": 12, "self_study": 20},
    percent="87.5",
    document="CN-NAG-2026-000123",
)
FAILED = replace(
    PASSED, id=FIRST[:-1] + "2", state="failed", percent="41", document="",
    hours={"in_person": 36, "live": 8, "self_study": 0},
)  # fmt: skip
UNDER_WAY = replace(
    FAILED, id=FIRST[:-1] + "3", state="attended", final=False, percent="",
    titles={"zh-Hans": CREDENTIAL.names["zh-Hans"]}, ends_on=date(2026, 12, 18),
)  # fmt: skip
CERTIFIED = replace(PASSED, commitment=SIGNED.commitment)
QUESTION = Question(SUBJECT, "0f" * 16)
TRANSCRIPT = Transcript(
    ASTANA.name, QUESTION, NOW + timedelta(hours=1), (PASSED, FAILED, UNDER_WAY)
)
Members = dict[str, JsonValue]


def transcript_vectors() -> Iterator[Vector]:
    """Questions, and portions of answers."""
    yield from _questions()
    yield "transcript/accepted/passed-failed-under-way.note", TRANSCRIPT.to_bytes(BEIJING)
    certified = replace(TRANSCRIPT, lines=(CERTIFIED,))
    yield "transcript/accepted/with-a-certificate.note", certified.to_bytes(BEIJING)
    nobody = replace(TRANSCRIPT, question=replace(QUESTION, after=FIRST), lines=())
    yield "transcript/accepted/nothing-more.note", nobody.to_bytes(BEIJING)
    for attack, change in _of_lines().items():
        said = _said()
        change(said["lines"])  # type: ignore[arg-type]
        yield f"transcript/refused/identity-malformed/{attack}.note", _note(said)
    for attack, changes in _of_members().items():
        yield f"transcript/refused/identity-malformed/{attack}.note", _note(_said() | changes)
    without = {name: value for name, value in _said().items() if name != "nonce"}
    yield "transcript/refused/identity-malformed/bound-to-no-question.note", _note(without)
    text = parse_note(TRANSCRIPT.to_bytes(BEIJING)).text
    forgotten = text.replace(TRANSCRIPT_HEADER, "chorsu-forgotten/v1")
    other = sign(forgotten, BEIJING)
    yield "transcript/refused/identity-malformed/of-another-kind-of-note.note", other
    by_astana = sign(text, ASTANA)
    yield "transcript/refused/wrong-key/signed-by-the-home-itself.note", by_astana
    better = TRANSCRIPT.to_bytes(BEIJING).replace(b'"percent":"41"', b'"percent":"91"')
    yield "transcript/refused/bad-signature/a-better-result.note", better


def _questions() -> Iterator[Vector]:
    yield "transcript-question/accepted/from-the-first.json", QUESTION.to_bytes()
    further = replace(QUESTION, after=FIRST).to_bytes()
    yield "transcript-question/accepted/from-behind-a-line.json", further
    proper: Members = {"after": "", "nonce": "0f" * 16, "subject": SUBJECT}
    attacks: dict[str, Members] = {
        "no-nonce": {"nonce": ""},
        "nonce-in-capitals": {"nonce": "0F" * 16},
        "after-no-id": {"after": "7"},
        "subject-too-short": {"subject": "short"},
        "asks-for-everybody": {"subject": "*" * 16},
        "a-member-more": {"everything": True},
    }
    for attack, changes in attacks.items():
        data = canonical_json(proper | changes)
        yield f"transcript-question/refused/identity-malformed/{attack}.json", data
    long = canonical_json({**proper, "subject": "a" * 600})
    yield "transcript-question/refused/json-too-large/over-its-cap.json", long


def _of_lines() -> dict[str, Callable[[list[Members]], object]]:
    def one(**changes: JsonValue) -> Callable[[list[Members]], object]:
        return lambda lines: lines[0].update(changes)

    many = [replace(FAILED, id=f"{FIRST[:-2]}{number:02d}") for number in range(AT_ONCE + 1)]
    return {
        "failed-with-a-document": lambda lines: lines[1].update(document="CN-NAG-2026-000124"),
        "failed-with-a-certificate": lambda lines: lines[1].update(commitment="ab" * 32),
        "document-before-the-end": one(final=False),
        "attended-with-a-result": lambda lines: lines[2].update(percent="50"),
        "percent-in-a-longer-form": one(percent="87.50"),
        "percent-over-a-hundred": one(percent="100.5"),
        "percent-a-number": one(percent=87),
        "hours-below-nothing": one(hours={"in_person": -1, "live": 0, "self_study": 0}),
        "hours-in-an-unknown-form": one(
            hours={"asleep": 9, "in_person": 1, "live": 0, "self_study": 0}
        ),
        "hours-over-the-cap": one(hours={"in_person": 10_001, "live": 0, "self_study": 0}),
        "hours-true": one(hours={"in_person": True, "live": 0, "self_study": 0}),
        "state-of-tomorrow": one(state="excellent"),
        "final-a-word": one(final="yes"),
        "ends-before-it-starts": one(ends_on="2026-10-04"),
        "no-such-day": one(ends_on="2026-11-31"),
        "a-day-in-another-form": one(ends_on="20261120"),
        "no-title-in-the-original": one(titles={"en": "Foundations"}),
        "title-in-a-ninth-language": one(titles={"de": "Grundlagen", "zh-Hans": "基础"}),
        "title-with-a-line-break": one(titles={"zh-Hans": "基\n础"}),
        "title-turned-around": one(titles={"zh-Hans": "\u202e基础"}),
        "title-too-long": one(titles={"zh-Hans": "基" * 201}),
        "names-the-person": one(name="Айгүл"),
        "commitment-no-hash": one(commitment="AB" * 32),
        "id-of-another-form": one(id="7"),
        "lines-out-of-order": lambda lines: lines.reverse(),
        "one-line-twice": lambda lines: lines.insert(0, dict(lines[0])),
        "more-lines-than-asked": lambda lines: lines.__setitem__(
            slice(None), [line.members() for line in many]
        ),
    }  # type: ignore[dict-item]


def _of_members() -> dict[str, Members]:
    return {
        "begins-before-what-was-asked": {"after": FIRST},
        "time-without-a-clock": {"time": "2026-11-24"},
        "subject-empty": {"subject": ""},
        "lines-an-object": {"lines": {}},
    }


def _said() -> Members:
    line = parse_note(TRANSCRIPT.to_bytes(BEIJING)).text.split("\n")[1]
    found: Members = json.loads(line)
    return found


def _note(said: Members) -> bytes:
    return sign(f"{TRANSCRIPT_HEADER}\n{canonical_json(said).decode()}\n", BEIJING)
