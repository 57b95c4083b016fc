"""One part of the bench in a process of the node: `fill`, `pages`, `check` and so on."""

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

    from bench import certificates
    from chorsu.institutions.models import Institution
    from chorsu.institutions.queries import node_institution_id

    if name == "fill":
        found: dict[str, Any] = parts.fill(int(more[0]))
    elif name == "pages":
        found = parts.pages()
    elif name == "figures":
        found = figures.figures(int(more[0]))
    elif name == "certificates":
        academy = Institution.objects.get(pk=node_institution_id())
        found = certificates.measure(int(more[0]), academy)
    else:
        found = parts.check(Path(more[0]))
    print(json.dumps(found))


main(*sys.argv[1:])
