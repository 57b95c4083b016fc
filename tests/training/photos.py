"""The printed certificate as a telephone or a scanner shows it, each fault of it at will."""

from __future__ import annotations

import io
import json
import random
from dataclasses import asdict

import numpy as np
import typst
from PIL import Image, ImageFilter

from chorsu.training.documents.certificate import TEMPLATE, Sheet, qr_svg
from chorsu.training.documents.fonts import SANS, SERIF, font_folders

DESK = 96
"""How bright the table is on which the sheet lies."""


def printed(sheet: Sheet, dots: int) -> Image.Image:
    """The whole sheet of A4 as the engine draws it, at so many dots to the inch."""
    told = {**asdict(sheet), "code": qr_svg(sheet.code), "attached": "{}"}
    told |= {"serif": SERIF, "sans": SANS}
    compiler = typst.Compiler(
        str(TEMPLATE), font_paths=list(font_folders()), ignore_system_fonts=True
    )
    png = compiler.compile(
        format="png", ppi=float(dots), sys_inputs={"data": json.dumps(told, ensure_ascii=False)}
    )
    return Image.open(io.BytesIO(png)).convert("L")


def photo(
    sheet: Image.Image,
    *,
    width: int = 4000,
    slant: float = 0.0,
    turn: float = 0.0,
    blur: float = 0.0,
    noise: float = 0.0,
    shade: float = 0.0,
    quality: int = 80,
    kind: str = "JPEG",
) -> bytes:
    """A picture of the sheet on a table, `width` pixels wide.

    `slant`: how much shorter the far edge is, as a share; `turn` in degrees; `blur` a radius in
    pixels; `noise` a standard deviation of 255; `shade`: how much darker the one side is.
    """
    height = round(width * 0.75)
    scale = 0.86 * width / sheet.width
    flat = sheet.resize(
        (round(sheet.width * scale), round(sheet.height * scale)), Image.Resampling.LANCZOS
    )
    desk = Image.new("L", (width, height), DESK)
    desk.paste(flat, ((width - flat.width) // 2, (height - flat.height) // 2))
    if turn:
        desk = desk.rotate(turn, Image.Resampling.BICUBIC, fillcolor=DESK)
    if slant:
        desk = _slanted(desk, slant)
    if blur:
        desk = desk.filter(ImageFilter.GaussianBlur(blur))
    pixels = np.asarray(desk, dtype=np.float32)
    if shade:
        pixels = pixels * np.linspace(1, 1 - shade, width, dtype=np.float32)
    if noise:
        dice = np.random.default_rng(random.Random(7).getrandbits(32))
        pixels = pixels + dice.normal(0, noise, pixels.shape)
    taken = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).convert("RGB")
    out = io.BytesIO()
    taken.save(out, format=kind, quality=quality)
    return out.getvalue()


def _slanted(picture: Image.Image, slant: float) -> Image.Image:
    """As seen from below its lower edge, and a little from the left."""
    width, height = picture.size
    far, side = slant * width / 2, slant * height / 4
    seen = [(far, side), (width - far, 0), (width, height), (0, height - side)]
    whole = [(0, 0), (width, 0), (width, height), (0, height)]
    return picture.transform(
        picture.size,
        Image.Transform.PERSPECTIVE,
        _coefficients(seen, whole),
        Image.Resampling.BICUBIC,
        fillcolor=DESK,
    )


def _coefficients(seen: list[tuple[float, float]], whole: list[tuple[float, float]]) -> list[float]:
    """What `Image.transform` takes: from a place in the result to the place in the source."""
    rows, values = [], []
    for (x, y), (u, v) in zip(seen, whole, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(one) for one in np.linalg.solve(np.array(rows), np.array(values))]
