"""Pictures in files of questions: read from where each format keeps them, and written to QTI."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from chorsu.training.formats.questions import (
    VERSIONS,
    Code,
    NotReadable,
    Report,
    Trouble,
    pictures,
    read,
    write_package,
)
from chorsu.training.formats.questions.pictures import LONGEST_SIDE
from chorsu.training.formats.questions.qti import Version
from chorsu.training.items import Facts, Picture, empty_facts, undescribed
from tests.training.formats.packing import pack, written_package
from tests.training.formats.questions import samples
from tests.training.pictures_kit import SVG, moving, picture

MANIFEST = (
    '<manifest xmlns="http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"><resources>'
    '<resource identifier="r" type="imsqti_item_xmlv3p0" href="items/one.xml"/>'
    "</resources></manifest>"
)
DECLARED = samples.response("single", "identifier", "A")


def body(stem: str, option: str = "Here", feedback: str = "") -> bytes:
    """A choice of two with something in its stem, its first option and what it is told."""
    return samples.qti3(
        DECLARED,
        f"<p>{stem}</p>"
        '<qti-choice-interaction response-identifier="RESPONSE" max-choices="1">'
        f'<qti-simple-choice identifier="A">{option}</qti-simple-choice>'
        '<qti-simple-choice identifier="B">There</qti-simple-choice></qti-choice-interaction>',
        samples.template("match_correct") + feedback,
    )


def package(item: bytes, **files: bytes) -> bytes:
    """A package with an item in a folder and pictures in another."""
    members = {f"images/{name.replace('_', '.')}": content for name, content in files.items()}
    return pack({"imsmanifest.xml": MANIFEST.encode(), "items/one.xml": item, **members})


def contents(report: Report) -> dict[str, bytes]:
    return dict(report.pictures)


IMAGE = '<img src="../images/map.png" alt="A map of &lt;Osh&gt;" width="40"/>'


@pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda version: version.name)
def test_pictures_of_a_package_are_read_and_written_again_without_loss(version: Version) -> None:
    item = body(f"Where is {IMAGE}?", '<img src="../images/b.jpg" alt="The bazaar"/>')
    first = read(package(item, map_png=picture(), b_jpg=picture("JPEG", shade=10)), "p.zip", "en")
    (found,) = first.found

    assert first.troubles == ()
    assert [one["media_type"] for one in found.facts["pictures"]] == ["image/jpeg", "image/png"]
    bazaar, city = (one["name"] for one in found.facts["pictures"])
    assert found.texts["en"]["stem"] == f"Where is ![A map of \\<Osh\\>]({city})?"
    assert found.texts["en"]["options.answer.a.text"] == f"![The bazaar]({bazaar})"

    kept = contents(first)
    written, left_out = written_package([("q", found.facts, found.texts)], version, kept.get)
    known = {one["sha256"]: one for one in found.facts["pictures"]}
    again = read(written, "again.zip", "en", known.get)

    assert (left_out, again.troubles) == ([], ())
    assert (again.found[0].facts, again.found[0].texts) == (found.facts, found.texts)
    assert contents(again) == kept


@pytest.mark.parametrize("version", VERSIONS.values(), ids=lambda version: version.name)
def test_a_written_package_names_each_picture_once_and_its_items_depend_on_it(
    version: Version,
) -> None:
    (found,) = (first := read(package(body(IMAGE), map_png=picture()), "p.zip", "en")).found
    texts = {"en": found.texts["en"], "ru": {**found.texts["en"], "title": "Карта"}}

    written, _left_out = written_package([("q", found.facts, texts)], version, contents(first).get)

    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        names = [name for name in archive.namelist() if name.startswith("pictures/")]
        manifest = archive.read("imsmanifest.xml").decode()
        item = archive.read("items/ru/q.xml").decode()
    name = found.facts["pictures"][0]["name"]
    assert names == [f"pictures/{name}"]
    assert manifest.count('type="webcontent"') == 1
    assert manifest.count('<dependency identifierref="p1"/>') == 2
    assert f'src="../../pictures/{name}"' in item


def test_a_package_with_many_pictures_is_never_in_memory(tmp_path: Path) -> None:
    one, many = 400_000, 60
    shown: list[Picture] = []
    for number in range(many):
        content = random.Random(number).randbytes(one)
        sha256 = hashlib.sha256(content).hexdigest()
        (tmp_path / sha256).write_bytes(content)
        shown.append(
            Picture(
                name=f"p{number}-{sha256[:8]}.png", sha256=sha256, media_type="image/png", size=one,
                width=400, height=300,
            )
        )  # fmt: skip

    def questions() -> Iterator[tuple[str, Facts, dict[str, dict[str, str]]]]:
        for each in shown:
            made = empty_facts("essay")
            made["pictures"] = [each]
            yield each["name"][:-4], made, {"en": {"stem": f"![A map]({each['name']})"}}

    with (tmp_path / "written.zip").open("w+b") as target:
        tracemalloc.start()
        try:
            left_out = write_package(
                target,
                questions(),
                VERSIONS["3.0"],
                lambda sha256: (tmp_path / sha256).open("rb"),
                say=str,
            )
            _now, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert left_out == []
        assert most < 4 * one
        with zipfile.ZipFile(target) as archive:
            assert archive.testzip() is None
            written = {info.filename: info.file_size for info in archive.infolist()}
    assert [written[f"pictures/{one_of['name']}"] for one_of in shown] == [one] * many


def test_a_question_left_out_leaves_none_of_its_pictures() -> None:
    item = body(f"Where is {IMAGE}?", '<img src="../images/b.jpg" alt="The bazaar"/>')
    first = read(package(item, map_png=picture(), b_jpg=picture("JPEG", shade=10)), "p.zip", "en")
    (found,) = first.found
    kept = contents(first)
    for gone in found.facts["pictures"]:
        rest = {sha256: content for sha256, content in kept.items() if sha256 != gone["sha256"]}
        written, left_out = written_package(
            [("q", found.facts, found.texts)], VERSIONS["3.0"], rest.get
        )
        assert len(left_out) == 1
        with zipfile.ZipFile(io.BytesIO(written)) as archive:
            assert sorted(archive.namelist()) == ["imsmanifest.xml", "left-out.txt"]


def test_a_picture_that_is_not_here_is_left_out_with_its_question() -> None:
    (found,) = read(package(body(IMAGE), map_png=picture()), "p.zip", "en").found

    _written, left_out = written_package([("q", found.facts, found.texts)], VERSIONS["3.0"])

    name = found.facts["pictures"][0]["name"]
    assert [(one.code, one.params) for one in left_out] == [("say_picture", {"name": name})]


def test_what_a_camera_wrote_does_not_come_along_and_large_pictures_are_made_smaller() -> None:
    target = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "Somebody"
    Image.new("RGB", (3000, 200), (9, 9, 9)).save(target, "JPEG", exif=exif)

    report = read(package(body(IMAGE), map_png=target.getvalue()), "p.zip", "en")

    (content,) = contents(report).values()
    assert b"Somebody" not in content
    (row,) = report.found[0].facts["pictures"]
    assert (row["width"], row["media_type"]) == (LONGEST_SIDE, "image/jpeg")
    assert row["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_picture_that_was_made_ready_before_stays_as_it_is() -> None:
    raw = picture("JPEG")
    sha256 = hashlib.sha256(raw).hexdigest()
    row = Picture(
        name=f"map-{sha256[:8]}.jpg", sha256=sha256, media_type="image/jpeg", size=len(raw),
        width=40, height=30,
    )  # fmt: skip

    report = read(package(body(IMAGE), map_png=raw), "p.zip", "en", {sha256: row}.get)

    assert report.found[0].facts["pictures"] == [row]
    assert contents(report) == {sha256: raw}


def test_a_picture_of_which_nothing_says_what_it_shows_is_read_and_can_be_mended() -> None:
    report = read(package(body('<img src="../images/map.png"/>'), map_png=picture()), "p", "en")

    (found,) = report.found
    assert report.troubles == ()
    assert undescribed(found.facts, dict(found.texts["en"])) == ["stem"]


def test_of_pictures_inside_one_another_the_first_that_can_be_shown_is_taken() -> None:
    inner = '<object type="image/png" data="../images/map.png"><p>A postcard.</p></object>'
    item = body(f'<object type="image/svg+xml" data="../images/map.svg">{inner}</object>')

    (found,) = read(package(item, map_png=picture(), map_svg=SVG), "p.zip", "en").found

    name = found.facts["pictures"][0]["name"]
    assert found.texts["en"]["stem"] == f"![A postcard.]({name})"


@pytest.mark.parametrize(
    ("source", "content", "code", "name"),
    [
        ("../images/map.svg", SVG, "picture_svg", "../images/map.svg"),
        (
            "../images/map.svg",
            b"<?xml version='1.0'?>\n<svg:svg/>",
            "no_picture",
            "../images/map.svg",
        ),
        ("../images/map.svg", moving(), "picture_moves", "../images/map.svg"),
        ("../images/map.svg", b"no picture", "no_picture", "../images/map.svg"),
        ("../images/map.svg", b"\x89PNG\r\n\x1a\nbroken", "picture_damaged", "../images/map.svg"),
        ("../images/none.png", b"", "no_member", "images/none.png"),
        ("../../outside.png", b"", "no_member", "../outside.png"),
        ("https://example.org/map.png", b"", "picture_missing", "https://example.org/map.png"),
        ("//example.org/map.png", b"", "picture_missing", "//example.org/map.png"),
        (
            "data:image/svg+xml;base64," + base64.b64encode(SVG).decode(),
            b"",
            "picture_svg",
            "picture",
        ),
    ],
)
def test_what_cannot_be_shown_is_named(source: str, content: bytes, code: Code, name: str) -> None:
    item = body(f'<img src="{source}" alt="x"/>')

    report = read(package(item, map_svg=content), "p.zip", "en")

    assert (report.found, report.pictures) == ((), {})
    (trouble,) = report.troubles
    assert trouble == Trouble("items/one.xml", code, {"name": name})


def test_an_interaction_that_is_not_supported_is_named_before_its_picture() -> None:
    item = samples.qti3(
        samples.response("single", "identifier", "A"),
        '<qti-hotspot-interaction response-identifier="RESPONSE"><img src="map.png" alt="x"/>'
        "</qti-hotspot-interaction>",
    )

    (trouble,) = read(item, "one.xml", "en").troubles

    assert (trouble.code, trouble.params) == ("element", {"element": "<hotspot-interaction>"})


def test_a_picture_in_the_text_itself_is_read() -> None:
    data = base64.b64encode(picture()).decode()
    item = body(f'<img src="data:image/png;base64,{data}" alt="A map"/>')

    (found,) = read(item, "one.xml", "en").found

    assert found.texts["en"]["stem"].startswith("![A map](picture-")


def moodle(text: str, files: str = "", kind: str = "html") -> bytes:
    answers = "".join(
        f'<answer fraction="{credit}" format="html"><text>{said}</text></answer>'
        for said, credit in (("Yes", 100), ("No", 0))
    )
    return (
        '<quiz><question type="multichoice"><name><text>One</text></name>'
        f'<questiontext format="{kind}"><text><![CDATA[{text}]]></text>{files}</questiontext>'
        f"<single>true</single>{answers}</question></quiz>"
    ).encode()


def file(name: str, content: bytes, path: str = "/") -> str:
    data = base64.b64encode(content).decode()
    return f'<file name="{name}" path="{path}" encoding="base64">{data}</file>'


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('<p>Where? <img src="@@PLUGINFILE@@/old%20map.png" alt="A map"></p>', "html"),
        ("Where? ![A map](@@PLUGINFILE@@/old%20map.png)", "markdown"),
    ],
)
def test_pictures_of_moodle_stand_beside_their_text(text: str, kind: str) -> None:
    report = read(moodle(text, file("old map.png", picture()), kind), "quiz.xml", "en")

    (found,) = report.found
    name = found.facts["pictures"][0]["name"]
    assert name.startswith("old-map-")
    assert found.texts["en"]["stem"] == f"Where? ![A map]({name})"
    assert list(report.pictures) == [found.facts["pictures"][0]["sha256"]]


@pytest.mark.parametrize(
    ("text", "files", "code", "params"),
    [
        (
            '<img src="@@PLUGINFILE@@/none.png">',
            "",
            "picture_missing",
            {"name": "@@PLUGINFILE@@/none.png"},
        ),
        (
            '<a href="@@PLUGINFILE@@/law.pdf">The law</a>',
            file("law.pdf", b"%PDF-1.7"),
            "linked_file",
            {"name": "law.pdf"},
        ),
        ('<img src="@@PLUGINFILE@@/a.png">', '<file name="a.png">###</file>', "base64", {}),
    ],
)
def test_files_of_moodle_that_are_no_pictures_are_named(
    text: str, files: str, code: str, params: dict[str, str]
) -> None:
    report = read(moodle(text, files), "quiz.xml", "en")

    assert report.found == ()
    assert [(one.code, one.params) for one in report.troubles] == [(code, params)]


def test_a_gap_text_of_moodle_keeps_its_gaps_and_its_picture() -> None:
    text = '<p><img src="@@PLUGINFILE@@/m.png" alt="A map"> {1:SHORTANSWER:=Osh~=Ош} &amp; all</p>'
    content = (
        '<quiz><question type="cloze"><name><text>One</text></name><questiontext format="html">'
        f"<text><![CDATA[{text}]]></text>{file('m.png', picture())}</questiontext>"
        "</question></quiz>"
    ).encode()

    (found,) = read(content, "quiz.xml", "en").found

    name = found.facts["pictures"][0]["name"]
    assert found.texts["en"]["stem"] == f"![A map]({name}) [[g1]] & all"
    assert found.texts["en"]["texts.g1.t2.spellings"] == "Ош"


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("$IMS-CC-FILEBASE$../media/map.png", "media/map.png"),
        ("%24IMS-CC-FILEBASE%24/map.png", "web_resources/map.png"),
        ("map.png", "bank/map.png"),
        ("media/map.png", "media/map.png"),
    ],
)
def test_pictures_of_a_cartridge_are_found_where_its_tools_put_them(
    source: str, place: str
) -> None:
    text = f'&lt;p&gt;Where? &lt;img src="{source}" alt="A map"&gt;&lt;/p&gt;'
    labels = "".join(
        f'<response_label ident="{one}"><material><mattext>{one}</mattext></material>'
        "</response_label>"
        for one in "ab"
    )
    questions = (
        "<questestinterop><objectbank><item ident='i'><itemmetadata><qtimetadata>"
        "<qtimetadatafield><fieldlabel>cc_profile</fieldlabel>"
        "<fieldentry>cc.multiple_choice.v0p1</fieldentry></qtimetadatafield></qtimetadata>"
        f"</itemmetadata><presentation><material><mattext texttype='text/html'>{text}</mattext>"
        "</material><response_lid ident='r'><render_choice>"
        f"{labels}</render_choice></response_lid></presentation><resprocessing><respcondition>"
        "<conditionvar><varequal respident='r'>a</varequal></conditionvar>"
        "<setvar action='Set' varname='SCORE'>100</setvar></respcondition></resprocessing></item>"
        "</objectbank></questestinterop>"
    )
    manifest = (
        "<manifest><resources><resource identifier='r' href='bank/one.xml' "
        "type='imsqti_xmlv1p2/imscc_xmlv1p2/question-bank'/></resources></manifest>"
    )
    cartridge = pack(
        {"imsmanifest.xml": manifest.encode(), "bank/one.xml": questions.encode(),
         place: picture()}
    )  # fmt: skip

    (found,) = read(cartridge, "c.imscc", "en").found

    name = found.facts["pictures"][0]["name"]
    assert found.texts["en"]["stem"] == f"Where? ![A map]({name})"


def test_a_link_behind_an_exclamation_mark_is_no_picture() -> None:
    (found,) = read(body('Look!<a href="https://example.org/a">here</a>'), "one.xml", "en").found

    assert found.texts["en"]["stem"] == "Look\\![here](https://example.org/a)"
    assert "pictures" not in found.facts


def test_words_in_gift_that_would_show_a_picture_are_named() -> None:
    report = read(b"[markdown]Where? ![A map](map.png) {=Osh ~Bishkek}", "q.gift", "en")

    assert report.found == ()
    assert [one.params for one in report.troubles] == [{"name": "map.png"}]


def test_an_answer_that_is_compared_letter_by_letter_names_no_picture() -> None:
    content = (
        '<quiz><question type="shortanswer"><name><text>The tag &lt;img&gt;</text></name>'
        '<questiontext format="html"><text>How is a map shown?</text></questiontext>'
        '<answer fraction="100"><text><![CDATA[<img src="map.png">]]></text></answer>'
        "<tags><tag><text>&lt;img src='a.png'&gt;</text></tag></tags></question></quiz>"
    )

    (found,) = read(content.encode(), "quiz.xml", "en").found

    assert '<img src="map.png">' in str(found.texts["en"])
    assert "pictures" not in found.facts


def test_a_file_makes_only_so_many_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_IN_FILE", 1)
    gallery = pictures.Gallery()
    first = gallery.add(picture(), "a.png")

    with pytest.raises(NotReadable):
        gallery.add(picture(shade=10), "b.png")

    assert gallery.add(picture(), "again.png") == first
    assert len(gallery.contents) == 1


def test_a_file_makes_pictures_of_only_so_many_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 40 * 30)
    gallery = pictures.Gallery()
    gallery.add(picture(), "a.png")

    with pytest.raises(NotReadable):
        gallery.add(picture(shade=10), "b.png")
