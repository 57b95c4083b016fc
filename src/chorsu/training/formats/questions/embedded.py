"""Gaps written inside a text, as Moodle's cloze has them: `{1:SHORTANSWER:=Osh#yes~%50%Jalal}`.

Syntax: Moodle's `question/type/multianswer`. A gap holds a weight, a type and answers set apart by
`~`; `=` marks the right one, `%50%` a share, `#` begins feedback; a backslash keeps a sign plain.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from decimal import Decimal

from chorsu.training.formats.questions.building import Draft, Row
from chorsu.training.formats.questions.report import NotReadable, plain

_GAP = re.compile(
    r"\{\s*([0-9]{0,3})\s*:\s*([A-Z_]+)\s*:((?:\\.|[^\\{}])*)\}", re.ASCII | re.DOTALL
)
_CHOICE = frozenset(
    (
        *("MULTICHOICE", "MC", "MULTICHOICE_V", "MCV", "MULTICHOICE_H", "MCH"),
        *("MULTICHOICE_S", "MCS", "MULTICHOICE_VS", "MCVS", "MULTICHOICE_HS", "MCHS"),
    )
)
_TEXT = frozenset(("SHORTANSWER", "SA", "MW"))
_EXACT_TEXT = frozenset(("SHORTANSWER_C", "SAC", "MWC"))
_NUMBER = frozenset(("NUMERICAL", "NM"))
_PARTS = re.compile(r"(?<!\\)~")
_SHARE = re.compile(r"%(-?[0-9]{1,3}(?:\.[0-9]{1,5})?)%", re.ASCII)
_NUMBERS = re.compile(r"(-?[0-9.,]+)(?::([0-9.,]+))?", re.ASCII)
# Stand-ins for gaps while the text around them is converted: no text has them.
_FIRST, _LAST = "\ue010", "\ue011"


def read_gaps(draft: Draft, text: str, convert: Callable[[str], str]) -> None:
    """Fields and stem of a text with gaps; `convert` makes Markdown of its format.

    Raises `NotReadable`.
    """
    if _FIRST in text or _LAST in text:
        raise NotReadable("private_character")
    total = 0

    def gap(match: re.Match[str]) -> str:
        nonlocal total
        key = f"g{len(draft.fields) + 1}"
        weight = int(match[1] or 1)
        total += weight
        _field(draft, key, match[2], match[3], convert)
        draft.fields[-1]["weight"] = weight
        return f"{_FIRST}{key}{_LAST}"

    marked = _GAP.sub(gap, text)
    if not draft.fields:
        raise NotReadable("no_gap")
    if re.search(r"\{\s*[0-9]*\s*:\s*[A-Z]", marked):
        raise NotReadable("open_gap")
    stem = convert(marked)
    draft.words["stem"] = stem.replace(_FIRST, "[[").replace(_LAST, "]]")
    draft.points = str(total)


def _field(draft: Draft, key: str, kind: str, content: str, convert: Callable[[str], str]) -> None:
    rows = [_row(part, convert) for part in _PARTS.split(content.strip()) if part.strip()]
    if kind in _CHOICE:
        shown = [Row(convert(row.text), row.credit, row.feedback) for row in rows]
        draft.choose(shown, key=key)
    elif kind in _TEXT or kind in _EXACT_TEXT:
        exact = kind in _EXACT_TEXT
        draft.write(
            [Row(html.unescape(row.text), row.credit, row.feedback, exact) for row in rows], key=key
        )
    elif kind in _NUMBER:
        draft.count([_number(row) for row in rows], key=key)
    else:
        raise NotReadable("gap_type", name=kind[:30])


def _row(part: str, convert: Callable[[str], str]) -> Row:
    text, feedback = ([*re.split(r"(?<!\\)#", part.strip(), maxsplit=1), ""])[:2]
    credit = "0"
    if text.startswith("="):
        credit, text = "100", text[1:]
    elif share := _SHARE.match(text):
        credit, text = plain(Decimal(share[1])), text[share.end() :]
    return Row(_unescaped(text.strip()), credit, convert(_unescaped(feedback.strip())))


def _number(row: Row) -> Row:
    match = _NUMBERS.fullmatch(row.text.replace(" ", ""))
    if match is None:
        raise NotReadable("number", text=row.text[:40])
    value, tolerance = (part.replace(",", ".") for part in (match[1], match[2] or "0"))
    return Row(value, row.credit, row.feedback, tolerance=tolerance)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([\\}{#~/\"=:])", r"\1", text)
