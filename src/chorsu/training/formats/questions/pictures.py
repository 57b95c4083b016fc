"""Pictures that a file of questions shows: found, checked, and made anew as every image is.

Nothing is fetched: a picture is in the file, or it is named. What can hold more than a picture
(SVG, which may run scripts) or moves is named too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import posixpath
import re
import warnings
from collections.abc import Callable
from urllib.parse import unquote

from lxml import etree
from PIL import Image

from chorsu.records.fields import InvalidRecord
from chorsu.records.files import prepare
from chorsu.training.formats.questions.report import Found, NotReadable, Report, Trouble
from chorsu.training.formats.questions.troubles import Code
from chorsu.training.formats.questions.xml import local
from chorsu.training.items import Picture, pictures_shown
from chorsu.training.items.pictures import MAX_PICTURE_BYTES, MAX_PICTURES, name_of

Open = Callable[[str], bytes]
"""The bytes at an address in a file; raises `NotReadable`."""
Known = Callable[[str], Picture | None]
"""The picture of these bytes (by SHA-256) that was made ready before: it stays as it is."""
MAX_RAW_BYTES = 8 * 1024 * 1024
LONGEST_SIDE = 1600
"""Pixels: what a page shows, on a screen of double density."""
_DATA = re.compile(r"data:image/[a-z0-9.+-]+;base64,", re.ASCII | re.IGNORECASE)
_SVG = re.compile(rb"<\s*svg[\s>]", re.IGNORECASE)


MAX_IN_FILE = 2000
MAX_PIXELS = 2_000_000_000
"""Of all pictures of one file as they are kept: making them anew is what costs."""


class Gallery:
    """The pictures of one file of questions, each once, with the bytes that will be kept."""

    def __init__(self, known: Known | None = None) -> None:
        self.known = known or (lambda _: None)
        self.pictures: dict[str, Picture] = {}
        self.contents: dict[str, bytes] = {}
        self._names: dict[str, str] = {}
        self._pixels = 0

    def take(self, address: str, open_at: Open) -> str:
        """The name of the picture at an address of a question; raises `NotReadable`."""
        if match := _DATA.match(address):
            raw, told = decoded(address[match.end() :]), "picture"
        elif re.match(r"[a-z][a-z0-9+.-]*:|//", address, re.ASCII | re.IGNORECASE):
            raise NotReadable("picture_missing", name=address[:100])
        else:
            raw, told = open_at(address), address
        return self.add(raw, told)

    def add(self, raw: bytes, told: str) -> str:
        """The name of a picture of these bytes, which is called `told`; raises `NotReadable`."""
        digest = hashlib.sha256(raw).hexdigest()
        if digest not in self._names:
            if len(self.pictures) >= MAX_IN_FILE or self._pixels >= MAX_PIXELS:
                raise NotReadable("pictures", count=len(self.pictures))
            picture, content = self._ready(raw, digest, told)
            self._pixels += picture["width"] * picture["height"]
            self.pictures[picture["name"]] = picture
            self.contents[picture["sha256"]] = content
            self._names[digest] = picture["name"]
        return self._names[digest]

    def _ready(self, raw: bytes, digest: str, told: str) -> tuple[Picture, bytes]:
        there = self.known(digest)
        return (there, raw) if there is not None else made_ready(raw, told)


def made_ready(raw: bytes, told: str) -> tuple[Picture, bytes]:
    """A picture fit to be shown and sent, and its bytes; raises `NotReadable`."""
    if len(raw) > MAX_RAW_BYTES:
        raise NotReadable("picture_size", name=told[:100], size=len(raw))
    if _SVG.search(raw[:4096]):
        raise NotReadable("picture_svg", name=told[:100])
    if _moves(raw):
        raise NotReadable("picture_moves", name=told[:100])
    try:
        prepared = prepare(
            io.BytesIO(raw), told, max_bytes=MAX_RAW_BYTES, image_max_px=LONGEST_SIDE
        )
    except InvalidRecord as refused:
        is_picture = any(error.code == "file_damaged" for error in refused.errors)
        code: Code = "picture_damaged" if is_picture else "no_picture"
        raise NotReadable(code, name=told[:100]) from refused
    if not prepared.width or not prepared.height:
        raise NotReadable("no_picture", name=told[:100])
    prepared.file.seek(0)
    content = prepared.file.read()
    if len(content) > MAX_PICTURE_BYTES:
        raise NotReadable("picture_kept_size", name=told[:100], size=len(content))
    sha256 = hashlib.sha256(content).hexdigest()
    picture = Picture(
        name=name_of(told, sha256, prepared.media_type),
        sha256=sha256,
        media_type=prepared.media_type,
        size=len(content),
        width=prepared.width,
        height=prepared.height,
    )
    return picture, content


def decoded(text: str) -> bytes:
    """Bytes written in base64; raises `NotReadable`."""
    if len(text) > 2 * MAX_RAW_BYTES:
        raise NotReadable("base64_size")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise NotReadable("base64") from None


def name_pictures(root: etree._Element, take: Callable[[str], str]) -> None:
    """Give each picture in a tree of HTML the name by which words will show it; `take` says it.

    `<object>` of a picture becomes one: of several, one inside the other, the first that can be
    shown, and what stands in the innermost is said for who cannot see it. Raises `NotReadable`.
    """
    for element in list(root.iter()):
        kind = local(element)
        if kind == "img":
            element.set("src", take(element.get("src", "").strip()))
        elif kind == "object" and element.get("type", "").lower().startswith("image/"):
            _become_image(element, take)


def _become_image(element: etree._Element, take: Callable[[str], str]) -> None:
    parent = element.getparent()
    if parent is None or local(parent) == "object":
        return
    chain = [each for each in element.iter() if local(each) == "object"]
    trouble: NotReadable | None = None
    for each in chain:
        try:
            name = take(each.get("data", "").strip())
        except NotReadable as error:
            trouble = trouble or error
            continue
        said = " ".join("".join(str(part) for part in chain[-1].itertext()).split())
        tag, tail = str(element.tag), element.tail
        element.clear()
        element.tag = tag[: -len("object")] + "img"
        element.set("src", name)
        element.set("alt", said)
        element.tail = tail
        return
    raise trouble or NotReadable("element", element="<object>")


def at(folder: str, read: Open) -> Open:
    """Addresses in a package as seen from one of its folders."""

    def found(address: str) -> bytes:
        plain = unquote(address.partition("?")[0].partition("#")[0])
        return read(posixpath.normpath(posixpath.join(folder, plain)))

    return found


def not_here(address: str) -> bytes:
    """What a file that holds no others has at an address."""
    raise NotReadable("picture_missing", name=address[:100])


def illustrated(report: Report, gallery: Gallery) -> Report:
    """The report with each question's pictures in its facts; one that shows what is not there is
    named instead.
    """
    found, troubles = [], list(report.troubles)
    pictures: dict[str, bytes] = {}
    for one in report.found:
        shown = [each for words in one.texts.values() for each in pictures_shown(one.facts, words)]
        names = {name for _word, name, _said in shown}
        if lacking := sorted(names - gallery.pictures.keys()):
            troubles.append(Trouble(one.place, "picture_missing", {"name": lacking[0][:100]}))
        elif len(names) > MAX_PICTURES:
            troubles.append(Trouble(one.place, "question_pictures", {"count": MAX_PICTURES}))
        else:
            rows = [gallery.pictures[name] for name in sorted(names)]
            pictures |= {row["sha256"]: gallery.contents[row["sha256"]] for row in rows}
            facts = one.facts.copy()
            if rows:
                facts["pictures"] = rows
            found.append(Found(one.place, facts, one.texts))
    return Report(tuple(found), tuple(troubles), pictures)


def _moves(raw: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(raw), formats=["GIF", "WEBP", "PNG"]) as image:
                return bool(getattr(image, "is_animated", False))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
