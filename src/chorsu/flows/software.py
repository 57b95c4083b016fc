"""The name of this software as nodes tell it to each other."""

from __future__ import annotations

from importlib.metadata import version

SOFTWARE = f"chorsu/{version('chorsu')}"
