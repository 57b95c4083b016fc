"""Between the HTML of exchange formats and the Markdown in which questions are kept.

Read is what Markdown can say: paragraphs, emphasis, lists, quotations, code, simple tables, links,
and pictures once they have the name of one that is here (`pictures.name_pictures`). What it cannot
(mathematics, forms) is named, not dropped.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable

import lxml.html
from lxml import etree
from markdown_it import MarkdownIt

from chorsu.kernel.text import normalise
from chorsu.training.formats.questions.report import NotReadable
from chorsu.training.formats.questions.xml import local, parse
from chorsu.training.items.pictures import NAME

Place = Callable[[etree._Element], str | None]
"""What stands for an element in the text: Markdown, or None where it is ordinary markup."""
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True})
_MARKDOWN.enable(["table", "strikethrough"])
_BLOCKS = frozenset(
    (
        *("p", "div", "ul", "ol", "li", "blockquote", "pre", "table", "section", "article", "hr"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "content-body", "body", "figure", "figcaption"),
    )
)
_TRANSPARENT = frozenset(
    ("span", "u", "font", "small", "label", "abbr", "cite", "q", "bdi", "html")
)
_MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**", "s": "~~", "del": "~~", "strike": "~~"}
# Digits and signs that have letters of their own above or below the line; others have none.
_SMALL = {
    "sup": str.maketrans(
        "0123456789+-\u2212=()n",
        "\u2070\xb9\xb2\xb3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b\u207b\u207c\u207d\u207e\u207f",
    ),
    "sub": str.maketrans(
        "0123456789+-\u2212=()",
        "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089\u208a\u208b\u208b\u208c\u208d\u208e",
    ),
}
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
# An entity, and what at the beginning of a line would be a heading, a list or a rule.
_ENTITY = re.compile(r"&(?=[#a-zA-Z])")
_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|[-+=](?=\s|[-+=]|$))", re.MULTILINE)
_NUMBER_START = re.compile(r"^(\s*[0-9]{1,9})([.)])(?=\s|$)", re.MULTILINE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
MAX_CHARS = 200_000


def escaped(text: str) -> str:
    """Plain text as Markdown that shows the same."""
    text = _ENTITY.sub(r"\\&", _SPECIAL.sub(r"\\\1", text))
    return _NUMBER_START.sub(r"\1\\\2", _LINE_START.sub(r"\1\\\2", text))


def from_text(text: str) -> str:
    """Plain text, its lines kept, as Markdown."""
    lines = [escaped(line.strip()) for line in normalise(text).split("\n")]
    return re.sub(r"(?<!\n)\n(?!\n)", "\\\\\n", "\n".join(lines)).strip()


def from_html(text: str, place: Place | None = None) -> str:
    """A piece of HTML, well-formed or not, as Markdown; raises `NotReadable`."""
    if not text.strip():
        return ""
    if len(text) > MAX_CHARS:
        raise NotReadable("html_size", count=MAX_CHARS)
    return from_element(_tree(text), place)


def with_pictures(text: str, name: Callable[[etree._Element], None]) -> str:
    """A piece of HTML in whose tree `name` has named the pictures; raises `NotReadable`."""
    if not re.search(r"<\s*(?:img|object)\b", text, re.IGNORECASE):
        return text
    root = _tree(text)
    name(root)
    inside = "".join(etree.tostring(each, method="html", encoding="unicode") for each in root)
    return html.escape(root.text or "", quote=False) + inside


def _tree(text: str) -> etree._Element:
    try:
        root: etree._Element = lxml.html.fragment_fromstring(normalise(text), create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError) as error:
        # An assertion is what lxml says of frames and of bodies within bodies.
        raise NotReadable("html") from error
    return root


def from_element(root: etree._Element, place: Place | None = None) -> str:
    """What stands in an element, as Markdown; raises `NotReadable`."""
    return "\n\n".join(_Reader(place).blocks(root))


def to_html(text: str) -> list[etree._Element]:
    """The elements that a Markdown text becomes, without a namespace."""
    rendered = _MARKDOWN.render(text)
    return list(parse(f"<div>{rendered}</div>".encode()))


def to_html_text(text: str) -> str:
    """The HTML that a Markdown text becomes."""
    return str(_MARKDOWN.render(text)).strip()


class _Reader:
    def __init__(self, place: Place | None) -> None:
        self.place = place or (lambda _: None)

    def blocks(self, parent: etree._Element) -> list[str]:
        """The blocks in an element; what stands between them are paragraphs."""
        blocks: list[str] = []
        run = [self.text(parent.text)]
        for child in parent:
            if not isinstance(child.tag, str):
                run.append(self.text(child.tail))
                continue
            placed = self.place(child)
            if placed is None and _name(child) in _BLOCKS:
                _flush(run, blocks)
                blocks += self.block(child)
                run = [self.text(child.tail)]
            else:
                _append(run, self.inline(child) if placed is None else placed)
                run.append(self.text(child.tail))
        _flush(run, blocks)
        return blocks

    def block(self, element: etree._Element) -> list[str]:
        name = _name(element)
        if name == "hr":
            return ["---"]
        if name == "pre":
            code = "".join(str(part) for part in element.itertext()).strip("\n")
            return [f"```\n{code}\n```"]
        if name == "table":
            return [] if _is_empty_box(element) else [self.table(element)]
        if name in ("ul", "ol"):
            return [self.list(element, ordered=name == "ol")]
        inner = self.blocks(element)
        if name == "blockquote":
            quoted = "\n\n".join(inner).split("\n")
            return ["\n".join(f"> {line}".rstrip() for line in quoted)]
        if re.fullmatch("h[1-6]", name):
            return [f"{'#' * int(name[1])} {' '.join(inner)}"] if inner else []
        return inner

    def list(self, element: etree._Element, *, ordered: bool) -> str:
        items = []
        for number, item in enumerate((child for child in element if _name(child) == "li"), 1):
            mark = f"{number}. " if ordered else "- "
            lines = "\n\n".join(self.blocks(item)).split("\n")
            rest = [f"{' ' * len(mark)}{line}".rstrip() for line in lines[1:]]
            items.append("\n".join([f"{mark}{lines[0]}", *rest]))
        if any(_name(child) != "li" for child in element if isinstance(child.tag, str)):
            raise NotReadable("list", element=f"<{_name(element)}>")
        return "\n".join(items)

    def table(self, element: etree._Element) -> str:
        rows = [row for row in element.iter() if _name(row) == "tr"]
        cells = [[cell for cell in row if _name(cell) in ("td", "th")] for row in rows]
        plain = all(
            not cell.get("colspan") and not cell.get("rowspan") for row in cells for cell in row
        )
        if not cells or not plain or len({len(row) for row in cells}) != 1:
            raise NotReadable("joined_cells")
        lines = []
        for row in cells:
            texts = [self.blocks(cell) for cell in row]
            if any(len(text) > 1 or "\n" in "".join(text) for text in texts):
                raise NotReadable("cell_paragraphs")
            lines.append(f"| {' | '.join(''.join(text) for text in texts)} |")
        return "\n".join([lines[0], f"|{' --- |' * len(cells[0])}", *lines[1:]])

    def inline(self, element: etree._Element) -> str:
        name = _name(element)
        placed = self.place(element)
        if placed is not None:
            return placed
        if name == "br":
            return "\\\n"
        if name == "img":
            return self.picture(element)
        if name in ("code", "kbd", "samp", "tt"):
            return _code("".join(str(part) for part in element.itertext()))
        small = _small(element, name)
        if small:
            return small
        plain = name in _TRANSPARENT or (name == "bdo" and not _turns(element))
        if name not in _MARKS and not plain and name != "a":
            raise NotReadable("element", element=f"<{name}>")
        inner = self.inside(element)
        if name in _MARKS:
            return _around(inner, _MARKS[name])
        if name == "a":
            address = element.get("href", "")
            if address.startswith("@@PLUGINFILE@@"):
                raise NotReadable("linked_file", name=address[15:100])
            fine = re.fullmatch(r"(?:https?|mailto):[^\s<>()\"]+", address)
            return f"[{inner}]({address})" if fine else inner
        return inner

    def picture(self, element: etree._Element) -> str:
        name = element.get("src", "")
        if not NAME.fullmatch(name):
            raise NotReadable("picture_missing", name=name[:100])
        return f"![{self.text(' '.join(element.get('alt', '').split()))}]({name})"

    def inside(self, element: etree._Element) -> str:
        parts = [self.text(element.text)]
        for child in element:
            if isinstance(child.tag, str):
                _append(parts, self.inline(child))
            parts.append(self.text(child.tail))
        return "".join(parts)

    def text(self, text: str | None) -> str:
        return _SPECIAL.sub(r"\\\1", _ENTITY.sub(r"\\&", _SPACES.sub(" ", text or "")))


def _small(element: etree._Element, name: str) -> str:
    """A number above or below the line in letters of its own; empty where there are none."""
    text = "".join((element.text or "").split())
    table = _SMALL.get(name, {})
    said = text and not len(element) and all(ord(letter) in table for letter in text)
    return text.translate(table) if said else ""


def _is_empty_box(table: etree._Element) -> bool:
    """Whether a table is one cell with nothing in it, as editors leave them for the looks."""
    cells = [cell for cell in table.iter() if _name(cell) in ("td", "th")]
    inside = "".join(str(part) for part in table.itertext()).strip()
    return len(cells) == 1 and not inside and not len(cells[0])


def _turns(element: etree._Element) -> bool:
    """Whether a direction that is forced on a text shows it otherwise than its letters go."""
    against = ("L",) if element.get("dir") == "rtl" else ("R", "AL")
    return any(
        unicodedata.bidirectional(letter) in against
        for part in element.itertext()
        for letter in str(part)
    )


def _name(element: etree._Element) -> str:
    return local(element).removeprefix("qti-")


def _append(parts: list[str], piece: str) -> None:
    """A link behind an exclamation mark is no picture."""
    if re.match(r"\[(?!\[)", piece) and parts and parts[-1].endswith("!"):
        parts[-1] = f"{parts[-1][:-1]}\\!"
    parts.append(piece)


def _flush(run: list[str], blocks: list[str]) -> None:
    text = re.sub(r" *\\\n *", "\\\\\n", "".join(run))
    # Breaks at either end of a paragraph say nothing.
    text = re.sub(r"\A(?:\s|\\\n)+|(?:\s|\\\n)+\Z", "", re.sub(r" {2,}", " ", text))
    if text:
        text = _LINE_START.sub(r"\1\\\2", text)
        blocks.append(_NUMBER_START.sub(r"\1\\\2", text))


def _around(inner: str, mark: str) -> str:
    """Marks stand at words: a space inside them would make them plain signs."""
    text = inner.strip()
    if not text:
        return inner
    before = inner[: len(inner) - len(inner.lstrip())]
    after = inner[len(inner.rstrip()) :]
    return f"{before}{mark}{text}{mark}{after}"


def _code(text: str) -> str:
    ticks = max((len(run) for run in re.findall("`+", text)), default=0) + 1
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{'`' * ticks}{pad}{text}{pad}{'`' * ticks}"
