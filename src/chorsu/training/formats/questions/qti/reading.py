"""An assessment item of QTI 3.0, 2.2 or 2.1 as a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TypeAlias

from lxml import etree

from chorsu.kernel.languages import TAGS
from chorsu.records.fields import CODE
from chorsu.records.words import plain as plain_words
from chorsu.training.formats.questions.markup import escaped, from_element
from chorsu.training.formats.questions.pictures import name_pictures
from chorsu.training.formats.questions.qti.interactions import (
    Read,
    is_interaction,
    read_interaction,
    require_supported,
)
from chorsu.training.formats.questions.qti.names import (
    TWO_MARKERS,
    XML_LANG,
    attribute,
    children,
    name,
)
from chorsu.training.formats.questions.qti.processing import (
    Processor,
    Value,
    declaration,
    last_part,
    template_name,
)
from chorsu.training.formats.questions.report import Found, Keys, NotReadable, found, plain
from chorsu.training.items import ONLY_FIELD, empty_facts

Templates: TypeAlias = Mapping[str, list[etree._Element]]
"""Rules of the response processing that a package brings along, by the names of their files."""
_MOST_TYPED = 100
"""So many foreseen texts are tried for what is said to them."""
_INLINE = ("text-entry-interaction", "inline-choice-interaction")
_PARTS = frozenset(
    (
        *("response-declaration", "outcome-declaration", "item-body", "response-processing"),
        *("modal-feedback", "stylesheet"),
    )
)
_FEEDBACK = ("modal-feedback", "feedback-inline", "feedback-block")
_TYPES = {
    "choice": "single",
    "choices": "multiple",
    "match": "matching",
    "order": "ordering",
    "number": "numeric",
    "text": "short_text",
    "essay": "essay",
    "file": "file",
}
_AT_END = re.compile(r"\n*\[\[[a-z0-9-]+\]\]\Z")
_LAST = re.compile(r"\n\n\[\[[a-z0-9-]+\]\]\Z")


def read_item(
    root: etree._Element,
    place: str,
    language: str,
    take: Callable[[str], str],
    templates: Templates = MappingProxyType({}),
) -> Found:
    """The question of an assessment item; `language` where it names none of ours, `take` names the
    picture at an address. Raises `NotReadable`.
    """
    if name(root) != "assessment-item":
        raise NotReadable("root", element=f"<{name(root)[:60]}>", wanted="<assessment-item>")
    if attribute(root, "adaptive", "false") == "true":
        raise NotReadable("adaptive")
    for part in root:
        if name(part) not in _PARTS:
            raise NotReadable("element", element=f"<{name(part)[:60]}>")
    body = next(iter(children(root, "item-body")), None)
    if body is None:
        raise NotReadable("missing_element", element="<item-body>")
    elements = [element for element in body.iter() if is_interaction(element)]
    if not elements:
        raise NotReadable("no_interaction")
    require_supported(elements)
    name_pictures(root, take)
    return _Item(root, body, place, templates).read(elements, _language(root, language))


@dataclass(frozen=True, slots=True)
class _Trial:
    """Variables after an answer: its (response, value) pairs, and its share of the points."""

    chosen: frozenset[tuple[str, str]]
    credit: Decimal
    values: Mapping[str, Value]


class _Item:
    def __init__(
        self, root: etree._Element, body: etree._Element, place: str, templates: Templates
    ) -> None:
        self.root = root
        self.body = body
        self.place = place
        self.processor = _processor(root, templates)
        self.keys = Keys()
        self.reads: list[Read] = []
        self.rubric: list[dict[str, object]] = []
        self.words: dict[str, str] = {}

    def read(self, elements: Sequence[etree._Element], language: str) -> Found:
        inline = all(name(element) in _INLINE for element in elements)
        if not inline and len(elements) > 1:
            raise NotReadable("several_interactions")
        single = len(elements) == 1
        stem = self._stem(elements, ONLY_FIELD if single else None)
        if single and inline and not _stands_alone(elements[0], stem):
            single, self.reads, self.words, self.rubric = False, [], {}, []
            stem = self._stem(elements, None)
        if single:
            stem = self._single_stem(stem)
        item_type = _TYPES[str(self.reads[0].field["kind"])] if single else "cloze"
        facts = self._facts(item_type, elements)
        self.words |= {"title": _title(self.root), "stem": stem}
        self._feedback()
        return found(self.place, facts, {language: self.words})

    def _stem(self, elements: Sequence[etree._Element], key: str | None) -> str:
        """The fields taken, the stem with their marks; `key`: that of the only field."""
        for element in elements:
            self._take(element, key)
        return from_element(self.body, self._stand_in)

    def _take(self, element: etree._Element, key: str | None) -> None:
        identifier = attribute(element, "response-identifier")
        one = self.processor.responses.get(identifier)
        if one is None or any(read.identifier == identifier for read in self.reads):
            raise NotReadable("response", name=identifier[:60])
        read = read_interaction(element, one, self.processor, key or self.keys.of(identifier))
        self.reads.append(read)
        self.words |= read.words

    def _stand_in(self, element: etree._Element) -> str | None:
        """What stands in the stem for a part of the body."""
        kind = name(element)
        if is_interaction(element):
            identifier = attribute(element, "response-identifier")
            read = next(read for read in self.reads if read.identifier == identifier)
            prompt = "\n\n".join(from_element(prompt) for prompt in children(element, "prompt"))
            mark = f"[[{read.field['key']}]]"
            return f"\n\n{prompt}\n\n{mark}" if kind not in _INLINE else mark
        if kind in _FEEDBACK or kind == "stylesheet":
            return ""
        return self._rubric(element) if kind == "rubric-block" else None

    def _single_stem(self, stem: str) -> str:
        """The stem without the mark of its one field, which must be at its end."""
        if not _AT_END.search(stem):
            raise NotReadable("text_after")
        return re.sub(r"\n{3,}", "\n\n", _AT_END.sub("", stem)).strip()

    def _facts(self, item_type: str, elements: Sequence[etree._Element]) -> dict[str, object]:
        worths = [read.worth for read in self.reads]
        total = sum(worths, Decimal(0))
        best = {read.identifier: read.best for read in self.reads if read.best}
        if best and self.processor.score(best) != total:
            raise NotReadable("points_sum")
        facts: dict[str, object] = {**empty_facts(item_type)}
        shuffled = [each for each in self.body.iter() if attribute(each, "shuffle") == "true"]
        facts["shuffle"] = bool(shuffled)
        fields = [read.field if shuffled else _loose(read.field) for read in self.reads]
        facts["fields"] = [
            {**field, "weight": weight}
            for field, weight in zip(fields, _weights(worths), strict=True)
        ]
        facts["points"] = plain(total) if total > 0 else self._outside_points()
        facts["rubric"] = self.rubric
        classes = {each for one in elements for each in one.get("class", "").split()}
        facts["second_marker"] = TWO_MARKERS in classes
        label = attribute(self.root, "label")
        facts["competence"] = label if CODE.fullmatch(label) else ""
        return facts

    def _outside_points(self) -> str:
        """The points of what a person marks."""
        most = self.processor.outcomes.get("MAXSCORE")
        if most is not None and most.default:
            return most.default[0]
        score = next(
            (one for one in children(self.root, "outcome-declaration")
             if attribute(one, "identifier") == "SCORE"),
            None,
        )  # fmt: skip
        said = "" if score is None else attribute(score, "normal-maximum")
        return said or "1"

    def _rubric(self, element: etree._Element) -> str:
        """What stands in the stem for a rubric: what candidates are told is a part of it.

        One for markers is a table, of criterion, points and levels; or any text, which is then one
        row for all the points.
        """
        views = attribute(element, "view").split()
        if "candidate" in views:
            return f"\n\n{from_element(element, _no_stylesheet)}\n\n"
        rows = [row for row in element.iter() if name(row) == "tr"]
        cells = [[cell for cell in row if name(cell) == "td"] for row in rows]
        if "scorer" not in views:
            raise NotReadable("rubric_view", name=" ".join(views)[:60] or "?")
        keys = Keys()
        if not rows or any(len(row) != 3 for row in cells):
            self._whole_rubric(element)
            return ""
        for row, (criterion, points, levels) in zip(rows, cells, strict=True):
            key = keys.of(row.get("id") or from_element(criterion))
            self.rubric.append({"key": key, "points": (points.text or "").strip()})
            self.words[f"rubric.{key}.criterion"] = _plain_text(criterion)
            self.words[f"rubric.{key}.levels"] = "\n".join(
                line for line in (str(part).strip() for part in levels.itertext()) if line
            )
        return ""

    def _whole_rubric(self, element: etree._Element) -> None:
        if self.rubric:
            raise NotReadable("several_rubrics")
        text = from_element(element, _no_stylesheet)
        first, *rest = [plain_words(line) for line in text.split("\n") if line.strip()] or [""]
        points = Decimal(self._outside_points())
        if points != int(points):
            raise NotReadable("part_point")
        self.rubric.append({"key": "k1", "points": int(points)})
        self.words["rubric.k1.criterion"] = first
        self.words["rubric.k1.levels"] = "\n".join(rest)

    def _feedback(self) -> None:
        """Each feedback goes where trials say it is shown."""
        pieces = [each for each in self.root.iter() if name(each) in _FEEDBACK]
        if not pieces:
            return
        trials = self._trials()
        for piece in pieces:
            names = self._names(piece, trials)
            text = f"{_heading(piece)}\n\n{from_element(piece)}".strip()
            for word in names:
                before = self.words.get(word, "")
                self.words[word] = f"{before}\n\n{text}".strip()

    def _trials(self) -> list[_Trial]:
        total = sum((read.worth for read in self.reads), Decimal(0))
        best = {read.identifier: read.best for read in self.reads}
        answers: list[Mapping[str, Sequence[str]]] = [best]
        for read in self.reads:
            answers += [{read.identifier: [each]} for each in read.options]
            typed = read.foreseen[:_MOST_TYPED]
            answers += [{read.identifier: [each]} for each in typed]
            answers += [{**best, read.identifier: [each]} for each in typed if len(self.reads) > 1]
            answers += [{read.identifier: ["\u2603"]}] if not read.options else []
            answers += [{**best, read.identifier: ["\u2603"]}] if len(self.reads) > 1 else []
            answers += [{**best, read.identifier: read.best[1:]}] if len(read.best) > 1 else []
        trials = []
        for answer in answers:
            values = self.processor.run(answer)
            score = values.get("SCORE")
            earned = score if isinstance(score, Decimal) else Decimal(0)
            chosen = frozenset((key, each) for key, given in answer.items() for each in given)
            credit = earned / total if total else Decimal(0)
            trials.append(_Trial(chosen, max(credit, Decimal(0)), values))
        return trials

    def _names(self, piece: etree._Element, trials: list[_Trial]) -> list[str]:
        identifier = attribute(piece, "identifier")
        outcome = attribute(piece, "outcome-identifier")
        hidden = attribute(piece, "show-hide", "show") == "hide"

        def is_shown(trial: _Trial) -> bool:
            value = trial.values.get(outcome)
            return (identifier in (value if isinstance(value, list) else [value])) != hidden

        seen = [trial for trial in trials if is_shown(trial)]
        if not seen:
            raise NotReadable("feedback_never")
        within = self._option_of(piece)
        if within is not None:
            option, word = within
            if seen == [trial for trial in trials if option in trial.chosen]:
                return [word]
            raise NotReadable("feedback_option")
        if len(seen) == len(trials):
            return ["feedback"]
        groups = {
            "feedback_right": [trial for trial in trials if trial.credit == 1],
            "feedback_partly": [trial for trial in trials if 0 < trial.credit < 1],
            "feedback_wrong": [trial for trial in trials if trial.credit == 0],
        }
        about = self._about_option(seen, trials)
        names = [word for word, group in groups.items() if group and group[0] in seen]
        if about and seen != groups.get(names[0] if names else ""):
            return [about]
        if not names or seen != [t for t in trials if any(t in groups[word] for word in names)]:
            raise NotReadable("feedback_when", name=identifier[:60])
        return names

    def _about_option(self, seen: list[_Trial], trials: list[_Trial]) -> str | None:
        """The word of the option that alone shows a feedback, of those of which one is chosen."""
        (read, *more) = self.reads
        if more or read.field["kind"] != "choice":
            return None
        for option, key in read.options.items():
            if seen == [trial for trial in trials if (read.identifier, option) in trial.chosen]:
                return f"options.{read.field['key']}.{key}.feedback"
        return None

    def _option_of(self, piece: etree._Element) -> tuple[tuple[str, str], str] | None:
        """The (response, option) within which a feedback stands, and the word for it."""
        option = None
        for above in piece.iterancestors():
            if name(above) in ("simple-choice", "inline-choice", "simple-associable-choice"):
                option = attribute(above, "identifier")
            if option is not None and is_interaction(above):
                response = attribute(above, "response-identifier")
                for read in self.reads:
                    if read.identifier == response and option in read.options:
                        key = read.options[option]
                        return (response, option), f"options.{read.field['key']}.{key}.feedback"
                raise NotReadable("feedback_target")
        return None


def _processor(root: etree._Element, templates: Templates) -> Processor:
    responses = [declaration(each) for each in children(root, "response-declaration")]
    outcomes = [declaration(each) for each in children(root, "outcome-declaration")]
    rules, template = None, ""
    for processing in children(root, "response-processing"):
        address = attribute(processing, "template")
        rules = list(processing) or templates.get(last_part(address))
        template = template_name(address) if address and rules is None else ""
    return Processor(
        {one.identifier: one for one in responses},
        {one.identifier: one for one in outcomes},
        rules,
        template,
    )


def _loose(field: dict[str, object]) -> dict[str, object]:
    """A field whose options need not say that they keep their places, since none is shuffled."""
    rows = field["options"]
    rows = rows if isinstance(rows, list) else []
    return {**field, "options": [{**row, "fixed": False} for row in rows]}


def _stands_alone(element: etree._Element, stem: str) -> bool:
    """Whether an inline field is the last paragraph, alone in it, whatever it is wrapped in."""
    return name(element) == "text-entry-interaction" and bool(_LAST.search(stem))


def _weights(worths: Sequence[Decimal]) -> list[int]:
    """Whole numbers in the proportion of the fields' points."""
    if len(worths) < 2:
        return [1] * len(worths)
    scaled = [worth * 10**6 for worth in worths]
    if any(worth != int(worth) for worth in scaled):
        raise NotReadable("point_places")
    least = _divisor([int(worth) for worth in scaled])
    return [int(worth) // least for worth in scaled]


def _divisor(numbers: Sequence[int]) -> int:
    first, *rest = numbers
    for number in rest:
        while number:
            first, number = number, first % number
    return first or 1


def _language(root: etree._Element, default: str) -> str:
    said = root.get(XML_LANG, "").lower()
    if said.startswith("zh"):
        return "zh-Hans"
    return next((tag for tag in TAGS if tag.split("-")[0] == said.split("-")[0]), default)


def _title(root: etree._Element) -> str:
    return " ".join(attribute(root, "title").split())[:200]


def _heading(feedback: etree._Element) -> str:
    """The title that a feedback is shown under: the first of its paragraphs."""
    title = " ".join(attribute(feedback, "title").split())
    return f"**{escaped(title)}**" if title else ""


def _no_stylesheet(element: etree._Element) -> str | None:
    return "" if name(element) == "stylesheet" else None


def _plain_text(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())
