"""Vectors of records: those that docs/FEDERATION.md shows, and attacks on their readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from chorsu.wire.envelope import Json, canonical_json, parse_json, parse_loose_json
from tests.vectors.sample import Vector

_FEDERATION = Path(__file__).parents[2] / "docs" / "FEDERATION.md"
_ANOTHER = "019349fb-2d10-7a44-8c1e-5b7d90a3e622"
_BLOB = re.compile(r"<!-- blob: (\S+) -->\n```json\n(.*?)```", re.DOTALL)


@cache
def documented(blob: str) -> bytes:
    """A blob that the document shows, in its canonical form."""
    shown = dict(_BLOB.findall(_FEDERATION.read_text("utf-8")))
    return canonical_json(parse_loose_json(shown[blob].encode(), 1 << 20))


def record_vectors() -> Iterator[Vector]:
    good = documented("practice")
    yield "practice/accepted/village-office.json", good
    changes: dict[str, dict[str, Json]] = {
        "nul-in-the-name-of-a-fact": {"facts": {"a\0b": ""}},
        "nul-in-the-name-of-a-word": {"texts": {"en": {"words": {"a\0b": ""}}}},
        "direction-mark-in-a-title": {"texts": {"en": {"words": {"title": "One\u202ewindow"}}}},
    }
    for attack, change in changes.items():
        value = parse_json(good, len(good))
        assert isinstance(value, dict)
        _merge(value, change)
        yield f"practice/refused/payload-malformed/{attack}.json", canonical_json(value)


def course_vectors() -> Iterator[Vector]:
    good = documented("course")
    yield "course/accepted/one-window.json", good
    yield "course/accepted/forked-from-a-translation.json", _fork(good, translated_by="engine 2")
    for attack, change in _attacks_on_a_course().items():
        value = parse_json(good, len(good))
        assert isinstance(value, dict)
        facts = value["facts"]
        assert isinstance(facts, dict)
        change(value, facts, facts["modules"][0]["units"])  # type: ignore[index, call-overload]
        yield f"course/refused/payload-malformed/{attack}.json", canonical_json(value)
    newer = canonical_json({"format": 2, "kind": "course", "id": "tomorrow"})
    yield "course/refused/payload-newer-format/of-tomorrow.json", newer
    stolen = parse_json(good, len(good))
    assert isinstance(stolen, dict)
    stolen["origin"] = "astana.chorsu.example"
    yield "course/refused/not-the-origin/of-another-node.json", canonical_json(stolen)


def translation_vectors() -> Iterator[Vector]:
    """Translations of another node's course."""
    good = documented("course-text")
    yield "course-text/accepted/one-window.json", good
    attacks: dict[str, Callable[[dict[str, Any]], object]] = {
        "an-original": lambda text: text.update(provenance="original"),
        "of-no-course": lambda text: text.update(course=""),
        "of-nobodys-course": lambda text: text.update(course_origin=""),
        "of-a-practice": lambda text: text.update(practice=text.pop("course")),
        "in-a-ninth-language": lambda text: text.update(language="de"),
        "of-revision-nought": lambda text: text.update(revision=0),
        "without-a-title": lambda text: text["words"].pop("title"),
        "words-that-no-course-has": lambda text: text["words"].update(place="Astana"),
        "a-member-for-a-translator": lambda text: text.update(translator="Somebody"),
        "facts": lambda text: text.update(facts={}),
        "direction-mark-in-a-unit": lambda text: text["words"].update(
            {"units.visit.title": "One\u202ewindow"}
        ),
    }
    for attack, change in attacks.items():
        value = parse_json(good, len(good))
        assert isinstance(value, dict)
        change(value)
        yield f"course-text/refused/payload-malformed/{attack}.json", canonical_json(value)
    newer = canonical_json({"format": 2, "kind": "course-text", "id": "tomorrow"})
    yield "course-text/refused/payload-newer-format/of-tomorrow.json", newer


Bend = Callable[[dict[str, Any], dict[str, Any], list[Any]], object]


def _fork(good: bytes, **text: str) -> bytes:
    """The course, as one that was begun with a machine's translation of another one."""
    value = parse_json(good, len(good))
    assert isinstance(value, dict)
    facts = value["facts"]
    assert isinstance(facts, dict)
    taken: dict[str, Json] = {"language": "tk", "provenance": "machine", **text}
    facts["forked_from"] = {
        "course": _ANOTHER, "origin": "astana.test", "revision": 3, "text": taken,
    }  # fmt: skip
    return canonical_json(value)


def _attacks_on_a_course() -> dict[str, Bend]:
    """Attack -> what it does to the course, its facts and its units."""
    return {
        "a-member-for-a-learner": lambda course, _f, _u: course.update(learners=["Somebody"]),
        "a-member-for-a-result": lambda _c, facts, _u: facts.update(results={"p1": 80}),
        "no-unit": lambda _c, facts, _u: facts["modules"][0].update(units=[]) or facts[
            "assessment"
        ].update(required_units=[]),
        "two-units-of-one-key": lambda _c, _f, units: units[1].update(key="visit"),
        "a-unit-of-two-kinds": lambda _c, _f, units: units[0].update(quiz=units[1]["quiz"]),
        "a-quiz-without-its-member": lambda _c, _f, units: units[1].update(quiz=None),
        "a-unit-of-no-kind": lambda _c, _f, units: units[0].update(kind="party"),
        "asks-for-a-unit-that-is-not-there": lambda _c, facts, _u: facts["assessment"].update(
            required_units=["exam"]
        ),
        "a-percent-of-101": lambda _c, facts, _u: facts["assessment"].update(pass_percent=101),
        "hours-as-a-text": lambda _c, facts, _u: facts["hours"].update(live="8"),
        "hours-below-nothing": lambda _c, facts, _u: facts["hours"].update(live=-8),
        "a-level-of-five": lambda _c, facts, _u: facts["competences"][0].update(level=5),
        "a-practice-that-is-no-id": lambda _c, _f, units: units[0].update(practice="practice"),
        "a-tool-that-runs-a-script": lambda _c, _f, units: units[1].update(
            kind="tool", quiz=None, tool="javascript:alert(1)"
        ),
        "a-video-whose-file-is-not-among-the-files": lambda _c, _f, units: units[0].update(
            kind="video", practice="", video={"captions": [], "variants": ["a" * 64]}
        ),
        "captions-twice-in-a-language": lambda course, _f, units: units[0].update(
            kind="video", practice="", video=_captions(course["files"][0]["sha256"])
        ),
        "forked-from-a-negative-revision": lambda _c, facts, _u: facts.update(
            forked_from={"course": _ANOTHER, "origin": "", "revision": -1}
        ),
        "forked-from-a-text-of-nobody": lambda _c, facts, _u: facts.update(
            forked_from={"course": _ANOTHER, "origin": "", "revision": 1,
                         "text": {"language": "tk", "provenance": "original",
                                  "translated_by": ""}}
        ),
        "direction-mark-in-a-unit": lambda course, _f, _u: course["texts"]["tk"]["words"].update(
            {"units.visit.title": "One\u202ewindow"}
        ),
    }  # fmt: skip


def _captions(sha256: str) -> dict[str, Any]:
    row = {"language": "ru", "sha256": sha256}
    return {"captions": [row, row], "variants": [sha256]}


def _merge(value: object, change: object) -> None:
    assert isinstance(value, dict)
    assert isinstance(change, dict)
    for name, part in change.items():
        if isinstance(part, dict):
            _merge(value[name], part)
        else:
            value[name] = part
