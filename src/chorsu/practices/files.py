"""What is uploaded: its type told from its bytes, images made anew, anything doubtful refused.

A re-encoded image has no EXIF, no GPS position, no name of a camera's owner, and no second file
hidden behind its pixels. Office documents lose the names of their authors. Documents are only ever
served as downloads.
"""

from __future__ import annotations

import re
import shutil
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import puremagic
from PIL import Image, ImageOps

from chorsu.kernel.text import normalise
from chorsu.practices.rules import FieldError, InvalidPractice

PDF = "application/pdf"
CSV = "text/csv"
PLAIN = "text/plain"
_OOXML = "application/vnd.openxmlformats-officedocument"
# Part that an OOXML document of each kind must have -> its type and extension.
_OFFICE = {
    "word/document.xml": (f"{_OOXML}.wordprocessingml.document", "docx"),
    "xl/workbook.xml": (f"{_OOXML}.spreadsheetml.sheet", "xlsx"),
    "ppt/presentation.xml": (f"{_OOXML}.presentationml.presentation", "pptx"),
}
_OPEN_DOCUMENT = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
_IMAGES = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "GIF": ("image/png", "png"),  # the first picture of it
}
_IMAGE_TYPES = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
}
# Where office documents keep who wrote them, and the elements that tell it.
_PROPERTIES = ("docProps/core.xml", "docProps/app.xml", "meta.xml")
_MAX_PROPERTIES = 1_000_000
_AUTHORS = re.compile(
    rb"(<(dc:creator|cp:lastModifiedBy|meta:initial-creator|meta:printed-by|Manager|Company)"
    rb"(?:\s[^<>]{0,1000})?>)[^<]*(</\2>)"
)
# Every repetition below has an end: a made-up file must not keep a process busy for minutes.
_PDF_AUTHOR = re.compile(rb"/Author\s{0,20}\(((?:\\.|[^\\)]){0,2000})\)", re.DOTALL)
_PDF_AUTHOR_HEX = re.compile(rb"/Author\s{0,20}<((?:[0-9A-Fa-f]{2}){1,4000})>")
_XMP_CREATORS = re.compile(rb"<dc:creator>(.{1,5000}?)</dc:creator>", re.DOTALL)
_MAX_MENTIONS = 500
_TAG = re.compile(r"<[^<>]*>")
MAX_PIXELS = 60_000_000
MAX_UNPACKED = 1_000_000_000
_SNIFF_BYTES = 4096
_MARKUP = re.compile(
    r"<\s*(?:!doctype|\?xml|\?php|html|head|body|script|svg|iframe|style|meta)\b", re.IGNORECASE
)
_UNWANTED_IN_NAME = re.compile(r'[\\/:*?"<>|\s]+')


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """What will be kept: `file` stands at its start; `width` and `height` in pixels, of images.

    `authors` is whom the file names as its authors, as far as it can be told and not be removed.
    """

    file: BinaryIO
    media_type: str
    name: str
    width: int | None
    height: int | None
    authors: str = ""


def prepare(upload: BinaryIO, name: str, *, max_bytes: int, image_max_px: int) -> PreparedFile:
    """Tell the type of a seekable upload and make it fit to be published.

    Raises `InvalidPractice` on the field `file`: `file_empty`, `file_size`, `file_type` or
    `file_damaged`.
    """
    size = upload.seek(0, 2)
    upload.seek(0)
    if size == 0:
        raise _refused("file_empty")
    if size > max_bytes:
        raise _refused("file_size", max=max_bytes // 1_000_000)
    head = upload.read(_SNIFF_BYTES)
    upload.seek(0)
    media_type = _sniffed(head)
    if media_type in _IMAGE_TYPES:
        return _image(upload, name, _IMAGE_TYPES[media_type], image_max_px)
    authors = ""
    if media_type == PDF:
        extension, authors = "pdf", _pdf_authors(upload.read())
    elif head.startswith(b"PK\x03\x04"):
        media_type, extension = _document(upload)
        upload = _without_authors(upload)
    else:
        media_type, extension = _text(upload, name)
    upload.seek(0)
    return PreparedFile(upload, media_type, clean_name(name, extension), None, None, authors)


def clean_name(name: str, extension: str) -> str:
    """A file name safe in a header and on any disk, with the extension of what it really is."""
    stem = normalise(name).replace("\\", "/").rsplit("/", 1)[-1]
    stem = stem.rsplit(".", 1)[0] if "." in stem else stem
    stem = _UNWANTED_IN_NAME.sub(" ", stem).strip(" .")[:150].strip(" .")
    return f"{stem or 'file'}.{extension}"


def _refused(code: str, **params: str | int) -> InvalidPractice:
    return InvalidPractice([FieldError("file", code, params)])


def _sniffed(head: bytes) -> str:
    try:
        found = puremagic.magic_string(head)
    except puremagic.PureError:
        return ""
    # Only what stands at the very start counts: a signature further in can be put there at will.
    at_start = {match.mime_type for match in found if head.startswith(match.byte_match)}
    if PDF in at_start and head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for kind in _IMAGE_TYPES if kind in at_start), "")


def _image(upload: BinaryIO, name: str, kind: str, longest: int) -> PreparedFile:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(upload, formats=[kind])
        if image.width * image.height > MAX_PIXELS:
            raise _refused("file_damaged")
        image.draft("RGB", (longest, longest))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((longest, longest))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _refused("file_damaged") from error
    media_type, extension = _IMAGES[kind]
    has_alpha = "A" in upright.getbands() or "transparency" in upright.info
    plain = upright.convert("RGBA" if has_alpha and media_type != "image/jpeg" else "RGB")
    # Pixels alone go on: a copy made from them can't carry metadata along.
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    target = BytesIO()
    if media_type == "image/png":
        bare.save(target, "PNG", optimize=True)
    else:
        bare.save(target, kind, quality=85)
    target.seek(0)
    return PreparedFile(target, media_type, clean_name(name, extension), *bare.size)


def _document(upload: BinaryIO) -> tuple[str, str]:
    """The type of an office document; macros, other archives and damaged ones are refused."""
    try:
        with zipfile.ZipFile(upload) as archive:
            names = set(archive.namelist())
            unpacked = sum(item.file_size for item in archive.infolist())
            if unpacked > MAX_UNPACKED or archive.testzip() is not None:
                raise _refused("file_damaged")
            if any(name.lower().endswith(("vbaproject.bin", ".exe", ".dll")) for name in names):
                raise _refused("file_type", value="macro")
            if "[Content_Types].xml" in names:
                for part, found in _OFFICE.items():
                    if part in names:
                        return found
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                kind = archive.read("mimetype").decode("ascii", "replace").strip()
                if kind in _OPEN_DOCUMENT:
                    return kind, _OPEN_DOCUMENT[kind]
    except (
        zipfile.BadZipFile,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
        zlib.error,
    ) as error:
        raise _refused("file_type", value="zip") from error
    raise _refused("file_type", value="zip")


def _without_authors(upload: BinaryIO) -> BinaryIO:
    """The document again, its properties emptied of who wrote, changed and keeps it."""
    target = BytesIO()
    with zipfile.ZipFile(upload) as source, zipfile.ZipFile(target, "w") as copy:
        for item in source.infolist():
            if item.filename not in _PROPERTIES:
                with source.open(item) as part, copy.open(item, "w") as kept:
                    shutil.copyfileobj(part, kept)
            elif item.file_size <= _MAX_PROPERTIES:
                copy.writestr(item, _AUTHORS.sub(rb"\1\3", source.read(item)))
    return target


def _pdf_authors(data: bytes) -> str:
    """Whom a PDF's plain properties name as authors; compressed ones are not looked into."""
    if max(data.count(b"/Author"), data.count(b"<dc:creator>")) > _MAX_MENTIONS:
        raise _refused("file_damaged")
    found = [_pdf_string(text) for text in _PDF_AUTHOR.findall(data)]
    found += [bytes.fromhex(text.decode()) for text in _PDF_AUTHOR_HEX.findall(data)]
    texts = [
        text.decode("utf-16" if text[:2] in (b"\xfe\xff", b"\xff\xfe") else "latin-1", "replace")
        for text in found
    ]
    for creators in _XMP_CREATORS.findall(data):
        texts.append(_TAG.sub(" ", creators.decode("utf-8", "replace")))
    return "\n".join(texts)


def _pdf_string(text: bytes) -> bytes:
    octal = re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8) & 255]), text)
    return re.sub(rb"\\(.)", rb"\1", octal, flags=re.DOTALL)


def _text(upload: BinaryIO, name: str) -> tuple[str, str]:
    """Plain text or CSV: UTF-8 without control characters that does not look like markup."""
    try:
        text = upload.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("file_type", value="binary") from error
    if any(char < " " and char not in "\t\r\n\f" for char in text):
        raise _refused("file_type", value="binary")
    if _MARKUP.search(text[: 4 * _SNIFF_BYTES]) or text.startswith(("#!", "MZ")):
        raise _refused("file_type", value="markup")
    return (CSV, "csv") if name.lower().endswith(".csv") else (PLAIN, "txt")
