"""The Noto faces that documents are set in, found where packages put them.

Latin and Cyrillic come from Noto Serif and Noto Sans, Chinese from Noto Serif CJK SC and Noto Sans
CJK SC where the machine has them, for they have bold headings, else from the same design in one
weight, Noto Serif SC and Noto Sans SC, which is installed with the program. Nothing else of the
machine is used, and a letter that none of these has is an error.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst

SERIF = ("Noto Serif", "Noto Serif CJK SC", "Noto Serif SC")
SANS = ("Noto Sans", "Noto Sans CJK SC", "Noto Sans SC")
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/texmf/fonts",
    "/Library/Fonts",
)
LETTERS = Path(__file__).with_name("letters.typ")
PACKAGES = ("fontpkg_noto_serif", "fontpkg_noto_sans", "pylopdf_fonts_zh_cn")
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
    """Letters of a language that are missing in a face and in the one that fills in for it."""

    language: str
    face: str
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
    found = []
    for tag, alphabet in ALPHABETS.items():
        for families in (SERIF, SANS):
            if not _prints(alphabet, families):
                letters = "".join(one for one in alphabet if not _prints(one, families))
                found.append(Lacking(tag, families[0], letters))
    return found


def unprintable(text: str) -> str:
    """The letters of a text that no font at hand has, each once, asking the engine itself."""
    letters = "".join(sorted({one for one in text if not one.isspace()}))
    return "".join(
        sorted({one for families in (SERIF, SANS) for one in _missing(letters, families)})
    )


def _missing(letters: str, families: Sequence[str]) -> str:
    """By halves: nearly all letters of a document are there."""
    if not letters or _prints(letters, families):
        return ""
    if len(letters) == 1:
        return letters
    middle = len(letters) // 2
    return _missing(letters[:middle], families) + _missing(letters[middle:], families)


def _prints(letters: str, families: Sequence[str]) -> bool:
    compiler = typst.Compiler(
        str(LETTERS), font_paths=list(font_folders()), ignore_system_fonts=True
    )
    asked = {"letters": letters, "families": json.dumps(families)}
    try:
        compiler.compile(sys_inputs=asked, pdf_standards=["a-2a"])
    except typst.TypstError:
        return False
    return True
