"""A question as an assessment item of QTI 3.0 or 2.2, one file a language.

Scoring and feedback are written out as response processing, the same way for every type, so that
another system earns a learner the same points. What QTI can't say is refused, never left out in
silence.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from lxml import etree

from chorsu.records.fields import Words
from chorsu.training.formats.questions.qti.body import Body, spellings
from chorsu.training.formats.questions.qti.names import XML_LANG, Version
from chorsu.training.formats.questions.qti.scribe import (
    chosen_of,
    identifier_of,
    name_of,
    target_of,
)
from chorsu.training.formats.questions.report import NotReadable, plain
from chorsu.training.items import Facts, Field, has_wildcard

_FEEDBACK, _GENERAL = "FEEDBACK", "GENERAL"
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
    """The XML of a question in one language; raises `NotReadable` for what QTI cannot say."""
    _check(facts, words)
    return _Writer(facts, words, version).write(identifier, language)


def _check(facts: Facts, words: Words) -> None:
    for field in facts["fields"]:
        if field["unit"] != "none":
            raise NotReadable("say_units")
        if field["kind"] == "order" and field["scoring"] == "each":
            raise NotReadable("say_part_order")
        if field["kind"] == "match" and field["scoring"] == "each" and _unmatched(field):
            raise NotReadable("say_nothing_pair")
        if any(has_wildcard(spelling) for _, spelling, _ in spellings(field, words)):
            raise NotReadable("say_wildcard")
    for name in words:
        if name.startswith(("texts.", "numbers.")) and name.endswith(".feedback"):
            raise NotReadable("say_answer_feedback")


class _Writer(Body):
    def write(self, identifier: str, language: str) -> bytes:
        root = etree.Element(
            self.version.tag("assessment-item"), nsmap=self.version.map(self.version.item)
        )
        self.set(root, identifier=identifier, title=self.words.get("title") or identifier)
        if self.facts["competence"]:
            root.set("label", self.facts["competence"])
        self.set(root, adaptive="false", time_dependent="false")
        root.set(XML_LANG, language)
        for field in self.facts["fields"]:
            self._declare(root, field)
        self._outcomes(root)
        body = self.add(root, "item-body")
        self.stem(body)
        if not self.is_marked():
            self._processing(root)
        self._modal_feedback(root)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=False)

    def _declare(self, root: etree._Element, field: Field) -> None:
        cardinality, base_type = _KINDS[field["kind"]]
        one = self.add(
            root,
            "response-declaration",
            identifier=identifier_of(field),
            cardinality=cardinality,
            base_type=base_type,
        )
        correct = self._correct(field)
        if correct:
            holder = self.add(one, "correct-response")
            for one_value in correct:
                self.add(holder, "value", one_value)
        entries = self._entries(field)
        if entries:
            mapping = self.add(one, "mapping", default_value="0")
            if field["kind"] == "choices":
                self.set(mapping, lower_bound="0")
            for key, value, case in entries:
                entry = self.add(mapping, "map-entry", map_key=key, mapped_value=plain(value))
                if field["kind"] == "text":
                    self.set(entry, case_sensitive="true" if case else "false")

    def _correct(self, field: Field) -> list[str]:
        kind = field["kind"]
        if kind == "order":
            return [name_of(row["key"]) for row in field["options"]]
        if kind == "match":
            rows = [row for row in field["options"] if row["target"]]
            return [f"{name_of(row['key'])} {target_of(row['target'])}" for row in rows]
        if kind in ("choice", "choices"):
            least = Decimal(100) if kind == "choice" else Decimal("0.000001")
            right = [row for row in field["options"] if Decimal(row["credit"]) >= least]
            return [name_of(row["key"]) for row in (right[:1] if kind == "choice" else right)]
        if kind == "number":
            return [row["value"] for row in field["numbers"] if row["credit"] == "100"][:1]
        full = [text for credit, text, _ in spellings(field, self.words) if credit == "100"]
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
                    f"{name_of(row['key'])} {target_of(row['target'])}",
                    _part(worth, row["credit"] if weighted else even),
                    False,
                )
                for row in field["options"]
            ]
        if field["kind"] == "text":
            rows = spellings(field, self.words)
            return [
                (text.replace("\\*", "*"), _part(worth, credit), case)
                for credit, text, case in rows
            ]
        return []

    def _outcomes(self, root: etree._Element) -> None:
        score = self.add(
            root,
            "outcome-declaration",
            identifier="SCORE",
            cardinality="single",
            base_type="float",
            normal_maximum=plain(self.total),
        )
        self.add(self.add(score, "default-value"), "value", "0")
        if self.is_marked() and self.version.prefixed:
            self.set(score, external_scored="human")
        most = self.add(
            root, "outcome-declaration", identifier="MAXSCORE", cardinality="single",
            base_type="float",
        )  # fmt: skip
        self.add(self.add(most, "default-value"), "value", plain(self.total))
        if self.told("feedback_right", "feedback_partly", "feedback_wrong"):
            self._outcome(root, _FEEDBACK, "single")
        if self.told("feedback"):
            general = self._outcome(root, _GENERAL, "single")
            self.add(self.add(general, "default-value"), "value", "general")
        for field in self.with_feedback():
            cardinality, _ = _KINDS[field["kind"]]
            self._outcome(root, chosen_of(field), cardinality)

    def _outcome(self, root: etree._Element, identifier: str, cardinality: str) -> etree._Element:
        return self.add(
            root, "outcome-declaration", identifier=identifier, cardinality=cardinality,
            base_type="identifier",
        )  # fmt: skip

    def _processing(self, root: etree._Element) -> None:
        processing = self.add(root, "response-processing")
        for field in self.facts["fields"]:
            if field["kind"] == "number":
                self._number_rule(processing, field)
            else:
                self._rule(processing, field)
        for field in self.with_feedback():
            chosen = self.add(processing, "set-outcome-value", identifier=chosen_of(field))
            self.add(chosen, "variable", identifier=identifier_of(field))
        if self.told("feedback_right", "feedback_partly", "feedback_wrong"):
            self._states(processing)

    def _rule(self, processing: etree._Element, field: Field) -> None:
        response = identifier_of(field)
        branch = self.add(self.add(processing, "response-condition"), "response-if")
        if field["scoring"] == "all":
            match = self.add(branch, "match")
            self.add(match, "variable", identifier=response)
            self.add(match, "correct", identifier=response)
            self._earn(branch, self.worths[field["key"]])
        else:
            empty = self.add(self.add(branch, "not"), "is-null")
            self.add(empty, "variable", identifier=response)
            total = self._sum(branch)
            self.add(total, "map-response", identifier=response)

    def _number_rule(self, processing: etree._Element, field: Field) -> None:
        condition = self.add(processing, "response-condition")
        for place, row in enumerate(field["numbers"]):
            branch = self.add(condition, "response-else-if" if place else "response-if")
            equal = self.add(branch, "equal", tolerance_mode="exact")
            if row["tolerance"] != "0":
                mode = "relative" if row["relative"] else "absolute"
                self.set(equal, tolerance_mode=mode, tolerance=row["tolerance"])
            self.add(equal, "variable", identifier=identifier_of(field))
            self.add(equal, "base-value", row["value"], base_type="float")
            self._earn(branch, self.worths[field["key"]] * Fraction(row["credit"]) / 100)

    def _sum(self, branch: etree._Element) -> etree._Element:
        total = self.add(self.add(branch, "set-outcome-value", identifier="SCORE"), "sum")
        self.add(total, "variable", identifier="SCORE")
        return total

    def _earn(self, branch: etree._Element, points: Fraction) -> None:
        self.add(self._sum(branch), "base-value", plain(_decimal(points)), base_type="float")

    def _states(self, processing: etree._Element) -> None:
        condition = self.add(processing, "response-condition")
        bounds = [("right", self.total, "gte"), ("partly", Decimal(0), "gt")]
        for place, (state, bound, operator) in enumerate(bounds):
            branch = self.add(condition, "response-else-if" if place else "response-if")
            compare = self.add(branch, operator)
            self.add(compare, "variable", identifier="SCORE")
            self.add(compare, "base-value", plain(bound), base_type="float")
            self._say(branch, state)
        self._say(self.add(condition, "response-else"), "wrong")

    def _say(self, branch: etree._Element, state: str) -> None:
        value = self.add(branch, "set-outcome-value", identifier=_FEEDBACK)
        self.add(value, "base-value", state, base_type="identifier")

    def _modal_feedback(self, root: etree._Element) -> None:
        pieces = [(f"feedback_{state}", _FEEDBACK, state) for state in ("right", "partly", "wrong")]
        for name, outcome, identifier in [*pieces, ("feedback", _GENERAL, "general")]:
            if name not in self.words:
                continue
            piece = self.add(
                root, "modal-feedback", outcome_identifier=outcome, identifier=identifier,
                show_hide="show",
            )  # fmt: skip
            holder = self.add(piece, "content-body") if self.version.prefixed else piece
            self.html(holder, self.words[name])


def _unmatched(field: Field) -> bool:
    return any(not row["target"] for row in field["options"])


def _part(worth: Fraction, credit: str | Fraction) -> Decimal:
    return _decimal(worth * Fraction(credit) / 100)


def _decimal(value: Fraction) -> Decimal:
    return round(Decimal(value.numerator) / Decimal(value.denominator), 8)
