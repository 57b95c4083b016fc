"""Interactions of QTI as fields of a question, their credits found by asking the processing.

Each interaction supposes what its declaration says and then tries answers against it; where a
trial disagrees, the question is not what it seemed and is named instead of kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import combinations, permutations

from lxml import etree

from chorsu.training.formats.questions.markup import from_element
from chorsu.training.formats.questions.qti.names import ANYWHERE, attribute, children, name
from chorsu.training.formats.questions.qti.processing import Declaration, Processor, tolerances
from chorsu.training.formats.questions.report import Keys, NotReadable, percent, plain
from chorsu.training.items import empty_field

Ask = Callable[[Sequence[str]], Decimal]
"""What SCORE a set of values for one response brings, other responses being empty."""
_TRIES = 12
"""So many options and pairs are tried one by one; a question has fewer."""
_ORDERED = 5
"""Of so many things every order is tried: 119 wrong ones."""
_COMPARISONS = ("match", "string-match", "equal", "member", "contains")


@dataclass(frozen=True, slots=True)
class Read:
    """A field with its words; `best` earns `worth`, `foreseen` are what else may be typed."""

    field: dict[str, object]
    words: dict[str, str]
    identifier: str
    worth: Decimal
    best: tuple[str, ...]
    options: Mapping[str, str]
    foreseen: tuple[str, ...] = ()


def read_interaction(
    element: etree._Element, one: Declaration, processor: Processor, key: str
) -> Read:
    """The field of an interaction; raises `NotReadable`."""

    def ask(values: Sequence[str]) -> Decimal:
        return processor.score({one.identifier: values})

    return _READERS[name(element)](element, one, ask, key, processor)


def require_supported(elements: Sequence[etree._Element]) -> None:
    """Raise `NotReadable` if one of these interactions is not supported."""
    for element in elements:
        if name(element) not in _READERS:
            raise NotReadable("element", element=f"<{name(element)}>")


def is_interaction(element: etree._Element) -> bool:
    """Whether an element is any interaction, supported or not."""
    return name(element).endswith("-interaction")


def _choice(element: etree._Element, one: Declaration, ask: Ask, key: str, _: Processor) -> Read:
    rows = children(element, "simple-choice") or children(element, "inline-choice")
    options, words = _options(rows, key)
    fixed = {attribute(row, "identifier") for row in rows if attribute(row, "fixed") == "true"}
    fixed = fixed if attribute(element, "shuffle") == "true" else set(options)
    if one.cardinality == "single":
        scores = {identifier: ask([identifier]) for identifier in options}
        worth = max(scores.values(), default=Decimal(0))
        best: tuple[str, ...] = (max(scores, key=scores.__getitem__),) if scores else ()
        kind, scoring = "choice", "each"
        earned = {identifier: _share(score, worth) for identifier, score in scores.items()}
    else:
        kind = "choices"
        listed = [each for each in _listed(element, "multiple") if options.keys() >= set(each)]
        worth, best, scoring, earned = several(list(options), one, ask, listed)
    if worth <= 0 or ask([]) > 0:
        raise NotReadable("no_answer_earns")
    if kind == "choices":
        _require_free(element, scoring, earned)
    field = {**empty_field(key, kind), "scoring": scoring}
    field["options"] = [
        {"key": options[each], "credit": earned[each], "fixed": each in fixed} for each in options
    ]
    return Read(field, words, one.identifier, worth, best, options)


def _require_free(element: etree._Element, scoring: str, earned: Mapping[str, str]) -> None:
    """Raise `NotReadable` where only a limit keeps one from choosing everything: we have none."""
    limit = attribute(element, "max-choices")
    limited = limit.isdecimal() and 0 < int(limit) < len(earned)
    free = scoring == "each" and any(Decimal(credit) == 0 for credit in earned.values())
    if limited and free:
        raise NotReadable("choice_limit", count=int(limit))


def several(
    identifiers: list[str], one: Declaration, ask: Ask, listed: Sequence[list[str]] = ()
) -> tuple[Decimal, tuple[str, ...], str, dict[str, str]]:
    """Worth, best answer, how it is scored and the credit of each option; raises `NotReadable`.

    `listed`: answers that rules name, of which one may earn points beside the declared one.
    """
    mapped = {entry.key: entry.value for entry in one.entries or ()}
    right = tuple(i for i in identifiers if i in one.correct) or tuple(
        i for i in identifiers if mapped.get(i, Decimal(0)) > 0
    )
    worth = ask(right)
    wrong = [identifier for identifier in identifiers if identifier not in right]
    trials = [[i] for i in identifiers] + [[*right, i] for i in wrong]
    trials += [[i for i in right if i != left] for left in right] + [identifiers, *listed]
    trials = [trial for trial in trials if trial and set(trial) != set(right)]
    if worth > 0 and all(ask(trial) <= 0 for trial in trials):
        share = percent(Fraction(1, len(right)))
        return worth, right, "all", {i: share if i in right else "0" for i in identifiers}
    values = {i: mapped.get(i, one.default_value) for i in identifiers}
    total = sum((value for value in values.values() if value > 0), Decimal(0))
    for trial in [*trials, list(right)]:
        meant = min(max(sum((values[i] for i in trial), Decimal(0)), Decimal(0)), total)
        if max(ask(trial), Decimal(0)) != meant:
            raise NotReadable("choice_points", name=", ".join(trial)[:60])
    return total, right, "each", {i: _share(value, total) for i, value in values.items()}


def _order(element: etree._Element, one: Declaration, ask: Ask, key: str, _: Processor) -> Read:
    rows = {attribute(row, "identifier"): row for row in children(element, "simple-choice")}
    order = list(one.correct)
    if sorted(order) != sorted(rows):
        raise NotReadable("some_order")
    options, words = _options([rows[identifier] for identifier in order], key)
    worth = ask(order)
    if worth <= 0 or any(ask(trial) > 0 for trial in _other_orders(order, element)):
        raise NotReadable("part_order")
    field = {**empty_field(key, "order"), "scoring": "all"}
    field["options"] = [{"key": options[identifier]} for identifier in order]
    return Read(field, words, one.identifier, worth, tuple(order), options)


def _other_orders(order: list[str], element: etree._Element) -> Iterator[list[str]]:
    """Orders that are not right: all of a few things; of many, those a rule would pay a part for.

    These are two things changed over, one moved to an end, one left out, all turned round, and
    whatever the item itself lists as an order.
    """
    yield order[1:]
    yield order[:-1]
    if len(order) <= _ORDERED:
        yield from (list(each) for each in permutations(order) if list(each) != order)
        return
    yield order[::-1]
    yield from ([*order[:i], *order[i + 1 :], one] for i, one in enumerate(order[:-1]))
    yield from ([one, *order[:i], *order[i + 1 :]] for i, one in enumerate(order) if i)
    for i, j in combinations(range(len(order)), 2):
        changed = list(order)
        changed[i], changed[j] = order[j], order[i]
        yield changed
    yield from (listed for listed in _listed(element, "ordered") if listed != order)


def _listed(element: etree._Element, kind: str) -> Iterator[list[str]]:
    """The values that the rules of the item put together in containers of this kind."""
    for container in element.getroottree().iter():
        said = [(value.text or "").strip() for value in children(container, "base-value")]
        if name(container) == kind and said:
            yield said


def _match(element: etree._Element, one: Declaration, ask: Ask, key: str, _: Processor) -> Read:
    sets = children(element, "simple-match-set")
    if len(sets) != 2:
        raise NotReadable("two_sets", element="<match-interaction>")
    sources, targets = (children(group, "simple-associable-choice") for group in sets)
    if any(attribute(row, "match-max", "1") != "1" for row in sources):
        raise NotReadable("matched_twice")
    options, words = _options(sources, key)
    ends, more = _options(targets, key, "targets")
    pairs = dict(pair.split() for pair in one.correct if len(pair.split()) == 2)
    known = pairs.keys() <= options.keys() and set(pairs.values()) <= ends.keys()
    if not pairs or len(pairs) != len(one.correct) or not known:
        raise NotReadable("right_pairs")
    worth = ask(one.correct)
    singles = {source: ask([f"{source} {target}"]) for source, target in pairs.items()}
    wrong = [
        f"{source} {target}" for source in options for target in ends if pairs.get(source) != target
    ]
    scoring = "each" if sum(singles.values(), Decimal(0)) == worth else "all"
    if worth <= 0 or any(ask([pair]) > 0 for pair in wrong[: _TRIES**2]):
        raise NotReadable("wrong_pair")
    partly = [list(one.correct)[1:], list(one.correct)[:-1]]
    parts = len(pairs) > 1 and (any(singles.values()) or any(ask(part) > 0 for part in partly))
    if scoring == "all" and parts:
        raise NotReadable("part_pairs")
    if scoring == "each" and len(pairs) < len(options):
        raise NotReadable("matched_nothing")
    even = scoring == "all" or len(set(singles.values())) == 1
    field = {**empty_field(key, "match"), "scoring": scoring}
    field["options"] = [
        {
            "key": options[source],
            "target": ends[pairs[source]] if source in pairs else "",
            "credit": "0" if even else _share(singles[source], worth),
        }
        for source in options
    ]
    field["targets"] = [
        {"key": ends[attribute(row, "identifier")], "uses": _uses(row, len(options))}
        for row in targets
    ]
    return Read(field, {**words, **more}, one.identifier, worth, one.correct, options)


def _text_entry(
    element: etree._Element, one: Declaration, ask: Ask, key: str, processor: Processor
) -> Read:
    if one.base_type in ("float", "integer"):
        return _number(one, ask, key, processor)
    named = [entry.key for entry in one.entries or ()] + list(one.correct)
    spellings = list(dict.fromkeys(named + _compared(processor, one)))
    scores = {spelling: ask([spelling]) for spelling in spellings}
    worth = max(scores.values(), default=Decimal(0))
    # A rule may look for a text in a longer one: what we would write compares the whole.
    longer = [f"\u2603 {spelling} \u2603" for spelling in spellings]
    if worth <= 0 or any(ask([text]) > 0 for text in ["\u2603", *longer]):
        raise NotReadable("text_earns")
    rows: dict[tuple[Decimal, bool], list[str]] = {}
    for spelling in sorted(spellings, key=lambda text: -scores[text]):
        swapped = spelling.swapcase()
        exact = swapped != spelling and ask([swapped]) != scores[spelling]
        rows.setdefault((scores[spelling], exact), []).append(spelling)
    field, words = dict(empty_field(key, "text")), {}
    anywhere = _anywhere(element, one)
    texts = []
    for place, ((score, exact), group) in enumerate(rows.items(), 1):
        credit = _share(max(score, Decimal(0)), worth)
        held = [text.replace("*", "\\*") for text in group if text in anywhere]
        texts.append({"key": f"t{place}", "credit": credit, "case": exact, "anywhere": held})
        if own := [text.replace("*", "\\*") for text in group if text not in anywhere]:
            words[f"texts.{key}.t{place}.spellings"] = "\n".join(own)
    field["texts"] = texts
    best = (max(scores, key=scores.__getitem__),)
    return Read(field, words, one.identifier, worth, best, {}, tuple(spellings))


def _anywhere(element: etree._Element, one: Declaration) -> set[str]:
    """The spellings that we wrote as right in every language (`names.ANYWHERE`)."""
    classes = element.get("class", "").split()
    entries = dict.fromkeys(entry.key for entry in one.entries or ())
    return {text for place, text in enumerate(entries, 1) if f"{ANYWHERE}{place}" in classes}


def _number(one: Declaration, ask: Ask, key: str, processor: Processor) -> Read:
    texts = list(dict.fromkeys([*one.correct, *(entry.key for entry in one.entries or ())]))
    tolerated = _tolerances(processor, one)
    texts += [text for text in [*tolerated, *_compared(processor, one)] if text not in texts]
    texts = [text for text in texts if _is_number(text)]
    scores = {text: ask([text]) for text in texts}
    worth = max(scores.values(), default=Decimal(0))
    if worth <= 0:
        raise NotReadable("no_points_number")
    numbers = []
    for place, text in enumerate(sorted(texts, key=lambda text: -scores[text]), 1):
        value, (tolerance, relative) = Decimal(text), tolerated.get(text, (Decimal(0), False))
        reach = abs(value) * tolerance / 100 if relative else tolerance
        beyond = reach + (reach / 100 if reach else Decimal("0.000001"))
        inside = {ask([plain(value - reach)]), ask([plain(value + reach)])}
        outside = {ask([plain(value - beyond)]), ask([plain(value + beyond)])}
        if inside != {scores[text]} or scores[text] in outside:
            raise NotReadable("tolerance", text=text[:40])
        numbers.append(
            {
                "key": f"n{place}",
                "value": plain(value),
                "tolerance": plain(tolerance),
                "relative": relative,
                "credit": _share(max(scores[text], Decimal(0)), worth),
            }
        )
    field = {**empty_field(key, "number"), "numbers": numbers}
    best = (max(scores, key=scores.__getitem__),)
    return Read(field, {}, one.identifier, worth, best, {}, tuple(texts))


def _compared(processor: Processor, one: Declaration) -> list[str]:
    """The values with which rules compare a response; a declaration need not list them all."""
    return [
        (value.text or "").strip()
        for rule in processor.rules or ()
        for test in rule.iter()
        if any(attribute(child, "identifier") == one.identifier for child in test)
        for value in test.iter()
        if name(value) == "base-value" and name(test) in _COMPARISONS
    ]


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _tolerances(processor: Processor, one: Declaration) -> dict[str, tuple[Decimal, bool]]:
    """Number as written to its tolerance, as the <equal> expressions about a response say it."""
    found = {}
    for rule in processor.rules or ():
        for equal in (each for each in rule.iter() if name(each) == "equal"):
            about = [child for child in equal if attribute(child, "identifier") == one.identifier]
            if not about or attribute(equal, "tolerance-mode", "exact") == "exact":
                continue
            other = next(
                (child for child in equal if name(child) in ("base-value", "correct")), None
            )
            below, above = tolerances(equal)
            if other is None or below != above:
                raise NotReadable("uneven_tolerance")
            text = (other.text or "").strip() if name(other) == "base-value" else one.correct[0]
            found[text] = (below, attribute(equal, "tolerance-mode") == "relative")
    return found


def _open(kind: str) -> Callable[..., Read]:
    def read(
        element: etree._Element, one: Declaration, _ask: Ask, key: str, processor: Processor
    ) -> Read:
        if processor.rules is not None or processor.template:
            raise NotReadable("rules_marked", element=f"<{name(element)}>")
        return Read(dict(empty_field(key, kind)), {}, one.identifier, Decimal(0), (), {})

    return read


_READERS: Mapping[str, Callable[..., Read]] = {
    "choice-interaction": _choice,
    "inline-choice-interaction": _choice,
    "order-interaction": _order,
    "match-interaction": _match,
    "text-entry-interaction": _text_entry,
    "extended-text-interaction": _open("essay"),
    "upload-interaction": _open("file"),
}


def _options(
    rows: Sequence[etree._Element], key: str, group: str = "options"
) -> tuple[dict[str, str], dict[str, str]]:
    """Identifier to key of the rows, and their words; feedback inside them is read elsewhere."""
    keys = Keys()
    found: dict[str, str] = {}
    words: dict[str, str] = {}
    for row in rows:
        identifier = attribute(row, "identifier")
        if attribute(row, "template-identifier"):
            raise NotReadable("attribute", name="template-identifier")
        # As we write them: sources and targets share one room of identifiers.
        found[identifier] = keys.of(identifier.removeprefix("target-"))
        words[f"{group}.{key}.{found[identifier]}.text"] = from_element(row, _without_feedback)
    if len(found) < len(rows):
        raise NotReadable("identifier_twice")
    return found, words


def _without_feedback(element: etree._Element) -> str | None:
    return "" if name(element) in ("feedback-inline", "feedback-block") else None


def _uses(row: etree._Element, options: int) -> int:
    text = attribute(row, "match-max", "1")
    uses = int(text) if text.isdecimal() and len(text) < 5 else 1
    return 0 if uses >= options else uses


def _share(score: Decimal, worth: Decimal) -> str:
    return percent(Fraction(score) / Fraction(worth)) if worth > 0 else "0"
