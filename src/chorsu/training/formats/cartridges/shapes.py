"""What a cartridge gave: an outline to be looked at before it is kept, and what was not taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chorsu.training.formats.questions.report import Found

# Code -> what it says, with the detail in braces. What a person sees is translated by the page.
NOTES: Mapping[str, str] = {
    "unreadable": "it is not what its name says: {detail}",
    "too_large": "it is more than there may be: {detail}",
    "unsupported": "courses have nothing of the kind {detail}",
    "scoring": "how answers of a question earn points could not be carried over: {detail}",
    "invalid": "a question in which something is wrong: {detail}",
    "no_questions": "none of its questions could be read",
    "file": "neither a picture nor a film that can be kept: {detail}",
    "not_in_outline": "nothing in the outline leads to it",
    "missing": "the outline names it and it is not in the file",
    "empty": "it says nothing",
    "link_inside": "a link to another place of the cartridge became plain words: {detail}",
    "markup": "left out of the page: {detail}",
    "table": "a table with joined cells became paragraphs",
    "folder": "a folder in a module: its units stand in the module",
    "discussion": "there are no discussions: its text became a reading",
    "launch": "what the link would send along is not kept: {detail}",
    "draws": "it draws from the questions of the whole course, of which {detail} were its own",
    "shortened": "shortened to what fits: {detail}",
    "personal": "it names a person of this node",
    "left_over": "more than a course may have: {detail}",
}
CHANGED = frozenset(
    ("link_inside", "markup", "table", "folder", "discussion", "launch", "draws", "shortened")
)
"""What was taken over and is not quite what it was; all else was not taken."""


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
class Note:
    """What was not taken, or not as it was: where (outline or file), a code of `NOTES`, detail."""

    place: str
    code: str
    detail: str = ""

    @property
    def taken(self) -> bool:
        """Whether what it tells of is in the course all the same."""
        return self.code in CHANGED


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
    """What a cartridge gave. `summary` is plain text."""

    title: str
    summary: str
    modules: tuple[ModuleFound, ...]
    files: tuple[FileFound, ...]
    questions: tuple[Found, ...]
    notes: tuple[Note, ...]
