"""A small library for tests of reading: one practice in five languages, published for real."""

from __future__ import annotations

from datetime import date, datetime

from chorsu.flows.publishing import publish_ready
from chorsu.practices.wire import PublishedText
from tests.practices.content import FACTS, RUSSIAN, WORDS

ID = "01a20b57-41cf-7240-9c2d-67167621df3b"
KAZAKH = {
    "title": "Барлық анықтамаға бір терезе",
    "summary": "Ауыл кеңсесі қырық анықтама береді.",
    "problem": "Қараңыз: [сілтеме](https://kz.example/қала) және `қала_коды`.",
    "action": "Бір бөлме ашылды.",
    "results": "- күту 12 күннен 2 күнге түсті",
    "failures": "Кезек жүйесі бір аптада бұзылды.",
}
UZBEK = {
    "title": "Barcha maʼlumotnomalar uchun bir oyna",
    "summary": "Qishloq idorasi qirqta maʼlumotnoma beradi.",
    "problem": "Odamlar toʻrtta idoraga borardi.",
    "action": "Bitta xona ochildi.",
    "results": "- kutish 12 kundan 2 kunga tushdi",
    "failures": "Navbat tizimi bir haftada buzildi.",
}


def text(language: str, provenance: str, words: dict[str, str], revision: int = 1) -> PublishedText:
    return PublishedText(
        language, provenance, revision, "Office of interpreters", date(2026, 11, 20), words
    )


TEXTS = [
    text("ru", "human", RUSSIAN),
    text("kk", "machine", KAZAKH),
    text("uz", "edited", UZBEK),
]


def publish(
    now: datetime,
    practice_id: str = ID,
    *,
    audience: str = "public",
    texts: list[PublishedText] | None = None,
    note: str = "",
    **changes: str,
) -> None:
    """Publish the practice, or its next revision with changed words."""
    publish_ready(
        practice_id=practice_id,
        institution_id="hub-astana",
        language="en",
        audience=audience,
        licence="CC-BY-4.0",
        words={**WORDS, **changes},
        facts=FACTS,
        texts=TEXTS if texts is None else texts,
        now=now,
        note=note,
    )
