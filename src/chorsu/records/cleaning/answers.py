"""What the process that cleans says to the one that asked it: one line of JSON."""

from __future__ import annotations

from typing import TypedDict

CODES = ("file_unreadable", "file_locked", "file_inside", "file_macro")


class Answer(TypedDict):
    """`refused`: one of CODES, or empty; `told`: what text is left, a line a piece."""

    refused: str
    signed: bool
    told: str


class Refused(Exception):  # noqa: N818
    """The document is not taken; the message is one of CODES."""


def answer(*, refused: str = "", signed: bool = False, told: list[str] | None = None) -> Answer:
    return Answer(refused=refused, signed=signed, told="\n".join(told or [])[:200_000])
