"""Documents without the names that programs write into them: who made, changed and remarked.

Files come from anywhere, and reading PDF and XML is where a made-up one could take all memory or
time. So it is done by a process of its own (`__main__`) with an end to both.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Literal, cast

from chorsu.kernel import apart
from chorsu.records.cleaning.answers import CODES, Answer

Kind = Literal["pdf", "office", "odf"]
MAX_SECONDS = 120


class CannotClean(Exception):  # noqa: N818
    """A document is not taken; `code` says why.

    `file_unreadable`, `file_locked` (by a password), `file_inside` (it carries another file that
    cannot be looked into), `file_macro`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The document, at its start, and what text its properties still hold, for a last look.

    A signed document is the one that came, byte for byte: any change would break its signature.
    `told` then has the names that could not be taken out, the signers' own among them.
    """

    file: BinaryIO
    told: str
    signed: bool


def cleaned(upload: BinaryIO, kind: Kind) -> Cleaned:
    """Take the names out of a document. Raises `CannotClean`; `upload` stays as it was.

    The same document gives the same bytes each time.
    """
    with NamedTemporaryFile(suffix=".in") as source, NamedTemporaryFile(suffix=".out") as target:
        upload.seek(0)
        shutil.copyfileobj(upload, source)
        source.flush()
        answer = _asked(kind, Path(source.name), Path(target.name))
        if answer["signed"]:
            upload.seek(0)
            return Cleaned(upload, answer["told"], signed=True)
        kept = BytesIO(Path(target.name).read_bytes())
        return Cleaned(kept, answer["told"], signed=False)


def _asked(kind: Kind, source: Path, target: Path) -> Answer:
    """What the process of its own says; one that ends without an answer could not read it."""
    try:
        said = apart.run(__name__, kind, str(source), str(target), seconds=MAX_SECONDS)
        answer = cast("Answer", json.loads(said))
    except (apart.NotDone, ValueError):
        raise CannotClean("file_unreadable") from None
    if answer["refused"]:
        raise CannotClean(answer["refused"] if answer["refused"] in CODES else "file_unreadable")
    return answer
