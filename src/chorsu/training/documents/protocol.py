"""The final protocol of a cohort as a PDF: one language, PDF/A-2a, tagged, on sheets of A4.

Its table goes over as many sheets as it takes, its head on each; the signatures stay together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from chorsu.training.documents.engine import typeset

TEMPLATE = Path(__file__).with_name("protocol.typ")


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it labels."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs in which function; `name` empty: to be written by hand."""

    function: str
    name: str


@dataclass(frozen=True, slots=True)
class ProtocolSheet:
    """A protocol ready to be set, all in the language of `language` and `region` (the engine's).

    `head` names the columns; each of `rows` has as many cells. `draft` stands over a protocol that
    is not final, else empty. `page` has `{page}` and `{pages}` where the numbers go.
    """

    language: str
    region: str
    title: str
    institution: str
    heading: str
    draft: str
    facts: Sequence[Fact]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    sums: Sequence[Fact]
    signatures: Sequence[Signature]
    sign: str
    name: str
    seal: str
    date: str
    page: str


def render(sheet: ProtocolSheet, at: datetime) -> bytes:
    """The PDF, dated `at`; raises `NotPrintable`."""
    return typeset(TEMPLATE, asdict(sheet), standard="a-2a", at=at)
