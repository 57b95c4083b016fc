"""One slip of the finger: a letter too many, too few, another, or two the wrong way round."""

from __future__ import annotations

import zlib

SHORTEST, LONGEST = 4, 30
"""Letters of words in which a slip is looked for: shorter ones are too near to each other."""


def hashes(word: str) -> list[int]:
    """Hashes of the word and of what is left when any one letter is taken out.

    Two words that are one slip apart share at least one; few others do. Empty where no slip is
    looked for.
    """
    if not SHORTEST <= len(word) <= LONGEST or not word.isalpha():
        return []
    left = {word, *(word[:place] + word[place + 1 :] for place in range(len(word)))}
    return sorted(zlib.crc32(one.encode()) - 2**31 for one in left)


def is_slip(typed: str, word: str) -> bool:
    """Whether the two are the same but for at most one slip."""
    if len(typed) > len(word):
        typed, word = word, typed
    if len(word) - len(typed) > 1:
        return False
    start = 0
    while start < len(typed) and typed[start] == word[start]:
        start += 1
    if len(word) > len(typed):
        return typed[start:] == word[start + 1 :]
    swapped = typed[start : start + 2] == word[start : start + 2][::-1]
    rest = start + (2 if swapped and len(typed) > start + 1 else 1)
    return typed[rest:] == word[rest:] or typed[start + 1 :] == word[start + 1 :]
