"""What a long bench has measured, kept so that it can be cut and go on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Kept:
    """What was measured, in a file: a run that is cut goes on with what is missing."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path, self._say = path, say
        self.taken: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}

    def was_cut(self, name: str) -> bool:
        """Whether this was begun and did not come to its end."""
        return name in self.taken and self.taken[name] is None

    def once(self, name: str, take: Callable[..., object], *arguments: object) -> None:
        """Take the figures of this name if they are not there yet."""
        if self.taken.get(name) is None:
            self._say(name)
            self._keep(name, None)
            self._keep(name, take(*arguments))

    def _keep(self, name: str, value: object) -> None:
        self.taken[name] = value
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(self.taken))
        draft.replace(self._path)
