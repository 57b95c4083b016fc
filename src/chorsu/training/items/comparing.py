"""Short texts compared as a patient teacher would: what a keyboard does is no mistake.

What may differ by language: which script it is written in (Uzbek and Kazakh in either, Chinese in
traditional characters), which signs stand for the letters oʻ and gʻ, whether ё was typed as е, and
what becomes of a dotted capital İ. Letters of an alphabet stay letters: ş is not s, ң is not н.
"""

from __future__ import annotations

import re
import unicodedata

import alifbo

from chorsu.kernel.text import normalise
from chorsu.kernel.transliteration import lower, transliterator
from chorsu.language.scripts import writer

_APOSTROPHES = str.maketrans(dict.fromkeys("'‘’ʼ`´′", "ʻ"))
_QUOTES = str.maketrans(dict.fromkeys('«»„“”‟"‹›《》「」『』'))
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_AROUND = ".,;:!?… 。，；：！？、·"
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")
# In Tajik ё is a letter that is always written; these leave its dots out at will.
_YO_AT_WILL = frozenset(("ru", "kk", "ky"))


def comparable(text: str, language: str, *, case: bool = False) -> str:
    """The form in which two spellings of one answer are equal. With `case`, small is not capital.

    `language` is the tag of the language the question is read in. Idempotent but for texts whose
    script the language does not know.
    """
    plain = unicodedata.normalize("NFKC", normalise(text))
    plain = plain.translate(_QUOTES).translate(_DASHES)
    plain = _in_one_script(plain, language).translate(_APOSTROPHES)
    if not case:
        plain = _small(plain, language)
    if language in _YO_AT_WILL:
        plain = plain.replace("ё", "е").replace("Ё", "Е")
    if language == "zh-Hans":
        plain = re.sub(r"\s+", "", plain) if _has_no_latin(plain) else plain
    return " ".join(plain.split()).strip(_AROUND)


def matches(answer: str, spelling: str, language: str, *, case: bool = False) -> bool:
    """Whether an answer is a spelling, in which `*` is anything, after a backslash itself."""
    given = comparable(answer, language, case=case)
    pieces = _pieces(spelling)
    if len(pieces) == 1:
        return given == comparable(pieces[0], language, case=case)
    first, *inner, last = (comparable(piece, language, case=case) for piece in pieces)
    if not given.startswith(first) or not given.endswith(last):
        return False
    # Each piece where it comes first: what an answer may make us search stays linear.
    at, end = len(first), len(given) - len(last)
    for piece in inner:
        found = given.find(piece, at, max(end, at))
        if found < 0:
            return False
        at = found + len(piece)
    return at <= end


def has_wildcard(spelling: str) -> bool:
    """Whether a spelling stands for more than itself."""
    return len(_pieces(spelling)) > 1


def _pieces(spelling: str) -> tuple[str, ...]:
    pieces = re.split(r"(?<!\\)\*", spelling)
    return tuple(piece.replace("\\*", "*") for piece in pieces)


def _in_one_script(text: str, language: str) -> str:
    if language == "zh-Hans":
        return transliterator("Traditional-Simplified")(text)
    if language == "uz":
        # Cyrillic and both Latin alphabets become the newer Latin one, where oʻ is one letter.
        plain = str(alifbo.normalize_apostrophes(text))
        return str(alifbo.from_cyrillic(plain).text)
    if language == "kk" and _CYRILLIC.search(text):
        return unicodedata.normalize("NFC", writer("kk", "Latn")(text))
    return text


def _small(text: str, language: str) -> str:
    if language == "kk":
        # The Latin alphabet of Kazakh has both a dotted and a dotless i, as Turkish has.
        return lower(text, "tr")
    # Elsewhere both are a Turkish keyboard's i.
    return text.replace("İ", "i").replace("ı", "i").casefold()


def _has_no_latin(text: str) -> bool:
    return not any(char.isascii() and char.isalpha() for char in text)
