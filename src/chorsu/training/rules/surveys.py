"""Answers to a survey: what may be answered to each kind of question. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chorsu.kernel.text import normalise
from chorsu.records.fields import Words
from chorsu.training.rules.fields import SurveyQuestion

SCALE = ("1", "2", "3", "4", "5")
MAX_TEXT = 4_000
FEWEST = 5
"""Of fewer who answered a question nothing is shown: who said what could be guessed (the threshold
rule of statistical disclosure control; Hundepool and others, "Statistical Disclosure Control",
2012).
"""


class NotAnswered(Exception):  # noqa: N818 - says what is wrong
    """Nothing was answered, or something that the question does not offer; `keys` name which."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__("a survey with nothing answered, or with what is not offered")
        self.keys = list(keys)


def choices(words: Words, key: str) -> list[str]:
    """What a question offers: one line each."""
    return [line for line in words.get(f"questions.{key}.choices", "").splitlines() if line.strip()]


def cleaned(
    questions: Sequence[SurveyQuestion], words: Words, given: Mapping[str, str]
) -> dict[str, str]:
    """Key -> answer of what was answered; a choice by its number from 1, the same in any language.

    Raises `NotAnswered`.
    """
    answers: dict[str, str] = {}
    wrong = []
    for question in questions:
        key, text = question["key"], given.get(question["key"], "").strip()
        if not text:
            continue
        if question["kind"] == "text":
            answers[key] = normalise(text)[:MAX_TEXT]
        elif text in _offered(question, words):
            answers[key] = text
        else:
            wrong.append(key)
    if wrong or not answers:
        raise NotAnswered(wrong or [question["key"] for question in questions])
    return answers


def _offered(question: SurveyQuestion, words: Words) -> Sequence[str]:
    if question["kind"] == "scale":
        return SCALE
    return [str(number) for number in range(1, len(choices(words, question["key"])) + 1)]
