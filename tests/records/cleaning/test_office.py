"""Office documents go out without the people that their programs wrote into them."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from chorsu.records.cleaning import CannotClean, Cleaned, cleaned

NAME = "Aigerim Sadykova"
TYPES = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STRICT = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def archive(parts: dict[str, str | bytes], packed: int = zipfile.ZIP_STORED) -> bytes:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", packed) as zipped:
        for name, text in parts.items():
            zipped.writestr(name, text)
    return target.getvalue()


def clean(parts: dict[str, str | bytes]) -> Cleaned:
    return cleaned(BytesIO(archive({"[Content_Types].xml": TYPES, **parts})), "office")


def clean_parts(parts: dict[str, str | bytes]) -> dict[str, bytes]:
    with zipfile.ZipFile(clean(parts).file) as result:
        return {name: result.read(name) for name in result.namelist()}


def refusal(data: bytes) -> str:
    with pytest.raises(CannotClean) as caught:
        cleaned(BytesIO(data), "office")
    return caught.value.code


PLACES = {
    "docProps/core.xml": (
        '<c:coreProperties xmlns:c="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Plan</dc:title>'
        f"<dc:creator>{NAME}</dc:creator><c:lastModifiedBy>{NAME}</c:lastModifiedBy>"
        "</c:coreProperties>"
    ),
    "docProps/app.xml": (
        f"<Properties><Manager>{NAME}</Manager><Company>{NAME}</Company></Properties>"
    ),
    "docProps/custom.xml": (
        f"<Properties><property name='Checked by'><t>{NAME}</t></property></Properties>"
    ),
    "word/comments.xml": (
        f'<w:comments {W}><w:comment w:id="0" w:author="{NAME}" w:initials="{NAME}">'
        "<w:p><w:t>Why?</w:t></w:p></w:comment></w:comments>"
    ),
    "word/people.xml": (
        '<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml">'
        f'<w15:person w15:author="{NAME}"><w15:presenceInfo w15:providerId="AD" '
        f'w15:userId="{NAME}"/></w15:person></w15:people>'
    ),
    "word/document.xml": (
        f'<w:document {W}><w:ins w:author="{NAME}" w:id="1"><w:t>new</w:t></w:ins>'
        f'<w:del w:author="{NAME}"/><w:rPrChange w:author=\'{NAME}\'/>'
        f'<w:permStart w:ed="{NAME}"/></w:document>'
    ),
    "word/footnotes.xml": f'<w:footnotes {STRICT}><w:del w:author="{NAME}"/></w:footnotes>',
    "word/header1.xml": f'<x:hdr {W.replace(":w", ":x")}><x:ins x:author="{NAME}"/></x:hdr>',
    "word/_rels/settings.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="http://x/attachedTemplate" Target="file:///C:/{NAME}/a.dotm"/>'
        "</Relationships>"
    ),
    "ppt/commentAuthors.xml": (
        f'<p:cmAuthorLst {P}><p:cmAuthor id="0" name="{NAME}" initials="AS"/></p:cmAuthorLst>'
    ),
    "ppt/authors.xml": (
        '<p188:authorLst xmlns:p188="http://schemas.microsoft.com/office/powerpoint/2018/8/main">'
        f'<p188:author id="{{1}}" name="{NAME}" userId="{NAME}" providerId="AD"/></p188:authorLst>'
    ),
    "xl/comments1.xml": (
        f"<comments {S}><authors><author>{NAME}</author></authors><commentList><comment>"
        f"<text><r><t>{NAME}:</t></r><r><t> why?</t></r></text></comment></commentList></comments>"
    ),
    "xl/persons/person.xml": (
        f'<personList><person displayName="{NAME}" id="{{1}}" userId="{NAME}"/></personList>'
    ),
    "xl/workbook.xml": (
        f'<workbook {S}><fileSharing userName="{NAME}"/>'
        f'<x15ac:absPath xmlns:x15ac="urn:x" url="C:\\Users\\{NAME}\\"/></workbook>'
    ),
    "xl/revisions/userNames.xml": f'<users {S}><userInfo name="x" userName="{NAME}"/></users>',
    "customXml/item1.xml": f"<p><UserInfo><DisplayName>{NAME}</DisplayName></UserInfo></p>",
    "meta.xml": (
        f"<office:document-meta {ODF}><meta:initial-creator>{NAME}</meta:initial-creator>"
        f"<dc:creator>{NAME}</dc:creator><meta:printed-by>{NAME}</meta:printed-by>"
        f'<meta:user-defined meta:name="Info 1">{NAME}</meta:user-defined></office:document-meta>'
    ),
    "content.xml": (
        f"<office:document-content {ODF}><text:changed-region><text:insertion>"
        f"<office:change-info><dc:creator>{NAME}</dc:creator></office:change-info>"
        f"</text:insertion></text:changed-region><office:annotation><dc:creator>{NAME}</dc:creator>"
        f"<meta:creator-initials>{NAME}</meta:creator-initials><text:p>Why?</text:p>"
        "</office:annotation></office:document-content>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("coding", ["utf-8", "utf-16"])
def test_no_place_of_a_document_keeps_a_name(coding: str) -> None:
    result = clean_parts({name: text.encode(coding) for name, text in PLACES.items()})
    assert sorted(result) == sorted(["[Content_Types].xml", *PLACES])
    kept = {name for name, data in result.items() if NAME.encode() in data}
    assert kept == set()
    wide = {name for name, data in result.items() if NAME.encode("utf-16-le") in data}
    assert wide == set()


def test_a_name_that_a_reader_sees_and_all_other_words_stay() -> None:
    result = clean_parts({name: text.encode() for name, text in PLACES.items()})
    assert b"<w:t>Why?</w:t>" in result["word/comments.xml"]
    assert b"<w:t>new</w:t>" in result["word/document.xml"]
    assert b"<t>Author:</t></r><r><t> why?</t>" in result["xl/comments1.xml"]
    assert b"<dc:title>Plan</dc:title>" in result["docProps/core.xml"]
    page = f"<w:document {W}><w:t>Signed: {NAME}, author</w:t></w:document>"
    assert clean_parts({"word/document.xml": page})["word/document.xml"] == page.encode()


def test_a_workbook_inside_a_presentation_is_cleaned_too() -> None:
    inner = archive(
        {"[Content_Types].xml": TYPES, "docProps/core.xml": PLACES["docProps/core.xml"]}
    )
    outer = clean_parts({"ppt/presentation.xml": "<x/>", "ppt/embeddings/book.xlsx": inner})
    with zipfile.ZipFile(BytesIO(outer["ppt/embeddings/book.xlsx"])) as book:
        assert NAME.encode() not in book.read("docProps/core.xml")


@pytest.mark.parametrize(
    "inside", [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), b"%PDF-1.7", archive({"a": "b"})]
)
def test_what_cannot_be_looked_into_is_refused(inside: bytes) -> None:
    data = archive({"[Content_Types].xml": TYPES, "word/embeddings/one.bin": inside})
    assert refusal(data) == "file_inside"


@pytest.mark.parametrize(
    "part", ["word/vbaProject.bin", "xl/macrosheets/sheet1.xml", "Basic/Standard/Module1.xml"]
)
def test_macros_are_refused(part: str) -> None:
    assert refusal(archive({"[Content_Types].xml": TYPES, part: "<x/>"})) == "file_macro"


def test_a_signed_document_stays_byte_for_byte_and_tells_whom_it_names() -> None:
    data = archive(
        {
            "[Content_Types].xml": TYPES,
            "docProps/core.xml": PLACES["docProps/core.xml"],
            "_xmlsignatures/sig1.xml": "<Signature/>",
        }
    )
    result = cleaned(BytesIO(data), "office")
    assert (result.signed, result.file.read()) == (True, data)
    assert result.told.splitlines() == ["Plan", NAME, NAME]


def test_a_locked_document_is_told_as_such() -> None:
    manifest = "<m:manifest xmlns:m='urn:m'><m:encryption-data/></m:manifest>"
    assert refusal(archive({"mimetype": "x", "META-INF/manifest.xml": manifest})) == "file_locked"


def test_a_damaged_document_is_refused() -> None:
    data = archive({"[Content_Types].xml": TYPES, "word/document.xml": "hello there"})
    assert refusal(data.replace(b"hello", b"hullo")) == "file_unreadable"
    assert refusal(archive({"docProps/core.xml": "<creator"})) == "file_unreadable"


def test_a_document_that_would_fill_the_disk_is_refused() -> None:
    data = archive({"word/document.xml": bytes(40_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(data) < 100_000
    assert refusal(data) == "file_unreadable"


def test_a_document_of_entities_is_refused() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "author">' + "".join(
        f'<!ENTITY {chr(99 + n)} "{("&" + chr(98 + n) + ";") * 10}">' for n in range(8)
    )
    assert refusal(archive({"word/document.xml": bomb + "]><a>&j;</a>"})) == "file_unreadable"


def test_one_document_gives_the_same_bytes_each_time() -> None:
    parts: dict[str, str | bytes] = {**PLACES}
    assert clean(parts).file.read() == clean(parts).file.read()
