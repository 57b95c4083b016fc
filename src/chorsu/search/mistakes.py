"""How far two words are apart in slips of the hand. Pure."""

from __future__ import annotations

LONG = 8
"""From so many letters on a word may have two slips."""


def distance(one: str, other: str) -> int:
    """Letters added, left out, changed, or swapped with a neighbour, to make one of the other."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        this = [row]
        for column, wanted in enumerate(other, 1):
            cost = min(
                last[column] + 1, this[column - 1] + 1, last[column - 1] + (letter != wanted)
            )
            swapped = row > 1 and column > 1 and letter == other[column - 2]
            if swapped and one[row - 2] == wanted:
                cost = min(cost, before[column - 2] + 1)
            this.append(cost)
        before, last = last, this
    return last[-1]


def is_mistyped(typed: str, word: str) -> bool:
    """Whether `typed` is likely a slip for `word` and not another form of it.

    Words that begin alike and end otherwise (`maktabga`, `maktabda`) are forms of one word: search
    finds one by the other, and there is nothing to correct.
    """
    allowed = 2 if len(typed) >= LONG else 1
    if typed == word or abs(len(typed) - len(word)) > allowed:
        return False
    return distance(typed, word) <= allowed and not _are_forms(typed, word)


def _are_forms(one: str, other: str) -> bool:
    stem = max(4, round(0.6 * len(one)))
    if one[:stem] != other[:stem] or sorted(one) == sorted(other):
        return False
    end = 2 if len(one) == len(other) else 1
    return one[-end:] != other[-end:]
