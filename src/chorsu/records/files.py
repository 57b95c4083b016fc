"""What is uploaded: its type told from its bytes, images made anew, anything doubtful refused.

A re-encoded image has no EXIF, no GPS position, no name of a camera's owner, and no second file
hidden behind its pixels. Documents lose the names that programs write into them (`cleaning`) and
are only ever served as downloads.
"""

from __future__ import annotations

import lzma
import re
import struct
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

import puremagic
from PIL import Image, ImageOps

from chorsu.kernel.text import normalise
from chorsu.records.cleaning import CannotClean, Kind, cleaned
from chorsu.records.fields import FieldError, InvalidRecord

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
MAX_PIXELS = 60_000_000
_SNIFF_BYTES = 4096
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    lzma.LZMAError,
    struct.error,
    ValueError,
    RuntimeError,
    NotImplementedError,
    zlib.error,
)
_MARKUP = re.compile(
    r"<\s*(?:!doctype|\?xml|\?php|html|head|body|script|svg|iframe|style|meta)\b", re.IGNORECASE
)
_UNWANTED_IN_NAME = re.compile(r'[\\/:*?"<>|\s]+')


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """What will be kept: `file` stands at its start; `width` and `height` in pixels, of images.

    `told` is what text a document's properties still hold. Of a `signed` one, which is kept byte
    for byte, that is whom it names as authors and signers.
    """

    file: BinaryIO
    media_type: str
    name: str
    width: int | None
    height: int | None
    told: str = ""
    signed: bool = False


def prepare(upload: BinaryIO, name: str, *, max_bytes: int, image_max_px: int) -> PreparedFile:
    """Tell the type of a seekable upload and make it fit to be published.

    Raises `InvalidRecord` on the field `file`: `file_empty`, `file_size`, `file_type`,
    `file_damaged` for images, and for documents the codes of `cleaning.CannotClean`.
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
    if media_type == PDF:
        return _document(upload, name, media_type, "pdf", "pdf")
    if head.startswith(_ZIP):
        media_type, extension, kind = _office_type(upload)
        return _document(upload, name, media_type, extension, kind)
    if head.startswith(_OLE):
        raise _refused("file_locked" if _is_locked(upload) else "file_old")
    upload.seek(0)
    media_type, extension = _text(upload, name)
    upload.seek(0)
    return PreparedFile(upload, media_type, clean_name(name, extension), None, None)


def clean_name(name: str, extension: str) -> str:
    """A file name safe in a header and on any disk, with the extension of what it really is."""
    stem = normalise(name).replace("\\", "/").rsplit("/", 1)[-1]
    stem = stem.rsplit(".", 1)[0] if "." in stem else stem
    stem = _UNWANTED_IN_NAME.sub(" ", stem).strip(" .")[:150].strip(" .")
    return f"{stem or 'file'}.{extension}"


def _refused(code: str, **params: str | int) -> InvalidRecord:
    return InvalidRecord([FieldError("file", code, params)])


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


def _document(
    upload: BinaryIO, name: str, media_type: str, extension: str, kind: Kind
) -> PreparedFile:
    try:
        done = cleaned(upload, kind)
    except CannotClean as refused:
        raise _refused(refused.code) from None
    named = clean_name(name, extension)
    return PreparedFile(done.file, media_type, named, None, None, done.told, done.signed)


def _office_type(upload: BinaryIO) -> tuple[str, str, Kind]:
    """The type of an office document, told by its parts; any other archive is refused."""
    try:
        with zipfile.ZipFile(upload) as archive:
            names = set(archive.namelist())
            if "[Content_Types].xml" in names:
                for part, (media_type, extension) in _OFFICE.items():
                    if part in names:
                        return media_type, extension, "office"
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                kind = archive.read("mimetype").decode("ascii", "replace").strip()
                if kind in _OPEN_DOCUMENT:
                    return kind, _OPEN_DOCUMENT[kind], "odf"
    except _BROKEN_ZIP as error:
        raise _refused("file_type", value="zip") from error
    raise _refused("file_type", value="zip")


def _is_locked(upload: BinaryIO) -> bool:
    """Whether an old container holds a new document behind a password ([MS-OFFCRYPTO])."""
    upload.seek(0)
    return "EncryptedPackage".encode("utf-16-le") in upload.read()


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
