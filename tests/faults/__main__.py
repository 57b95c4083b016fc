"""Rounds of faults between two whole nodes, from a shell.

    python -m tests.faults [--rounds 300] [--seed N] [--games 4] [--keep]

Prints the seed first and one JSON line of figures at the end. At the first round after which the
nodes are not right it stops, tells the round's story and exits with 1; the same seed and number of
games play the same rounds again. The rounds are shared among games with nodes of their own, which
are played side by side with this seed, the next, and so on: much of a round is waiting.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from tests.faults.rounds import play  # noqa: E402  (app ready)


def main() -> int:
    """Play, tell, and exit as it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    parser.add_argument("--games", type=int, default=4, help="played side by side")
    parser.add_argument("--keep", action="store_true", help="leave the nodes' folder")
    options = parser.parse_args()
    print(f"seed {options.seed}", file=sys.stderr, flush=True)
    shares = [(options.rounds + place) // options.games for place in reversed(range(options.games))]
    with ProcessPoolExecutor(options.games, get_context("spawn"), django.setup) as processes:
        games = [
            processes.submit(play, rounds, options.seed + number, keep=options.keep)
            for number, rounds in enumerate(shares)
        ]
        found = [game.result() for game in games]
    wrong = False
    for figures in found:
        wrong |= "wrong" in figures
        for line in figures.pop("story", []):
            print(line, file=sys.stderr)
    print(json.dumps(found[0] if len(found) == 1 else together(found)))
    return int(wrong)


def together(games: list[dict[str, Any]]) -> dict[str, Any]:
    """Figures of games that were played side by side: sums, and what took or weighed most."""
    most = ("seconds", "peak_mb", "server_peak_mb")
    counts: Counter[str] = Counter()
    for figures in games:
        counts.update(
            {
                name: value
                for name, value in figures.items()
                if isinstance(value, int) and name not in ("seed", *most)
            }
        )
    return {**counts, **{name: max(game[name] for game in games) for name in most}, "games": games}


if __name__ == "__main__":
    sys.exit(main())
