"""The facts of a question, cleaned strictly, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeVar, cast

from chorsu.kernel.numbers import is_decimal, read_decimal, two_ways
from chorsu.kernel.text import normalise
from chorsu.records.fields import CODE, KEY, SHA256, FieldError
from chorsu.training.items.fields import (
    CLOZE_KINDS,
    FIELD_KINDS,
    ITEM_TYPES,
    KIND_OF_TYPE,
    MARKED_KINDS,
    MAX_DIFFICULTY,
    MAX_FIELDS,
    MAX_ROWS,
    MAX_SHORT_CHARS,
    MAX_SPELLINGS,
    ONLY_FIELD,
    SCORINGS,
    UNIT_RULES,
    Accepted,
    Facts,
    Field,
    InvalidItem,
    Number,
    Option,
    Picture,
    RubricRow,
    Target,
    Unit,
)
from chorsu.training.items.pictures import (
    MAX_PICTURE_BYTES,
    MAX_PICTURES,
    MAX_SIDE,
    MEDIA_TYPES,
    NAME,
)

_Row = TypeVar("_Row")
MAX_POINTS = Decimal(1000)
_MOST_FACTOR = Decimal(10) ** 12
# Lists of a field, by the kinds that have them.
_LISTS: Mapping[str, tuple[str, ...]] = {
    "options": ("choice", "choices", "order", "match"),
    "targets": ("match",),
    "numbers": ("number",),
    "texts": ("text",),
    "units": ("number",),
}


def clean_facts(raw: Mapping[str, object]) -> Facts:
    """All facts, cleaned; what `raw` lacks is that of an empty item of its type. Idempotent.

    Raises `InvalidItem` with `unknown`, `not_text`, `not_a_list`, `not_a_decimal`, `two_ways`,
    `not_a_number`, `out_of_range`, `not_a_key`, `duplicate`, `too_many`, `too_long`,
    `wrong_kind` (a field that its type of question cannot have), `no_use` (rows its kind has no
    use for). What is merely missing is told by `missing`.
    """
    reader = _Reader()
    reader.only(raw, frozenset(Facts.__annotations__), "")
    facts = Facts(
        type=reader.choice(raw, "type", "type", ITEM_TYPES, ""),
        competence=reader.text(raw, "competence", "competence", 80),
        difficulty=reader.whole(raw, "difficulty", "difficulty", 0, MAX_DIFFICULTY, 0),
        points=reader.decimal(raw, "points", "points", "1", Decimal(0), MAX_POINTS),
        shuffle=reader.flag(raw, "shuffle", "shuffle", default=True),
        fields=reader.rows(raw, "fields", "", MAX_FIELDS, _field),
        rubric=reader.rows(raw, "rubric", "", MAX_ROWS, _rubric_row),
    )
    if reader.flag(raw, "second_marker", "second_marker", default=False):
        facts["second_marker"] = True
    if pictures := reader.rows(raw, "pictures", "", MAX_PICTURES, _picture, known_by="name"):
        facts["pictures"] = sorted(pictures, key=lambda one: one["name"])
    if Decimal(facts["points"]) == 0:
        reader.refuse("points", "out_of_range", low=0, high=int(MAX_POINTS))
    if facts["competence"] and not CODE.fullmatch(facts["competence"]):
        reader.refuse("competence", "unknown", value=facts["competence"][:40])
    if not facts["type"]:
        reader.refuse("type", "unknown", value="")
    _check_kinds(reader, facts)
    if reader.errors:
        raise InvalidItem(reader.errors)
    return facts


class _Reader:
    """Reads raw values and notes what is wrong with each."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def refuse(self, field: str, code: str, **params: str | int) -> None:
        self.errors.append(FieldError(field, code, params))

    def only(self, raw: Mapping[str, object], names: frozenset[str], path: str) -> None:
        for name in sorted(str(name)[:80] for name in raw.keys() - names):
            self.refuse(path + name, "unknown", value=name)

    def text(self, row: Mapping[str, object], name: str, path: str, limit: int) -> str:
        value = row.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(path, "not_text")
            return ""
        text = " ".join(normalise(value).split())
        if len(text) > limit:
            self.refuse(path, "too_long", max=limit)
            return ""
        return text

    def choice(
        self, row: Mapping[str, object], name: str, path: str, known: tuple[str, ...], default: str
    ) -> str:
        text = self.text(row, name, path, 40)
        if text and text not in known:
            self.refuse(path, "unknown", value=text)
            return default
        return text or default

    def key(self, row: Mapping[str, object], path: str, *, may_lack: bool = False) -> str:
        text = self.text(row, "key", f"{path}.key", 40)
        if not KEY.fullmatch(text) and not (may_lack and not text):
            self.refuse(f"{path}.key", "not_a_key")
        return text

    def flag(self, row: Mapping[str, object], name: str, path: str, *, default: bool) -> bool:
        value = row.get(name, default)
        if not isinstance(value, bool):
            self.refuse(path, "unknown", value=str(value)[:40])
            return default
        return value

    def whole(
        self, row: Mapping[str, object], name: str, path: str, low: int, high: int, default: int
    ) -> int:
        value = row.get(name, default)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 7:
            value = int(value)
        if value == "" or value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.refuse(path, "not_a_number")
            return default
        if not low <= value <= high:
            self.refuse(path, "out_of_range", low=low, high=high)
            return default
        return value

    def decimal(
        self,
        row: Mapping[str, object],
        name: str,
        path: str,
        default: str,
        low: Decimal,
        high: Decimal,
    ) -> str:
        text = read_decimal(self.text(row, name, path, 40))
        if not text:
            return default
        if found := two_ways(text):
            self.refuse(path, "two_ways", whole=found[0], part=found[1])
        elif not is_decimal(text):
            self.refuse(path, "not_a_decimal")
        elif not low <= Decimal(text) <= high:
            self.refuse(path, "out_of_range", low=int(low), high=int(high))
        else:
            return _shortest(text)
        return default

    def rows(
        self,
        raw: Mapping[str, object],
        name: str,
        path: str,
        most: int,
        read: Callable[[_Reader, Mapping[str, object], str], _Row],
        known_by: str = "key",
    ) -> list[_Row]:
        value = raw.get(name)
        path = f"{path}{name}"
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.refuse(path, "not_a_list")
            return []
        if len(value) > most:
            self.refuse(path, "too_many", max=most)
            return []
        found, taken = [], set()
        for place, row in enumerate(value):
            if not isinstance(row, Mapping):
                self.refuse(f"{path}.{place}", "unknown", value=str(row)[:40])
                continue
            key = str(row.get(known_by))
            if key in taken:
                self.refuse(f"{path}.{place}.{known_by}", "duplicate", value=key[:40])
            taken.add(key)
            found.append(read(self, row, f"{path}.{place}"))
        return found


def _field(reader: _Reader, row: Mapping[str, object], path: str) -> Field:
    reader.only(row, frozenset(Field.__annotations__), f"{path}.")
    within = f"{path}."
    return Field(
        key=reader.key(row, path),
        kind=reader.choice(row, "kind", f"{path}.kind", FIELD_KINDS, ""),
        weight=reader.whole(row, "weight", f"{path}.weight", 1, 1000, 1),
        scoring=reader.choice(row, "scoring", f"{path}.scoring", SCORINGS, "each"),
        options=reader.rows(row, "options", within, MAX_ROWS, _option),
        targets=reader.rows(row, "targets", within, MAX_ROWS, _target),
        numbers=reader.rows(row, "numbers", within, MAX_ROWS, _number),
        texts=reader.rows(row, "texts", within, MAX_ROWS, _accepted),
        units=reader.rows(row, "units", within, MAX_ROWS, _unit),
        unit=reader.choice(row, "unit", f"{path}.unit", UNIT_RULES, "none"),
        any_language=reader.flag(row, "any_language", f"{path}.any_language", default=False),
    )


def _credit(reader: _Reader, row: Mapping[str, object], path: str) -> str:
    return reader.decimal(row, "credit", f"{path}.credit", "0", Decimal(-100), Decimal(100))


def _option(reader: _Reader, row: Mapping[str, object], path: str) -> Option:
    reader.only(row, frozenset(Option.__annotations__), f"{path}.")
    target = reader.text(row, "target", f"{path}.target", 40)
    option = Option(key=reader.key(row, path), credit=_credit(reader, row, path), target=target)
    if reader.flag(row, "fixed", f"{path}.fixed", default=False):
        option["fixed"] = True
    return option


def _target(reader: _Reader, row: Mapping[str, object], path: str) -> Target:
    reader.only(row, frozenset(Target.__annotations__), f"{path}.")
    uses = reader.whole(row, "uses", f"{path}.uses", 0, MAX_ROWS, 0)
    return Target(key=reader.key(row, path), uses=uses)


def _number(reader: _Reader, row: Mapping[str, object], path: str) -> Number:
    reader.only(row, frozenset(Number.__annotations__), f"{path}.")
    most = Decimal(10) ** 15
    return Number(
        key=reader.key(row, path),
        value=reader.decimal(row, "value", f"{path}.value", "", -most, most),
        tolerance=reader.decimal(row, "tolerance", f"{path}.tolerance", "0", Decimal(0), most),
        relative=reader.flag(row, "relative", f"{path}.relative", default=False),
        credit=_credit(reader, row, path),
    )


def _accepted(reader: _Reader, row: Mapping[str, object], path: str) -> Accepted:
    reader.only(row, frozenset(Accepted.__annotations__), f"{path}.")
    anywhere = row.get("anywhere", [])
    if not isinstance(anywhere, list | tuple) or len(anywhere) > MAX_SPELLINGS:
        reader.refuse(f"{path}.anywhere", "not_a_list")
        anywhere = []
    spellings = [
        reader.text({"text": one}, "text", f"{path}.anywhere", MAX_SHORT_CHARS) for one in anywhere
    ]
    return Accepted(
        key=reader.key(row, path),
        credit=_credit(reader, row, path),
        case=reader.flag(row, "case", f"{path}.case", default=False),
        anywhere=list(dict.fromkeys(filter(None, spellings))),
    )


def _unit(reader: _Reader, row: Mapping[str, object], path: str) -> Unit:
    reader.only(row, frozenset(Unit.__annotations__), f"{path}.")
    factor = reader.decimal(row, "factor", f"{path}.factor", "1", Decimal(0), _MOST_FACTOR)
    if Decimal(factor) == 0:
        reader.refuse(f"{path}.factor", "out_of_range", low=0, high=int(_MOST_FACTOR))
    return Unit(key=reader.key(row, path), factor=factor)


def _rubric_row(reader: _Reader, row: Mapping[str, object], path: str) -> RubricRow:
    reader.only(row, frozenset(RubricRow.__annotations__), f"{path}.")
    points = reader.whole(row, "points", f"{path}.points", 1, 1000, 1)
    return RubricRow(key=reader.key(row, path), points=points)


def _picture(reader: _Reader, row: Mapping[str, object], path: str) -> Picture:
    reader.only(row, frozenset(Picture.__annotations__), f"{path}.")
    picture = Picture(
        name=reader.text(row, "name", f"{path}.name", 60),
        sha256=reader.text(row, "sha256", f"{path}.sha256", 64),
        media_type=reader.text(row, "media_type", f"{path}.media_type", 40),
        size=reader.whole(row, "size", f"{path}.size", 1, MAX_PICTURE_BYTES, 0),
        width=reader.whole(row, "width", f"{path}.width", 1, MAX_SIDE, 0),
        height=reader.whole(row, "height", f"{path}.height", 1, MAX_SIDE, 0),
    )
    ending = picture["name"].rpartition(".")[2]
    if not NAME.fullmatch(picture["name"]):
        reader.refuse(f"{path}.name", "unknown", value=picture["name"][:40])
    if not SHA256.fullmatch(picture["sha256"]):
        reader.refuse(f"{path}.sha256", "unknown", value=picture["sha256"][:40])
    if MEDIA_TYPES.get(ending) != picture["media_type"]:
        reader.refuse(f"{path}.media_type", "unknown", value=picture["media_type"][:40])
    for name in ("size", "width", "height"):
        if not row.get(name):
            reader.refuse(f"{path}.{name}", "not_a_number")
    return picture


def _check_kinds(reader: _Reader, facts: Facts) -> None:
    """Whether the fields are such as the type of question has, and hold what their kind uses."""
    kind = KIND_OF_TYPE.get(facts["type"])
    if kind is not None and [field["key"] for field in facts["fields"]] != [ONLY_FIELD]:
        reader.refuse("fields", "wrong_kind", value=facts["type"])
    for place, field in enumerate(facts["fields"]):
        path = f"fields.{place}"
        allowed = CLOZE_KINDS if kind is None else (kind,)
        if facts["type"] and field["kind"] not in allowed:
            reader.refuse(f"{path}.kind", "wrong_kind", value=field["kind"])
        rows = cast("Mapping[str, object]", field)
        for name, kinds in _LISTS.items():
            if field["kind"] not in kinds and rows[name]:
                reader.refuse(f"{path}.{name}", "no_use", value=field["kind"])
        targets = {target["key"] for target in field["targets"]}
        for row, option in enumerate(field["options"]):
            if option["target"] and option["target"] not in targets:
                reader.refuse(f"{path}.options.{row}.target", "unknown", value=option["target"])
            if option.get("fixed") and field["kind"] not in ("choice", "choices"):
                reader.refuse(f"{path}.options.{row}.fixed", "no_use", value=field["kind"])
    if facts["rubric"] and facts["type"] not in MARKED_KINDS:
        reader.refuse("rubric", "no_use", value=facts["type"])
    if facts.get("second_marker") and facts["type"] not in MARKED_KINDS:
        reader.refuse("second_marker", "no_use", value=facts["type"])


def _shortest(text: str) -> str:
    """One form for one number: without noughts at the end of its part."""
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if short == "-0" else short
