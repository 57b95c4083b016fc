"""What a question consists of: facts, which need no language, and words in up to eight.

A question ("item") holds fields: the places where a learner answers. All types but the cloze have
exactly one, whose key is `answer`. Rows of a field are known by keys, so that the words of every
language hang on the same option, and an answer given in Kazakh is the one given in Chinese.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import NotRequired, TypeAlias, TypedDict

from chorsu.records.fields import FieldError, Words

ITEM_TYPES = (
    "single", "multiple", "matching", "ordering", "numeric", "short_text", "cloze", "essay", "file",
)  # fmt: skip
FIELD_KINDS = ("choice", "choices", "match", "order", "number", "text", "essay", "file")
# The kind of the one field of each type; a cloze has several of these kinds.
KIND_OF_TYPE: Mapping[str, str] = MappingProxyType(
    {
        "single": "choice",
        "multiple": "choices",
        "matching": "match",
        "ordering": "order",
        "numeric": "number",
        "short_text": "text",
        "essay": "essay",
        "file": "file",
    }
)
CLOZE_KINDS = ("choice", "number", "text")
MARKED_KINDS = ("essay", "file")
"""Kinds that a person marks."""
SCORINGS = ("all", "each")
"""`all`: everything right or nothing; `each`: credit for what is right."""
UNIT_RULES = ("none", "optional", "required")
ONLY_FIELD = "answer"
MAX_FIELDS = 30
MAX_ROWS = 30
MAX_SPELLINGS = 50
MAX_ANSWER_CHARS = 20_000
MAX_SHORT_CHARS = 300
MAX_FILES = 10
MAX_DIFFICULTY = 5

# Names of words: `stem`, `options.answer.k3.text`, `rubric.clarity.levels`.

# Field key -> what was answered, by the kind of the field: `choice` a key of an option; `choices`
# and `order` a list of keys; `match` option key -> target key; `number` and `text` and `essay` the
# text as typed; `file` a list of SHA-256. A field without an answer is not in it.
Response: TypeAlias = dict[str, object]


class Option(TypedDict):
    """What is chosen, ordered or matched. `credit`: percent, -100 to 100, of its field;
    `target`: of `match`, the key it belongs with, and `credit` its share (all 0: equal shares). In
    `order` the right order is that of the rows. `fixed`, only where it is so: of `choice` and
    `choices`, it keeps its place where the others are shuffled ("none of these", last).
    """

    key: str
    credit: str
    target: str
    fixed: NotRequired[bool]


class Target(TypedDict):
    """What an option is matched with; `uses`: how many options may choose it, 0: any number."""

    key: str
    uses: int


class Number(TypedDict):
    """A foreseen number. `tolerance` either way; `relative`: it is percent of `value`."""

    key: str
    value: str
    tolerance: str
    relative: bool
    credit: str


class Accepted(TypedDict):
    """A foreseen text. Its spellings are words of a language; `anywhere`: right in every one;
    `case`: small letters are not capitals.
    """

    key: str
    credit: str
    case: bool
    anywhere: list[str]


class Unit(TypedDict):
    """A unit: a number in it times `factor` is in the unit of the values. Its names are words."""

    key: str
    factor: str


class Field(TypedDict):
    """A place to answer. Lists that its kind has no use for are empty.

    `weight`: its share of the points; `any_language`: the spellings of every language are right,
    not only those of the language it is read in.
    """

    key: str
    kind: str
    weight: int
    scoring: str
    options: list[Option]
    targets: list[Target]
    numbers: list[Number]
    texts: list[Accepted]
    units: list[Unit]
    unit: str
    any_language: bool


class RubricRow(TypedDict):
    """What a marker looks at, and the most points for it."""

    key: str
    points: int


class Picture(TypedDict):
    """A picture that words show as `![what is to be seen](name)`. `sha256`: of its bytes, which
    are a blob; `size` in bytes, `width` and `height` in pixels.
    """

    name: str
    sha256: str
    media_type: str
    size: int
    width: int
    height: int


class Facts(TypedDict):
    """What needs no language. `points`: decimal above 0; `difficulty`: 1 to 5, 0: not said;
    `competence`: a code of the network's framework, or of a newer one; empty: none.
    `second_marker`, only where it is so: of `essay` and `file`, two people mark, the mean counts.
    `pictures`, only where there are any: those that words of some language show, by name.
    """

    type: str
    competence: str
    difficulty: int
    points: str
    shuffle: bool
    fields: list[Field]
    rubric: list[RubricRow]
    second_marker: NotRequired[bool]
    pictures: NotRequired[list[Picture]]


@dataclass(frozen=True, slots=True)
class ItemText:
    """An item's words in one language; `based_on`: the version whose original they translate."""

    words: Words
    provenance: str
    based_on: int


@dataclass(frozen=True, slots=True)
class Item:
    """One version of a question with all its languages."""

    id: str
    version: int
    original_language: str
    facts: Facts
    texts: Mapping[str, ItemText]

    @property
    def has_words(self) -> bool:
        """No: they were erased, and only what the points of attempts need is left."""
        return any(text.words for text in self.texts.values())


@dataclass(frozen=True, slots=True)
class FieldScore:
    """What one field earned. `credit`: 0 to 1 of the field; `feedback`: names of words to show.

    `state`: `right`, `partly`, `wrong`, `unanswered`, or `unmarked` until a person marks it.
    """

    credit: Decimal
    state: str
    feedback: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """What a response earned: `points` of `out_of`, to four places; the rest as in `FieldScore`."""

    points: Decimal
    out_of: Decimal
    state: str
    fields: Mapping[str, FieldScore]
    feedback: tuple[str, ...] = ()


class InvalidItem(ValueError):  # noqa: N818 - says what is wrong
    """What was given is no question; `errors` says where and why."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("; ".join(f"{error.field}: {error.code}" for error in errors))
        self.errors = errors


class InvalidResponse(InvalidItem):
    """What was sent is no answer to this question; `errors` says where and why."""


def empty_field(key: str, kind: str) -> Field:
    """A field without rows."""
    return Field(
        key=key, kind=kind, weight=1, scoring="each", options=[], targets=[], numbers=[],
        texts=[], units=[], unit="none", any_language=False,
    )  # fmt: skip


def empty_facts(item_type: str) -> Facts:
    """The facts of an item just begun: one point, and the one field of its type."""
    kind = KIND_OF_TYPE.get(item_type)
    return Facts(
        type=item_type, competence="", difficulty=0, points="1", shuffle=True,
        fields=[] if kind is None else [empty_field(ONLY_FIELD, kind)], rubric=[],
    )  # fmt: skip
