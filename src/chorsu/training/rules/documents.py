"""Numbers of documents as people type them, and those a corrected certificate had before. Pure."""

from __future__ import annotations

from chorsu.kernel.text import normalise

MOST_DIGITS = 3
"""Of the number of a correction; longer ones belong to the document's own number."""


def document_key(number: str) -> str:
    """What two spellings of one number share: neither the case of letters nor spaces tell."""
    return "".join(normalise(number).split()).casefold()


def earlier_numbers(number: str) -> list[str]:
    """Of a corrected certificate `X-3` those that it had before, `X` and `X-2`; else none."""
    base, _dash, count = number.rpartition("-")
    if not (base and count.isdecimal() and len(count) <= MOST_DIGITS):
        return []
    return [base, *(f"{base}-{one}" for one in range(2, int(count)))]
