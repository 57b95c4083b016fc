"""Facts and words of questions as the simpler formats give them: rows with a text and a credit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from chorsu.training.formats.questions.report import Found, NotReadable, found, plain
from chorsu.training.items import ONLY_FIELD, empty_facts, empty_field

# What a true-false question is answered with, by language: true, false.
TRUE_FALSE: Mapping[str, tuple[str, str]] = {
    "zh-Hans": ("正确", "错误"),
    "kk": ("Дұрыс", "Бұрыс"),
    "ky": ("Туура", "Туура эмес"),
    "uz": ("Toʻgʻri", "Notoʻgʻri"),
    "tg": ("Дуруст", "Нодуруст"),
    "tk": ("Dogry", "Nädogry"),
    "ru": ("Верно", "Неверно"),
    "en": ("True", "False"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A foreseen answer: Markdown of an option, a spelling or a number; feedback in Markdown."""

    text: str
    credit: str = "0"
    feedback: str = ""
    case: bool = False
    tolerance: str = "0"


@dataclass(slots=True)
class Draft:
    """A question being put together in one language."""

    place: str
    language: str
    item_type: str
    points: str = "1"
    shuffle: bool = True
    fields: list[dict[str, object]] = field(default_factory=list)
    rubric: list[dict[str, object]] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)

    def done(self) -> Found:
        """The question; raises `NotReadable`."""
        facts: dict[str, object] = {**empty_facts(self.item_type)}
        facts |= {"points": self.points, "shuffle": self.shuffle}
        facts |= {"fields": self.fields, "rubric": self.rubric}
        return found(self.place, facts, {self.language: self.words})

    def choose(self, rows: Sequence[Row], *, several: bool = False, key: str = ONLY_FIELD) -> None:
        """A field of options; where one is chosen, the best is worth the whole."""
        one = {**empty_field(key, "choices" if several else "choice")}
        best = max((Decimal(row.credit) for row in rows), default=Decimal(0))
        if best <= 0:
            raise NotReadable("no_points_option")
        scale = Decimal(1) if several else Decimal(100) / best
        one["options"] = [
            {"key": f"k{place}", "credit": plain(round(Decimal(row.credit) * scale, 6))}
            for place, row in enumerate(rows, 1)
        ]
        self._say("options", key, rows, "k", "text")
        self.fields.append(one)

    def write(self, rows: Sequence[Row], *, key: str = ONLY_FIELD) -> None:
        """A field of a short text; spellings that earn the same stay apart, each with feedback."""
        one = {**empty_field(key, "text")}
        one["texts"] = [
            {"key": f"t{place}", "credit": row.credit, "case": row.case}
            for place, row in enumerate(rows, 1)
        ]
        self._say("texts", key, rows, "t", "spellings")
        self.fields.append(one)

    def count(self, rows: Sequence[Row], *, key: str = ONLY_FIELD) -> dict[str, object]:
        """A field of a number; returned so that units can be added."""
        one: dict[str, object] = {**empty_field(key, "number")}
        one["numbers"] = [
            {
                "key": f"n{place}",
                "value": row.text,
                "tolerance": row.tolerance,
                "credit": row.credit,
            }
            for place, row in enumerate(rows, 1)
        ]
        for place, row in enumerate(rows, 1):
            if row.feedback:
                self.words[f"numbers.{key}.n{place}.feedback"] = row.feedback
        self.fields.append(one)
        return one

    def pair(self, pairs: Sequence[tuple[str, str]]) -> None:
        """A field of pairs (Markdown); a pair without a first half is a target more."""
        one = {**empty_field(ONLY_FIELD, "match")}
        targets = list(dict.fromkeys(target for _, target in pairs))
        one["options"] = [
            {"key": f"k{place}", "target": f"m{targets.index(target) + 1}"}
            for place, (source, target) in enumerate(pairs, 1)
            if source
        ]
        one["targets"] = [{"key": f"m{place}"} for place in range(1, len(targets) + 1)]
        for place, (source, _) in enumerate(pairs, 1):
            if source:
                self.words[f"options.{ONLY_FIELD}.k{place}.text"] = source
        for place, target in enumerate(targets, 1):
            self.words[f"targets.{ONLY_FIELD}.m{place}.text"] = target
        self.fields.append(one)

    def arrange(self, texts: Sequence[str], *, scoring: str) -> None:
        """A field of things in their right order (Markdown)."""
        one = {**empty_field(ONLY_FIELD, "order"), "scoring": scoring}
        one["options"] = [{"key": f"k{place}"} for place in range(1, len(texts) + 1)]
        for place, text in enumerate(texts, 1):
            self.words[f"options.{ONLY_FIELD}.k{place}.text"] = text
        self.fields.append(one)

    def open(self, kind: str) -> None:
        """A field that a person marks."""
        self.fields.append({**empty_field(ONLY_FIELD, kind)})

    def decide(self, *, true: bool, feedback: tuple[str, str] = ("", "")) -> None:
        """A true-false question; feedback to who says true, and to who says false."""
        texts = TRUE_FALSE[self.language]
        self.choose(
            [
                Row(texts[0], "100" if true else "0", feedback[0]),
                Row(texts[1], "0" if true else "100", feedback[1]),
            ]
        )
        self.shuffle = False

    def _say(self, group: str, key: str, rows: Sequence[Row], letter: str, word: str) -> None:
        for place, row in enumerate(rows, 1):
            self.words[f"{group}.{key}.{letter}{place}.{word}"] = row.text
            if row.feedback:
                self.words[f"{group}.{key}.{letter}{place}.feedback"] = row.feedback
