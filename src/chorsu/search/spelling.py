"""The same word in another script, and what a script tells of the language. Pure tables.

Texts are stored in one script each: Uzbek in Latin, Kazakh in Cyrillic. People type either.
"""

from __future__ import annotations

import re

# Uzbek Cyrillic to the Latin alphabet of 1995; apostrophes are left out, as folding does.
_UZBEK_LATIN = str.maketrans(
    {
        **dict(zip("абвгдежзийклмнопрстуфхэ", "abvgdejziyklmnoprstufxe", strict=True)),
        "ў": "o",
        "қ": "q",
        "ғ": "g",
        "ҳ": "h",
        "ъ": "",
        "ь": "",
        "ы": "i",
        "ё": "yo",
        "ц": "ts",
        "ч": "ch",
        "ш": "sh",
        "щ": "sh",
        "ю": "yu",
        "я": "ya",
    }
)
_UZBEK_YE = re.compile("(?<![бвгджзйклмнпрстфхцчшщқғҳ])е")
"""`е` not after a consonant is said, and written in Latin, `ye`."""
# Kazakh Latin to Cyrillic: the alphabet of 2021, then what was common before it (á ǵ ń ó ú ý).
_KAZAKH_GLIDES = re.compile("(?<=[aeouyäöüūı])i")
_KAZAKH_DIGRAPHS = re.compile("sh|ch|ts|zh|ya|yu|ia|iu")
_KAZAKH_PAIRS = {"sh": "ш", "ch": "ч", "ts": "ц", "zh": "ж"} | {
    "ya": "я",
    "yu": "ю",
    "ia": "я",
    "iu": "ю",
}
_KAZAKH_CYRILLIC = str.maketrans(
    {
        **dict(zip("abcdefghijklmnopqrstuvwxyz", "абцдефгхижклмнопқрстувухыз", strict=True)),
        "ä": "ә",
        "ğ": "ғ",
        "ı": "і",
        "ñ": "ң",
        "ö": "ө",
        "ş": "ш",
        "ū": "ұ",
        "ü": "ү",
        "á": "ә",
        "ǵ": "ғ",
        "ń": "ң",
        "ó": "ө",
        "ú": "ү",
        "ý": "у",
    }
)
_LATIN = re.compile("[a-z\u00c0-\u024f]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_TOKENS = re.compile(r"\S+")

_CYRILLIC_LANGUAGES = frozenset({"kk", "ky", "tg", "ru", "uz"})
_LATIN_LANGUAGES = frozenset({"uz", "tk", "en", "kk"})
# A letter that stands in the words of these languages only.
_TELLING: tuple[tuple[str, frozenset[str]], ...] = (
    ("іұәһ", frozenset({"kk"})),
    ("ӣӯҷ", frozenset({"tg"})),
    ("ў", frozenset({"uz"})),
    ("ҳ", frozenset({"tg", "uz"})),
    ("ңүө", frozenset({"kk", "ky"})),
    ("қғ", frozenset({"kk", "tg", "uz"})),
    ("ыщ", frozenset({"kk", "ky", "ru"})),
    ("ňýž", frozenset({"tk"})),
    ("äöüçş", frozenset({"tk", "kk"})),
    ("ʻ", frozenset({"uz"})),
    ("ğūñǵ", frozenset({"kk"})),
)


def tokens(text: str) -> list[str]:
    """A text's words as typed, in small letters, cut at white space."""
    return _TOKENS.findall(text.lower())


def other_scripts(word: str) -> list[str]:
    """How a word in small letters would be spelt in the script it may be stored in."""
    if _CYRILLIC.search(word):
        return [_uzbek_latin(word)]
    if _LATIN.search(word):
        # `i` stands for `и` in the alphabet, and is typed for `і` as well.
        spelt = _kazakh_cyrillic(word)
        return [spelt, spelt.replace("и", "і")]
    return []


def _uzbek_latin(small: str) -> str:
    return _UZBEK_YE.sub("ye", small).translate(_UZBEK_LATIN)


def in_stored_script(text: str, language: str) -> str:
    """A text in the script in which texts of its language are stored; in small letters if not."""
    if language == "uz" and _CYRILLIC.search(text.lower()):
        return _uzbek_latin(text.lower())
    if language == "kk" and not _CYRILLIC.search(text.lower()):
        return _kazakh_cyrillic(text.lower())
    return text


def languages_of_script(word: str) -> frozenset[str]:
    """The languages that are stored in the script of a word in small letters."""
    if _CYRILLIC.search(word):
        return _CYRILLIC_LANGUAGES - {"uz"}
    return _LATIN_LANGUAGES - {"kk"} if _LATIN.search(word) else frozenset()


def possible_languages(text: str) -> frozenset[str]:
    """Which of the languages not written in Chinese characters a text may be in; never none."""
    small = text.lower()
    possible: frozenset[str] = frozenset()
    if _CYRILLIC.search(small):
        possible |= _CYRILLIC_LANGUAGES
    if _LATIN.search(small):
        possible |= _LATIN_LANGUAGES
    possible = possible or _CYRILLIC_LANGUAGES | _LATIN_LANGUAGES
    for letters, languages in _TELLING:
        if any(letter in small for letter in letters) and possible & languages:
            possible &= languages
    return possible


def _kazakh_cyrillic(word: str) -> str:
    paired = _KAZAKH_DIGRAPHS.sub(lambda pair: _KAZAKH_PAIRS[pair.group()], word)
    paired = _KAZAKH_GLIDES.sub("й", paired)
    return paired.translate(_KAZAKH_CYRILLIC)
