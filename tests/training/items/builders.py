"""Questions to try things with; each says in a line what it is."""

from __future__ import annotations

from collections.abc import Mapping

from chorsu.training.items import (
    Item,
    ItemText,
    clean_facts,
    clean_words,
    empty_facts,
    empty_field,
    missing,
)

RAW_TEXTS = Mapping[str, Mapping[str, str]]


def item(
    item_type: str,
    fields: list[dict[str, object]],
    texts: RAW_TEXTS,
    *,
    original: str = "en",
    **facts: object,
) -> Item:
    """A whole question; its one field is `answer` where no key is given."""
    kinds = {
        "single": "choice", "multiple": "choices", "matching": "match", "ordering": "order",
        "numeric": "number", "short_text": "text", "essay": "essay", "file": "file",
    }  # fmt: skip
    raw = {
        **empty_facts(item_type),
        **facts,
        "fields": [
            {**empty_field("answer", kinds.get(item_type, "text")), **field} for field in fields
        ],
    }
    clean = clean_facts(raw)
    words = {language: clean_words(clean, one) for language, one in texts.items()}
    assert missing(clean, words[original]) == []
    return Item(
        id="q1",
        version=1,
        original_language=original,
        facts=clean,
        texts={
            language: ItemText(one, "original" if language == original else "human", 1)
            for language, one in words.items()
        },
    )


def single() -> Item:
    """A capital: one of three, the second worth half."""
    return item(
        "single",
        [
            {
                "options": [
                    {"key": "a", "credit": "100"},
                    {"key": "b", "credit": "50"},
                    {"key": "c"},
                ]
            }
        ],
        {
            "en": {
                "stem": "Which city is the capital?",
                "feedback": "See unit 2.",
                "feedback_right": "Well done.",
                "options.answer.a.text": "Bishkek",
                "options.answer.b.text": "Osh",
                "options.answer.c.text": "Naryn",
                "options.answer.b.feedback": "The second city.",
            },
            "ky": {
                "stem": "Кайсы шаар борбор?",
                "options.answer.a.text": "Бишкек",
                "options.answer.b.text": "Ош",
                "options.answer.c.text": "Нарын",
            },
        },
        competence="law",
    )


def multiple(scoring: str = "each") -> Item:
    """Two of four are right, the wrong ones cost as much."""
    wrong = "-50" if scoring == "each" else "0"
    earned = {"a": "50", "b": "50", "c": wrong, "d": wrong}
    options = [{"key": key, "credit": credit} for key, credit in earned.items()]
    words = {f"options.answer.{key}.text": key.upper() for key in earned}
    return item(
        "multiple",
        [{"options": options, "scoring": scoring}],
        {"en": {"stem": "Which two?", **words}},
        points="2",
    )


def matching(scoring: str = "each") -> Item:
    """Three to be matched, one target more than needed."""
    rows = [{"key": key, "target": key.upper().lower() + "1"} for key in "abc"]
    targets = [{"key": f"{key}1", "uses": 1} for key in "abcd"]
    words = {f"options.answer.{key}.text": key for key in "abc"}
    words |= {f"targets.answer.{key}1.text": key.upper() for key in "abcd"}
    return item(
        "matching",
        [{"options": rows, "targets": targets, "scoring": scoring}],
        {"en": {"stem": "Match.", **words}},
        points="3",
    )


def ordering(scoring: str = "each") -> Item:
    """Five steps in their order."""
    rows = [{"key": key} for key in "abcde"]
    words = {f"options.answer.{key}.text": f"step {key}" for key in "abcde"}
    return item(
        "ordering",
        [{"options": rows, "scoring": scoring}],
        {"en": {"stem": "Put in order.", **words}},
        points="4",
    )


def numeric(unit: str = "optional") -> Item:
    """1.5 km to within 10 m; metres are understood; 1.4 to 1.6 earns half."""
    return item(
        "numeric",
        [
            {
                "numbers": [
                    {"key": "n1", "value": "1.5", "tolerance": "0.01", "credit": "100"},
                    {"key": "n2", "value": "1.5", "tolerance": "0.1", "credit": "50"},
                ],
                "unit": unit,
                "units": [{"key": "km", "factor": "1"}, {"key": "m", "factor": "0.001"}],
            }
        ],
        {
            "en": {
                "stem": "How far?",
                "numbers.answer.n2.feedback": "Roughly.",
                "units.answer.km.names": "km\nkilometres",
                "units.answer.m.names": "m",
            },
            "ru": {
                "stem": "Как далеко?",
                "units.answer.km.names": "км\nкилометра",
                "units.answer.m.names": "м",
            },
        },
    )


def short_text(language: str, *spellings: str, **field: object) -> Item:
    """A text with these spellings in one language."""
    return item(
        "short_text",
        [{"texts": [{"key": "t1", "credit": "100"}], **field}],
        {language: {"stem": "?", "texts.answer.t1.spellings": "\n".join(spellings)}},
        original=language,
    )


def cloze() -> Item:
    """A gap of each kind, the number worth twice a gap."""
    return item(
        "cloze",
        [
            {
                "key": "who",
                "kind": "choice",
                "options": [{"key": "x", "credit": "100"}, {"key": "y"}],
            },
            {
                "key": "year",
                "kind": "number",
                "weight": 2,
                "numbers": [{"key": "n1", "value": "1991", "credit": "100"}],
            },
            {"key": "where", "kind": "text", "texts": [{"key": "t1", "credit": "100"}]},
        ],
        {
            "en": {
                "stem": "[[who]] declared it in **[[year]]**, in [[where]].",
                "options.who.x.text": "Parliament",
                "options.who.y.text": "Nobody",
                "texts.where.t1.spellings": "Tashkent",
            }
        },
        points="4",
    )


def essay() -> Item:
    """An essay by a rubric of two rows."""
    return item(
        "essay",
        [{}],
        {
            "en": {
                "stem": "Discuss.",
                "rubric.form.criterion": "Form",
                "rubric.form.levels": "good\npoor",
                "rubric.matter.criterion": "Matter",
            }
        },
        points="10",
        rubric=[{"key": "form", "points": 2}, {"key": "matter", "points": 3}],
    )
