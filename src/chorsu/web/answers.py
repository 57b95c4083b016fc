"""What the page that checks documents says of one, whatever it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from chorsu.verifier.words import Line


@dataclass(frozen=True, slots=True)
class Answer:
    """`tone` is that of a notice; `code` is for whoever helps the reader."""

    tone: str
    headline: str
    text: str
    warnings: list[str] = field(default_factory=list)
    since: str = ""
    since_tone: str = ""
    lines: list[Line] = field(default_factory=list)
    record_url: str = ""
    code: str = ""
