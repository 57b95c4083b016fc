"""Which language a short text may be in: an identifier of eight languages, held in check."""

from __future__ import annotations

import math
from collections.abc import Collection
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

TAGS = {"zh": "zh-Hans"} | {tag: tag for tag in ("kk", "ky", "uz", "tg", "tk", "ru", "en")}
DOUBT = 3.0
"""Its logarithms are divided by this: it takes each run of letters for a witness of its own."""
TRUST = 0.9
"""Weight of the identifier; the rest is shared out evenly, for it is sure of itself when wrong."""


def shares(text: str, possible: Collection[str]) -> dict[str, float]:
    """The share of each of the possible languages in what the text may be; they add up to 1."""
    scores = {
        TAGS[code]: float(score)
        for code, score in _identifier().rank(text)
        if TAGS.get(code) in possible
    }
    best = max(scores.values(), default=0.0)
    weights = {tag: math.exp((score - best) / DOUBT) for tag, score in scores.items()}
    total = sum(weights.values()) or 1.0
    even = (1 - TRUST) / len(possible)
    return {tag: TRUST * weights.get(tag, 1.0) / total + even for tag in sorted(possible)}


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(TAGS))
    return identifier
