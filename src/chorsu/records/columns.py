"""Columns that records are kept in."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import models


class AsWritten(json.JSONEncoder):
    """JSON with its letters as they are."""

    def encode(self, o: object) -> str:
        """As of the library, which escapes every letter of any script but Latin."""
        self.ensure_ascii = False
        return super().encode(o)


class WordsField(models.JSONField):
    """A JSON column like any other, written with `AsWritten`.

    Six characters for a letter, a backslash among them that is escaped once more, took half the
    time and most of the memory of taking in many texts together.
    """

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        """As Django's own: nothing about it is for a migration."""
        name, _, args, options = super().deconstruct()
        options.pop("encoder", None)
        return name, "django.db.models.JSONField", args, options
