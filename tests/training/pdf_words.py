"""The words that a PDF shows: glyphs by the table of each font (ISO 32000-2, 9.10)."""

from __future__ import annotations

import io
import re

import pikepdf

_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)endbf", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f]+)>")


def words_on(pdf: bytes) -> str:
    """All words of all pages in the order of drawing, without white space, which lines break."""
    found = []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for page in document.pages:
            fonts = {
                str(name): _letters(bytes(font.ToUnicode.read_bytes()))
                for name, font in page.Resources.Font.items()
            }
            letters: dict[int, str] = {}
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    letters = fonts[str(operands[0])]
                elif str(operator) in ("Tj", "TJ"):
                    found += [letters[code] for code in _codes(operands[0])]
    return "".join("".join(found).split())


def _codes(shown: pikepdf.Object) -> list[int]:
    """Numbers of glyphs, two bytes each; what stands between them in an array moves them only."""
    parts = shown if isinstance(shown, pikepdf.Array) else [shown]
    data = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def _letters(table: bytes) -> dict[int, str]:
    """The text of each glyph, from the CMap of a font."""
    found: dict[int, str] = {}
    for kind, body in _SECTION.findall(table):
        numbers = _HEX.findall(body)
        step = 2 if kind == b"bfchar" else 3
        for at in range(0, len(numbers), step):
            first, last, text = int(numbers[at], 16), int(numbers[at + step - 2], 16), numbers[-1]
            text = bytes.fromhex(numbers[at + step - 1].decode()).decode("utf-16-be")
            for code in range(first, last + 1):
                found[code] = text[:-1] + chr(ord(text[-1]) + code - first)
    return found
