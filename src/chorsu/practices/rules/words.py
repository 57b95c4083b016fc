"""The words of a practice in one language: cleaned strictly, field by field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from chorsu.kernel.text import normalise
from chorsu.practices.rules.fields import (
    FIELDS_BY_NAME,
    KEY,
    MAX_ROWS,
    ROW_WORDS,
    SHA256,
    FieldError,
    InvalidPractice,
    Words,
)


def clean_words(raw: Mapping[str, object]) -> Words:
    """Normalised words in a fixed order, without empty fields.

    Raises `InvalidPractice` with `unknown`, `not_text`, `too_long` or `too_many` for each field.
    Idempotent: cleaning clean words changes nothing.
    """
    errors: list[FieldError] = []
    found: Words = {}
    for name, value in raw.items():
        limit = _limit(name)
        if limit is None:
            errors.append(FieldError(str(name)[:120], "unknown", {"value": str(name)[:120]}))
        elif not isinstance(value, str):
            errors.append(FieldError(name, "not_text"))
        else:
            text = _clean(name, value)
            if len(text) > limit:
                errors.append(FieldError(name, "too_long", {"max": limit}))
            elif text:
                found[name] = text
    if len(found) > MAX_ROWS:
        errors += [FieldError(group, "too_many", {"max": MAX_ROWS}) for group in _crowded(found)]
    if errors:
        raise InvalidPractice(errors)
    return {name: found[name] for name in _ordered(found)}


def flatten_words(nested: Mapping[str, object]) -> dict[str, object]:
    """Nested tables (`{"indicators": {"speed": {"name": ...}}}`) as flat field names."""
    flat: dict[str, object] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            inner = flatten_words(value)
            flat.update({f"{name}.{rest}": text for rest, text in inner.items()})
        else:
            flat[name] = value
    return flat


def order_words(words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Fields and texts in the order a reader meets them; words of rows last, by name."""
    return [(name, words[name]) for name in _ordered(words)]


def _crowded(words: Mapping[str, str]) -> list[str]:
    """Groups with more rows than there may be."""
    rows = {tuple(name.split(".")[:2]) for name in words if "." in name}
    count = Counter(group for group, _ in rows)
    return [group for group in ROW_WORDS if count[group] > MAX_ROWS]


def _ordered(words: Mapping[str, str]) -> list[str]:
    first = [name for name in FIELDS_BY_NAME if name in words]
    return first + sorted(name for name in words if name not in FIELDS_BY_NAME)


def _limit(name: str) -> int | None:
    field = FIELDS_BY_NAME.get(name)
    if field is not None:
        return field.max_chars
    parts = name.split(".")
    if len(parts) != 3 or parts[0] not in ROW_WORDS:
        return None
    pattern = SHA256 if parts[0] == "files" else KEY
    if pattern.fullmatch(parts[1]) is None:
        return None
    return ROW_WORDS[parts[0]].get(parts[2])


def _clean(name: str, value: str) -> str:
    text = normalise(value)
    field = FIELDS_BY_NAME.get(name)
    return text if field is not None and field.lines else " ".join(text.split())
