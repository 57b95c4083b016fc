"""One part of the bench in a process of the node: `fill`, `pages`, `figures` or `check`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from chorsu.config import cli


def main(name: str, *more: str) -> None:
    cli.prepare()
    # Only now is the node's Django at hand.
    from bench.training import figures, parts

    if name == "fill":
        found: dict[str, Any] = parts.fill(int(more[0]))
    elif name == "pages":
        found = parts.pages()
    elif name == "figures":
        found = figures.figures(int(more[0]))
    else:
        found = parts.check(Path(more[0]))
    print(json.dumps(found))


main(*sys.argv[1:])
