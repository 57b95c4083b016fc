"""Exchange formats of questions: bytes in, questions and troubles out; pure.

Read: QTI 3.0, 2.2 and 2.1 (an item or a package), Common Cartridge 1.x, Moodle XML, GIFT. Written:
QTI 3.0 and 2.2.
"""

from __future__ import annotations

from chorsu.training.formats.questions import qti
from chorsu.training.formats.questions.cartridge import RESOURCE, read_cartridge, read_questions
from chorsu.training.formats.questions.gift import read_gift
from chorsu.training.formats.questions.moodle import read_moodle
from chorsu.training.formats.questions.packages import MANIFEST, Package, is_zip
from chorsu.training.formats.questions.pictures import (
    Gallery,
    Known,
    illustrated,
    made_ready,
    not_here,
)
from chorsu.training.formats.questions.qti import VERSIONS, write_package
from chorsu.training.formats.questions.report import (
    Found,
    NotReadable,
    Report,
    Trouble,
)
from chorsu.training.formats.questions.troubles import (
    PARAMS,
    TROUBLES,
    Code,
    Param,
)
from chorsu.training.formats.questions.xml import local, parse

__all__ = [
    "PARAMS",
    "TROUBLES",
    "VERSIONS",
    "Code",
    "Found",
    "NotReadable",
    "Param",
    "Report",
    "Trouble",
    "made_ready",
    "read",
    "write_package",
]


def read(content: bytes, name: str, language: str, known: Known | None = None) -> Report:
    """The questions of a file, whose format is told by what is in it, not by its name.

    `language`: that of questions which do not say theirs; `known`: pictures that were made ready
    before. Raises `NotReadable` for a file that is none of the formats, broken, or over a cap.
    """
    gallery = Gallery(known)
    return illustrated(_read(content, name, language, gallery), gallery)


def _read(content: bytes, name: str, language: str, gallery: Gallery) -> Report:
    if is_zip(content):
        return _package(Package(content), language, gallery)
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _document(content, name, language, gallery)
    try:
        return read_gift(content.decode("utf-8-sig"), language)
    except UnicodeDecodeError:
        raise NotReadable("not_utf8") from None


def _package(package: Package, language: str, gallery: Gallery) -> Report:
    if MANIFEST not in package:
        raise NotReadable("no_manifest", name=MANIFEST)
    kinds = {kind for _, kind in qti.resources(parse(package.read(MANIFEST)))}
    if any(kind.startswith(RESOURCE) for kind in kinds):
        return read_cartridge(package, language, gallery)
    return qti.read_package(package, language, gallery)


def _document(content: bytes, name: str, language: str, gallery: Gallery) -> Report:
    root = parse(content)
    kind = local(root)
    if kind == "quiz":
        return read_moodle(root, language, gallery)
    if kind == "questestinterop":
        return read_questions(root, name, language, lambda address: gallery.take(address, not_here))
    if kind in ("assessmentItem", "qti-assessment-item"):
        return qti.read_single(root, name, language, gallery)
    raise NotReadable("format", element=f"<{kind[:60]}>")
