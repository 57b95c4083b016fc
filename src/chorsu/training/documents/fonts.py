"""The Noto faces that documents are set in, found where packages put them.

Latin and Cyrillic come from Noto Serif and Noto Sans, Chinese from Noto Serif CJK SC and Noto Sans
CJK SC. Nothing else of the machine is used: a document looks the same at every node, and a letter
that none of these has is an error.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst

SERIF = ("Noto Serif", "Noto Serif CJK SC")
SANS = ("Noto Sans", "Noto Sans CJK SC")
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/texmf/fonts",
    "/Library/Fonts",
)
PACKAGES = ("fontpkg_noto_serif", "fontpkg_noto_sans")
# The letters by which these languages differ from their neighbours; Chinese in simplified forms.
ALPHABETS = {
    "zh-Hans": "国家公共管理培训证书学时颁发",
    "kk": "ӘәҒғҚқҢңӨөҰұҮүҺһІі",
    "ky": "ҢңӨөҮү",
    "uz": "OʻoʻGʻgʻShCh",
    "tg": "ҒғӢӣҚқӮӯҲҳҶҷ",
    "tk": "ÄäÇçŇňÖöŞşÜüÝýŽž",
    "ru": "ЁёЙйЪъЫыЭэ№",
    "en": "Academy",
}


@dataclass(frozen=True, slots=True)
class Lacking:
    """Letters of a language that no font has."""

    language: str
    letters: str


@cache
def font_folders() -> tuple[str, ...]:
    """Folders with fonts that are there."""
    found = [Path(one) for one in FOLDERS]
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        found += [Path(one) for one in (spec.submodule_search_locations or [])] if spec else []
    return tuple(str(one) for one in found if one.is_dir())


def lacking() -> list[Lacking]:
    """For each language what can't be printed, asking the engine itself; empty: nothing."""
    return [
        Lacking(tag, letters)
        for tag, alphabet in ALPHABETS.items()
        if (letters := _without_glyph(alphabet))
    ]


def _without_glyph(letters: Sequence[str]) -> str:
    return "".join(one for one in dict.fromkeys(letters) if not _prints(one))


def _prints(letter: str) -> bool:
    families = ", ".join(f'"{one}"' for one in SERIF)
    source = f"#set text(font: ({families}), fallback: false)\n#sys.inputs.letter"
    try:
        typst.Compiler(
            source.encode(), font_paths=list(font_folders()), ignore_system_fonts=True
        ).compile(sys_inputs={"letter": letter}, pdf_standards=["a-2a"])
    except typst.TypstError:
        return False
    return True
