"""What changed between two texts, in a form people can read: whole words, whole characters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from diff_match_patch import diff_match_patch

from chorsu.practices.rules import FIELDS_BY_NAME, Facts

Op: TypeAlias = Literal["same", "insert", "delete"]
_OPS: dict[int, Op] = {-1: "delete", 0: "same", 1: "insert"}
_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """A field that changed, as pieces in reading order: (same | insert | delete, text)."""

    field: str
    pieces: list[tuple[Op, str]]


def diff_text(before: str, after: str) -> list[tuple[Op, str]]:
    """Pieces that make `before` without the inserts and `after` without the deletes.

    At most about a second of work; beyond that the diff is coarser, never wrong.
    """
    engine = diff_match_patch()
    engine.Diff_Timeout = _SECONDS
    found = engine.diff_main(before, after)
    engine.diff_cleanupSemantic(found)
    return [(_OPS[op], text) for op, text in found]


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
