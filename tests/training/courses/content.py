"""Small content for tests: one course of every kind of unit that is ready to be published."""

from __future__ import annotations

from datetime import datetime

from chorsu.institutions.models import Person
from chorsu.training.actions import courses
from chorsu.training.shapes.courses import CourseDraftView

WORDS: dict[str, object] = {
    "title": "One window in a village",
    "summary": "How a village office came to issue all certificates in one room.",
    "aims": "A head of an office can plan a *one window* of their own.",
    "modules.begin.title": "Before the window",
    "units.visit.title": "What people go through",
    "units.visit.body": "People of the village went to **four** offices.",
    "units.visit.key_points": "- four offices",
    "units.check.title": "What you remember",
    "terms.window.name": "one window",
    "terms.window.meaning": "One place that takes in every application.",
}
RUSSIAN: dict[str, object] = {
    "title": "Одно окно в селе",
    "summary": "Как сельский офис стал выдавать все справки в одной комнате.",
    "aims": "Руководитель офиса может спланировать своё *одно окно*.",
    "modules.begin.title": "До окна",
    "units.visit.title": "Через что проходят люди",
    "units.visit.body": "Жители села обходили **четыре** учреждения.",
    "units.visit.key_points": "- четыре учреждения",
    "units.check.title": "Что вы запомнили",
    "terms.window.name": "одно окно",
    "terms.window.meaning": "Одно место, где принимают любое заявление.",
}
FACTS: dict[str, object] = {
    "themes": ["service-delivery"],
    "competences": [{"code": "one-window", "level": 2}],
    "positions": ["middle"],
    "hours": {"in_person": 8, "live": 0, "self_study": 4},
    "prerequisites": [],
    "assessment": {"pass_percent": 60, "attendance_percent": 0, "required_units": ["check"]},
    "valid_months": 36,
    "forked_from": None,
    "modules": [
        {
            "key": "begin",
            "units": [
                {"key": "visit", "kind": "reading", "minutes": 20},
                {
                    "key": "check",
                    "kind": "quiz",
                    "minutes": 10,
                    "quiz": {"draws": [{"competence": "one-window", "count": 5}], "weight": 1},
                },
            ],
        }
    ],
    "terms": ["window"],
}


def ready_draft(by: Person, now: datetime, **changes: str) -> CourseDraftView:
    """A draft in English with all that publication takes; `changes` replace words."""
    draft = courses.begin_draft(by=by, institution_id="hub-astana", language="en", now=now)
    return courses.save_draft(
        draft_id=draft.id,
        version=draft.version,
        words={**WORDS, **changes},
        facts=FACTS,
        by=by,
        now=now,
    )
