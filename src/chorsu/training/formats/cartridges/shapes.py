"""What a cartridge gave: an outline to be looked at before it is kept, and what was not taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chorsu.training.formats.cartridges.notes import Note
from chorsu.training.formats.questions.report import Found


class Unfit(ValueError):  # noqa: N818 - says what is wrong
    """A file that a course can't keep."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a course would keep of a file: `sha256` is of the cleaned bytes."""

    media_type: str
    name: str
    sha256: str


Fit = Callable[[str, bytes], Fitted]
"""Of a file's name and bytes: what would be kept of it; raises `Unfit`."""


@dataclass(frozen=True, slots=True)
class FileFound:
    """A picture or film of the package, and the name it is to be kept under."""

    member: str
    name: str
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class UnitFound:
    """A unit: `body` in Markdown; `tool` an address; `film` the hash of a file.

    `questions`: how many a quiz draws; `minutes` and `attempts` 0: no limit; `forms` and `points`
    of an assignment.
    """

    kind: str
    title: str
    body: str = ""
    tool: str = ""
    film: str = ""
    questions: int = 0
    minutes: int = 0
    attempts: int = 0
    forms: tuple[str, ...] = ()
    points: int = 0


@dataclass(frozen=True, slots=True)
class ModuleFound:
    """A module with its units in order."""

    title: str
    units: tuple[UnitFound, ...]


@dataclass(frozen=True, slots=True)
class CourseFound:
    """What a cartridge gave. `summary` is plain text; `pictures` those of questions, by SHA-256."""

    title: str
    summary: str
    modules: tuple[ModuleFound, ...]
    files: tuple[FileFound, ...]
    questions: tuple[Found, ...]
    pictures: Mapping[str, bytes]
    notes: tuple[Note, ...]
