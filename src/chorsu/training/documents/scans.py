"""Photographs, and the pictures on the pages of a scanned PDF, in shades of grey.

All of it comes from strangers: how large a thing becomes is known before it is unpacked. Of PDFs
the pictures are read that scanners write there: JPEG, deflated or plain samples, and fax
(CCITT groups 3 and 4); ISO 32000-2, 7.4 and 8.9. JPEG 2000 and JBIG2 are not.
"""

from __future__ import annotations

import io
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
from PIL import Image

MAX_PIXELS = 50_000_000
MAX_PAGES = 4
MAX_PICTURES = 8
MAX_UNPACKED = 100_000_000
"""Bytes of samples: a sheet of A4 in colour at 500 dots to the inch."""
FORMS = ("JPEG", "PNG", "WEBP")
DAMAGED = (pikepdf.PikepdfError, OSError, ValueError, TypeError, AttributeError, SyntaxError)
"""What the libraries raise for what they can't read."""
_SMALLEST = 60
"""Pixels to a side; less is an ornament, or holds no code that could be read."""
_PALETTE = 4 * 256
_PIECE = 1 << 20
_DEVICES = {1: pikepdf.Name.DeviceGray, 3: pikepdf.Name.DeviceRGB, 4: pikepdf.Name.DeviceCMYK}


def opened(data: bytes) -> Image.Image:
    """A photograph; raises one of `DAMAGED`, also for one of more than `MAX_PIXELS`."""
    with warnings.catch_warnings():
        # The size is judged here, before anything is unpacked.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(data), formats=FORMS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ValueError("too many pixels")
            # Of a JPEG only the grey is unpacked.
            picture.draft("L", picture.size)
            return picture.convert("L")


def pictures(document: pikepdf.Pdf) -> Iterator[Image.Image]:
    """The pictures on the first pages; those that can't be read are passed over."""
    left = MAX_PICTURES
    for page in document.pages[:MAX_PAGES]:
        for drawn in page.get_images().values():
            if min(int(drawn.Width), int(drawn.Height)) < _SMALLEST:
                continue
            if not left:
                return
            left -= 1
            try:
                found = _picture(drawn)
            except DAMAGED:
                continue
            if found is not None:
                yield found


def unpacked(data: bytes, most: int) -> bytes:
    """Deflated bytes as they were; raises `ValueError` if that is more than `most` of them."""
    try:
        found = zlib.decompressobj().decompress(data, most + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if len(found) > most:
        raise ValueError(f"over {most} bytes")
    return found


def _picture(drawn: pikepdf.Object) -> Image.Image | None:
    """One picture of a page, or None for one of a form that is not read."""
    if int(drawn.Width) * int(drawn.Height) > MAX_PIXELS:
        return None
    filters = pikepdf.PdfImage(drawn).filters  # type: ignore[arg-type]
    if filters == ["/DCTDecode"]:
        return opened(bytes(drawn.read_raw_bytes()))
    if filters == ["/FlateDecode", "/DCTDecode"]:
        return opened(unpacked(bytes(drawn.read_raw_bytes()), MAX_UNPACKED))
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
