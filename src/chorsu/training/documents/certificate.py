"""A certificate as a PDF: two languages side by side, PDF/A-3a, tagged, with its code.

The certificate itself is attached to it, as PDF/A-3 allows, so that the file can be verified too.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import segno

from chorsu.training.documents.engine import typeset

TEMPLATE = Path(__file__).with_name("certificate.typ")


@dataclass(frozen=True, slots=True)
class Row:
    """A label and what it labels, in the side's language."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Side:
    """All that stands on one side; `language` and `region` are what the engine takes."""

    language: str
    region: str
    institution: str
    heading: str
    number: str
    certifies: str
    completed: str
    title: str
    rows: Sequence[Row]
    check: str
    signature: str
    seal: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A certificate ready to be set. `code` is the text of its QR code, `title` the PDF's own."""

    title: str
    holder: str
    number: str
    sides: tuple[Side, Side]
    code: str
    code_alt: str
    address: str
    fingerprint: str


def render(sheet: Sheet, issued_at: datetime, attached: bytes) -> bytes:
    """The PDF, with the certificate's file attached; raises `NotPrintable`."""
    data = {**asdict(sheet), "code": qr_svg(sheet.code), "attached": attached.decode()}
    return typeset(TEMPLATE, data, standard="a-3a", at=issued_at)


def qr_svg(text: str) -> str:
    """The code as a drawing, dense as it must be and with no error correction to spare."""
    drawn = io.BytesIO()
    code = segno.make_qr(text, error="l", boost_error=True, mode="alphanumeric")
    code.save(drawn, kind="svg", border=0, xmldecl=False, svgns=True, dark="#10203a", scale=4)
    return drawn.getvalue().decode()
