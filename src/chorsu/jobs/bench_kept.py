"""A long bench: it can be cut, and what it has measured is kept, so that it goes on."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from chorsu.jobs.demo import DemoError

ROOT = Path(__file__).resolve().parents[3]


class PhaseError(Exception):
    """A part of the bench ended with an error; what it printed says which."""


def measured(
    name: str, phases: Path, folder: Path | None, measure: Callable[[Path], dict[str, Any]]
) -> dict[str, Any] | None:
    """What `measure` finds in a folder, or in one for this time; None, and told why, if nothing.

    `phases` is where the bench's parts lie, under ROOT. SIGTERM stops it as Ctrl-C does.
    """
    if not (ROOT / phases).is_file():
        print(f"chorsu {name}: needs the source tree, not in {ROOT}", file=sys.stderr)
        return None

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    try:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            return measure(folder.resolve())
        with tempfile.TemporaryDirectory(prefix="chorsu-bench-") as made:
            return measure(Path(made))
    except (DemoError, PhaseError) as failed:
        print(f"chorsu {name}: {failed}", file=sys.stderr)
    except KeyboardInterrupt:
        again = "; the same command goes on" if folder else ""
        print(f"chorsu {name}: stopped{again}", file=sys.stderr)
    return None


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
