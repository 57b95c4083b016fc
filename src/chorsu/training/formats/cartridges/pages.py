"""Pages of a cartridge to the Markdown of units: what Markdown can't say is named, not guessed."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

import lxml.html
from lxml import etree

from chorsu.kernel.text import normalise
from chorsu.training.formats.cartridges.manifest import member
from chorsu.training.formats.cartridges.notes import NoteCode
from chorsu.training.formats.questions.markup import escaped, from_element
from chorsu.training.formats.questions.report import NotReadable
from chorsu.training.formats.questions.troubles import Param

MAX_CHARS = 400_000
MAX_TAGS = 20_000
MAX_DEPTH = 60
_BASES = (
    "$IMS-CC-FILEBASE$",
    "$IMS_CC_FILEBASE$",
    "%24IMS-CC-FILEBASE%24",
    "%24IMS_CC_FILEBASE%24",
)
_AS_DIV = frozenset(
    (
        *("main", "header", "footer", "nav", "aside", "figure", "figcaption", "center", "address"),
        *("details", "summary", "dl", "dt", "dd", "form", "fieldset", "legend", "hgroup", "dir"),
        *("tbody", "thead", "tfoot", "tr", "td", "th", "caption", "colgroup"),
    )
)
_AS_SPAN = frozenset(
    (
        *("sup", "sub", "ins", "mark", "big", "time", "var", "dfn", "bdo", "acronym", "wbr"),
        *("nobr", "data", "ruby", "rb", "rt", "rp", "picture"),
    )
)
_SILENT = frozenset(
    ("script", "style", "link", "meta", "noscript", "head", "title", "template", "col")
)
"""What no reader of the page sees."""
_KNOWN = frozenset(
    (
        *("p", "div", "ul", "ol", "li", "blockquote", "pre", "table", "section", "article", "hr"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "body", "html", "span", "u", "font", "small"),
        *("label", "abbr", "cite", "q", "bdi", "em", "i", "strong", "b", "s", "del", "strike"),
        *("a", "br", "code", "kbd", "samp", "tt", "img"),
    )
)
_INLINE = (
    "span",
    "u",
    "font",
    "small",
    "label",
    "em",
    "i",
    "strong",
    "b",
    "s",
    "del",
    "strike",
    "a",
)
_BLOCKS = frozenset(
    (
        *("p", "div", "ul", "ol", "li", "blockquote", "pre", "table", "section", "article", "hr"),
        *("h1", "h2", "h3", "h4", "h5", "h6"),
    )
)
_OUTSIDE = re.compile(r"(?:https?|mailto):[^\s<>()\"]+")
_EMBEDS = ("iframe", "embed", "object", "video", "audio")
_PLAYERS = ("video", "audio")


@dataclass(slots=True)
class Page:
    """A page in Markdown; `told` is what could not be said: (code, its parameters)."""

    body: str
    told: list[tuple[NoteCode, dict[str, Param]]] = field(default_factory=list)


Picture = Callable[[Sequence[str]], str | None]
"""Of the members that an address may mean: the name of the picture that is kept, None if none."""


def read_page(content: bytes | str, place: str, picture: Picture) -> Page:
    """A page that stands at `place` in the package; raises `NotReadable`."""
    text = content if isinstance(content, str) else _decoded(content)
    if len(text) > MAX_CHARS:
        raise NotReadable("html_size", count=MAX_CHARS)
    page = Page("")
    if not text.strip():
        return page
    root = _tree(text)
    _Plainer(posixpath.dirname(place), picture, page).walk(root)
    page.body = from_element(root, lambda one: one.text if one.tag == _MARK else None)
    return page


def resolved(href: str, folder: str) -> list[str]:
    """The members that an address in a page may mean, the likeliest first.

    Writers do not agree on what the variable of the format stands for: Canvas means a folder of
    its own, others the package.
    """
    for base in _BASES:
        if href.startswith(base):
            path = href[len(base) :].lstrip("/")
            return [member(path, "web_resources"), member(path), member(path, folder)]
    return [member(href, folder)] if member(href) else []


_MARK = "markdown"
"""The element that stands for ready Markdown in the tree."""


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        found = re.search(rb"charset=[\"']?([A-Za-z0-9_-]{3,20})", content[:2000])
        charset = found.group(1).decode() if found else "utf-8"
        try:
            return content.decode(charset)
        except (UnicodeDecodeError, LookupError) as error:
            raise NotReadable("charset", name=charset) from error


def _tree(text: str) -> lxml.html.HtmlElement:
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", normalise(text))
    if text.count("<") > MAX_TAGS * 2:
        raise NotReadable("tags", count=MAX_TAGS)
    try:
        root = lxml.html.document_fromstring(text)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise NotReadable("html") from error
    depth = 0
    for event, _one in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise NotReadable("depth", count=MAX_DEPTH)
    return root if root.find("body") is None else root.find("body")


class _Plainer:
    """Leaves in a tree only what the Markdown of units can say, and notes the rest."""

    def __init__(self, folder: str, picture: Picture, page: Page) -> None:
        self.folder = folder
        self.picture = picture
        self.page = page
        self.ready: set[lxml.html.HtmlElement] = set()

    def walk(self, root: lxml.html.HtmlElement) -> None:
        """Make the tree plain, from the inside out."""
        for one in list(root.iter(etree.Comment, etree.ProcessingInstruction)):
            one.drop_tree()
        for one in list(root.iter(*_SILENT)):
            one.drop_tree()
        # What is told stands in the order of the page.
        for one in list(root.iter("img", "a", *_EMBEDS)):
            if one.getparent() is not None:
                self._shown(one)
        for one in reversed(list(root.iter())):
            if one is not root:
                self._one(one)
        for table in list(root.iter("table")):
            self._table(table)
        for one in list(root.iter(*_AS_DIV)):
            if next(one.iterancestors("table"), None) is None:
                one.tag = "div"
        for one in list(root.iter("ul", "ol")):
            _only_items(one)
        for one in list(root.iter(*_INLINE)):
            # Markdown has no mark that reaches over paragraphs.
            if any(inner.tag in _BLOCKS for inner in one.iterdescendants()):
                if one.tag == "a" and one.get("href"):
                    self._tell("markup_at", element="<a>", text=one.get("href", "")[:100])
                one.drop_tag()

    def _shown(self, one: lxml.html.HtmlElement) -> None:
        if one.tag == "img":
            self._img(one)
        elif one.tag == "a":
            self._link(one)
        else:
            self._embed(one, str(one.tag))

    def _one(self, one: lxml.html.HtmlElement) -> None:
        name = str(one.tag)
        if name in _AS_SPAN:
            one.tag = "span"
        elif name == "source":  # of a picture: the picture again
            one.drop_tree()
        elif name not in _KNOWN and name not in _AS_DIV and one not in self.ready:
            self._tell("markup", element=f"<{name[:40]}>")
            one.drop_tree()

    def _img(self, one: lxml.html.HtmlElement) -> None:
        source, words = one.get("src", ""), " ".join(one.get("alt", "").split())
        if re.match("(?i)https?:", source) or source.startswith(("data:", "//")):
            self._tell("markup_at", element="<img>", text=source[:100])
            self._stand(one, escaped(words))
            return
        places = resolved(source, self.folder)
        name = self.picture(places) if places else None
        if name is None:
            self._tell("markup_at", element="<img>", text=source[:100])
        self._stand(one, f"![{escaped(words)}]({quote(name)})" if name else escaped(words))

    def _link(self, one: lxml.html.HtmlElement) -> None:
        address = one.get("href", "").strip()
        if address and not address.startswith("#") and not _OUTSIDE.fullmatch(address):
            self._tell("link_inside", text=address[:100])

    def _embed(self, one: lxml.html.HtmlElement, name: str) -> None:
        """What stands in the page from another place becomes a link to it."""
        holder = one.find("source") if name in _PLAYERS else None
        sources = [one.get("src"), one.get("data"), None if holder is None else holder.get("src")]
        address = next((source.strip() for source in sources if source), "")
        address = f"https:{address}" if address.startswith("//") else address
        if address:
            self._tell("markup_at", element=f"<{name}>", text=address[:100])
        else:
            self._tell("markup", element=f"<{name}>")
        if _OUTSIDE.fullmatch(address):
            title = " ".join((one.get("title") or address).split())
            self._stand(one, f"[{escaped(title)}]({address})")
        elif name == "object":
            one.drop_tag()
        else:
            one.drop_tree()

    def _table(self, table: lxml.html.HtmlElement) -> None:
        rows = list(table.iter("tr"))
        cells = [[cell for cell in row if cell.tag in ("td", "th")] for row in rows]
        inside = {
            "p",
            "div",
            "ul",
            "ol",
            "table",
            "pre",
            "blockquote",
            "hr",
            "h1",
            "h2",
            "h3",
            "br",
        }
        plain = (
            bool(cells)
            and len({len(row) for row in cells}) == 1
            and next(table.iterancestors("table"), None) is None
            and not any(
                cell.get("colspan", "1") != "1" or cell.get("rowspan", "1") != "1"
                for row in cells
                for cell in row
            )
        )
        for cell in (cell for row in cells for cell in row) if plain else ():
            blocks = [one for one in cell.iterdescendants() if one.tag in inside]
            if len(blocks) == 1 and blocks[0].tag in ("p", "div") and not (cell.text or "").strip():
                blocks[0].drop_tag()
            elif blocks:
                plain = False
        if plain:
            for row in cells:
                for cell in row:
                    for name in ("colspan", "rowspan"):
                        cell.attrib.pop(name, None)
            caption = table.find("caption")
            if caption is not None:
                table.addprevious(caption)
                caption.tag = "div"
            return
        self._tell("table")
        table.tag = "div"

    def _stand(self, one: lxml.html.HtmlElement, markdown: str) -> None:
        """Put ready Markdown in the place of an element."""
        tail = one.tail
        for child in list(one):
            one.remove(child)
        one.attrib.clear()
        one.tag, one.text, one.tail = _MARK, markdown, tail
        self.ready.add(one)

    def _tell(self, code: NoteCode, **params: Param) -> None:
        if (code, params) not in self.page.told:
            self.page.told.append((code, params))


def _only_items(listed: lxml.html.HtmlElement) -> None:
    """A list has nothing but items: what stands between them becomes one."""
    for child in list(listed):
        if child.tag in ("ul", "ol") and child.getprevious() is not None:
            child.getprevious().append(child)
        elif child.tag != "li":
            item = listed.makeelement("li")
            child.addprevious(item)
            tail, child.tail = child.tail, None
            item.append(child)
            item.tail = tail
