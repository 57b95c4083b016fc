"""Turkmen read as if it were Turkish, for an encoder that has learnt Turkish and no Turkmen.

The two are near relatives: most words differ by regular letters (`ýyl`, `yıl`), some by another
word (`döwlet gullukçysy`, `devlet memuru`). The result is for an encoder's eyes only: nobody reads
it, and endings need not harmonise.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "turkmen.tsv"
# The Turkmen alphabet of 1999 to the Turkish letter of the same sound, or of the usual cognate.
_LETTERS = str.maketrans({"ý": "y", "y": "ı", "j": "c", "ž": "j", "ň": "n", "w": "v", "ä": "e"})
_VOWELS = "aeäiouöüy"
_WORD = re.compile(r"[^\W\d_]+")
_SENTENCE_BEGINS = re.compile(r"[.!?:\"«“\n]\s*$")
_ENDING = re.compile(
    "(?:ýar|ýär|ýan|ýän|yň|iň|uň|üň|nyň|niň|y|i|u|ü|a|e|ä|dy|di|du|dü|ny|ni|da|de|dan|den|ydaky"
    "|däki|daky|an|en|yp|ip|up|üp|p|mak|mek|mag|meg|ma|me|mä|ga|ge|gä|jak|jek|ar|er|maly|meli|maz"
    "|mez|sa|se|syn|sin|lar|ler|yn|in|m|k|ň|r|s|ly|li|lyk|lik|lyg|lig|dyr|dir|dür|dur|myz|miz|yl"
    "|il|ul|ül|ys|iş|yş|uş|üş|syz|siz|n|l|t)+"
)
# alýar: alıyor; bolýandygy: olandığı.
_PRESENT = re.compile("ý(ar|är)(?=(?:yn|in|syň|siň|ys|is|syňyz|siňiz|lar|ler|dy|di)?$)")
_PARTICIPLE = re.compile("ý(an|än)")
_ENDS_ALIKE = 6
"""From so many letters on, a stem is itself whatever follows it."""


def as_turkish(text: str) -> str:
    """A Turkmen text in small letters, its words and endings as Turkish would have them.

    A capitalised word inside a sentence is a name: only its letters change.
    """
    read: list[str] = []
    place, begins = 0, True
    for match in _WORD.finditer(text):
        between = text[place : match.start()]
        begins = begins or _SENTENCE_BEGINS.search(between) is not None
        is_name = match.group()[0].isupper() and not begins
        word = match.group().lower()
        read += [between, _ending(word) if is_name else _read(word)]
        place, begins = match.end(), False
    return "".join(read) + text[place:]


@lru_cache(maxsize=1)
def _table() -> tuple[dict[str, str], dict[str, str]]:
    """Whole words, and stems (in the file with a hyphen after both)."""
    words: dict[str, str] = {}
    stems: dict[str, str] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        turkmen, turkish = line.split("\t")
        if turkmen.endswith("-"):
            stems[turkmen[:-1]] = turkish.removesuffix("-")
        else:
            words[turkmen] = turkish
    return words, stems


@lru_cache(maxsize=20_000)
def _read(word: str) -> str:
    words, stems = _table()
    if word in words:
        return words[word]
    for length in range(min(len(word), max(map(len, stems))), 1, -1):
        stem, rest = word[:length], word[length:]
        if stem in stems and (not rest or length >= _ENDS_ALIKE or _ENDING.fullmatch(rest)):
            return stems[stem] + _ending(rest, stems[stem])
    return _ending(word)


def _ending(rest: str, before: str = "") -> str:
    present = _PRESENT.search(rest)
    if present is not None:
        stem = before + rest[: present.start()]
        vowel = "" if not stem or stem[-1] in _VOWELS + "ıə" else "ıi"[present.group(1) == "är"]
        after = rest[present.end() :].translate(_LETTERS)
        return rest[: present.start()].translate(_LETTERS) + vowel + "yor" + after
    turned = _PARTICIPLE.sub(lambda found: "an" if found.group(1) == "an" else "en", rest, count=1)
    return turned.translate(_LETTERS)
