"""What every kind of record has: fields of words, codes, and what can be wrong with a field."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
CODE = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
AUDIENCES = ("public", "network")
TRANSLATIONS = ("human", "edited", "machine")
PROVENANCES = ("original", *TRANSLATIONS)
LICENCES = ("CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC0-1.0")
NOTE_MAX = 500
REASON_MAX = 2000
TRANSLATED_BY_MAX = 200

# Field name -> text: `title`, ..., `indicators.<key>.name`, `files.<sha256>.description`.
# An empty text is not kept: the field is then missing.
Words: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class TextField:
    """A field of words. Plain ones are one line, but for those with `lines`."""

    name: str
    markdown: bool
    max_chars: int
    required: bool = False
    lines: bool = False


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with a field: `field` is a path such as `title` or `indicators.0.value`
    (rows of facts by position, words of rows by key), `code` one of `ERROR_CODES`.
    """

    field: str
    code: str
    params: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


# Code -> meaning, with the parameters in braces. What a person sees is translated by the page.
ERROR_CODES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "is needed before publication",
        "too_long": "has more than {max} characters",
        "too_many": "has more than {max} rows",
        "not_text": "is not a text",
        "not_a_list": "is not a list",
        "unknown": "is not one of the values or fields there are: {value}",
        "duplicate": "occurs twice: {value}",
        "not_a_number": "is not a whole number from {low} to {high}",
        "not_a_year": "is not a year from {low} to {high}",
        "order": "ends before it begins",
        "not_a_decimal": "is not a number such as 12.18",
        "two_ways": "can be read as {whole} or as {part}",
        "not_a_date": "is not a date such as 2024, 2024-06 or 2024-06-30",
        "not_a_url": "is not an address beginning with http, https or mailto",
        "not_an_email": "is not an e-mail address",
        "not_a_phone": "is not a telephone number",
        "not_a_key": "is not a key of small letters, digits and hyphens",
        "not_a_language": "is not a language tag",
        "nothing_counts": "asks for a result towards which no unit counts",
        "no_such_row": "speaks of a row that the facts do not have",
        "personal_email": "holds the e-mail address of a person of this node",
        "personal_name": "holds the name of a person of this node",
        "closed": "is {value}, which was for the network, and the record is public now",
        "unchanged": "is the same as what is published",
        "file_type": "is of a type that is not taken: {value}",
        "file_old": "is of an office program's format before 2007",
        "file_size": "is larger than {max} MB",
        "file_empty": "has no content",
        "file_damaged": "cannot be read as the image it claims to be",
        "file_unreadable": "cannot be read as the document it claims to be",
        "file_locked": "is locked with a password",
        "file_inside": "carries another file inside that cannot be looked into",
        "file_macro": "carries macros",
        "file_signed": "is signed and names a person of this node",
        "file_twice": "is there already",
        "file_erased": "was erased here and is not taken again",
    }
)


class InvalidRecord(Exception):  # noqa: N818 - says what is wrong
    """Some fields are not right; nothing was changed. `errors` names each."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(", ".join(f"{error.field}: {error.code}" for error in errors))
        self.errors = errors


def is_key(text: str) -> bool:
    """Whether `text` may name a row: 1 to 40 small letters, digits, inner hyphens."""
    return KEY.fullmatch(text) is not None
