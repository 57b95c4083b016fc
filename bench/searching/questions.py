"""Questions in eight languages, short and long, none of them asked twice."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from chorsu.kernel.languages import TAGS


class Question(NamedTuple):
    """A question and its language; `long`: of a sentence's length, not two or three words."""

    language: str
    text: str
    long: bool


def questions(known: Mapping[str, Sequence[str]], seed: str) -> Iterator[Question]:
    """Without end: by turns in each language, short and long, of words that stand together."""
    chance, asked = random.Random(seed), set()
    for number in count():
        tag, long = TAGS[number % len(TAGS)], number // len(TAGS) % 2 == 1
        for _ in range(100):
            text = _long(chance, known[tag], tag) if long else _short(chance, known[tag], tag)
            if text not in asked:
                break
        asked.add(text)
        yield Question(tag, text, long)


def _short(chance: random.Random, known: Sequence[str], tag: str) -> str:
    return _cut(chance, chance.choice(known), tag, (4, 7) if tag == "zh-Hans" else (2, 3))


def _long(chance: random.Random, known: Sequence[str], tag: str) -> str:
    length = (10, 16) if tag == "zh-Hans" else (5, 7)
    one, other = (_cut(chance, chance.choice(known), tag, length) for _ in range(2))
    return one + other if tag == "zh-Hans" else f"{one} {other}"


def _cut(chance: random.Random, sentence: str, tag: str, length: tuple[int, int]) -> str:
    words = list(sentence) if tag == "zh-Hans" else sentence.split()
    wanted = chance.randint(*length)
    start = chance.randint(0, max(0, len(words) - wanted))
    return ("" if tag == "zh-Hans" else " ").join(words[start : start + wanted])
