"""Files by strangers: caps, bombs, entities, and names that lead out."""

from __future__ import annotations

import io
import zipfile

import pytest

from chorsu.training.formats.questions import NotReadable, packages, read
from chorsu.training.formats.questions.markup import from_html
from chorsu.training.formats.questions.xml import MAX_BYTES, MAX_DEPTH
from tests.training.formats.packing import pack
from tests.training.formats.questions import samples


def _refused(content: bytes) -> str:
    with pytest.raises(NotReadable) as refused:
        read(content, "file", "en")
    return refused.value.code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'<!DOCTYPE quiz [<!ENTITY x "y">]><quiz>&x;</quiz>', "doctype"),
        (b'<?xml version="1.0"?><!DOCTYPE quiz SYSTEM "file:///etc/passwd"><quiz/>', "doctype"),
        ("<quiz/>".encode("utf-16"), "not_utf8"),
        (b"<quiz>", "xml"),
        (b"<other/>", "format"),
        (b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1), "depth"),
        (b"<quiz>" + b" " * MAX_BYTES + b"</quiz>", "file_size"),
        (b"<quiz>" + b"<a/>" * 200_001 + b"</quiz>", "tags"),
        (b"\xff\xfe\x00", "not_utf8"),
        (b"PK\x03\x04 and nothing more", "zip_damaged"),
        (pack({"other.xml": b"<a/>"}), "no_manifest"),
    ],
)
def test_a_file_that_is_none_of_the_formats_is_refused(content: bytes, code: str) -> None:
    assert _refused(content) == code


def _package(**members: bytes) -> bytes:
    hrefs = "".join(
        f'<resource type="imsqti_item_xmlv3p0" href="{name}"/>'
        for name in ("bomb.xml", "../../secret.xml", "good.xml")
    )
    manifest = f"<manifest><resources>{hrefs}</resources></manifest>".encode()
    return pack({"imsmanifest.xml": manifest, "good.xml": samples.SINGLE, **members})


def test_a_bomb_in_a_package_is_named_and_the_rest_is_read() -> None:
    bomb = b"<a>" + b" " * (packages.MAX_MEMBER_BYTES + 1) + b"</a>"

    content = _package(**{"bomb.xml": bomb})
    report = read(content, "p.zip", "en")

    assert len(content) < len(bomb) / 100
    assert len(report.found) == 1
    assert [(one.place, one.code) for one in report.troubles] == [
        ("bomb.xml", "member_size"),
        ("../../secret.xml", "no_member"),
    ]


def test_many_small_members_are_too_many_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MAX_TOTAL_BYTES", len(samples.SINGLE))

    report = read(_package(), "p.zip", "en")

    assert report.found == ()
    assert [(one.place, one.code) for one in report.troubles][-1] == ("good.xml", "package_size")


def test_a_package_of_too_many_members_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "MAX_MEMBERS", 1)

    assert _refused(_package()) == "members"


def test_a_member_that_lies_about_its_size_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("imsmanifest.xml", b"<manifest/>" + b" " * 100)
    content = target.getvalue().replace((111).to_bytes(4, "little"), (11).to_bytes(4, "little"))

    assert _refused(content) == "member_damaged"


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_whose_reading_cannot_be_cut_is_not_opened(compression: int) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        archive.writestr("small.xml", b"<a/>")

    with pytest.raises(NotReadable, match="compression"):
        packages.Package(target.getvalue()).read("small.xml")


def test_rules_that_name_an_answer_each_are_not_tried_without_end() -> None:
    rule = (
        "<responseCondition><responseIf><match><variable identifier='RESPONSE'/>"
        "<baseValue baseType='string'>{}</baseValue></match><setOutcomeValue identifier='SCORE'>"
        "<baseValue baseType='float'>1</baseValue></setOutcomeValue></responseIf>"
        "</responseCondition>"
    )
    item = (
        "<assessmentItem xmlns='http://www.imsglobal.org/xsd/imsqti_v2p1' identifier='q' title='t'>"
        "<responseDeclaration identifier='RESPONSE' cardinality='single' baseType='string'/>"
        "<outcomeDeclaration identifier='SCORE' cardinality='single' baseType='float'/>"
        "<itemBody><p>Which?</p><p><textEntryInteraction responseIdentifier='RESPONSE'/></p>"
        "</itemBody><responseProcessing>{}</responseProcessing></assessmentItem>"
    )

    def troubles(rules: int) -> list[str]:
        said = "".join(rule.format(f"a{number}") for number in range(rules))
        report = read(item.format(said).encode(), "item.xml", "en")
        assert len(report.found) == (0 if report.troubles else 1)
        return [one.code for one in report.troubles]

    assert troubles(30) == []
    assert troubles(1000) == ["steps"]


def test_html_of_which_no_tree_can_be_made_is_named() -> None:
    with pytest.raises(NotReadable) as refused:
        from_html("<html><frameset></frameset></html>")
    assert refused.value.code == "html"
