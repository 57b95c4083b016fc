"""The part of a word that its endings leave. Words come folded (`kernel.text.fold`), in one script.

Russian and English by Snowball. For Kazakh, Kyrgyz, Uzbek, Turkmen and Tajik there is no stemmer to
be had: here only the endings of nouns come off (number, possession, case), from the outside in. Two
forms of one word that meet in their stems are found by each other; the stem itself is no word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import snowballstemmer

LEAST_LETTERS = 3
"""A stem is no shorter: `жол`, `suw`, `ish`; but `Ош` may stand before a case of two letters."""
_MOST_ENDINGS = 5
_SNOWBALL = {"ru": "russian", "en": "english"}


def _endings(*sorts: str) -> tuple[re.Pattern[str], ...]:
    """Each sort as (stem)(ending); of two endings that fit the longer comes off; cases first."""
    first, *others = sorts
    case = re.compile(rf"^(.{{{LEAST_LETTERS - 1},}}?)(?:{first})$")
    return (case, *(re.compile(rf"^(.{{{LEAST_LETTERS},}}?)(?:{sort})$") for sort in others))


# Vowels stand for their harmony, consonants for what they become beside one another. A bare vowel
# is an ending only after a consonant, and a bare consonant only after a vowel.
_VOICELESS = "(?<=[пткқсшфхцчщ])"
_VOICED = "(?<=[бвгғджзйлмнңр])"
_VOWEL = "(?<=[аәеёиоөуұүыіэюя])"
_ENDINGS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "kk": _endings(
        rf"{_VOICELESS}т[ыі]ң?|{_VOICED}д[ыі]ң?|{_VOWEL}н[ыі]ң?"
        rf"|{_VOICELESS}т[ае](?:н|ғы|гі)?|(?:{_VOICED}|{_VOWEL})д[ае](?:н|ғы|гі)?"
        "|(?<=[ыі])нд[ае](?:ғы|гі)?|[ыі]н[ае]н|н[ае]н|[ғқгк][ае]|(?<=[ыі])н[ае]|[мбп]ен(?:ен)?",
        "(?<=[бвгғдйжзкқлмнңпрстуфхцчшщ])[ае]|(?<=[ыі])н",
        "[ыі]м[ыі]з|м[ыі]з|[ыі]ң[ыі]з|ң[ыі]з|с[ыі]|[ыі]м|[ыі]ң",
        "(?<=[бвгғджзйкқлмнңпрстуфхцчшщ])[ыі]|(?<=[ае])[мң]",
        "[лдт][ае]р",
    ),
    "ky": _endings(
        rf"{_VOICELESS}т[ыиуү]н?|{_VOICED}д[ыиуү]н?|{_VOWEL}н[ыиуү]н?"
        rf"|{_VOICELESS}т[аеоө](?:н|г[ыиуү])?|(?:{_VOICED}|{_VOWEL})д[аеоө](?:н|г[ыиуү])?"
        "|(?<=[ыиуү])нд[аеоө](?:г[ыиуү])?|н[аеоө]н|[гк][аеоө]|(?<=[ыиуү])н[аеоө]",
        "(?<=[бвгджзйклмнңпрстфхцчшщ])[аеоө]|(?<=[ыиуү])н",
        "[ыиуү]б[ыиуү]з|б[ыиуү]з|[ыиуү]ң[ыиуү]з|ң[ыиуү]з|с[ыиуү]|[ыиуү]м|[ыиуү]ң",
        "(?<=[бвгджзйклмнңпрстфхцчшщ])[ыиуү]|(?<=[аеоө])[мң]",
        "[лдт][аеоө]р",
    ),
    "uz": _endings(
        "dagi|gacha|ning|dan|da|ga|ka|qa|ni",
        "imiz|ingiz|miz|ngiz|lari|si|im|ing",
        "(?<=[bcdfghjklmnpqrstvxz])i|(?<=[aou])[mn]",
        "lar",
    ),
    "tk": _endings(
        "[dn][ae]k[yi]|[nd]?[yiu]n|n?d[ae]n|n?d[ae]|g[ae]|n[ae]|n[yi]",
        "(?<=[bcdfghjklmnprstwyz])[ae]",
        "[yiu]m[yi]z|[yiu]n[yi]z|m[yi]z|n[yi]z|s[yi]|[yiu]m",
        "(?<=[bcdfghjklmnprstwz])[yiu]",
        "l[ae]r",
    ),
    "tg": _endings(
        "ро",
        "амон|атон|ашон|ам|ат|аш",
        "(?<=[аоуӯе])[ию]|ӣ|(?<=[бвгғдҷжзкқлмнпрстфхҳчш])[ие]",
        "ҳо|гон|вон|ён|он",
        "ӣ|(?<=[бвгғдҷжзкқлмнпрстфхҳчш])и",
    ),
}
# What a consonant at the end becomes before a vowel: `мектеп`, `мектебі`; `kitap`, `kitaby`.
_HARD = {
    "kk": str.maketrans("бгғ", "пкқ"),
    "ky": str.maketrans("бг", "пк"),
    "uz": str.maketrans("bgq", "pkk"),
    "tk": str.maketrans("bdg", "ptk"),
}


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """The stem of a word of this language; the word itself where nothing comes off."""
    if language in _SNOWBALL:
        return str(snowballstemmer.stemmer(_SNOWBALL[language]).stemWord(word))
    if language not in _ENDINGS or not word.isalpha():
        return word
    for _ in range(_MOST_ENDINGS):
        shorter = _without_ending(word, language)
        if shorter == word:
            break
        word = shorter
    return word[:-1] + word[-1].translate(_HARD.get(language, {}))


def _without_ending(word: str, language: str) -> str:
    for pattern in _ENDINGS[language]:
        found = pattern.match(word)
        if found:
            return found[1]
    return word
