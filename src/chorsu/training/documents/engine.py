"""The engine that sets documents: values and a template in, the bytes of a PDF/A out.

It refuses a letter that no font has, so a document is printed whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal

import typst

from chorsu.training.documents.fonts import SANS, SERIF, font_folders

Standard = Literal["a-2a", "a-3a"]
"""PDF/A, accessible: the third part where a file is attached, else the second."""


class NotPrintable(Exception):  # noqa: N818 - says what is wrong
    """A letter of the document has no glyph in the fonts at hand, or the fonts are missing."""


def typeset(
    template: Path, data: Mapping[str, object], *, standard: Standard, at: datetime
) -> bytes:
    """The PDF of a template, which reads `data` as JSON, dated `at`; raises `NotPrintable`."""
    told = {**data, "serif": SERIF, "sans": SANS}
    try:
        pdf = _compiler(template).compile(
            sys_inputs={"data": json.dumps(told, ensure_ascii=False)},
            pdf_standards=[standard],
            # The engine counts seconds.
            timestamp=at.replace(microsecond=0),
        )
    except typst.TypstError as error:
        raise NotPrintable(str(error)[:500]) from error
    if not isinstance(pdf, bytes):
        raise NotPrintable("not one file")
    return pdf


@cache
def _compiler(template: Path) -> typst.Compiler:
    return typst.Compiler(str(template), font_paths=list(font_folders()), ignore_system_fonts=True)
