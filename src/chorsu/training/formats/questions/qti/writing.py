"""A question as an assessment item of QTI 3.0 or 2.2, one file a language.

Scoring and feedback are written out as response processing, the same way for every type, so that
another system earns a learner the same points. What QTI can't say is refused, never left out in
silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from lxml import etree

from chorsu.records.fields import Words
from chorsu.training.formats.questions.markup import to_html
from chorsu.training.formats.questions.qti.names import XML_LANG, Version
from chorsu.training.formats.questions.report import NotReadable, plain
from chorsu.training.items import ONLY_FIELD, Facts, Field, has_wildcard

_RESPONSE = "RESPONSE"
_FEEDBACK, _GENERAL, _CHOSEN = "FEEDBACK", "GENERAL", "CHOSEN"
_GAP = re.compile(r"\[\[([a-z0-9-]{1,40})\]\]", re.ASCII)
_KINDS = {
    "choice": ("single", "identifier"),
    "choices": ("multiple", "identifier"),
    "match": ("multiple", "directedPair"),
    "order": ("ordered", "identifier"),
    "number": ("single", "float"),
    "text": ("single", "string"),
    "essay": ("single", "string"),
    "file": ("single", "file"),
}


def write_item(
    identifier: str, facts: Facts, language: str, words: Words, version: Version
) -> bytes:
    """The XML of a question in one language; raises `NotReadable` (`left_out`)."""
    _check(facts, words)
    return _Writer(facts, words, version).write(identifier, language)


def name_of(key: str) -> str:
    """A key as an identifier, which may not begin with a figure."""
    return key if key[:1].isalpha() else f"_{key}"


def _check(facts: Facts, words: Words) -> None:
    for field in facts["fields"]:
        if field["unit"] != "none":
            raise NotReadable("left_out", "units of a number")
        if field["kind"] == "order" and field["scoring"] == "each":
            raise NotReadable("left_out", "part of the points for part of an order")
        if field["kind"] == "match" and field["scoring"] == "each" and _unmatched(field):
            raise NotReadable("left_out", "points for an option that belongs with nothing")
        if any(has_wildcard(spelling) for _, spelling, _ in _spellings(field, words)):
            raise NotReadable("left_out", "a text with a wildcard")
    for name in words:
        if name.startswith(("texts.", "numbers.")) and name.endswith(".feedback"):
            raise NotReadable("left_out", "feedback to one foreseen answer")


class _Writer:
    def __init__(self, facts: Facts, words: Words, version: Version) -> None:
        self.facts = facts
        self.words = words
        self.version = version
        self.total = Decimal(facts["points"])
        weights = sum(field["weight"] for field in facts["fields"])
        self.worths = {
            field["key"]: Fraction(self.total) * field["weight"] / weights
            for field in facts["fields"]
        }

    def write(self, identifier: str, language: str) -> bytes:
        root = etree.Element(
            self.version.tag("assessment-item"), nsmap=self.version.map(self.version.item)
        )
        self._set(root, identifier=identifier, title=self.words.get("title") or identifier)
        if self.facts["competence"]:
            root.set("label", self.facts["competence"])
        self._set(root, adaptive="false", time_dependent="false")
        root.set(XML_LANG, language)
        for field in self.facts["fields"]:
            self._declare(root, field)
        self._outcomes(root)
        body = self._add(root, "item-body")
        self._stem(body)
        if not self._is_marked():
            self._processing(root)
        self._modal_feedback(root)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=False)

    def _is_marked(self) -> bool:
        return self.facts["type"] in ("essay", "file")

    def _add(
        self, parent: etree._Element, name: str, text: str = "", **values: str
    ) -> etree._Element:
        element = etree.SubElement(parent, self.version.tag(name))
        self._set(element, **values)
        if text:
            element.text = text
        return element

    def _set(self, element: etree._Element, **values: str) -> None:
        for name, value in values.items():
            element.set(self.version.attribute(name.replace("_", "-")), value)

    def _declare(self, root: etree._Element, field: Field) -> None:
        cardinality, base_type = _KINDS[field["kind"]]
        one = self._add(
            root,
            "response-declaration",
            identifier=_identifier(field),
            cardinality=cardinality,
            base_type=base_type,
        )
        correct = self._correct(field)
        if correct:
            holder = self._add(one, "correct-response")
            for one_value in correct:
                self._add(holder, "value", one_value)
        entries = self._entries(field)
        if entries:
            mapping = self._add(one, "mapping", default_value="0")
            if field["kind"] == "choices":
                self._set(mapping, lower_bound="0")
            for key, value, case in entries:
                entry = self._add(mapping, "map-entry", map_key=key, mapped_value=plain(value))
                if field["kind"] == "text":
                    self._set(entry, case_sensitive="true" if case else "false")

    def _correct(self, field: Field) -> list[str]:
        kind = field["kind"]
        if kind == "order":
            return [name_of(row["key"]) for row in field["options"]]
        if kind == "match":
            rows = [row for row in field["options"] if row["target"]]
            return [f"{name_of(row['key'])} {_target(row['target'])}" for row in rows]
        if kind in ("choice", "choices"):
            least = Decimal(100) if kind == "choice" else Decimal("0.000001")
            right = [row for row in field["options"] if Decimal(row["credit"]) >= least]
            return [name_of(row["key"]) for row in (right[:1] if kind == "choice" else right)]
        if kind == "number":
            return [row["value"] for row in field["numbers"] if row["credit"] == "100"][:1]
        full = [text for credit, text, _ in _spellings(field, self.words) if credit == "100"]
        return full[:1]

    def _entries(self, field: Field) -> list[tuple[str, Decimal, bool]]:
        """Mapping: value, points, whether case matters."""
        if field["scoring"] == "all":
            return []
        worth = self.worths[field["key"]]
        if field["kind"] in ("choice", "choices"):
            return [
                (name_of(row["key"]), _part(worth, row["credit"]), False)
                for row in field["options"]
                if row["credit"] != "0"
            ]
        if field["kind"] == "match":
            even = Fraction(100, len(field["options"]))
            weighted = any(row["credit"] != "0" for row in field["options"])
            return [
                (
                    f"{name_of(row['key'])} {_target(row['target'])}",
                    _part(worth, row["credit"] if weighted else even),
                    False,
                )
                for row in field["options"]
            ]
        if field["kind"] == "text":
            rows = _spellings(field, self.words)
            return [
                (text.replace("\\*", "*"), _part(worth, credit), case)
                for credit, text, case in rows
            ]
        return []

    def _outcomes(self, root: etree._Element) -> None:
        score = self._add(
            root,
            "outcome-declaration",
            identifier="SCORE",
            cardinality="single",
            base_type="float",
            normal_maximum=plain(self.total),
        )
        self._add(self._add(score, "default-value"), "value", "0")
        if self._is_marked() and self.version.prefixed:
            self._set(score, external_scored="human")
        most = self._add(
            root, "outcome-declaration", identifier="MAXSCORE", cardinality="single",
            base_type="float",
        )  # fmt: skip
        self._add(self._add(most, "default-value"), "value", plain(self.total))
        if self._told("feedback_right", "feedback_partly", "feedback_wrong"):
            self._outcome(root, _FEEDBACK, "single")
        if self._told("feedback"):
            general = self._outcome(root, _GENERAL, "single")
            self._add(self._add(general, "default-value"), "value", "general")
        for field in self._with_feedback():
            cardinality, _ = _KINDS[field["kind"]]
            self._outcome(root, _chosen(field), cardinality)

    def _outcome(self, root: etree._Element, identifier: str, cardinality: str) -> etree._Element:
        return self._add(
            root, "outcome-declaration", identifier=identifier, cardinality=cardinality,
            base_type="identifier",
        )  # fmt: skip

    def _told(self, *names: str) -> bool:
        return any(name in self.words for name in names)

    def _with_feedback(self) -> list[Field]:
        """Fields whose options have feedback of their own."""
        return [
            field
            for field in self.facts["fields"]
            if any(
                f"options.{field['key']}.{row['key']}.feedback" in self.words
                for row in field["options"]
            )
        ]

    def _stem(self, body: etree._Element) -> None:
        self._html(body, self.words.get("stem", ""))
        if self.facts["type"] == "cloze":
            self._place_fields(body)
            return
        field = self.facts["fields"][0]
        if field["kind"] in ("number", "text"):
            holder = etree.SubElement(body, self.version.html("p"))
            self._text_entry(holder, field)
        else:
            self._block(body, field)
        if self.facts["rubric"]:
            self._rubric(body)

    def _html(self, parent: etree._Element, markdown: str) -> None:
        for element in to_html(markdown):
            for each in element.iter():
                each.tag = self.version.html(str(each.tag))
            element.tail = None
            parent.append(element)

    def _inline(self, parent: etree._Element, markdown: str) -> None:
        """Markdown of one paragraph without the paragraph; of more, as it is."""
        elements = to_html(markdown)
        if len(elements) == 1 and elements[0].tag == "p":
            parent.text = elements[0].text
            for element in elements[0]:
                for each in element.iter():
                    each.tag = self.version.html(str(each.tag))
                parent.append(element)
        else:
            self._html(parent, markdown)

    def _place_fields(self, body: etree._Element) -> None:
        fields = {field["key"]: field for field in self.facts["fields"]}
        for element in list(body.iter()):
            if element.text and _GAP.search(element.text):
                self._split(element, fields, after=None)
            if element.tail and _GAP.search(element.tail) and element is not body:
                parent = element.getparent()
                if parent is not None:
                    self._split(parent, fields, after=element)

    def _split(
        self, parent: etree._Element, fields: Mapping[str, Field], after: etree._Element | None
    ) -> None:
        text = (parent.text if after is None else after.tail) or ""
        pieces = _GAP.split(text)
        at = 0 if after is None else list(parent).index(after) + 1
        if after is None:
            parent.text = pieces[0]
        else:
            after.tail = pieces[0]
        for key, tail in zip(pieces[1::2], pieces[2::2], strict=True):
            holder = etree.Element("holder")
            self._text_entry(holder, fields[key])
            placed = holder[0]
            placed.tail = tail
            parent.insert(at, placed)
            at += 1

    def _text_entry(self, parent: etree._Element, field: Field) -> None:
        if field["kind"] != "choice":
            self._add(parent, "text-entry-interaction", response_identifier=_identifier(field))
            return
        interaction = self._add(
            parent, "inline-choice-interaction", response_identifier=_identifier(field),
            shuffle=self._shuffle(),
        )  # fmt: skip
        self._choices(interaction, field, "inline-choice")

    def _shuffle(self) -> str:
        return "true" if self.facts["shuffle"] else "false"

    def _block(self, body: etree._Element, field: Field) -> None:
        response = _identifier(field)
        kind = field["kind"]
        if kind == "essay":
            self._add(body, "extended-text-interaction", response_identifier=response)
        elif kind == "file":
            self._add(body, "upload-interaction", response_identifier=response)
        elif kind == "match":
            self._match(body, field)
        elif kind == "order":
            order = self._add(
                body, "order-interaction", response_identifier=response, shuffle=self._shuffle()
            )
            self._choices(order, field, "simple-choice")
        else:
            choice = self._add(
                body, "choice-interaction", response_identifier=response, shuffle=self._shuffle(),
                max_choices="1" if kind == "choice" else "0",
            )  # fmt: skip
            self._choices(choice, field, "simple-choice")

    def _choices(self, parent: etree._Element, field: Field, name: str) -> None:
        for row in field["options"]:
            option = self._add(parent, name, identifier=name_of(row["key"]))
            start = f"options.{field['key']}.{row['key']}"
            self._inline(option, self.words.get(f"{start}.text", ""))
            feedback = self.words.get(f"{start}.feedback")
            if feedback:
                self._option_feedback(option, field, row["key"], feedback)

    def _option_feedback(
        self, option: etree._Element, field: Field, key: str, feedback: str
    ) -> None:
        paragraphs = len(to_html(feedback)) > 1
        piece = self._add(
            option,
            "feedback-block" if paragraphs else "feedback-inline",
            outcome_identifier=_chosen(field),
            identifier=name_of(key),
            show_hide="show",
        )
        if paragraphs and self.version.prefixed:
            piece = self._add(piece, "content-body")
        self._inline(piece, feedback)

    def _match(self, body: etree._Element, field: Field) -> None:
        interaction = self._add(
            body, "match-interaction", response_identifier=_identifier(field),
            shuffle=self._shuffle(), max_associations="0",
        )  # fmt: skip
        sources = self._add(interaction, "simple-match-set")
        for row in field["options"]:
            choice = self._add(
                sources, "simple-associable-choice", identifier=name_of(row["key"]), match_max="1"
            )
            self._inline(choice, self.words.get(f"options.{field['key']}.{row['key']}.text", ""))
        targets = self._add(interaction, "simple-match-set")
        for target in field["targets"]:
            choice = self._add(
                targets, "simple-associable-choice", identifier=_target(target["key"]),
                match_max=str(target["uses"] or len(field["options"])),
            )  # fmt: skip
            self._inline(choice, self.words.get(f"targets.{field['key']}.{target['key']}.text", ""))

    def _rubric(self, body: etree._Element) -> None:
        block = self._add(body, "rubric-block", view="scorer")
        if self.version.prefixed:
            self._set(block, use="scoring")
            block = self._add(block, "content-body")
        table = etree.SubElement(block, self.version.html("table"))
        rows = etree.SubElement(table, self.version.html("tbody"))
        for row in self.facts["rubric"]:
            line = etree.SubElement(rows, self.version.html("tr"), id=name_of(row["key"]))
            start = f"rubric.{row['key']}"
            cells = [etree.SubElement(line, self.version.html("td")) for _ in range(3)]
            cells[0].text = self.words.get(f"{start}.criterion", "")
            cells[1].text = str(row["points"])
            for level in self.words.get(f"{start}.levels", "").splitlines():
                etree.SubElement(cells[2], self.version.html("p")).text = level

    def _processing(self, root: etree._Element) -> None:
        processing = self._add(root, "response-processing")
        for field in self.facts["fields"]:
            if field["kind"] == "number":
                self._number_rule(processing, field)
            else:
                self._rule(processing, field)
        for field in self._with_feedback():
            chosen = self._add(processing, "set-outcome-value", identifier=_chosen(field))
            self._add(chosen, "variable", identifier=_identifier(field))
        if self._told("feedback_right", "feedback_partly", "feedback_wrong"):
            self._states(processing)

    def _rule(self, processing: etree._Element, field: Field) -> None:
        response = _identifier(field)
        branch = self._add(self._add(processing, "response-condition"), "response-if")
        if field["scoring"] == "all":
            match = self._add(branch, "match")
            self._add(match, "variable", identifier=response)
            self._add(match, "correct", identifier=response)
            self._earn(branch, self.worths[field["key"]])
        else:
            empty = self._add(self._add(branch, "not"), "is-null")
            self._add(empty, "variable", identifier=response)
            total = self._sum(branch)
            self._add(total, "map-response", identifier=response)

    def _number_rule(self, processing: etree._Element, field: Field) -> None:
        condition = self._add(processing, "response-condition")
        for place, row in enumerate(field["numbers"]):
            branch = self._add(condition, "response-else-if" if place else "response-if")
            equal = self._add(branch, "equal", tolerance_mode="exact")
            if row["tolerance"] != "0":
                mode = "relative" if row["relative"] else "absolute"
                self._set(equal, tolerance_mode=mode, tolerance=row["tolerance"])
            self._add(equal, "variable", identifier=_identifier(field))
            self._add(equal, "base-value", row["value"], base_type="float")
            self._earn(branch, self.worths[field["key"]] * Fraction(row["credit"]) / 100)

    def _sum(self, branch: etree._Element) -> etree._Element:
        total = self._add(self._add(branch, "set-outcome-value", identifier="SCORE"), "sum")
        self._add(total, "variable", identifier="SCORE")
        return total

    def _earn(self, branch: etree._Element, points: Fraction) -> None:
        self._add(self._sum(branch), "base-value", plain(_decimal(points)), base_type="float")

    def _states(self, processing: etree._Element) -> None:
        condition = self._add(processing, "response-condition")
        bounds = [("right", self.total, "gte"), ("partly", Decimal(0), "gt")]
        for place, (state, bound, operator) in enumerate(bounds):
            branch = self._add(condition, "response-else-if" if place else "response-if")
            compare = self._add(branch, operator)
            self._add(compare, "variable", identifier="SCORE")
            self._add(compare, "base-value", plain(bound), base_type="float")
            self._say(branch, state)
        self._say(self._add(condition, "response-else"), "wrong")

    def _say(self, branch: etree._Element, state: str) -> None:
        value = self._add(branch, "set-outcome-value", identifier=_FEEDBACK)
        self._add(value, "base-value", state, base_type="identifier")

    def _modal_feedback(self, root: etree._Element) -> None:
        pieces = [(f"feedback_{state}", _FEEDBACK, state) for state in ("right", "partly", "wrong")]
        for name, outcome, identifier in [*pieces, ("feedback", _GENERAL, "general")]:
            if name not in self.words:
                continue
            piece = self._add(
                root, "modal-feedback", outcome_identifier=outcome, identifier=identifier,
                show_hide="show",
            )  # fmt: skip
            holder = self._add(piece, "content-body") if self.version.prefixed else piece
            self._html(holder, self.words[name])


def _identifier(field: Field) -> str:
    return _RESPONSE if field["key"] == ONLY_FIELD else name_of(field["key"])


def _chosen(field: Field) -> str:
    return f"{_CHOSEN}_{_identifier(field)}"


def _target(key: str) -> str:
    """Sources and targets share one room of identifiers."""
    return f"target-{key}"


def _unmatched(field: Field) -> bool:
    return any(not row["target"] for row in field["options"])


def _spellings(field: Field, words: Words) -> list[tuple[str, str, bool]]:
    """(credit, spelling, whether case matters) in the order they are tried."""
    found = []
    for row in field["texts"]:
        lines = words.get(f"texts.{field['key']}.{row['key']}.spellings", "").splitlines()
        for spelling in dict.fromkeys([*row["anywhere"], *lines]):
            found.append((row["credit"], spelling, row["case"]))
    return found


def _part(worth: Fraction, credit: str | Fraction) -> Decimal:
    return _decimal(worth * Fraction(credit) / 100)


def _decimal(value: Fraction) -> Decimal:
    return round(Decimal(value.numerator) / Decimal(value.denominator), 8)
