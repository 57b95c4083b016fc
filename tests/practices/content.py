"""Small content for tests: one practice that is ready to be published."""

from __future__ import annotations

from datetime import datetime

from chorsu.institutions.models import Person
from chorsu.practices import actions
from chorsu.practices.shapes import DraftView

WORDS: dict[str, object] = {
    "title": "One window for all papers",
    "summary": "A village office issues forty certificates in one room.",
    "problem": "People of the village went to **four** offices.",
    "action": "One room was opened.",
    "results": "- waiting fell from 12 days to 2",
    "failures": "The first queue system broke in a week; tickets on paper replaced it.",
    "indicators.waiting.name": "Waiting",
    "indicators.waiting.unit": "days",
    "contacts.office.office": "District administration",
}
FACTS: dict[str, object] = {
    "themes": ["service-delivery", "digital-government"],
    "sdg_goals": [16],
    "sdg_targets": ["16.6"],
    "level": "village",
    "country": "KZ",
    "year_from": 2019,
    "year_to": 2022,
    "status": "running",
    "cost": "10k_100k",
    "duration": "3m_12m",
    "indicators": [{"key": "waiting", "baseline": "12", "value": "2.5", "date": "2021-06"}],
    "contacts": [{"key": "office", "email": "office@district.example", "phone": "", "url": ""}],
    "sources": [
        {
            "key": "gazette",
            "title": "Gazette",
            "url": "https://gazette.example/1",
            "date": "2021",
            "language": "ru",
        }
    ],
}
RUSSIAN = {
    "title": "Одно окно для всех справок",
    "summary": "Сельский офис выдаёт сорок справок в одной комнате.",
    "problem": "Жители села обходили **четыре** учреждения.",
    "action": "Открыли одну комнату.",
    "results": "- ожидание сократилось с 12 дней до 2",
    "failures": "Первая электронная очередь сломалась через неделю.",
    "indicators.waiting.name": "Ожидание",
    "indicators.waiting.unit": "дней",
    "contacts.office.office": "Администрация района",
}


def ready_draft(by: Person, now: datetime, **changes: str) -> DraftView:
    """A draft in English with all that publication takes; `changes` replace words."""
    draft = actions.create_draft(by=by, institution_id="hub-astana", language="en", now=now)
    return actions.save_draft(
        draft_id=draft.id,
        version=draft.version,
        words={**WORDS, **changes},
        facts=FACTS,
        by=by,
        now=now,
    )
