"""Questions: what they are, what a learner sees of them, what an answer earns, which are drawn.

Pure: no database, no framework. What stores, shows and sends them is elsewhere.
"""

from chorsu.training.items.answering import clean_response, doubts
from chorsu.training.items.cleaning import clean_facts
from chorsu.training.items.comparing import comparable, has_wildcard, matches
from chorsu.training.items.drawing import Candidate, Drawn, TooFewItems, draw
from chorsu.training.items.fields import (
    CLOZE_KINDS,
    FIELD_KINDS,
    ITEM_TYPES,
    KIND_OF_TYPE,
    ONLY_FIELD,
    Accepted,
    Facts,
    Field,
    FieldScore,
    InvalidItem,
    InvalidResponse,
    Item,
    ItemText,
    Number,
    Option,
    Response,
    RubricRow,
    Score,
    Target,
    Unit,
    empty_facts,
    empty_field,
)
from chorsu.training.items.scoring import is_right, marked, score, told
from chorsu.training.items.showing import (
    Choice,
    ShownField,
    ShownItem,
    ShownRow,
    shown,
    text_in,
)
from chorsu.training.items.wording import (
    clean_words,
    gaps_agree,
    missing,
    missing_words,
    word_fields,
)

__all__ = [
    "CLOZE_KINDS",
    "FIELD_KINDS",
    "ITEM_TYPES",
    "KIND_OF_TYPE",
    "ONLY_FIELD",
    "Accepted",
    "Candidate",
    "Choice",
    "Drawn",
    "Facts",
    "Field",
    "FieldScore",
    "InvalidItem",
    "InvalidResponse",
    "Item",
    "ItemText",
    "Number",
    "Option",
    "Response",
    "RubricRow",
    "Score",
    "ShownField",
    "ShownItem",
    "ShownRow",
    "Target",
    "TooFewItems",
    "Unit",
    "clean_facts",
    "clean_response",
    "clean_words",
    "comparable",
    "doubts",
    "draw",
    "empty_facts",
    "empty_field",
    "gaps_agree",
    "has_wildcard",
    "is_right",
    "marked",
    "matches",
    "missing",
    "missing_words",
    "score",
    "shown",
    "text_in",
    "told",
    "word_fields",
]
