"""Courses for tests of their editor, and the forms of its pages as a browser posts them."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from io import BytesIO
from uuid import UUID

from chorsu.flows.erasing import targets_of
from chorsu.flows.teaching import publish_course
from chorsu.institutions.models import Person
from chorsu.training.actions import courses as actions
from chorsu.training.queries import courses as queries
from chorsu.training.rules.fields import Module, Unit, empty_facts
from chorsu.training.shapes.courses import CourseDraftView

WORDS = {
    "title": "Receiving citizens",
    "summary": "How to run a reception so that nobody comes twice.",
    "aims": "- listens\n- answers in time",
    "modules.first.title": "Before the reception",
    "modules.second.title": "At the reception",
    "units.rooms.title": "The room",
    "units.rooms.body": "A room with **one** window.",
    "units.rooms.key_points": "One window is enough.",
    "units.check.title": "Check yourself",
    "units.talk.title": "A talk",
    "terms.window.name": "one window",
    "terms.window.meaning": "a place where all papers are given out",
}


def unit(key: str, kind: str, **members: object) -> Unit:
    """A unit of a course."""
    made: dict[str, object] = {
        "key": key, "kind": kind, "minutes": 15, "practice": "", "quiz": None, "video": None,
        "assignment": None, "survey": None, "tool": "", "lab": "",
    }  # fmt: skip
    return {**made, **members}  # type: ignore[typeddict-item]


QUIZ = {
    "draws": [{"competence": "", "count": 5}],
    "minutes": 0, "attempts": 2, "shuffle": True, "review": "answers", "weight": 1,
}  # fmt: skip
MODULES = [
    Module(key="first", units=[unit("rooms", "reading"), unit("check", "quiz", quiz=QUIZ)]),
    Module(key="second", units=[unit("talk", "live")]),
]
FACTS = {
    **empty_facts(),
    "themes": ["service-delivery"],
    "hours": {"in_person": 8, "live": 2, "self_study": 6},
    "assessment": {"pass_percent": 60, "attendance_percent": 0, "required_units": []},
    "terms": ["window"],
    "modules": MODULES,
}


def ready_course(
    by: Person, now: datetime, *, language: str = "en", **words: str
) -> CourseDraftView:
    """A draft in which nothing is missing."""
    return actions.begin_draft(
        by=by,
        institution_id="hub-astana",
        language=language,
        words={**WORDS, **words},
        facts=FACTS,
        now=now,
    )


def draft_of(draft_id: str, who: Person) -> CourseDraftView:
    """The draft as it is saved now."""
    return queries.draft(draft_id, Person.objects.get(pk=who.pk))


def keys_of(draft: CourseDraftView) -> list[tuple[str, list[str]]]:
    """The outline: modules with their units, by key."""
    return [(one["key"], [u["key"] for u in one["units"]]) for one in draft.facts["modules"]]


def form_of(html: str) -> dict[str, list[str]]:
    """What a browser would post of the page's write form, were its Save pressed."""
    body = html[html.index('<form class="form write"') :]
    body = body[: body.index("</form>")]
    found: dict[str, list[str]] = {}
    for name, value in [*_inputs(body), *_areas(body), *_selects(body)]:
        found.setdefault(name, []).append(unescape(value))
    found.pop("csrfmiddlewaretoken", None)
    return found


def _inputs(body: str) -> list[tuple[str, str]]:
    found = []
    for tag in re.findall(r"<input[^>]*>", body):
        name, value = _of(tag, "name"), _of(tag, "value")
        if not name or 'type="file"' in tag:
            continue
        if re.search(r'type="(radio|checkbox)"', tag) and "checked" not in tag:
            continue
        found.append((name, value or ("on" if 'type="checkbox"' in tag else "")))
    return found


def _areas(body: str) -> list[tuple[str, str]]:
    found = re.findall(r'<textarea name="([^"]*)"[^>]*>\n?(.*?)</textarea>', body, re.DOTALL)
    return [(name, text.removeprefix("\r").removeprefix("\n")) for name, text in found]


def _selects(body: str) -> list[tuple[str, str]]:
    found = []
    for name, options in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        first = re.search(r'<option value="([^"]*)"', options)
        picked = chosen or first
        found.append((name, picked[1] if picked else ""))
    return found


def _of(tag: str, attribute: str) -> str:
    found = re.search(rf'{attribute}="([^"]*)"', tag)
    return found[1] if found else ""


def written(editor: Person, now: datetime) -> dict[str, str]:
    """For the small node: a draft with a unit of each kind and a file, a published course of which
    a next revision is being written and a translation is half done, and one that only is there.
    """
    draft = _every_kind(editor, now)
    data = BytesIO(b"Year,Visits\n2024,12\n")
    kept = actions.add_file(
        draft_id=draft.id, upload=data, name="visits.csv", language="", by=editor, now=now
    )
    ready = ready_course(editor, now, title="Answering letters")
    publish_course(draft_id=ready.id, version=ready.version, by=editor, now=now)
    copy = actions.revise(course_id=ready.id, by=editor, now=now)
    actions.save_draft(
        draft_id=copy.id,
        version=copy.version,
        words={**copy.words, "aims": "- answers within a week"},
        facts=copy.facts,
        by=editor,
        now=now,
    )
    actions.save_translation(
        course_id=ready.id, language="kk", version=0, words={"title": "Хаттарға жауап"},
        provenance="human", translated_by="", by=editor, now=now,
    )  # fmt: skip
    plain = ready_course(editor, now, title="Keeping a book")
    publish_course(draft_id=plain.id, version=plain.version, by=editor, now=now)
    again = actions.revise(course_id=plain.id, by=editor, now=now)
    again = actions.save_draft(
        draft_id=again.id,
        version=again.version,
        words={**again.words, "title": "Keeping a register"},
        facts=again.facts,
        by=editor,
        now=now,
    )
    publish_course(draft_id=again.id, version=again.version, by=editor, now=now)
    asked = actions.comment(
        draft_id=draft.id, field="units.rooms", text="How large is it?", by=editor, now=now
    )
    return {
        "course-comment": str(asked.id),
        "course-draft": draft.id,
        "course-file": kept.sha256,
        "course-words": targets_of(UUID(plain.id))[-1].blob,
        "written-course": ready.id,
        "plain-course": plain.id,
    }


def _every_kind(editor: Person, now: datetime) -> CourseDraftView:
    draft = ready_course(editor, now)
    work = {
        "forms": ["text"], "rubric": [{"key": "clear", "points": 5}], "second_marker": True,
        "weight": 2,
    }  # fmt: skip
    kinds = [
        unit("letter", "assignment", assignment=work),
        unit("film", "video", video={"variants": [], "captions": []}),
        unit("ask", "survey", survey=[{"key": "quiet", "kind": "scale"}]),
        unit("door", "tool"),
        unit("town", "lab"),
    ]
    words = {
        **WORDS,
        "units.letter.title": "A letter",
        "rubrics.clear.criterion": "Is clear",
        "questions.quiet.text": "Was the room quiet?",
    }
    modules = [*MODULES, Module(key="third", units=kinds)]
    return actions.save_draft(
        draft_id=draft.id,
        version=draft.version,
        words=words,
        facts={**FACTS, "modules": modules},
        by=editor,
        now=now,
    )
