"""Photographs, and the pictures on the pages of a scanned PDF, in shades of grey.

All of it comes from strangers: how large a thing becomes is known before it is unpacked. Of PDFs
the pictures are read that scanners write there: JPEG, deflated or plain samples, and fax
(CCITT groups 3 and 4); ISO 32000-2, 7.4 and 8.9. JPEG 2000 and JBIG2 are not.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
import zxingcpp
from PIL import Image

from chorsu.wire.credential_code import PREFIX

MAX_PIXELS = 50_000_000
MAX_ALL_PIXELS = 100_000_000
"""Of all pictures of a PDF together: as much as is looked at for one question."""
MAX_PAGES = 4
MAX_PICTURES = 8
MAX_UNPACKED = 100_000_000
"""Bytes of samples: a sheet of A4 in colour at 500 dots to the inch."""
FORMS = ("JPEG", "PNG", "WEBP")
DAMAGED = (
    pikepdf.PikepdfError, pikepdf.UnsupportedImageTypeError, Image.DecompressionBombError,
    ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError,
    SyntaxError, TypeError, ValueError, struct.error,
)  # fmt: skip
"""What the libraries raise for what they can't read, or do not read yet."""
_QR = zxingcpp.barcode_formats_from_str("QRCode")
_SMALLEST = 60
"""Pixels to a side; less is an ornament, or holds no code that could be read."""
_PALETTE = 4 * 256
_PIECE = 1 << 20
_DEVICES = {1: pikepdf.Name.DeviceGray, 3: pikepdf.Name.DeviceRGB, 4: pikepdf.Name.DeviceCMYK}


def opened(data: bytes, most: int = MAX_PIXELS) -> Image.Image:
    """A photograph; raises one of `DAMAGED`, also for one of more than `most` pixels."""
    with warnings.catch_warnings():
        # The size is judged here, before anything is unpacked.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(data), formats=FORMS) as picture:
            if picture.width * picture.height > most:
                raise ValueError("too many pixels")
            # Of a JPEG only the grey is unpacked.
            picture.draft("L", picture.size)
            return picture.convert("L")


def pictures(document: pikepdf.Pdf) -> Iterator[Image.Image]:
    """The pictures on the first pages; those that can't be read are passed over."""
    left, pixels, seen = MAX_PICTURES, MAX_ALL_PIXELS, set[tuple[int, int]]()
    for page in document.pages[:MAX_PAGES]:
        for drawn in page.get_images().values():
            # One picture may be there by many names.
            if drawn.is_indirect and drawn.objgen in seen:
                continue
            seen.add(drawn.objgen)
            try:
                width, height = int(drawn.Width), int(drawn.Height)
                if min(width, height) < _SMALLEST or width * height > min(MAX_PIXELS, pixels):
                    continue
                if not left:
                    return
                left, pixels = left - 1, pixels - width * height
                found = _picture(drawn, width * height)
            except DAMAGED:
                continue
            if found is not None:
                yield found


def code_on(grey: Image.Image) -> bytes:
    """The certificate whose code is on a picture; empty if there is none."""
    for code in zxingcpp.read_barcodes(grey, formats=_QR):
        if code.text.startswith(PREFIX):
            return str(code.text).encode()
    return b""


def unpacked(data: bytes, most: int) -> bytes:
    """Deflated bytes as they were; raises `ValueError` if that is more than `most` of them."""
    try:
        found = zlib.decompressobj().decompress(data, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(found) > most:
        raise ValueError(f"over {most} bytes")
    return found


def _picture(drawn: pikepdf.Object, pixels: int) -> Image.Image | None:
    """One picture of a page, or None for one of a form that is not read.

    A JPEG has a size of its own: it is not to have more pixels than the page says.
    """
    filters = pikepdf.PdfImage(drawn).filters  # type: ignore[arg-type]
    if filters == ["/DCTDecode"]:
        return opened(bytes(drawn.read_raw_bytes()), pixels)
    if filters == ["/FlateDecode", "/DCTDecode"]:
        return opened(unpacked(bytes(drawn.read_raw_bytes()), MAX_UNPACKED), pixels)
    if filters == ["/FlateDecode"]:
        _check_unpacked(drawn)
    elif filters not in ([], ["/CCITTFaxDecode"]):
        return None
    if "/ColorSpace" in drawn:
        drawn.ColorSpace = _plain(drawn.ColorSpace)
    # Only in this process's memory: nothing is written.
    with pikepdf.PdfImage(drawn).as_pil_image(apply_mask=False) as picture:  # type: ignore[arg-type]
        return picture.convert("L")


def _check_unpacked(drawn: pikepdf.Object) -> None:
    """Raise `ValueError` for samples that unfold beyond bounds."""
    unpacker, rest, size = zlib.decompressobj(), bytes(drawn.read_raw_bytes()), 0
    try:
        while rest and size <= MAX_UNPACKED:
            size += len(unpacker.decompress(rest, _PIECE))
            rest = unpacker.unconsumed_tail
    except zlib.error as error:
        raise ValueError(str(error)) from error
    parms: Any = drawn.get("/DecodeParms") or {}
    if isinstance(parms, pikepdf.Array):
        parms = parms[0] if len(parms) else {}
    # A predictor asks for a row in memory, as long as it is said to be.
    predicted = int(parms.get("/Predictor", 1)) > 1
    row = int(parms.get("/Columns", 1)) * int(parms.get("/Colors", 1))
    if size > MAX_UNPACKED or (predicted and row > 4 * int(drawn.Width)):
        raise ValueError("unfolds beyond bounds")


def _plain(space: pikepdf.Object) -> pikepdf.Object:
    """A colour space without its profile, which may be large, and black stays black without it."""
    if not isinstance(space, pikepdf.Array):
        return space
    kind = space[0]
    if kind == pikepdf.Name.ICCBased:
        return _DEVICES[int(space[1].N)]
    if kind == pikepdf.Name.Indexed:
        return pikepdf.Array([kind, _plain(space[1]), space[2], _palette(space[3])])
    return space


def _palette(listed: pikepdf.Object) -> pikepdf.String:
    if not isinstance(listed, pikepdf.Stream):
        return pikepdf.String(bytes(listed))
    raw = bytes(listed.read_raw_bytes())
    return pikepdf.String(unpacked(raw, _PALETTE) if "/Filter" in listed else raw[:_PALETTE])
