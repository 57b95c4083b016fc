"""Small pictures of every sort that a file may hold."""

from __future__ import annotations

import io

from PIL import Image


def picture(kind: str = "PNG", *, size: tuple[int, int] = (40, 30), shade: int = 90) -> bytes:
    """A picture of one colour, as a program would write it."""
    target = io.BytesIO()
    Image.new("RGB", size, (shade, 60, 120)).save(target, kind)
    return target.getvalue()


def moving() -> bytes:
    """A GIF of two pictures."""
    target = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (10, 200)]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return target.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
