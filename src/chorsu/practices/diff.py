"""What changed between two texts, in a form people can read: whole words, whole characters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from diff_match_patch import diff_match_patch

from chorsu.practices.rules import FIELDS_BY_NAME, Facts

Op: TypeAlias = Literal["same", "insert", "delete"]
_OPS: dict[int, Op] = {-1: "delete", 0: "same", 1: "insert"}
_SECONDS = 1.0
# Compared as one: a Han character (words have no gaps there), a word, a line end, a space, a sign.
_PIECE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|\w+|\n|[^\S\n]+|.", re.DOTALL)
_FIRST_CODE = 0x10000


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """A field that changed, as pieces in reading order: (same | insert | delete, text)."""

    field: str
    pieces: list[tuple[Op, str]]


def diff_text(before: str, after: str) -> list[tuple[Op, str]]:
    """Pieces that make `before` without the inserts and `after` without the deletes.

    At most about a second of work; beyond that the diff is coarser, never wrong.
    """
    codes: dict[str, str] = {}
    old, new = (_spelled(text, codes) for text in (before, after))
    engine = diff_match_patch()
    engine.Diff_Timeout = _SECONDS
    found = engine.diff_main(old, new, False)  # noqa: FBT003 - its own signature
    engine.diff_cleanupSemantic(found)
    pieces = list(codes)
    return [
        (_OPS[op], "".join(pieces[ord(code) - _FIRST_CODE] for code in text)) for op, text in found
    ]


def _spelled(text: str, codes: dict[str, str]) -> str:
    """One character for each piece, as the library compares characters; `codes` learns them.

    Beyond the surrogates there is room for a million different pieces.
    """
    return "".join(
        codes.setdefault(piece, chr(_FIRST_CODE + len(codes))) for piece in _PIECE.findall(text)
    )


def diff_words(before: Mapping[str, str], after: Mapping[str, str]) -> list[FieldDiff]:
    """The fields of words that differ, in the order a reader meets them."""
    names = before.keys() | after.keys()
    ordered = [name for name in FIELDS_BY_NAME if name in names]
    ordered += sorted(name for name in names if name not in FIELDS_BY_NAME)
    return [
        FieldDiff(name, diff_text(before.get(name, ""), after.get(name, "")))
        for name in ordered
        if before.get(name, "") != after.get(name, "")
    ]


def changed_facts(before: Facts, after: Facts) -> list[str]:
    """Names of the facts that differ."""
    old: Mapping[str, object] = before
    new: Mapping[str, object] = after
    return [name for name in new if old.get(name) != new[name]]
