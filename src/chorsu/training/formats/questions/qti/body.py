"""The body of an item: the stem, the interactions in it, the rubric for who marks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from chorsu.records.fields import Words
from chorsu.training.formats.questions.markup import to_html
from chorsu.training.formats.questions.qti.names import ANYWHERE, TWO_MARKERS
from chorsu.training.formats.questions.qti.scribe import (
    Scribe,
    chosen_of,
    identifier_of,
    name_of,
    target_of,
)
from chorsu.training.items import MARKED_KINDS, Field

_GAP = re.compile(r"\[\[([a-z0-9-]{1,40})\]\]", re.ASCII)


class Body(Scribe):
    """Writes the body."""

    def stem(self, body: etree._Element) -> None:
        """The stem with its interactions in place."""
        self.html(body, self.words.get("stem", ""))
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
            one = self.add(
                parent, "text-entry-interaction", response_identifier=identifier_of(field)
            )
            if classes := _anywhere(field, self.words):
                one.set("class", classes)
            return
        interaction = self.add(
            parent, "inline-choice-interaction", response_identifier=identifier_of(field),
            shuffle=self.shuffle(),
        )  # fmt: skip
        self._choices(interaction, field, "inline-choice")

    def _block(self, body: etree._Element, field: Field) -> None:
        response = identifier_of(field)
        kind = field["kind"]
        if kind in MARKED_KINDS:
            name = "extended-text-interaction" if kind == "essay" else "upload-interaction"
            one = self.add(body, name, response_identifier=response)
            if self.facts.get("second_marker"):
                one.set("class", TWO_MARKERS)
        elif kind == "match":
            self._match(body, field)
        elif kind == "order":
            order = self.add(
                body, "order-interaction", response_identifier=response, shuffle=self.shuffle()
            )
            self._choices(order, field, "simple-choice")
        else:
            choice = self.add(
                body, "choice-interaction", response_identifier=response, shuffle=self.shuffle(),
                max_choices="1" if kind == "choice" else "0",
            )  # fmt: skip
            self._choices(choice, field, "simple-choice")

    def _choices(self, parent: etree._Element, field: Field, name: str) -> None:
        for row in field["options"]:
            option = self.add(parent, name, identifier=name_of(row["key"]))
            if row.get("fixed"):
                self.set(option, fixed="true")
            start = f"options.{field['key']}.{row['key']}"
            self.inline(option, self.words.get(f"{start}.text", ""))
            feedback = self.words.get(f"{start}.feedback")
            if feedback:
                self._option_feedback(option, field, row["key"], feedback)

    def _option_feedback(
        self, option: etree._Element, field: Field, key: str, feedback: str
    ) -> None:
        paragraphs = len(to_html(feedback)) > 1
        piece = self.add(
            option,
            "feedback-block" if paragraphs else "feedback-inline",
            outcome_identifier=chosen_of(field),
            identifier=name_of(key),
            show_hide="show",
        )
        if paragraphs and self.version.prefixed:
            piece = self.add(piece, "content-body")
        self.inline(piece, feedback)

    def _match(self, body: etree._Element, field: Field) -> None:
        interaction = self.add(
            body, "match-interaction", response_identifier=identifier_of(field),
            shuffle=self.shuffle(), max_associations="0",
        )  # fmt: skip
        sources = self.add(interaction, "simple-match-set")
        for row in field["options"]:
            choice = self.add(
                sources, "simple-associable-choice", identifier=name_of(row["key"]), match_max="1"
            )
            self.inline(choice, self.words.get(f"options.{field['key']}.{row['key']}.text", ""))
        targets = self.add(interaction, "simple-match-set")
        for target in field["targets"]:
            choice = self.add(
                targets, "simple-associable-choice", identifier=target_of(target["key"]),
                match_max=str(target["uses"] or len(field["options"])),
            )  # fmt: skip
            self.inline(choice, self.words.get(f"targets.{field['key']}.{target['key']}.text", ""))

    def _rubric(self, body: etree._Element) -> None:
        block = self.add(body, "rubric-block", view="scorer")
        if self.version.prefixed:
            self.set(block, use="scoring")
            block = self.add(block, "content-body")
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


def spellings(field: Field, words: Words) -> list[tuple[str, str, bool]]:
    """(credit, spelling, whether case matters) in the order they are tried."""
    found = []
    for row in field["texts"]:
        lines = words.get(f"texts.{field['key']}.{row['key']}.spellings", "").splitlines()
        for spelling in dict.fromkeys([*row["anywhere"], *lines]):
            found.append((row["credit"], spelling, row["case"]))
    return found


def _anywhere(field: Field, words: Words) -> str:
    """Classes by the places of the spellings that are right in every language; mostly none."""
    held = {spelling for row in field["texts"] for spelling in row["anywhere"]}
    tried = dict.fromkeys(spelling for _, spelling, _ in spellings(field, words))
    places = [place for place, spelling in enumerate(tried, 1) if spelling in held]
    return " ".join(f"{ANYWHERE}{place}" for place in places)
