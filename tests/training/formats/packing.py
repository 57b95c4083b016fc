"""Packages of questions in memory: as others send them, and as they are written here."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO

from chorsu.records.fields import Words
from chorsu.training.formats.questions import Trouble, write_package
from chorsu.training.formats.questions.packages import Writer
from chorsu.training.formats.questions.qti import Version
from chorsu.training.items import Facts


def pack(members: Mapping[str, bytes]) -> bytes:
    """A zip file of these members."""
    target = io.BytesIO()
    with Writer(target) as package:
        for name, content in members.items():
            package.add(name, content)
    return target.getvalue()


def written_package(
    questions: Iterable[tuple[str, Facts, Mapping[str, Words]]],
    version: Version,
    picture: Callable[[str], bytes | None] = lambda _: None,
    *,
    say: Callable[[Trouble], str] = str,
) -> tuple[bytes, list[Trouble]]:
    """A package of these questions, and what was left out."""

    def opened(sha256: str) -> BinaryIO | None:
        content = picture(sha256)
        return None if content is None else io.BytesIO(content)

    target = io.BytesIO()
    troubles = write_package(target, questions, version, opened, say=say)
    return target.getvalue(), troubles
