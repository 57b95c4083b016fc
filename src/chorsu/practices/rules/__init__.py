"""The rules of a practice: pure functions over words and facts."""

from chorsu.kernel.numbers import is_decimal, read_decimal
from chorsu.practices.rules.facts import clean_facts, countries, is_date
from chorsu.practices.rules.fields import (
    COSTS,
    DURATIONS,
    FIELDS_BY_NAME,
    LEVELS,
    MAX_ROWS,
    ROW_WORDS,
    STATUSES,
    TEXT_FIELDS,
    Contact,
    Facts,
    Indicator,
    Source,
    clean_words,
    empty_facts,
    order_words,
)
from chorsu.practices.rules.readiness import missing_for_publication, words_without_row
from chorsu.practices.rules.refusing import Sifted, refusals, sift, with_refused
from chorsu.records.facts import is_email, is_url
from chorsu.records.fields import (
    AUDIENCES,
    ERROR_CODES,
    LICENCES,
    NOTE_MAX,
    PROVENANCES,
    FieldError,
    TextField,
    Words,
    is_key,
)
from chorsu.records.fields import InvalidRecord as InvalidPractice
from chorsu.records.words import flatten_words

__all__ = [
    "AUDIENCES",
    "COSTS",
    "DURATIONS",
    "ERROR_CODES",
    "FIELDS_BY_NAME",
    "LEVELS",
    "LICENCES",
    "MAX_ROWS",
    "NOTE_MAX",
    "PROVENANCES",
    "ROW_WORDS",
    "STATUSES",
    "TEXT_FIELDS",
    "Contact",
    "Facts",
    "FieldError",
    "Indicator",
    "InvalidPractice",
    "Sifted",
    "Source",
    "TextField",
    "Words",
    "clean_facts",
    "clean_words",
    "countries",
    "empty_facts",
    "flatten_words",
    "is_date",
    "is_decimal",
    "is_email",
    "is_key",
    "is_url",
    "missing_for_publication",
    "order_words",
    "read_decimal",
    "refusals",
    "sift",
    "with_refused",
    "words_without_row",
]
