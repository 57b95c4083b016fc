"""What is not taken of a cartridge, or not as it was: codes with parameters, in no language.

A page has a sentence for each (`web/course_editor/cartridge_notes.py`); beside these stand those of
files of questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, get_args

from chorsu.records.fields import FieldError
from chorsu.training.formats.questions.report import NotReadable, cut
from chorsu.training.formats.questions.troubles import Code, Param

NoteCode = Literal[
    "no_questions",
    "resource_type",
    "no_address",
    "address",
    "file",
    "not_in_outline",
    "missing",
    "empty",
    "personal",
    "left_modules",
    "left_units",
    "left_files",
    "left_characters",
    "left_notes",
    # taken over, and not quite what it was
    "link_inside",
    "markup",
    "markup_at",
    "table",
    "folder",
    "discussion",
    "launch",
    "draws",
    "shortened",
]
NOTES: tuple[NoteCode, ...] = get_args(NoteCode)
# As `questions.troubles.PARAMS`.
NOTE_PARAMS: Mapping[NoteCode, tuple[str, ...]] = MappingProxyType(
    {
        "resource_type": ("name",),
        "address": ("text",),
        "file": ("name",),
        "left_modules": ("count",),
        "left_units": ("count",),
        "left_files": ("count",),
        "left_characters": ("count",),
        "left_notes": ("count",),
        "link_inside": ("text",),
        "markup": ("element",),
        "markup_at": ("element", "text"),
        "launch": ("text",),
        "draws": ("count",),
        "shortened": ("count",),
    }
)
CHANGED: frozenset[Code | NoteCode] = frozenset(NOTES[NOTES.index("link_inside") :])
"""What was taken over and is not quite what it was; all else was not taken."""


class NotTaken(ValueError):  # noqa: N818 - says what is wrong
    """A resource or file that does not become a part of the course."""

    def __init__(self, code: NoteCode, **params: Param) -> None:
        super().__init__(f"{code}: {params}")
        self.code: NoteCode = code
        self.params = cut(params)
        self.errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What was not taken, or not as it was: where (outline or file), what, and its parameters.

    `errors`: as of a `Trouble`.
    """

    place: str
    code: Code | NoteCode
    params: Mapping[str, Param] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()

    @property
    def taken(self) -> bool:
        """Whether what it tells of is in the course all the same."""
        return self.code in CHANGED


def note_of(place: str, refused: NotReadable | NotTaken) -> Note:
    """What is told of a resource or file that was refused."""
    return Note(place, refused.code, refused.params, refused.errors)
