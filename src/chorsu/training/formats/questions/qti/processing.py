"""Response processing of QTI, carried out: what an answer scores in a file is found by asking it.

Authoring tools write the same rule in a hundred ways. Instead of recognising them, a question is
given answers and its SCORE and feedback are read, so that what is kept is what was meant. The
expressions are those of the QTI information model; one that is not here is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import TypeAlias

from lxml import etree

from chorsu.training.formats.questions.qti.names import attribute, children, name
from chorsu.training.formats.questions.report import NotReadable

Scalar: TypeAlias = str | Decimal | bool
Value: TypeAlias = Scalar | list[Scalar] | None
"""NULL is None; containers are lists, `ordered` or `multiple` by the declaration."""
_MAX_STEPS = 20_000
# Of one question, whose answers are tried one by one: rules may name as many as there are rules.
_MOST_STEPS = 300_000
_NUMBERS = ("float", "integer")
TEMPLATES = frozenset(
    ("match_correct", "map_response", "cc2_match", "cc2_match_basic", "cc2_map_response")
)
"""Those of purl.imsglobal.org/spec/qti/v3p0/rptemplates that ask for no place in a picture."""


@dataclass(frozen=True, slots=True)
class MapEntry:
    """An entry of a mapping."""

    key: str
    value: Decimal
    case_sensitive: bool


@dataclass(frozen=True, slots=True)
class Declaration:
    """A response or outcome variable. `entries` None: it has no mapping."""

    identifier: str
    cardinality: str
    base_type: str
    correct: tuple[str, ...]
    default: tuple[str, ...]
    entries: tuple[MapEntry, ...] | None = None
    default_value: Decimal = Decimal(0)
    lower: Decimal | None = None
    upper: Decimal | None = None

    @property
    def initial(self) -> Value:
        """What an outcome begins with: a single number without a default is 0."""
        if not self.default and self.cardinality == "single" and self.base_type in _NUMBERS:
            return Decimal(0)
        return self.typed(self.default)

    def typed(self, texts: Sequence[str]) -> Value:
        """These values as a value of this variable."""
        values = [_scalar(text, self.base_type) for text in texts]
        if self.cardinality in ("multiple", "ordered"):
            return values or None
        return values[0] if values else None


@dataclass(slots=True)
class Processor:
    """The response processing of one item."""

    responses: Mapping[str, Declaration]
    outcomes: Mapping[str, Declaration]
    rules: Sequence[etree._Element] | None
    template: str
    _values: dict[str, Value] = field(default_factory=dict)
    _steps: int = 0
    _all_steps: int = 0

    def run(self, answers: Mapping[str, Sequence[str]]) -> dict[str, Value]:
        """All variables after answers (identifier to its values); raises `NotReadable`."""
        self._steps = 0
        self._values = {key: one.initial for key, one in self.outcomes.items()}
        for key, one in self.responses.items():
            self._values[key] = one.typed(answers.get(key, ()))
        if self.rules is not None:
            self._carry_out(self.rules)
        elif self.template:
            self._carry_out_template()
        return dict(self._values)

    def _carry_out_template(self) -> None:
        if self.template in ("match_correct", "cc2_match"):
            self._values["SCORE"] = Decimal(int(self._is_correct("RESPONSE")))
        elif self.template == "cc2_match_basic":
            right = self._is_correct("RESPONSE")
            if right:
                self._values["SCORE"] = self._values.get("MAXSCORE")
            self._values["FEEDBACKBASIC"] = "correct" if right else "incorrect"
        else:
            self._values["SCORE"] = self._map("RESPONSE")
        if self.template == "cc2_map_response":
            right = self._values["SCORE"] == self._values.get("MAXSCORE")
            self._values["FEEDBACK"] = "correct" if right else "incorrect"

    def score(self, answers: Mapping[str, Sequence[str]]) -> Decimal:
        """SCORE after answers; NULL counts nothing."""
        value = self.run(answers).get("SCORE")
        return value if isinstance(value, Decimal) else Decimal(0)

    def _is_correct(self, identifier: str) -> bool:
        one = self._response(identifier)
        return _same(self._values[identifier], one.typed(one.correct), one.cardinality)

    def _map(self, identifier: str) -> Decimal:
        one = self._response(identifier)
        if one.entries is None:
            raise NotReadable("no_mapping", name=identifier[:60])
        # Looking through these is far less than carrying out as many rules.
        self._count(len(one.entries) // 20)
        value = self._values[identifier]
        values = value if isinstance(value, list) else [] if value is None else [value]
        total = Decimal(0)
        for each in dict.fromkeys(values):
            total += next(
                (entry.value for entry in one.entries if _meets(each, entry, one.base_type)),
                one.default_value,
            )
        total = total if one.lower is None else max(total, one.lower)
        return total if one.upper is None else min(total, one.upper)

    def _response(self, identifier: str) -> Declaration:
        if identifier not in self.responses:
            raise NotReadable("no_response", name=identifier[:60])
        return self.responses[identifier]

    def _carry_out(self, rules: Sequence[etree._Element]) -> None:
        for rule in rules:
            self._count()
            kind = name(rule)
            if kind == "set-outcome-value":
                self._values[attribute(rule, "identifier")] = self._of(_only(rule))
            elif kind == "response-condition":
                self._condition(rule)
            elif kind == "response-processing-fragment":
                self._carry_out(list(rule))
            elif kind:
                raise NotReadable("rule", element=f"<{kind[:60]}>")

    def _condition(self, rule: etree._Element) -> None:
        for branch in rule:
            kind = name(branch)
            if kind in ("response-if", "response-else-if"):
                if self._of(branch[0]) is True:
                    self._carry_out(list(branch)[1:])
                    return
            elif kind == "response-else":
                self._carry_out(list(branch))
            else:
                raise NotReadable("rule", element=f"<{kind[:60]}>")

    def _of(self, expression: etree._Element) -> Value:
        self._count()
        kind = name(expression)
        if kind == "base-value":
            return _scalar(expression.text or "", attribute(expression, "base-type"))
        if kind == "null":
            return None
        identifier = attribute(expression, "identifier")
        if kind == "variable":
            return self._values.get(identifier)
        if kind == "correct":
            one = self._response(identifier)
            return one.typed(one.correct)
        if kind == "default":
            known = {**self.outcomes, **self.responses}.get(identifier)
            return None if known is None else known.typed(known.default)
        if kind == "map-response":
            return self._map(identifier)
        return self._operate(kind, expression)

    def _operate(self, kind: str, expression: etree._Element) -> Value:
        operands = [self._of(child) for child in expression]
        if kind == "is-null":
            return operands[0] is None or operands[0] == [] or operands[0] == ""
        if kind in ("multiple", "ordered"):
            flat: list[Scalar] = []
            for operand in operands:
                flat += (
                    operand if isinstance(operand, list) else [] if operand is None else [operand]
                )
            return flat or None
        if kind in ("and", "or"):
            decides = kind == "or"
            if decides in operands:
                return decides
            return None if None in operands else not decides
        if any(operand is None for operand in operands):
            return None
        if kind == "not":
            return operands[0] is not True
        if kind in ("match", "string-match"):
            return self._match(kind, expression, operands)
        if kind in ("member", "contains"):
            inner, outer = operands[0], operands[-1]
            held = outer if isinstance(outer, list) else [outer]
            asked = inner if isinstance(inner, list) else [inner]
            return all(one in held for one in asked)
        if kind == "equal":
            return _equal(expression, operands)
        return _calculate(kind, operands)

    def _match(self, kind: str, expression: etree._Element, operands: list[Value]) -> bool:
        first, second = operands
        if kind == "string-match":
            fold = attribute(expression, "case-sensitive", "true") == "false"
            one, two = (str(operand).casefold() if fold else str(operand) for operand in operands)
            part = attribute(expression, "substring", "false") == "true"
            return two in one if part else one == two
        ordered = any(
            self.responses[key].cardinality == "ordered"
            for child in expression
            if (key := attribute(child, "identifier")) in self.responses
        )
        return _same(first, second, "ordered" if ordered else "multiple")

    def _count(self, more: int = 1) -> None:
        self._steps += more
        self._all_steps += more
        if self._steps > _MAX_STEPS or self._all_steps > _MOST_STEPS:
            raise NotReadable("steps")


def declaration(element: etree._Element) -> Declaration:
    """A declared variable; raises `NotReadable`."""
    mapping = next(iter(children(element, "mapping")), None)
    if children(element, "area-mapping"):
        raise NotReadable("element", element="<area-mapping>")
    base_type = attribute(element, "base-type")
    entries = None
    if mapping is not None:
        entries = _entries(children(mapping, "map-entry"))
    return Declaration(
        identifier=attribute(element, "identifier"),
        cardinality=attribute(element, "cardinality", "single"),
        base_type=base_type,
        correct=_values(element, "correct-response"),
        default=_values(element, "default-value"),
        entries=entries,
        default_value=_bound(mapping, "default-value") or Decimal(0),
        lower=_bound(mapping, "lower-bound"),
        upper=_bound(mapping, "upper-bound"),
    )


def _entries(elements: Sequence[etree._Element]) -> tuple[MapEntry, ...]:
    """The entries of a mapping.

    `case-sensitive` is false where it is not said; but entries that differ in nothing else mean it,
    or all but the first would never be met (so the text entry among 1EdTech's examples).
    """
    unsaid = Counter(
        attribute(each, "map-key").strip().casefold()
        for each in elements
        if not attribute(each, "case-sensitive")
    )

    def is_exact(element: etree._Element, key: str) -> bool:
        said = attribute(element, "case-sensitive")
        return said == "true" if said else unsaid[key.casefold()] > 1

    keys = [(each, attribute(each, "map-key").strip()) for each in elements]
    return tuple(
        MapEntry(key, _number(attribute(each, "mapped-value")), is_exact(each, key))
        for each, key in keys
    )


def last_part(address: str) -> str:
    """What an address of a template calls it: its last part, in small letters."""
    return address.rstrip("/").rsplit("/", 1)[-1].lower().removesuffix(".xml")


def template_name(address: str) -> str:
    """The template of 1EdTech that an address names, one of `TEMPLATES`; raises `NotReadable`."""
    last = last_part(address)
    if last not in TEMPLATES:
        raise NotReadable("template", name=last[:60])
    return last


def _values(element: etree._Element, group: str) -> tuple[str, ...]:
    return tuple(
        (value.text or "").strip()
        for holder in children(element, group)
        for value in children(holder, "value")
    )


def _bound(mapping: etree._Element | None, wanted: str) -> Decimal | None:
    text = "" if mapping is None else attribute(mapping, wanted)
    return _number(text) if text else None


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise NotReadable("number", text=text[:40]) from None
    if not value.is_finite() or abs(value) > 10**9 or value != round(value, 12):
        raise NotReadable("number_range", text=text[:40])
    return value


def _scalar(text: str, base_type: str) -> Scalar:
    text = text.strip()
    if base_type in _NUMBERS:
        try:
            return _number(text)
        except NotReadable:
            return text
    if base_type == "boolean":
        return text in ("true", "1")
    return " ".join(text.split())


def _meets(value: Scalar, entry: MapEntry, base_type: str) -> bool:
    if base_type in _NUMBERS:
        return value == _scalar(entry.key, base_type)
    if base_type == "string" and not entry.case_sensitive:
        return str(value).casefold() == entry.key.casefold()
    return str(value) == " ".join(entry.key.split())


def _same(first: Value, second: Value, cardinality: str) -> bool:
    if first is None or second is None:
        return False
    if isinstance(first, list) and isinstance(second, list) and cardinality != "ordered":
        return sorted(map(str, first)) == sorted(map(str, second))
    return first == second


def _only(rule: etree._Element) -> etree._Element:
    if len(rule) != 1:
        raise NotReadable("one_expression", element=f"<{name(rule)}>")
    return rule[0]


def _equal(expression: etree._Element, operands: list[Value]) -> bool:
    first, second = operands
    if not isinstance(first, Decimal) or not isinstance(second, Decimal):
        return False
    mode = attribute(expression, "tolerance-mode", "exact")
    if mode == "exact":
        return first == second
    below, above = tolerances(expression)
    if mode == "relative":
        below, above = abs(second) * below / 100, abs(second) * above / 100
    ends = ((second - below, "include-lower-bound"), (second + above, "include-upper-bound"))
    if any(first == end and attribute(expression, said) == "false" for end, said in ends):
        return False
    return second - below <= first <= second + above


def tolerances(expression: etree._Element) -> tuple[Decimal, Decimal]:
    """The tolerance of an <equal> below and above."""
    parts = [_number(part) for part in attribute(expression, "tolerance").split()]
    if len(parts) not in (1, 2):
        raise NotReadable("no_tolerance", element="<equal>")
    return parts[0], parts[-1]


def _calculate(kind: str, operands: list[Value]) -> Value:
    numbers = [one for one in operands if isinstance(one, Decimal)]
    if kind not in _ARITHMETIC or len(numbers) != len(operands) or not numbers:
        raise NotReadable("rule", element=f"<{kind[:60]}>")
    try:
        return _ARITHMETIC[kind](numbers)
    except (DivisionByZero, InvalidOperation, IndexError):
        return None


_ARITHMETIC: Mapping[str, Callable[[list[Decimal]], Value]] = {
    "sum": lambda numbers: sum(numbers, Decimal(0)),
    "subtract": lambda numbers: numbers[0] - numbers[1],
    "divide": lambda numbers: numbers[0] / numbers[1],
    "max": max,
    "min": min,
    "gt": lambda numbers: numbers[0] > numbers[1],
    "gte": lambda numbers: numbers[0] >= numbers[1],
    "lt": lambda numbers: numbers[0] < numbers[1],
    "lte": lambda numbers: numbers[0] <= numbers[1],
}
