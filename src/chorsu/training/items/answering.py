"""What a page sends back, read strictly: tokens of rows become the keys that are stored."""

from __future__ import annotations

from collections.abc import Mapping

from chorsu.kernel.numbers import is_decimal, two_ways
from chorsu.kernel.text import normalise
from chorsu.records.fields import SHA256, FieldError
from chorsu.training.items.fields import (
    MAX_ANSWER_CHARS,
    MAX_FILES,
    MAX_SHORT_CHARS,
    Field,
    InvalidResponse,
    Item,
    Response,
)
from chorsu.training.items.scoring import read_number
from chorsu.training.items.showing import row_token


def clean_response(item: Item, raw: Mapping[str, object], *, seed: str) -> Response:
    """The response as it is stored. `raw`: field key -> what `Response` holds, with tokens of
    `shown(item, ..., seed=seed)` for keys. An empty answer is left out.

    Raises `InvalidResponse` for what no page sends: `unknown` fields or tokens, `duplicate`,
    `too_many`, `too_long`, `not_text`, `not_a_list`. A number that can't be read is kept as typed
    (see `doubts`): what was answered is never lost.
    """
    reader = _Reader(item, seed)
    fields = {field["key"]: field for field in item.facts["fields"]}
    found: Response = {}
    for key, value in raw.items():
        field = fields.get(key)
        if field is None:
            reader.refuse(str(key)[:40], "unknown")
            continue
        answer = reader.answer(field, value)
        if answer:
            found[key] = answer
    if reader.errors:
        raise InvalidResponse(reader.errors)
    return {key: found[key] for key in fields if key in found}


def doubts(item: Item, response: Response, language: str) -> list[FieldError]:
    """What a learner should look at again, by field: a number that can't be read
    (`not_a_decimal`), or in two ways (`two_ways`), a unit that is missing (`unit_missing`) or
    unknown (`unknown_unit`). The response stands all the same.
    """
    found = []
    for field in item.facts["fields"]:
        typed = response.get(field["key"])
        if field["kind"] != "number" or not isinstance(typed, str):
            continue
        number, unit = read_number(item, field, typed, language)
        if pair := two_ways(number):
            found.append(FieldError(field["key"], "two_ways", {"whole": pair[0], "part": pair[1]}))
        elif not is_decimal(number):
            found.append(FieldError(field["key"], "not_a_decimal"))
        elif unit is None:
            found.append(FieldError(field["key"], "unknown_unit"))
        elif not unit and field["unit"] == "required":
            found.append(FieldError(field["key"], "unit_missing"))
    return found


class _Reader:
    def __init__(self, item: Item, seed: str) -> None:
        self.item = item
        self.seed = seed
        self.errors: list[FieldError] = []

    def refuse(self, field: str, code: str, **params: str | int) -> None:
        self.errors.append(FieldError(field, code, params))

    def answer(self, field: Field, value: object) -> object:
        kind, key = field["kind"], field["key"]
        if kind == "choice":
            return self._row(field, "options", value)
        if kind in ("choices", "order"):
            keys = [self._row(field, "options", one) for one in self._list(field, value)]
            if len(set(keys)) < len(keys):
                self.refuse(key, "duplicate")
            return keys
        if kind == "match":
            return self._pairs(field, value)
        if kind == "file":
            return self._files(field, value)
        return self._text(field, value)

    def _pairs(self, field: Field, value: object) -> dict[str, str]:
        if not isinstance(value, Mapping):
            self.refuse(field["key"], "not_a_list")
            return {}
        pairs = {
            self._row(field, "options", option): self._row(field, "targets", target)
            for option, target in value.items()
            if target != ""
        }
        chosen = list(pairs.values())
        for target in field["targets"]:
            if target["uses"] and chosen.count(target["key"]) > target["uses"]:
                self.refuse(field["key"], "too_many", max=target["uses"])
        return pairs

    def _files(self, field: Field, value: object) -> list[str]:
        files = self._list(field, value)
        if len(files) > MAX_FILES:
            self.refuse(field["key"], "too_many", max=MAX_FILES)
        if not all(isinstance(one, str) and SHA256.fullmatch(one) for one in files):
            self.refuse(field["key"], "unknown")
        return [str(one) for one in files]

    def _text(self, field: Field, value: object) -> str:
        if not isinstance(value, str):
            self.refuse(field["key"], "not_text")
            return ""
        text = normalise(value)
        limit = MAX_ANSWER_CHARS if field["kind"] == "essay" else MAX_SHORT_CHARS
        if len(text) > limit:
            self.refuse(field["key"], "too_long", max=limit)
        return text

    def _list(self, field: Field, value: object) -> list[object]:
        if not isinstance(value, list | tuple):
            self.refuse(field["key"], "not_a_list")
            return []
        return list(value)

    def _row(self, field: Field, group: str, value: object) -> str:
        rows = field["options"] if group == "options" else field["targets"]
        if value == "":
            return ""
        for row in rows:
            if value == row_token(self.item, self.seed, field["key"], group, row["key"]):
                return row["key"]
        self.refuse(field["key"], "unknown")
        return ""
