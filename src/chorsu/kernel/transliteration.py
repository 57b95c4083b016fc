"""ICU's transliterators, letter cases and orders, where they are wanted: it takes 10 MB."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

Rewriter = Callable[[str], str]


@cache
def transliterator(name: str) -> Rewriter:
    """One of ICU's own, by its ID, such as `Han-Latin; Latin-ASCII`."""
    import icu  # slow import

    rewrite: Rewriter = icu.Transliterator.createInstance(name).transliterate
    return rewrite


@cache
def transliterator_by(name: str, rules: str) -> Rewriter:
    """One by rules in ICU's syntax."""
    import icu  # slow import

    made = icu.Transliterator.createFromRules(name, rules, icu.UTransDirection.FORWARD)
    rewrite: Rewriter = made.transliterate
    return rewrite


def lower(text: str, language: str) -> str:
    """Small letters by the rules of a language: in Turkish `I` becomes `ı`."""
    import icu  # slow import

    return str(icu.UnicodeString(text).toLower(icu.Locale(language)))


def sort_key(tag: str) -> Callable[[str], bytes]:
    """What puts words in the language's own order: Chinese by sound, ç after c."""
    import icu  # slow import

    collator = icu.Collator.createInstance(icu.Locale(tag))
    return lambda word: bytes(collator.getSortKey(word))
