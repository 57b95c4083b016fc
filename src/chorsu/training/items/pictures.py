"""Pictures in the words of a question: which there may be, and what a text shows.

A picture is named in Markdown as figures of units are: `![what is to be seen](name)`. Its name says
what it holds, by the beginning of its hash, so that a name never comes to mean another picture.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from chorsu.training.items.fields import Picture

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,50}[a-z0-9])?\.(?:png|jpg|webp)", re.ASCII)
MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}
)
MAX_PICTURES = 20
MAX_PICTURE_BYTES = 1024 * 1024
"""So much of a picture comes to other nodes by itself, whatever their policy on files."""
MAX_SIDE = 10_000
_OF_HASH = 8
_IMAGE = re.compile(r"!\[((?:\\.|[^\]\\])*)\]\([^)\s]*\)")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def name_of(told: str, sha256: str, media_type: str) -> str:
    """The name of a picture, from what a file or an author called it."""
    ending = next(ending for ending, kind in MEDIA_TYPES.items() if kind == media_type)
    stem = unquote(told).replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    flat = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    mark = sha256[:_OF_HASH]
    base = re.sub(r"[^a-z0-9]+", "-", flat).strip("-").removesuffix(mark).strip("-")[:40].strip("-")
    return f"{base or 'picture'}-{mark}.{ending}"


def shown_in(text: str) -> list[tuple[str, str]]:
    """(name, words for who cannot see it) of each picture that a Markdown text shows, in order."""
    if "![" not in text:
        return []
    return _of(_MARKDOWN.parse(text))


def in_words(text: str) -> str:
    """A text in which what is said of each picture stands for it, for where none can be shown."""
    return _IMAGE.sub(lambda match: match[1], text)


def by_name(pictures: list[Picture]) -> dict[str, Picture]:
    """The pictures by their names."""
    return {one["name"]: one for one in pictures}


def _of(tokens: list[Token]) -> list[tuple[str, str]]:
    found = []
    for token in tokens:
        if token.type == "image":
            found.append((unquote(str(token.attrs.get("src", ""))), token.content.strip()))
        else:
            found += _of(token.children or [])
    return found
