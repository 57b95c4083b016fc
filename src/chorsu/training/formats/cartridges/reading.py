"""A cartridge read whole: its outline as modules and units, its questions, its pictures and films.

A resource is either taken, or named with its place and why not.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

import lxml.html
from lxml import etree

from chorsu.kernel.text import normalise
from chorsu.records.facts import is_url
from chorsu.training.formats.cartridges.manifest import Entry, Manifest, Resource, read_manifest
from chorsu.training.formats.cartridges.notes import Note, NoteCode, NotTaken, note_of
from chorsu.training.formats.cartridges.pages import read_page
from chorsu.training.formats.cartridges.shapes import (
    CourseFound,
    FileFound,
    Fit,
    ModuleFound,
    Unfit,
    UnitFound,
)
from chorsu.training.formats.questions.cartridge import (
    RESOURCE,
    read_questions,
    taker,
    test_settings,
)
from chorsu.training.formats.questions.packages import MANIFEST, Package
from chorsu.training.formats.questions.pictures import Gallery, illustrated
from chorsu.training.formats.questions.report import MAX_ITEMS, Found, NotReadable, cut
from chorsu.training.formats.questions.troubles import Param
from chorsu.training.formats.questions.xml import local, parse
from chorsu.training.rules.fields import MAX_COUNT, MAX_FILES, MAX_MODULES, MAX_UNITS, ROW_WORDS
from chorsu.training.rules.fields import TEXT_FIELDS as COURSE_FIELDS

MAX_DEPTH = 12
MAX_ADDRESS = 500
MAX_NOTES = 2000
MAX_REFUSED = 2000
"""Members that are not kept; after so many no other is tried."""
_TITLE = ROW_WORDS["units"]["title"].max_chars
_BODY = ROW_WORDS["units"]["body"].max_chars
_SUMMARY = next(field.max_chars for field in COURSE_FIELDS if field.name == "summary")
_PAGES = (".html", ".htm", ".xhtml")
_FILMS = ("video/mp4", "video/webm")
_FORMS = {"file": "file", "html": "text", "text": "text", "url": "text"}


def read_course(package: Package, language: str, name: str, fit: Fit) -> CourseFound:
    """The course of a cartridge; `name` is the file's, for one that has no title.

    Raises `NotReadable` for what is no cartridge or over a cap.
    """
    if MANIFEST not in package:
        raise NotReadable("no_manifest", name=MANIFEST)
    manifest = read_manifest(parse(package.read(MANIFEST)))
    return _Reader(package, manifest, language, fit).course(name)


class _Reader:
    def __init__(self, package: Package, manifest: Manifest, language: str, fit: Fit) -> None:
        self.package = package
        self.manifest = manifest
        self.language = language
        self.fit = fit
        self.notes: list[Note] = []
        self.questions: list[Found] = []
        self.gallery = Gallery()
        self.pictures: dict[str, bytes] = {}  # of questions, by SHA-256
        self.files: dict[str, FileFound] = {}  # by the hash of what would be kept
        self.raw: dict[str, FileFound] = {}  # by the hash of what was in the package
        self.held: dict[str, FileFound] = {}  # by member
        self.refused: dict[str, Note] = {}  # by member
        self.used: set[str] = set()
        self.left = MAX_UNITS
        # Of a test's questions: they are read once, however often the outline names it.
        self.tests: dict[str, int] = {}

    def course(self, name: str) -> CourseFound:
        title = self._short(self.manifest.title or name.rpartition(".")[0] or name, "", _TITLE)
        summary = _plain(self.manifest.description)
        modules = self._modules(title)
        self._rest()
        return CourseFound(
            title=title,
            summary=self._short(summary, title, _SUMMARY),
            modules=tuple(modules),
            files=tuple(self.files.values()),
            questions=tuple(self.questions),
            pictures=self.pictures,
            notes=tuple(self.notes),
        )

    def _modules(self, title: str) -> list[ModuleFound]:
        """A module of each folder; what stands between folders is in one of the course's title."""
        found: list[tuple[str, list[UnitFound], bool]] = []
        for entry in self.manifest.entries:
            folder = bool(entry.inside)
            if folder or not found or found[-1][2]:
                found.append((entry.title if folder else title, [], folder))
            path = self._short(entry.title, "", _TITLE) if folder else ""
            units = self._units(entry, path, 0)
            found[-1][1].extend(units)
        kept = [one for one in found if one[1]]
        for one in kept[MAX_MODULES:]:
            self._note(one[0], "left_modules", count=MAX_MODULES)
        return [
            ModuleFound(self._short(name or title, name, _TITLE), tuple(units))
            for name, units, _folder in kept[:MAX_MODULES]
        ]

    def _units(self, entry: Entry, path: str, depth: int) -> list[UnitFound]:
        """The units of a line of the outline and of those inside it."""
        if depth > MAX_DEPTH:
            raise NotReadable("outline_depth", count=MAX_DEPTH)
        found = []
        place = " › ".join(filter(None, (path, entry.title))) if depth or not path else path
        if entry.resource:
            one = self._unit(entry, place or entry.resource)
            if one is not None and self.left > 0:
                self.left -= 1
                found.append(one)
            elif one is not None:
                self._note(place, "left_units", count=MAX_UNITS)
        elif depth and entry.inside:
            self._note(place, "folder")
        for inner in entry.inside:
            found += self._units(inner, place, depth + 1)
        return found

    def _unit(self, entry: Entry, place: str) -> UnitFound | None:
        resource = self.manifest.resources.get(entry.resource)
        if resource is None:
            self._note(place, "missing")
            return None
        self.used.add(resource.identifier)
        try:
            return self._taken(resource, entry.title, place)
        except (NotReadable, NotTaken) as error:
            self._add(note_of(place, error))
        return None

    def _taken(self, resource: Resource, title: str, place: str) -> UnitFound | None:
        kind = resource.type.lower()
        if kind == "webcontent" or kind.startswith("associatedcontent/"):
            return self._web_content(resource, title, place)
        for start, read in self._readers().items():
            if kind.startswith(start):
                return read(parse(self.package.read(resource.href)), title, place)
        if kind.startswith(RESOURCE):
            return self._test(resource, title, place)
        raise NotTaken("resource_type", name=resource.type[:100])

    def _readers(
        self,
    ) -> Mapping[str, Callable[[etree._Element, str, str], UnitFound | None]]:
        return {
            "imswl_": self._link,
            "imsdt_": self._discussion,
            "imsbasiclti_": self._tool,
            "assignment_": self._assignment,
        }

    def _web_content(self, resource: Resource, title: str, place: str) -> UnitFound | None:
        member = resource.href
        if member not in self.package:
            self._note(place, "missing")
            return None
        if member.lower().endswith(_PAGES):
            body = self._page(self.package.read(member), member, place)
            title = title or posixpath.basename(member).rpartition(".")[0]
            return self._reading(title, body, place)
        file = self._file(member)
        if file is None:
            self._add(replace(self.refused[member], place=place))
            return None
        title = title or posixpath.basename(member).rpartition(".")[0]
        if file.media_type in _FILMS:
            return UnitFound("video", self._short(title, place, _TITLE), film=file.sha256)
        return self._reading(title, f"![]({quote(file.name)})", place)

    def _link(self, root: etree._Element, title: str, place: str) -> UnitFound | None:
        address = next((one.get("href", "") for one in root.iter() if local(one) == "url"), "")
        title = title or _said(root, "title")
        if re.fullmatch(r"https?:[^\s<>()\"]{1,1000}", address) is None:
            raise _unusable(address)
        words = re.sub(r"([\\\[\]`*_<>])", r"\\\1", title or address)
        return self._reading(title or address, f"[{words}]({address})", place)

    def _discussion(self, root: etree._Element, title: str, place: str) -> UnitFound | None:
        body = self._page(_said(root, "text"), "", place)
        one = self._reading(title or _said(root, "title"), body, place)
        if one is not None:
            self._note(place, "discussion")
        return one

    def _tool(self, root: etree._Element, title: str, place: str) -> UnitFound | None:
        address = _said(root, "secure_launch_url") or _said(root, "launch_url")
        # As the rules of a course have it, or the whole course could not be taken in.
        if len(address) > MAX_ADDRESS or not is_url(address) or address.startswith("mailto:"):
            raise _unusable(address)
        sent = [one.get("name", "") for one in root.iter() if local(one) == "property"]
        if sent:
            self._note(place, "launch", text=", ".join(sent)[:200])
        body = self._page(_said(root, "description"), "", place)
        title = title or _said(root, "title") or address
        return UnitFound(
            "tool", self._short(title, place, _TITLE), body=self._fits(body, place), tool=address
        )

    def _assignment(self, root: etree._Element, title: str, place: str) -> UnitFound | None:
        body = self._page(_said(root, "text"), "", place)
        forms = {
            _FORMS.get(one.get("type", ""), "file") for one in root.iter() if local(one) == "format"
        }
        gradable = next((one for one in root.iter() if local(one) == "gradable"), None)
        told = "" if gradable is None else gradable.get("points_possible", "")
        points = round(float(told)) if re.fullmatch(r"\d{1,4}(\.\d{1,6})?", told) else 0
        title = title or _said(root, "title")
        if not title and not body:
            raise NotTaken("empty")
        return UnitFound(
            "assignment",
            self._short(title, place, _TITLE),
            body=self._fits(body, place),
            forms=tuple(sorted(forms, reverse=True)) or ("text", "file"),
            points=min(max(points, 1), MAX_COUNT),
        )

    def _test(self, resource: Resource, title: str, place: str) -> UnitFound | None:
        root = parse(self.package.read(resource.href))
        read = self._read_test(resource, root, place)
        if not read:
            raise NotTaken("no_questions")
        settings = test_settings(root)
        self._note(place, "draws", count=read)
        return UnitFound(
            "quiz",
            self._short(title or settings.title, place, _TITLE),
            questions=min(read, MAX_COUNT),
            minutes=settings.minutes,
            attempts=settings.attempts,
        )

    def _read_test(self, resource: Resource, root: etree._Element, place: str) -> int:
        """How many of a test's or bank's questions could be read; they are in the bank then."""
        identifier = resource.identifier
        if identifier not in self.tests:
            take = taker(self.gallery, self.package, resource.href)
            read = read_questions(root, place, self.language, take)
            report = illustrated(read, self.gallery)
            if len(self.questions) + len(report.found) > MAX_ITEMS:
                raise NotReadable("questions", count=MAX_ITEMS)
            self.questions += report.found
            self.pictures |= report.pictures
            for trouble in report.troubles:
                self._add(Note(trouble.place, trouble.code, trouble.params, trouble.errors))
            self.tests[identifier] = len(report.found)
        return self.tests[identifier]

    def _reading(self, title: str, body: str, place: str) -> UnitFound | None:
        if not body:
            raise NotTaken("empty")
        return UnitFound("reading", self._short(title, place, _TITLE), body=self._fits(body, place))

    def _page(self, content: bytes | str, member: str, place: str) -> str:
        page = read_page(content, member, self._picture)
        for code, params in page.told:
            self._note(place, code, **params)
        return page.body

    def _picture(self, members: Sequence[str]) -> str | None:
        member = next((one for one in members if one in self.package), members[0])
        file = self._file(member)
        return file.name if file is not None and file.media_type.startswith("image/") else None

    def _file(self, member: str) -> FileFound | None:
        """What is kept of a member; None where it is not kept (`refused` says why)."""
        known = member in self.held or member in self.refused
        if not known and len(self.refused) < MAX_REFUSED:
            try:
                self.held[member] = self._kept(member)
            except (NotReadable, NotTaken) as refused:
                self.refused[member] = note_of(member, refused)
            except Unfit:
                name = posixpath.basename(member)[:100]
                self.refused[member] = Note(member, "file", cut({"name": name}))
        return self.held.get(member)

    def _kept(self, member: str) -> FileFound:
        if member not in self.package:
            raise NotTaken("missing")
        content = self.package.read(member)
        digest = hashlib.sha256(content).hexdigest()
        if digest in self.raw:
            return self.raw[digest]
        if len(self.files) >= MAX_FILES:
            raise NotTaken("left_files", count=MAX_FILES)
        one = self.fit(posixpath.basename(member), content)
        if one.sha256 in self.files:
            return self.files[one.sha256]
        if not one.media_type.startswith("image/") and one.media_type not in _FILMS:
            raise Unfit(one.media_type)
        taken = {file.name for file in self.files.values()}
        stem, _dot, extension = one.name.rpartition(".")
        names = (f"{stem}-{number}.{extension}" for number in range(2, MAX_FILES + 2))
        name = one.name if one.name not in taken else next(n for n in names if n not in taken)
        file = FileFound(member, name, one.sha256, one.media_type)
        self.files[one.sha256] = self.raw[digest] = file
        return file

    def _rest(self) -> None:
        """Question banks are taken though no line names them; all else is named."""
        inside = {
            file
            for one in self.manifest.resources.values()
            if one.identifier in self.used
            for file in one.files
        }
        for resource in self.manifest.resources.values():
            if resource.identifier in self.used:
                continue
            place = resource.href or resource.identifier
            if resource.type.startswith(RESOURCE):
                self._bank(resource, place)
            elif place in self.held or place in inside:
                continue
            elif place in self.refused:
                self._add(self.refused[place])
            else:
                self._note(place, "not_in_outline")
        named = {one.href for one in self.manifest.resources.values()}
        for member, note in self.refused.items():
            if member not in named:
                self._add(note)

    def _bank(self, resource: Resource, place: str) -> None:
        try:
            root = parse(self.package.read(resource.href))
            if not self._read_test(resource, root, place):
                self._note(place, "no_questions")
        except (NotReadable, NotTaken) as error:
            self._add(note_of(place, error))

    def _fits(self, body: str, place: str) -> str:
        if len(body) > _BODY:
            raise NotTaken("left_characters", count=_BODY)
        return body

    def _short(self, text: str, place: str, most: int) -> str:
        text = " ".join(normalise(text).split())
        if len(text) <= most:
            return text
        self._note(place or text[:60], "shortened", count=most)
        return text[: most - 1].rstrip() + "…"

    def _note(self, place: str, code: NoteCode, **params: Param) -> None:
        self._add(Note(place, code, cut(params)))

    def _add(self, note: Note) -> None:
        if len(self.notes) < MAX_NOTES:
            self.notes.append(replace(note, place=note.place[:300]))
        elif len(self.notes) == MAX_NOTES:
            self.notes.append(Note("…", "left_notes", {"count": MAX_NOTES}))


def _unusable(address: str) -> NotTaken:
    return NotTaken("address", text=address[:100]) if address else NotTaken("no_address")


def _said(root: etree._Element, name: str) -> str:
    """What the first element of that name says, its own tags as text."""
    one = next((each for each in root.iter() if local(each) == name), None)
    return "" if one is None else "".join(str(part) for part in one.itertext()).strip()


def _plain(text: str) -> str:
    """Words of a text that may be HTML."""
    if "<" not in text:
        return text
    try:
        root = lxml.html.fragment_fromstring(text[:20_000], create_parent="div")
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        # An assertion is what lxml says of frames and of bodies within bodies.
        return text
    return " ".join(str(root.text_content()).split())
