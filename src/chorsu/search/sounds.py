"""How a word sounds, roughly, in whatever script: names meet that are spelt by ear.

`Ханчжоу`, `Hangzhou`, `Xanchjou`, `Hançžou` and `杭州` sound alike here, and so do a Kazakh word
and the same typed with Russian letters only, or a Russian word typed in Latin letters. Vowels are
told apart in three groups; doubled letters count once.
"""

from __future__ import annotations

import re
from functools import lru_cache

from chorsu.kernel.transliteration import transliterator

_HAN = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_CYRILLIC = str.maketrans(
    dict(zip("абвгдежзийклмнопрстуфхыэ", "abvgdejziiklmnoprstufhie", strict=True))
    | dict(zip("әғқңөұүһіқӣӯҳҷєїґў", "agknouuhikiuhjeigu", strict=True))
    | {"ё": "e", "ц": "s", "ч": "c", "ш": "s", "щ": "s", "ю": "u", "я": "a", "ъ": "", "ь": ""}
)
# Before the letters: pairs that stand for one sound. Palladius writes pinyin's j and z as `цз`.
_CYRILLIC_PAIRS = (("чж", "j"), ("дж", "j"), ("цз", "j"), ("юй", "у"), ("нг", "н"))
_LATIN_PAIRS = (
    ("ngh", "nh"), ("shch", "s"), ("chj", "j"), ("cz", "j"), ("zh", "j"), ("dj", "j"),
    ("dzh", "j"), ("sh", "s"),
    ("ch", "c"), ("kh", "h"), ("gh", "g"), ("ts", "s"), ("ng", "n"), ("ck", "k"), ("yuy", "u"),
    ("yu", "u"), ("iu", "u"), ("ya", "a"), ("ia", "a"), ("yo", "e"), ("ye", "e"),
)  # fmt: skip
_LETTERS = str.maketrans(
    {"w": "v", "q": "k", "x": "h", "y": "i", "e": "i", "o": "u", "'": None, " ": None}
)
_DOUBLED = re.compile(r"(.)\1+")
LEAST = 4
"""Shorter sounds are shared by too many words."""


@lru_cache(maxsize=50_000)
def sound(word: str, *, pinyin: bool = False) -> str:
    """The sound of a folded word; empty where it has too little of one.

    `pinyin`: a word in Latin letters is read as Chinese or English write it (`x` in `Xiaoshan`).
    """
    if word.isdigit():
        return ""
    if _HAN.search(word):
        latin, pinyin = _from_han(word), True
    else:
        for pair, one in _CYRILLIC_PAIRS:
            word = word.replace(pair, one)
        latin = word.translate(_CYRILLIC)
    for pair, one in _LATIN_PAIRS:
        latin = latin.replace(pair, one)
    if pinyin:
        # What `zh`, `ch` and `sh` became stays as it is: only what is left is pinyin's own.
        latin = re.sub("[xq]", "s", latin)
    found = _DOUBLED.sub(r"\1", latin.translate(_LETTERS))
    return found[:40] if len(found) >= LEAST else ""


def _from_han(word: str) -> str:
    return transliterator("Han-Latin; Latin-ASCII")(word).lower().replace(" ", "")


def simplified(text: str) -> str:
    """Chinese in its simplified characters, one for one; the rest as it is."""
    return transliterator("Traditional-Simplified")(text) if _HAN.search(text) else text
