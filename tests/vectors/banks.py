"""Vectors of banks of questions: the one that docs/FEDERATION.md shows, and attacks on readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chorsu.wire.envelope import canonical_json, parse_json
from tests.vectors.records import documented
from tests.vectors.sample import Vector

Bend = Callable[[dict[str, Any], list[Any]], object]


def bank_vectors() -> Iterator[Vector]:
    good = documented("question-bank")
    yield "question-bank/accepted/one-window.json", good
    by_files = _bent(good, lambda _b, q: _as_file(q[1], second_marker=True))
    yield "question-bank/accepted/files-that-two-people-mark.json", by_files
    shown = _bent(good, lambda _b, q: _with_picture(q[0]))
    yield "question-bank/accepted/a-question-with-a-picture.json", shown
    for attack, bend in {**_attacks(), **_attacks_with_pictures()}.items():
        yield f"question-bank/refused/payload-malformed/{attack}.json", _bent(good, bend)
    newer = canonical_json({"format": 2, "kind": "question-bank", "id": "tomorrow"})
    yield "question-bank/refused/payload-newer-format/of-tomorrow.json", newer
    stolen = _bent(good, lambda bank, _q: bank.update(origin="astana.chorsu.example"))
    yield "question-bank/refused/not-the-origin/of-another-node.json", stolen


def _bent(good: bytes, bend: Bend) -> bytes:
    value: Any = parse_json(good, len(good))
    bend(value, value["questions"])
    return canonical_json(value)


def _attacks() -> dict[str, Bend]:
    """Attack -> what it does to the bank and its questions."""
    return {
        "answers-for-the-public": lambda bank, _q: bank.update(audience="public"),
        "a-member-for-a-learner": lambda bank, _q: bank.update(learners=["Somebody"]),
        "a-member-for-who-wrote-it": lambda _b, q: q[0].update(saved_by="Somebody"),
        "no-question": lambda bank, _q: bank.update(questions=[]),
        "a-question-twice": lambda bank, q: bank.update(questions=[q[0], q[0]]),
        "questions-in-another-order": lambda bank, q: bank.update(questions=[q[1], q[0]]),
        "a-question-without-its-version": lambda _b, q: q[0].pop("version"),
        "a-version-below-the-first": lambda _b, q: q[0].update(version=0),
        "a-course-that-is-no-id": lambda bank, _q: bank.update(course="course"),
        "a-revision-of-the-course-below-the-first": lambda bank, _q: bank.update(course_revision=0),
        "a-question-without-its-original": lambda _b, q: q[0]["texts"].pop("zh-Hans"),
        "a-translation-that-says-it-is-the-original": lambda _b, q: q[0]["texts"]["tk"].update(
            provenance="original"
        ),
        "a-translation-of-a-version-to-come": lambda _b, q: q[0]["texts"]["tk"].update(based_on=3),
        "a-language-that-is-none-of-the-eight": lambda _b, q: q[0]["texts"].update(
            de=q[0]["texts"]["tk"]
        ),
        "a-text-without-words": lambda _b, q: q[0]["texts"]["tk"].update(words={}),
        "nothing-is-right": lambda _b, q: _options(q)[0].update(credit="0"),
        "more-credit-than-there-is": lambda _b, q: _options(q)[0].update(credit="101"),
        "a-credit-that-is-a-number": lambda _b, q: _options(q)[0].update(credit=100),
        "a-credit-in-two-spellings": lambda _b, q: _options(q)[0].update(credit="100.0"),
        "two-options-of-one-key": lambda _b, q: _options(q)[1].update(key="one"),
        "a-key-that-is-a-list": lambda _b, q: _options(q)[1].update(key=[]),
        "an-option-that-says-nothing": lambda _b, q: q[0]["texts"]["zh-Hans"]["words"].pop(
            "options.answer.one.text"
        ),
        "words-of-an-option-that-is-not-there": lambda _b, q: q[0]["texts"]["tk"]["words"].update(
            {"options.answer.two.text": "Iki"}
        ),
        "a-field-of-another-kind-than-its-type": lambda _b, q: q[0]["facts"]["fields"][0].update(
            kind="text"
        ),
        "a-second-marker-where-nobody-marks": lambda _b, q: q[1]["facts"].update(
            second_marker=True
        ),
        "a-second-marker-who-is-none": lambda _b, q: _as_file(q[1], second_marker=False),
        "points-for-nothing": lambda _b, q: q[0]["facts"].update(points="0"),
        "direction-mark-in-a-stem": lambda _b, q: q[0]["texts"]["tk"]["words"].update(
            stem="One\u202ewindow"
        ),
    }  # fmt: skip


def _attacks_with_pictures() -> dict[str, Bend]:
    """Attacks by a picture of the first question."""
    return {
        "a-picture-that-no-text-shows": lambda _b, q: (
            _with_picture(q[0]),
            q[0]["texts"]["zh-Hans"]["words"].update(stem="\u51e0\u4e2a\uff1f"),
        ),
        "a-picture-of-which-nothing-says-what-it-shows": lambda _b, q: _with_picture(q[0], said=""),
        "a-picture-that-may-run-scripts": lambda _b, q: _with_picture(
            q[0], name="queue-5a1e0c3b.svg", media_type="image/svg+xml"
        ),
        "a-picture-of-another-type-than-its-name": lambda _b, q: _with_picture(
            q[0], media_type="image/png"
        ),
        "a-picture-that-leads-out": lambda _b, q: _with_picture(q[0], name="../queue.jpg"),
        "a-picture-larger-than-any": lambda _b, q: _with_picture(q[0], size=1024 * 1024 + 1),
        "a-picture-without-a-hash": lambda _b, q: _with_picture(q[0], sha256=""),
        "a-picture-twice": lambda _b, q: (
            _with_picture(q[0]),
            q[0]["facts"]["pictures"].append(q[0]["facts"]["pictures"][0]),
        ),
        "no-pictures-said": lambda _b, q: q[0]["facts"].update(pictures=[]),
    }


def _with_picture(
    question: dict[str, Any], *, said: str = "\u6392\u961f", **changes: object
) -> None:
    picture = {
        "name": "queue-5a1e0c3b.jpg",
        "sha256": "5a1e0c3b" * 8,
        "media_type": "image/jpeg",
        "size": 48_213,
        "width": 1200,
        "height": 800,
        **changes,
    }
    question["facts"]["pictures"] = [picture]
    question["texts"]["zh-Hans"]["words"]["stem"] += f"\n\n![{said}]({picture['name']})"


def _options(questions: list[Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = questions[0]["facts"]["fields"][0]["options"]
    return found


def _as_file(question: dict[str, Any], *, second_marker: bool) -> None:
    question["facts"].update(type="file", second_marker=second_marker)
    question["facts"]["fields"][0].update(kind="file", numbers=[])
