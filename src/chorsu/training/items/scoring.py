"""What a response earns. Exact: fractions inside, four decimal places outside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import cast

from chorsu.kernel.numbers import is_decimal, read_decimal
from chorsu.training.items.comparing import comparable, matches
from chorsu.training.items.fields import (
    MARKED_KINDS,
    Field,
    FieldScore,
    Item,
    Option,
    Response,
    Score,
)
from chorsu.training.items.showing import text_in

_PLACES = Decimal("0.0001")
_ONE = Fraction(1)
_NUMBER_FIRST = re.compile(
    r"\s*([+\-−–]?[0-9０-９][0-9０-９.,．， \u00a0\u2009\u202f]*)(.*)", re.DOTALL
)


def score(item: Item, response: Response, language: str) -> Score:
    """What a cleaned response to the question as read in `language` earns.

    The points are shared among fields by weight. What a person must mark earns nothing yet and
    makes the state `unmarked`; see `marked`.
    """
    scores = {
        field["key"]: _field(item, field, response, language) for field in item.facts["fields"]
    }
    return _whole(item, scores)


def marked(item: Item, points: Mapping[str, Decimal]) -> Score:
    """The score of an essay or file by the points a marker gave to each row of its rubric.

    Without a rubric the one row is `answer`, of the item's points. Raises `ValueError` where rows
    are missing, unknown, or have more points than there are.
    """
    rows = {row["key"]: Decimal(row["points"]) for row in item.facts["rubric"]}
    field = item.facts["fields"][0]
    most = rows or {field["key"]: Decimal(item.facts["points"])}
    if points.keys() != most.keys() or any(not 0 <= points[key] <= most[key] for key in most):
        raise ValueError(f"not points for the rows {sorted(most)}")
    total = sum((Fraction(value) for value in most.values()), Fraction(0))
    credit = sum((Fraction(value) for value in points.values()), Fraction(0)) / total
    return _whole(item, {field["key"]: _scored(credit)})


def told(item: Item, names: Sequence[str], language: str) -> list[str]:
    """The feedback of these names in a language, or the original's; Markdown."""
    _, text = text_in(item, language)
    return [text.words[name] for name in names if name in text.words]


def read_number(item: Item, field: Field, typed: str, language: str) -> tuple[str, str | None]:
    """(number, key of its unit): the number as stored or, if it is none, as typed; the unit empty
    where none was written, None where it is not a unit of this field.

    A unit may be named in any language of the item: a symbol is a symbol.
    """
    match = _NUMBER_FIRST.fullmatch(typed)
    if match is None:
        return typed, ""
    number, name = read_decimal(match[1].strip().removeprefix("+")), match[2].strip()
    if not name:
        return number, ""
    return number, _unit(item, field, name, language)


def _unit(item: Item, field: Field, name: str, language: str) -> str | None:
    texts = [item.texts[tag] for tag in sorted(item.texts, key=lambda tag: tag != language)]
    # With letters' case first: mW is not MW. Then without, where only one unit remains.
    for case in (True, False):
        found = {
            row["key"]
            for text in texts
            for row in field["units"]
            for spelling in text.words.get(
                f"units.{field['key']}.{row['key']}.names", ""
            ).splitlines()
            if comparable(name, language, case=case) == comparable(spelling, language, case=case)
        }
        if len(found) == 1:
            return found.pop()
    return None


def _whole(item: Item, scores: dict[str, FieldScore]) -> Score:
    weights = {field["key"]: field["weight"] for field in item.facts["fields"]}
    total = sum(weights.values())
    share = sum((Fraction(one.credit) * weights[key] for key, one in scores.items()), Fraction(0))
    out_of = Decimal(item.facts["points"])
    states = {one.state for one in scores.values()}
    if "unmarked" in states:
        state = "unmarked"
    elif len(states) == 1:
        state = states.pop()
    else:
        state = "partly" if share else "wrong"
    names = ["feedback_right"] if state == "right" else []
    names += ["feedback_partly"] if state == "partly" else []
    names += ["feedback_wrong"] if state in ("wrong", "unanswered") else []
    return Score(
        points=_decimal(share / total * Fraction(out_of)),
        out_of=out_of,
        state=state,
        fields=scores,
        feedback=(*names, "feedback"),
    )


def _field(item: Item, field: Field, response: Response, language: str) -> FieldScore:
    answer = response.get(field["key"])
    if answer is None:
        return FieldScore(Decimal(0), "unanswered")
    if field["kind"] in MARKED_KINDS:
        return FieldScore(Decimal(0), "unmarked")
    if field["kind"] == "choice":
        return _choice(field, cast("str", answer))
    if field["kind"] == "choices":
        return _choices(field, cast("list[str]", answer))
    if field["kind"] == "match":
        return _match(field, cast("dict[str, str]", answer))
    if field["kind"] == "order":
        return _order(field, cast("list[str]", answer))
    if field["kind"] == "number":
        return _number(item, field, cast("str", answer), language)
    return _text(item, field, cast("str", answer), language)


def _choice(field: Field, answer: str) -> FieldScore:
    credit = next(_percent(row["credit"]) for row in field["options"] if row["key"] == answer)
    return _scored(max(credit, Fraction(0)), _feedback(field, [answer]))


def _choices(field: Field, answer: list[str]) -> FieldScore:
    right = {row["key"] for row in field["options"] if _percent(row["credit"]) > 0}
    feedback = _feedback(field, [row["key"] for row in field["options"] if row["key"] in answer])
    if field["scoring"] == "all":
        return _scored(_ONE if right == set(answer) else Fraction(0), feedback)
    earned = sum(
        (_percent(row["credit"]) for row in field["options"] if row["key"] in answer), Fraction(0)
    )
    # Credits are written with six places: three thirds are the whole.
    whole = sum(
        (max(_percent(row["credit"]), Fraction(0)) for row in field["options"]), Fraction(0)
    )
    return _scored(min(max(earned / whole, Fraction(0)), _ONE), feedback)


def _match(field: Field, answer: dict[str, str]) -> FieldScore:
    # An option that belongs with no target is right when it is left alone.
    shares = {row["key"]: max(_percent(row["credit"]), Fraction(0)) for row in field["options"]}
    if not any(shares.values()):
        shares = dict.fromkeys(shares, _ONE)
    right = [row["key"] for row in field["options"] if answer.get(row["key"], "") == row["target"]]
    share = sum((shares[key] for key in right), Fraction(0)) / sum(shares.values(), Fraction(0))
    if field["scoring"] == "all":
        share = _ONE if share == 1 else Fraction(0)
    return _scored(share, _feedback(field, [*answer]))


def _order(field: Field, answer: list[str]) -> FieldScore:
    """With `each`, of the neighbours in the right order, how many were put next to each other:
    one thing misplaced does not ruin the rest. (Moodle's ordering question calls it "relative to
    the next item, excluding last".)
    """
    order = [row["key"] for row in field["options"]]
    if answer == order:
        return _scored(_ONE)
    if field["scoring"] == "all":
        return _scored(Fraction(0))
    given = set(pairwise(answer))
    kept = sum(1 for pair in pairwise(order) if pair in given)
    return _scored(Fraction(kept, len(order) - 1))


def _number(item: Item, field: Field, typed: str, language: str) -> FieldScore:
    text, unit = read_number(item, field, typed, language)
    if not is_decimal(text) or unit is None or (not unit and field["unit"] == "required"):
        return _scored(Fraction(0))
    factor = next((Fraction(row["factor"]) for row in field["units"] if row["key"] == unit), _ONE)
    given = Fraction(text) * factor
    for row in field["numbers"]:
        value, tolerance = Fraction(row["value"]), Fraction(row["tolerance"])
        if row["relative"]:
            tolerance = abs(value) * tolerance / 100
        if abs(given - value) <= tolerance:
            name = f"numbers.{field['key']}.{row['key']}.feedback"
            return _scored(max(_percent(row["credit"]), Fraction(0)), (name,))
    return _scored(Fraction(0))


def _text(item: Item, field: Field, typed: str, language: str) -> FieldScore:
    """The first foreseen text that matches, in the order the author wrote them."""
    found, _ = text_in(item, language)
    tags = [found, *sorted(item.texts.keys() - {found})] if field["any_language"] else [found]
    for row in field["texts"]:
        name = f"texts.{field['key']}.{row['key']}"
        spellings = [(spelling, found) for spelling in row["anywhere"]]
        for tag in tags:
            words = item.texts[tag].words.get(f"{name}.spellings", "")
            spellings += [(spelling, tag) for spelling in words.splitlines()]
        if any(matches(typed, spelling, tag, case=row["case"]) for spelling, tag in spellings):
            return _scored(max(_percent(row["credit"]), Fraction(0)), (f"{name}.feedback",))
    return _scored(Fraction(0))


def _feedback(field: Field, keys: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"options.{field['key']}.{key}.feedback" for key in keys)


def _scored(credit: Fraction, feedback: tuple[str, ...] = ()) -> FieldScore:
    state = "right" if credit == 1 else "partly" if credit else "wrong"
    return FieldScore(_decimal(credit, places=Decimal("1e-12")), state, feedback)


def is_right(option: Option) -> bool:
    """Whether choosing an option earns anything."""
    return _percent(option["credit"]) > 0


def _percent(credit: str) -> Fraction:
    return Fraction(credit) / 100


def _decimal(value: Fraction, *, places: Decimal = _PLACES) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(
        places, rounding=ROUND_HALF_UP
    )
