"""A text in the other script of its language: Uzbek in Cyrillic, Kazakh in Latin.

Derived when read and never stored: it is the same text, not a translation. Both take plain text;
Markdown is parsed first (`web/markdown.py`), so that neither links nor code are rewritten.
"""

from __future__ import annotations

from collections.abc import Callable

import alifbo

from chorsu.kernel.transliteration import transliterator_by

# Language tag -> the ISO 15924 codes it can be derived in.
DERIVED_SCRIPTS: dict[str, str] = {"uz": "Cyrl", "kk": "Latn"}

# The alphabet of 31 letters presented to the government of Kazakhstan on 28 January 2021. Letters
# that stand only in loans have no letter of their own there; they become the letters of what is
# heard, the hard and soft signs nothing. A capital that becomes two letters keeps the second small
# unless the next letter is a capital too.
_KAZAKH_LATIN = """
::NFC;
$loud = [[:Lu:]];
Ия > İa; ИЯ > İA; ия > ia;
Ё } $loud > İO; Ё > İo; ё > io;
Ю } $loud > İU; Ю > İu; ю > iu;
Я } $loud > İA; Я > İa; я > ia;
Ц } $loud > TS; Ц > Ts; ц > ts;
Ч } $loud > TŞ; Ч > Tş; ч > tş;
А > A; а > a; Ә > Ä; ә > ä; Б > B; б > b; В > V; в > v; Г > G; г > g; Ғ > Ğ; ғ > ğ;
Д > D; д > d; Е > E; е > e; Ж > J; ж > j; З > Z; з > z; И > İ; и > i; Й > İ; й > i;
К > K; к > k; Қ > Q; қ > q; Л > L; л > l; М > M; м > m; Н > N; н > n; Ң > Ñ; ң > ñ;
О > O; о > o; Ө > Ö; ө > ö; П > P; п > p; Р > R; р > r; С > S; с > s; Т > T; т > t;
У > U; у > u; Ұ > Ū; ұ > ū; Ү > Ü; ү > ü; Ф > F; ф > f; Х > H; х > h; Һ > H; һ > h;
Ш > Ş; ш > ş; Щ > Ş; щ > ş; Ы > Y; ы > y; І > I; і > ı; Э > E; э > e;
Ъ > ; ъ > ; Ь > ; ь > ;
"""


class NoSuchScript(ValueError):  # noqa: N818 - says what is wrong
    """The language is not written in this script here."""


def derived(text: str, tag: str, script: str) -> str:
    """`text`, in the language of `tag`, written in `script`; raises `NoSuchScript`."""
    return writer(tag, script)(text)


def writer(tag: str, script: str) -> Callable[[str], str]:
    """The function that rewrites texts of a language in `script`; raises `NoSuchScript`."""
    if (tag, script) == ("uz", "Cyrl"):
        return _uzbek_cyrillic
    if (tag, script) == ("kk", "Latn"):
        return _kazakh_latin
    raise NoSuchScript(f"no {script[:20]!r} view of {tag[:20]!r}")


def _uzbek_cyrillic(text: str) -> str:
    return str(alifbo.to_cyrillic(text).text)


def _kazakh_latin(text: str) -> str:
    return transliterator_by("kk-Latn-2021", _KAZAKH_LATIN)(text)
