"""Cartridges: an outline becomes modules and units; what is not taken is named with its place."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping

import pytest

from chorsu.training.formats.cartridges import (
    NOTES,
    CourseFound,
    Fitted,
    Note,
    Unfit,
    UnitFound,
    read_course,
    reading,
)
from chorsu.training.formats.questions import TROUBLES, NotReadable
from chorsu.training.formats.questions.packages import Package
from tests.training.formats.cartridge_kit import (
    assessment,
    item,
    manifest,
    members,
    picture,
    question,
    resource,
    village,
)
from tests.training.formats.packing import pack

IMAGE = "image/png"
FILM = b"\x00\x00\x00\x18ftypisom"


def fit(name: str, content: bytes) -> Fitted:
    """Keeps PNG pictures and films as they are."""
    kinds = {b"\x89PNG": IMAGE, FILM[:4]: "video/mp4"}
    if content[:4] not in kinds:
        raise Unfit("file_type")
    return Fitted(kinds[content[:4]], name, hashlib.sha256(content).hexdigest())


def read(content: bytes, name: str = "village.imscc") -> CourseFound:
    return read_course(Package(content), "en", name, fit)


def one_page(html: str, **more: bytes) -> CourseFound:
    """A course of one page at `p/page.html`."""
    items = item("m", "Module", item("i", "Page", resource="page"))
    held = manifest(items, resource("page", "webcontent", "p/page.html"))
    return read(pack({"imsmanifest.xml": held, "p/page.html": html.encode(), **more}))


def body(html: str, **more: bytes) -> str:
    [module] = one_page(html, **more).modules
    return module.units[0].body


def told(found: CourseFound) -> list[tuple[str, Mapping[str, str | int]]]:
    return [(note.code, note.params) for note in found.notes]


def test_the_outline_becomes_modules_and_units_in_its_order() -> None:
    found = read(village())
    assert (found.title, found.summary) == ("The village", "How a village answers.")
    assert [(module.title, [unit.title for unit in module.units]) for module in found.modules] == [
        ("Why", ["Why one window", "The law", "What do you think?"]),
        ("How", ["Try it", "Do you know?", "Plan a window", "A map"]),
    ]
    kinds = [unit.kind for module in found.modules for unit in module.units]
    assert kinds == ["reading", "reading", "reading", "tool", "quiz", "assignment", "reading"]


def test_a_page_becomes_markdown_with_its_pictures_as_files_of_the_course() -> None:
    found = read(village())
    assert found.modules[0].units[0].body == (
        "## Why one window\n\n"
        "People **waited**. See the other page and [the law](https://example.org/law).\n\n"
        "![A queue](queue%20today.png)\n\nMonday\n\n"
        "| Day | People |\n| --- | --- |\n| Monday | 40 |\n\n"
        "[A film](https://video.example.org/1)"
    )
    assert [(one.member, one.name) for one in found.files] == [
        ("web_resources/queue today.png", "queue today.png"), ("map.png", "map.png"),
    ]  # fmt: skip
    assert found.modules[1].units[3].body == "![](map.png)"


def test_links_talks_tools_and_assignments_become_what_a_course_has() -> None:
    why, how = read(village()).modules
    assert why.units[1].body == "[The law](https://example.org/law)"
    assert why.units[2].body == "Say *why*."
    assert how.units[0] == UnitFound(
        "tool", "Try it", body="A queue.", tool="https://sim.example.org/launch"
    )
    assert how.units[2] == UnitFound(
        "assignment", "Plan a window", body="Write it.", forms=("text", "file"), points=10
    )


def test_a_test_draws_as_many_questions_as_it_had_and_banks_are_taken_too() -> None:
    found = read(village())
    assert found.modules[1].units[1] == UnitFound(
        "quiz", "Do you know?", questions=2, minutes=20, attempts=2
    )
    assert [one.texts["en"]["title"] for one in found.questions] == ["q1", "q2", "q4"]


def test_what_is_not_taken_is_named_with_its_place_and_why() -> None:
    left = [note for note in read(village()).notes if not note.taken]
    assert left == [
        Note("How › Do you know?: q3", "profile", {"name": "cc.unheard_of.v0p1"}),
        Note("How › The rules", "file", {"name": "rules.pdf"}),
        Note("How › Lost", "missing"),
        Note("wiki/old.html", "not_in_outline"),
        Note("apip.zip", "not_in_outline"),
    ]


def test_what_is_not_as_it_was_is_told() -> None:
    changed = [note for note in read(village()).notes if note.taken]
    assert changed == [
        Note("Why › Why one window", "link_inside", {"text": "other.html"}),
        Note(
            "Why › Why one window",
            "markup_at",
            {"element": "<iframe>", "text": "https://video.example.org/1"},
        ),
        Note("Why › Further", "folder"),
        Note("Why › Further › What do you think?", "discussion"),
        Note("How › Try it", "launch", {"text": "level"}),
        Note("How › Do you know?", "draws", {"count": 2}),
    ]


def test_every_resource_of_the_package_is_in_the_course_or_named() -> None:
    found = read(village())
    resources = 12
    units = sum(len(module.units) for module in found.modules)
    pictures_of_pages, banks = 1, 1
    named = {"rules", "wiki/old.html", "apip.zip"}
    assert units + pictures_of_pages + banks + len(named) == resources


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a<sup>2</sup> and <mark>b</mark></p>", "a2 and b"),
        ("<dl><dt>Term</dt><dd>Meaning</dd></dl>", "Term\n\nMeaning"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "- a\n\n  - b"),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n\n  - b"),
        ("<span><p>one</p><p>two</p></span>", "one\n\ntwo"),
        ("<p>x<script>alert(1)</script>y</p>", "xy"),
        ("<table><tr><td><p>1</p></td><td>2</td></tr></table>", "| 1 | 2 |\n| --- | --- |"),
        ("<p># no heading</p>", "\\# no heading"),
        ("<p>&lt;script&gt;</p>", "\\<script\\>"),
    ],
)
def test_html_that_markdown_can_say_is_said(html: str, markdown: str) -> None:
    assert body(html) == markdown


@pytest.mark.parametrize(
    ("html", "note"),
    [
        ('<p>a</p><table><tr><td colspan="2">1</td></tr></table>', ("table", {})),
        ("<p>a</p><math><mi>x</mi></math>", ("markup", {"element": "<math>"})),
        ('<p>a <img src="gone.png"></p>', ("markup_at", {"element": "<img>", "text": "gone.png"})),
        ('<p>a <img src="https://else.example/x.png"></p>',
         ("markup_at", {"element": "<img>", "text": "https://else.example/x.png"})),
        ('<p>a</p><video><source src="f.mp4"></video>',
         ("markup_at", {"element": "<video>", "text": "f.mp4"})),
        ('<p><a href="$CANVAS_OBJECT_REFERENCE$/pages/x">a</a></p>',
         ("link_inside", {"text": "$CANVAS_OBJECT_REFERENCE$/pages/x"})),
        ('<p><a href="javascript:alert(1)">a</a></p>',
         ("link_inside", {"text": "javascript:alert(1)"})),
    ],
)  # fmt: skip
def test_html_that_markdown_cannot_say_is_told_and_the_words_stay(
    html: str, note: tuple[str, dict[str, str]]
) -> None:
    found = one_page(html)
    assert note in told(found)
    assert found.modules[0].units[0].body.startswith("a")
    assert "javascript:" not in found.modules[0].units[0].body


def test_one_picture_under_two_names_is_one_file_and_two_of_one_name_are_two() -> None:
    html = '<img src="a.png"><img src="../q/a.png"><img src="b.png">'
    found = one_page(
        html,
        **{"p/a.png": b"\x89PNG one", "q/a.png": b"\x89PNG two", "p/b.png": b"\x89PNG one"},
    )
    assert [one.name for one in found.files] == ["a.png", "a-2.png"]
    assert found.modules[0].units[0].body == "![](a.png)![](a-2.png)![](a.png)"


def test_a_film_of_the_outline_is_a_video() -> None:
    items = item("m", "Module", item("i", "Film", resource="film"))
    held = manifest(items, resource("film", "webcontent", "film.mp4"))
    [module] = read(pack({"imsmanifest.xml": held, "film.mp4": FILM})).modules
    film = hashlib.sha256(FILM).hexdigest()
    assert module.units == (UnitFound("video", "Film", film=film),)


def test_units_between_modules_stand_in_one_of_the_course_s_title() -> None:
    items = (
        item("a", "Welcome", resource="page"),
        item("m", "Module", item("i", "Page", resource="page")),
        item("z", "Farewell", resource="page"),
    )
    held = manifest("".join(items), resource("page", "webcontent", "page.html"), title="Course")
    found = read(pack({"imsmanifest.xml": held, "page.html": b"<p>a</p>"}))
    assert [(one.title, [unit.title for unit in one.units]) for one in found.modules] == [
        ("Course", ["Welcome"]), ("Module", ["Page"]), ("Course", ["Farewell"]),
    ]  # fmt: skip


def test_questions_of_a_test_that_stands_twice_are_in_the_bank_once() -> None:
    twice = item("i", "First", resource="t") + item("j", "Again", resource="t")
    kind = "imsqti_xmlv1p2/imscc_xmlv1p1/assessment"
    held = manifest(item("m", "Module", twice), resource("t", kind, "t.xml"))
    quiz = assessment(question("q", "a", "b"))
    found = read(pack({"imsmanifest.xml": held, "t.xml": quiz}))
    assert len(found.questions) == 1
    assert [unit.questions for unit in found.modules[0].units] == [1, 1]


def test_a_test_without_a_question_that_can_be_read_is_named() -> None:
    kind = "imsqti_xmlv1p2/imscc_xmlv1p1/assessment"
    items = item("m", "Module", item("i", "Empty", resource="t"))
    held = manifest(items, resource("t", kind, "t.xml"))
    found = read(pack({"imsmanifest.xml": held, "t.xml": assessment()}))
    assert (found.modules, told(found)) == ((), [("no_questions", {})])


@pytest.mark.parametrize("where", ["../../etc/passwd", "/etc/passwd", "..%2f..%2fetc%2fpasswd"])
def test_an_address_that_leads_out_of_the_package_leads_nowhere(where: str) -> None:
    items = item("m", "Module", item("i", "Out", resource="out"))
    held = manifest(items, resource("out", "webcontent", where))
    found = read(pack({"imsmanifest.xml": held}))
    assert found.modules == ()
    assert [note.code for note in found.notes] == ["missing"]


def test_an_entity_in_a_manifest_or_resource_is_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    whole = dict(members())
    with pytest.raises(NotReadable):
        read(pack({**whole, "imsmanifest.xml": bomb + whole["imsmanifest.xml"]}))
    talk = whole["talk.xml"].replace(b"<title>Talk", b"<title>&x;")
    found = read(pack({**whole, "talk.xml": bomb + talk}))
    place = "Why › Further › What do you think?"
    assert [note.code for note in found.notes if note.place == place] == ["doctype"]


def test_what_unpacks_to_more_than_a_member_may_hold_is_named_and_not_unpacked() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members().items():
            archive.writestr(name, b" " * (9 << 20) if name == "wiki/why.html" else content)
    found = read(target.getvalue())
    assert Note("Why › Why one window", "member_size", {"name": "wiki/why.html"}) in found.notes
    assert len(found.modules[0].units) == 2


def test_a_page_of_endless_depth_is_named() -> None:
    found = one_page("<div>" * 300 + "a")
    assert found.modules == ()
    assert [note.code for note in found.notes] == ["depth"]


@pytest.mark.parametrize(
    "content",
    [
        pack({"a.txt": b"a"}),
        pack({"imsmanifest.xml": b"<manifest/>"}),
        pack({"imsmanifest.xml": b"<other/>"}),
        pack({"imsmanifest.xml": b"no xml"}),
    ],
)
def test_what_is_no_cartridge_is_refused(content: bytes) -> None:
    with pytest.raises(NotReadable):
        read(content)


def test_what_is_no_zip_file_is_refused() -> None:
    with pytest.raises(NotReadable):
        read(b"PK\x03\x04 no more")


def test_every_note_that_is_told_has_its_sentence() -> None:
    whole = dict(members())
    found = [read(village()), one_page("<p>a</p><math></math>"), one_page("")]
    assert {note.code for one in found for note in one.notes} <= {*NOTES, *TROUBLES}
    assert whole.keys() >= {"imsmanifest.xml"}


def one_tool(address: str) -> CourseFound:
    """A course of one tool at an address."""
    items = item("m", "Module", item("i", "Try it", resource="tool"))
    held = manifest(items, resource("tool", "imsbasiclti_xmlv1p0", "t.xml"))
    link = (
        '<cartridge_basiclti_link xmlns:blti="http://www.imsglobal.org/xsd/imsbasiclti_v1p0">'
        f"<blti:launch_url>{address}</blti:launch_url></cartridge_basiclti_link>"
    )
    return read(pack({"imsmanifest.xml": held, "t.xml": link.encode()}))


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/launch",
        "https://a.example/{x}",
        "mailto:a@b.example",
        "https://a.example/" + "x" * 500,
    ],
)
def test_a_tool_at_an_address_that_no_course_may_have_is_named(address: str) -> None:
    found = one_tool(address)
    assert not found.modules
    assert [code for code, _params in told(found)] == ["address"]
    assert one_tool("https://a.example/launch").modules


def test_files_over_the_cap_are_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FILES", 1)
    looked: list[str] = []

    def counting(name: str, content: bytes) -> Fitted:
        looked.append(name)
        return fit(name, content)

    shown = "".join(f'<img src="{n}.png" alt="A">' for n in "abc")
    items = item("m", "Module", item("i", "Page", resource="page"))
    held = manifest(items, resource("page", "webcontent", "page.html"))
    files = {"a.png": picture("navy"), "b.png": picture("red"), "c.png": picture("navy")}
    content = pack({"imsmanifest.xml": held, "page.html": shown.encode(), **files})

    found = read_course(Package(content), "en", "x.imscc", counting)

    assert looked == ["a.png"]
    assert [file.name for file in found.files] == ["a.png"]
    assert ("left_files", {"count": 1}) in told(found)


def test_what_is_not_taken_is_named_up_to_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_NOTES", 3)
    found = one_page("<p>Words</p>" + "".join(f'<img src="{n}.png" alt="A">' for n in range(9)))
    assert len(found.notes) == 4
    assert found.notes[-1] == Note("…", "left_notes", {"count": 3})
