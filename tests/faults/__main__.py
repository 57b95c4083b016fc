"""Rounds of faults between two whole nodes, from a shell.

    python -m tests.faults [--rounds 300] [--seed N] [--keep]

Prints the seed first and one JSON line of figures at the end. At the first round after which the
nodes are not right it stops, tells the round's story and exits with 1; the same seed plays the
same rounds again.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from tests.faults.rounds import play  # noqa: E402  (app ready)


def main() -> int:
    """Play, tell, and exit as it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    parser.add_argument("--keep", action="store_true", help="leave the nodes' folder")
    options = parser.parse_args()
    print(f"seed {options.seed}", file=sys.stderr, flush=True)
    figures = play(options.rounds, options.seed, keep=options.keep)
    for line in figures.pop("story", []):
        print(line, file=sys.stderr)
    print(json.dumps(figures))
    return 1 if "wrong" in figures else 0


if __name__ == "__main__":
    sys.exit(main())
