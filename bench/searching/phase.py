"""One part of the bench, in a process of its own, so that its time and memory are its own.

    python -m bench.searching.phase NAME SIZE FOLDER [--texts DIR] [--system NAME] [--questions N]

Prints one JSON line. `jobs.bench_search` starts these.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chorsu.jobs.evaluate_search import prepare

if TYPE_CHECKING:
    from bench.searching.corpus import Record
    from bench.searching.questions import Question

LINES = Path(__file__).resolve().parents[2] / "tests" / "search" / "aligned"
PROCESSES, THREADS = 2, 4


class Phase:
    """What every part needs: the sentences, the aligned lines, the corpus of a size."""

    def __init__(self, options: argparse.Namespace) -> None:
        from bench.searching import corpus

        from chorsu.jobs import aligned

        self.options = options
        self.known = corpus.sentences(options.texts)
        self.lines = aligned.read(LINES, options.lines)
        self.vectors = options.folder / "vectors"

    def records(self) -> Iterator[Record]:
        from bench.searching import corpus

        return corpus.records(self.options.size, self.known, self.lines)

    def questions(self, seed: str) -> Iterator[Question]:
        """Others for each seed; none of them was asked of this database before."""
        from bench.searching import questions

        return questions.questions(self.known, f"{seed} {self.options.size}")

    def embed(self) -> dict[str, Any]:
        """Vectors of the real passages."""
        from bench.searching import corpus, vectors

        lines = sum(map(len, self.lines.values()))
        last = min(self.options.size, lines + corpus.REAL + corpus.MOST_OF_A_RECORD)
        pieces = vectors.real_pieces(corpus.records(last, self.known, self.lines))
        spawned = multiprocessing.get_context("spawn")
        given = dict(os.environ)
        with ProcessPoolExecutor(PROCESSES, spawned, prepare, (given,)) as pool:
            return vectors.keep(self.vectors, pieces, pool)

    def load(self) -> dict[str, Any]:
        from bench.searching import load, vectors
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        return {**load.load(self.records(), vectors.Kept(self.vectors)), **load.server()}

    def alone(self) -> dict[str, Any]:
        from bench.searching import ask

        return ask.alone(self.questions("alone"), self.options.questions)

    def together(self) -> dict[str, Any]:
        """Eight at once, in as many processes and threads as a node serves with."""
        from bench.searching import ask

        spawned = multiprocessing.get_context("spawn")
        barrier = spawned.Barrier(PROCESSES * THREADS)
        told, hear = [], []
        each = max(2, self.options.questions // (PROCESSES * THREADS))
        for number in range(PROCESSES):
            here, there = spawned.Pipe()
            given = (dict(os.environ), self.options, number, each, barrier, there)
            told.append(spawned.Process(target=_together, args=given))
            hear.append(here)
        for one in told:
            one.start()
        found = [one.recv() for one in hear]
        for one in told:
            one.join()
        taken = [each for times, _, _ in found for each in times]
        seconds = max(end for _, _, end in found) - min(start for _, start, _ in found)
        return {
            "questions": len(taken),
            "at_once": PROCESSES * THREADS,
            **ask.cuts("search", taken),
            "searches_per_s": round(len(taken) / seconds, 1),
        }

    def narrowed(self) -> dict[str, Any]:
        from bench.searching import ask

        return ask.narrowed(self.questions("narrowed"), self.options.questions)

    def recall(self) -> dict[str, Any]:
        from bench.searching import ask

        return ask.recall(self.questions("recall"), max(16, self.options.questions // 4))

    def beside(self) -> dict[str, Any]:
        from bench.searching import beside, vectors

        return beside.measure(
            self.options.system,
            self.records,
            vectors.Kept(self.vectors),
            self.questions("beside"),
            max(16, self.options.questions // 3),
            {tag: some[: self.options.asked_lines] for tag, some in self.lines.items()},
            self.options.folder,
        )


def _together(
    environment: dict[str, str],
    options: argparse.Namespace,
    number: int,
    each: int,
    barrier: Barrier,
    told: multiprocessing.connection.Connection,
) -> None:
    prepare(environment)
    from bench.searching import ask

    asked = Phase(options).questions(f"together {number}")
    told.send(ask.together(asked, each, THREADS, barrier))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("size", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--system", default="chorsu")
    parser.add_argument("--questions", type=int, default=320)
    parser.add_argument("--lines", type=int)
    parser.add_argument("--asked-lines", type=int, default=20)
    options = parser.parse_args()
    prepare(dict(os.environ))
    started = time.monotonic()
    found = getattr(Phase(options), options.name)()
    print(json.dumps({**found, "phase_s": round(time.monotonic() - started, 1)}))


if __name__ == "__main__":
    main()
