"""Numbers as officials write them, read as the one form in which they are stored: `1234.5`.

No language decides how a number is read: a draft in one is often written by somebody whose habit
is another's. What can be read in two ways is asked about, never guessed.
"""

from __future__ import annotations

import re

_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?", re.ASCII)
# Spaces, points or commas between groups of three; the other sign, or a comma, before the part.
_GROUPED = re.compile(
    r"(?P<sign>-?)(?P<first>[1-9][0-9]{0,2})(?P<mark>[ ,.])(?P<rest>[0-9]{3}(?:(?P=mark)[0-9]{3})*)"
    r"(?:(?P<point>[.,])(?P<part>[0-9]{1,6}))?",
    re.ASCII,
)
_WITH_COMMA = re.compile(r"(-?[0-9]+),([0-9]{1,6})", re.ASCII)
_TWO_WAYS = re.compile(r"(-?[1-9][0-9]{0,2}),([0-9]{3})", re.ASCII)
# What a Chinese keyboard types, the true minus and the dashes taken for one, all kinds of space.
_SIGNS = str.maketrans(
    "０１２３４５６７８９．，－−–\u00a0\u2007\u2009\u202f\u3000", "0123456789.,---     "
)


def is_decimal(text: str) -> bool:
    """Whether `text` is a number as it is stored: `12.18`, with a point and no spaces."""
    return _DECIMAL.fullmatch(text) is not None and text not in ("-0",)


def read_decimal(text: str) -> str:
    """The stored form of what was typed; the text itself where it is no number, or not one alone.

    Understood are a decimal comma and thousands set apart by spaces, or by whichever of comma and
    point is not the decimal sign. A point with three figures after it is a decimal point, for so
    we write numbers ourselves. Idempotent.
    """
    plain = text.translate(_SIGNS).strip()
    if two_ways(plain):
        return text
    if not is_decimal(plain):
        plain = _ungrouped(plain)
    return plain if is_decimal(plain) else text


def two_ways(text: str) -> tuple[str, str] | None:
    """(1234, 1.234) for `1,234`, where the comma may set apart thousands or a part; else None."""
    match = _TWO_WAYS.fullmatch(text.translate(_SIGNS).strip())
    return (f"{match[1]}{match[2]}", f"{match[1]}.{match[2]}") if match else None


def _ungrouped(text: str) -> str:
    match = _GROUPED.fullmatch(text)
    if match and match["mark"] != match["point"] and (" " not in text or match["mark"] == " "):
        whole = match["sign"] + match["first"] + match["rest"].replace(match["mark"], "")
        return f"{whole}.{match['part']}" if match["part"] else whole
    return _WITH_COMMA.sub(r"\1.\2", text) if _WITH_COMMA.fullmatch(text) else text
