"""Statements kept in files of SQL, each under its name (`-- name: ...`) with its comment."""

from __future__ import annotations

import re
from pathlib import Path


def read_statements(path: Path) -> dict[str, str]:
    """The statements of a file by name, without comments."""
    text = path.read_text(encoding="utf-8")
    parts = re.split(r"^-- name: (\w+)\n", text, flags=re.MULTILINE)[1:]
    bare = [re.sub(r"^--.*\n", "", part, flags=re.MULTILINE).strip(" \n;") for part in parts]
    return dict(zip(bare[::2], bare[1::2], strict=True))
