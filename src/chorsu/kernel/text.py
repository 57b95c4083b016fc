"""Plain text in eight languages and three scripts: cleaning it, and folding it for comparison."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Uzbek oʻ and gʻ are typed with any of these; what a person types must meet what was printed.
_APOSTROPHES = str.maketrans(dict.fromkeys("ʻ'‘’ʼ`´′ʹˈʽꞌ"))
# What breaks lines in a PDF is carried along when a word is copied from it.
_UNSEEN = str.maketrans(dict.fromkeys("\u00ad\u200b\u2060\ufeff"))
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
# Marks that turn the direction of text make a name look like another; no script here needs them.
# The joiners U+200C and U+200D stay: they are spelling, not direction.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_WORD = re.compile(rf"[{_HAN}]+|(?:(?![{_HAN}])[^\W_])+")


def normalise(text: str) -> str:
    """Text as it is stored. Idempotent.

    NFC, lines ended by LF, no control characters but LF and TAB, no marks of direction, nothing
    that XML cannot hold, no white space at either end.
    """
    if not _is_plain(text):
        text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))
    return unicodedata.normalize("NFC", text).strip()


def printable(text: str) -> str:
    """A text by a stranger, as a line of a report: what no database or page holds is U+FFFD."""
    return _UNWANTED.sub("\ufffd", text)


def has_unwanted(text: str) -> bool:
    """Whether a text holds a character that `normalise` would take out."""
    return not _is_plain(text) and _UNWANTED.search(text) is not None


def _is_plain(text: str) -> bool:
    """Whether it is sure, at a look in C, that nothing is unwanted: true of nearly every text."""
    return text.replace("\n", " ").isprintable()


def fold(text: str) -> str:
    """Text as it is compared in search: case, width, apostrophes and Latin diacritics gone.

    `ё` becomes `е`; the letters of Kazakh, Kyrgyz and Tajik (`қ ң ө ү ӣ ҷ`) and Russian `й` stay,
    because there they are letters, not accents. Idempotent.
    """
    if text.isascii():
        return text.lower().translate(_APOSTROPHES)
    # First, for compatibility makes of an acute accent that stands alone a space and a mark.
    text = text.translate(_APOSTROPHES).translate(_UNSEEN)
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = text.translate(_APOSTROPHES)
    kept: list[str] = []
    base_is_latin = False
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.combining(char):
            if not base_is_latin:
                kept.append(char)
        else:
            base_is_latin = _is_latin(char)
            kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept)).replace("ё", "е")


def words(text: str) -> list[str]:
    """The folded words of a text, in order: runs of letters and digits.

    A run of Han characters is one word, kept apart from letters beside it (`GDP增长` is two).
    """
    return _WORD.findall(fold(text))


@lru_cache(maxsize=4096)
def _is_latin(char: str) -> bool:
    return unicodedata.name(char, "").startswith("LATIN ")
