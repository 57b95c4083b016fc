"""What the halves of an item's writer stand on: elements, identifiers, which words there are."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from lxml import etree

from chorsu.records.fields import Words
from chorsu.training.formats.questions.markup import to_html
from chorsu.training.formats.questions.qti.names import Version
from chorsu.training.items import MARKED_KINDS, ONLY_FIELD, Facts, Field

_RESPONSE, _CHOSEN = "RESPONSE", "CHOSEN"


class Scribe:
    """A question being written in one language and version of QTI."""

    up = "../../pictures/"
    """From the folder of an item to that of the pictures."""

    def __init__(self, facts: Facts, words: Words, version: Version) -> None:
        self.facts = facts
        self.words = words
        self.version = version
        self.pictures = {one["name"] for one in facts.get("pictures", [])}
        self.total = Decimal(facts["points"])
        weights = sum(field["weight"] for field in facts["fields"])
        self.worths = {
            field["key"]: Fraction(self.total) * field["weight"] / weights
            for field in facts["fields"]
        }

    def is_marked(self) -> bool:
        """Whether a person marks the item."""
        return self.facts["type"] in MARKED_KINDS

    def add(
        self, parent: etree._Element, name: str, text: str = "", **values: str
    ) -> etree._Element:
        """A new QTI element in `parent`, by its kebab name; attributes as for `set`."""
        element = etree.SubElement(parent, self.version.tag(name))
        self.set(element, **values)
        if text:
            element.text = text
        return element

    def set(self, element: etree._Element, **values: str) -> None:
        """Set attributes by their kebab names, written with underscores."""
        for name, value in values.items():
            element.set(self.version.attribute(name.replace("_", "-")), value)

    def told(self, *names: str) -> bool:
        """Whether one of these words is there."""
        return any(name in self.words for name in names)

    def with_feedback(self) -> list[Field]:
        """Fields whose options have feedback of their own."""
        return [
            field
            for field in self.facts["fields"]
            if any(
                f"options.{field['key']}.{row['key']}.feedback" in self.words
                for row in field["options"]
            )
        ]

    def html(self, parent: etree._Element, markdown: str) -> None:
        """Append what a Markdown text becomes."""
        for element in self._elements(markdown):
            element.tail = None
            parent.append(element)

    def inline(self, parent: etree._Element, markdown: str) -> None:
        """Markdown of one paragraph without the paragraph; of more, as it is."""
        elements = self._elements(markdown)
        if len(elements) == 1 and elements[0].tag == self.version.html("p"):
            parent.text = elements[0].text
            for element in list(elements[0]):
                parent.append(element)
        else:
            self.html(parent, markdown)

    def _elements(self, markdown: str) -> list[etree._Element]:
        """What a Markdown text becomes, its pictures at their places in a package."""
        elements = to_html(markdown)
        for element in elements:
            for each in list(element.iter()):
                if each.tag == "img" and not self._place_picture(each):
                    continue
                each.tag = self.version.html(str(each.tag))
        return elements

    def _place_picture(self, image: etree._Element) -> bool:
        """False, and its words alone are left, for a picture that the question does not have."""
        if image.get("src") in self.pictures:
            image.set("src", f"{self.up}{image.get('src')}")
            return True
        parent = image.getparent()
        if parent is not None:
            text = f"{image.get('alt', '')}{image.tail or ''}"
            before = image.getprevious()
            if before is None:
                parent.text = f"{parent.text or ''}{text}"
            else:
                before.tail = f"{before.tail or ''}{text}"
            parent.remove(image)
        return False

    def shuffle(self) -> str:
        """The value of `shuffle`."""
        return "true" if self.facts["shuffle"] else "false"


def name_of(key: str) -> str:
    """A key as an identifier, which may not begin with a figure."""
    return key if key[:1].isalpha() else f"_{key}"


def identifier_of(field: Field) -> str:
    """The response variable of a field."""
    return _RESPONSE if field["key"] == ONLY_FIELD else name_of(field["key"])


def chosen_of(field: Field) -> str:
    """The outcome that shows the feedback of a field's options."""
    return f"{_CHOSEN}_{identifier_of(field)}"


def target_of(key: str) -> str:
    """Sources and targets share one room of identifiers."""
    return f"target-{key}"
