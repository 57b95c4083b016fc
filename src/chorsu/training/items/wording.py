"""The words of a question in one language: which there may be, cleaned, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from chorsu.kernel.text import normalise
from chorsu.records.fields import FieldError, TextField, Words
from chorsu.training.items.fields import (
    MAX_SHORT_CHARS,
    MAX_SPELLINGS,
    Facts,
    Field,
    InvalidItem,
)
from chorsu.training.items.pictures import shown_in
from chorsu.training.items.scoring import is_right
from chorsu.training.items.showing import GAP

ITEM_WORDS: Mapping[str, TextField] = MappingProxyType(
    {
        field.name: field
        for field in (
            TextField("title", markdown=False, max_chars=200),
            TextField("stem", markdown=True, max_chars=20_000, required=True, lines=True),
            TextField("feedback", markdown=True, max_chars=5_000, lines=True),
            TextField("feedback_right", markdown=True, max_chars=2_000, lines=True),
            TextField("feedback_partly", markdown=True, max_chars=2_000, lines=True),
            TextField("feedback_wrong", markdown=True, max_chars=2_000, lines=True),
        )
    }
)
PICTURE_WORDS = "picture_words"
_FEEDBACK = TextField("feedback", markdown=True, max_chars=2_000, lines=True)
_TEXT = TextField("text", markdown=True, max_chars=2_000, required=True, lines=True)
_LINES_MAX = MAX_SPELLINGS * (MAX_SHORT_CHARS + 1)
# Group of rows of a field -> its words, each line of `spellings` and `names` one spelling.
FIELD_WORDS: Mapping[str, tuple[TextField, ...]] = MappingProxyType(
    {
        "options": (_TEXT, _FEEDBACK),
        "targets": (_TEXT,),
        "numbers": (_FEEDBACK,),
        "texts": (
            TextField("spellings", markdown=False, max_chars=_LINES_MAX, lines=True),
            _FEEDBACK,
        ),
        "units": (
            TextField("names", markdown=False, max_chars=_LINES_MAX, required=True, lines=True),
        ),
    }
)
RUBRIC_WORDS: tuple[TextField, ...] = (
    TextField("criterion", markdown=False, max_chars=300, required=True),
    TextField("levels", markdown=False, max_chars=2_000, lines=True),
)


def word_fields(facts: Facts) -> Iterator[tuple[str, TextField]]:
    """Every word the question may have, with its name, in the order it is read."""
    yield from ITEM_WORDS.items()
    for field in facts["fields"]:
        for group, words in FIELD_WORDS.items():
            for key in _keys(field, group):
                for word in words:
                    yield f"{group}.{field['key']}.{key}.{word.name}", word
    for row in facts["rubric"]:
        for word in RUBRIC_WORDS:
            yield f"rubric.{row['key']}.{word.name}", word


def clean_words(facts: Facts, raw: Mapping[str, object]) -> Words:
    """Normalised words in reading order, without empty ones. Idempotent.

    Raises `InvalidItem` with `unknown`, `not_text` or `too_long`.
    """
    known = dict(word_fields(facts))
    errors: list[FieldError] = []
    found: Words = {}
    for name, value in raw.items():
        field = known.get(name)
        if field is None:
            errors.append(FieldError(str(name)[:160], "unknown", {"value": str(name)[:160]}))
        elif not isinstance(value, str):
            errors.append(FieldError(name, "not_text"))
        else:
            text = _clean(field, value)
            if len(text) > field.max_chars:
                errors.append(FieldError(name, "too_long", {"max": field.max_chars}))
            elif text:
                found[name] = text
    if errors:
        raise InvalidItem(errors)
    return {name: found[name] for name in known if name in found}


def missing_words(facts: Facts, words: Words) -> list[str]:
    """Names of words without which the question can't be asked in this language."""
    lacking = [name for name, field in word_fields(facts) if field.required and name not in words]
    for field in facts["fields"]:
        lacking += [
            name
            for row in field["texts"]
            if not row["anywhere"]
            and (name := f"texts.{field['key']}.{row['key']}.spellings") not in words
        ]
    return lacking


def missing(facts: Facts, words: Words) -> list[FieldError]:
    """What the question lacks to be asked: in its facts, and in the words of its original.

    `required`; `no_right_answer`; `too_few` options; `gaps`: the stem of a cloze does not name
    each field exactly once, as `[[key]]`; `picture_words`: nothing says what a picture shows.
    """
    errors = [FieldError(name, "required") for name in missing_words(facts, words)]
    errors += [FieldError(name, PICTURE_WORDS) for name in undescribed(facts, words)]
    if not facts["fields"]:
        errors.append(FieldError("fields", "required"))
    for place, field in enumerate(facts["fields"]):
        errors += _lacking(field, f"fields.{place}")
    if facts["type"] == "cloze":
        named = GAP.findall(words.get("stem", ""))
        if sorted(named) != sorted(field["key"] for field in facts["fields"]):
            errors.append(FieldError("stem", "gaps"))
    return errors


def pictures_shown(facts: Facts, words: Words) -> list[tuple[str, str, str]]:
    """(word, name of a picture, what is said for who cannot see it) of all that words show."""
    return [
        (name, picture, said)
        for name, field in word_fields(facts)
        if field.markdown and name in words
        for picture, said in shown_in(words[name])
    ]


def undescribed(facts: Facts, words: Words) -> list[str]:
    """Words that show one of the question's pictures without saying what is to be seen."""
    known = {one["name"] for one in facts.get("pictures", [])}
    if not known:
        return []
    shown = pictures_shown(facts, words)
    return list(
        dict.fromkeys(word for word, picture, said in shown if picture in known and not said)
    )


def gaps_agree(facts: Facts, words: Words) -> bool:
    """Whether the stem names each field of a cloze once: a translator may have lost one."""
    named = GAP.findall(words.get("stem", ""))
    return facts["type"] != "cloze" or sorted(named) == sorted(f["key"] for f in facts["fields"])


def _lacking(field: Field, path: str) -> list[FieldError]:
    kind, options = field["kind"], field["options"]
    if kind in ("choice", "choices", "order") and len(options) < 2:
        return [FieldError(f"{path}.options", "too_few", {"min": 2})]
    if kind == "match" and (not options or not field["targets"]):
        return [FieldError(f"{path}.options", "too_few", {"min": 1})]
    right = {
        "choice": any(option["credit"] == "100" for option in options),
        "choices": any(is_right(option) for option in options),
        "match": any(option["target"] for option in options),
        "number": any(row["value"] and row["credit"] == "100" for row in field["numbers"]),
        "text": any(row["credit"] == "100" for row in field["texts"]),
    }
    errors = [] if right.get(kind, True) else [FieldError(path, "no_right_answer")]
    errors += [
        FieldError(f"{path}.numbers.{place}.value", "required")
        for place, row in enumerate(field["numbers"])
        if not row["value"]
    ]
    if field["unit"] != "none" and not field["units"]:
        errors.append(FieldError(f"{path}.units", "required"))
    return errors


def _keys(field: Field, group: str) -> list[str]:
    rows = {
        "options": [row["key"] for row in field["options"]],
        "targets": [row["key"] for row in field["targets"]],
        "numbers": [row["key"] for row in field["numbers"]],
        "texts": [row["key"] for row in field["texts"]],
        "units": [row["key"] for row in field["units"]],
    }
    return rows[group]


def _clean(field: TextField, value: str) -> str:
    text = normalise(value)
    if field.name in ("spellings", "names"):
        lines = (" ".join(line.split()) for line in text.splitlines())
        return "\n".join(dict.fromkeys(line for line in lines if line))
    return text if field.lines else " ".join(text.split())
