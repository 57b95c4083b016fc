"""Pure rules of foreign records: their language, and what may be shown of what they say."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from chorsu.kernel.text import normalise

FALLBACK = "en"
"""Under which language words are indexed that declare none of the eight."""
_CODES = {
    "zh": "zh-Hans", "zho": "zh-Hans", "chi": "zh-Hans", "cmn": "zh-Hans",
    "kk": "kk", "kaz": "kk", "ky": "ky", "kir": "ky", "uz": "uz", "uzb": "uz",
    "tg": "tg", "tgk": "tg", "tk": "tk", "tuk": "tk", "ru": "ru", "rus": "ru",
    "en": "en", "eng": "en",
}  # fmt: skip
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*", re.ASCII)


def language_of(declared: str) -> str:
    """The working language that a declared tag (`ru`, `rus`, `zh-CN`) means, else empty.

    Traditional characters and other scripts than the network's are not the language it reads.
    """
    match = _TAG.fullmatch(declared.strip())
    found = _CODES.get(match[1].lower(), "") if match else ""
    return "" if found and re.search(r"[-_](hant|tw|hk|mo)\b", declared, re.IGNORECASE) else found


def clean(text: str, limit: int) -> str:
    """One line of clean text, cut at `limit` characters."""
    return " ".join(normalise(text).split())[:limit].strip()


def clean_lines(text: str, limit: int) -> str:
    """Clean text that keeps its lines, cut at `limit` characters."""
    return normalise(text)[:limit].strip()


def web_address(values: list[str]) -> str:
    """The first that leads to the web and hides nothing, else empty."""
    for value in values:
        try:
            parts = urlsplit(value)
        except ValueError:
            continue
        plain = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
        if plain and len(value) <= 1000 and not re.search(r"\s", value):
            return value
    return ""
