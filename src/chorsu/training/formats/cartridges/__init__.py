"""Common Cartridge 1.0 to 1.3 as courses: bytes in, an outline and what was not taken out; pure.

Format: 1EdTech Common Cartridge (content packaging, web content, web links, discussion topics,
Basic LTI links, assessments), and the assignments of its extension.
"""

from chorsu.training.formats.cartridges.notes import NOTE_PARAMS, NOTES, Note, NoteCode
from chorsu.training.formats.cartridges.reading import read_course
from chorsu.training.formats.cartridges.shapes import (
    CourseFound,
    FileFound,
    Fit,
    Fitted,
    ModuleFound,
    Unfit,
    UnitFound,
)

__all__ = [
    "NOTES",
    "NOTE_PARAMS",
    "CourseFound",
    "FileFound",
    "Fit",
    "Fitted",
    "ModuleFound",
    "Note",
    "NoteCode",
    "Unfit",
    "UnitFound",
    "read_course",
]
