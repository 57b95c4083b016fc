"""Where a text may be begun to be typed, and what is asked when somebody does. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

from chorsu.kernel.text import normalise, words
from chorsu.search import spelling

MAX_TYPED = 80
"""Characters of what is typed that are looked at."""
MAX_WORDS = 6
MAX_BEGINNING = 24
"""Letters of a word, or Chinese characters of a run, that can be begun with."""
_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_TOKENS = re.compile(r"[^\W_]+(?:[ʻʼ’‘'`][^\W_]+)*")


@lru_cache(maxsize=4096)
def beginnings(text: str) -> tuple[str, ...]:
    """Folded words of a text, each once; of a Chinese run what follows each of its characters."""
    found: dict[str, None] = {}
    for word in words(text):
        starts = range(len(word)) if _HAN.match(word) else range(1)
        found.update(dict.fromkeys(word[start : start + MAX_BEGINNING] for start in starts))
    return tuple(found)


def typed(raw: str) -> list[list[str]]:
    """The words typed so far, each in all scripts in which it may be stored; bounded.

    A single Latin or Cyrillic letter says too little: it counts only beside a longer word.
    """
    asked: list[list[str]] = []
    for token in spelling.tokens(normalise(raw)[:MAX_TYPED]):
        parts = words(token)
        for word in parts:
            others = spelling.other_scripts(token) if len(parts) == 1 else []
            spelt = [word, *("".join(words(other)) for other in others)]
            asked.append(list(dict.fromkeys(one[:MAX_BEGINNING] for one in spelt if one)))
    longer = [one for one in asked if len(one[0]) > 1 or _HAN.match(one[0])]
    return asked[:MAX_WORDS] if longer else []


def as_tsquery(asked: list[list[str]]) -> str:
    """Texts in which every word typed begins some word."""
    return " & ".join("(" + " | ".join(f"'{one}':*" for one in word) + ")" for word in asked)


def begins(text: str, asked: list[list[str]]) -> bool:
    """Whether every word typed begins a word of the text: what `as_tsquery` asks the database."""
    there = beginnings(text)
    return bool(asked) and all(
        any(one.startswith(spelt) for one in there for spelt in word) for word in asked
    )


def vocabulary(text: str) -> dict[str, str]:
    """Words of a text that can be offered as corrections: folded -> as it stands, in small letters.

    Chinese has no words of letters to be mistyped, and numbers no spelling.
    """
    found: dict[str, str] = {}
    for match in _TOKENS.finditer(text):
        shown = match.group().lower()
        folded = "".join(words(shown))
        is_word = folded.isalpha() and not _HAN.search(folded)
        if is_word and len(folded) > 2 and len(shown) <= MAX_SHOWN:
            found.setdefault(folded, shown)
    return found


MAX_SHOWN = 40
"""A longer run of letters is no word that a person would type."""
