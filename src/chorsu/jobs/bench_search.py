"""`chorsu bench_search`: how search grows from 10,000 passages to a million, and beside others.

A plain program that needs no node: a temporary embedded database for each size. Each phase runs in
a process of its own, so that its time and memory are its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from chorsu.jobs.bench_kept import ROOT, Kept, PhaseError, measured
from chorsu.jobs.bench_search_figures import SYSTEMS, figures, missed, table, write_table
from chorsu.jobs.embedded import embedded_database
from chorsu.jobs.evaluate_search import write_node

SIZES = (10_000, 100_000, 1_000_000)
BESIDE = 100_000
"""Others are asked on the largest corpus of at most so many passages."""
DOCS = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True, slots=True)
class _Bench:
    folder: Path
    options: argparse.Namespace

    def database(self, size: int) -> str:
        return embedded_database(self.folder / "postgres", f"size_{size}")

    def phase(self, name: str, size: int, *more: str) -> dict[str, Any]:
        """One part of the bench to its end; its figures."""
        options = self.options
        arguments = ["--questions", str(options.questions), "--asked-lines", str(options.lines)]
        if options.aligned_lines:
            arguments += ["--lines", str(options.aligned_lines)]
        if options.texts:
            arguments += ["--texts", str(options.texts.resolve())]
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("CHORSU_")
        }
        environment |= {
            "CHORSU_CONFIG": str(self.folder / "chorsu.toml"),
            "DATABASE_URL": self.database(size),
            "DJANGO_SETTINGS_MODULE": "chorsu.config.settings",
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "bench.searching.phase", name, str(size)]
        done = subprocess.run(
            [*command, str(self.folder), *arguments, *more],
            env=environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise PhaseError(f"{name} {size} failed; see above")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def load(self, size: int) -> dict[str, Any]:
        """A corpus that was cut in the middle is loaded anew."""
        with psycopg.connect(self.database(size), autocommit=True, dbname="postgres") as connection:
            name = sql.Identifier(f"size_{size}")
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        return self.phase("load", size)

    def run(self) -> dict[str, Any]:
        """All sizes, and the others beside."""
        options = self.options
        say = (lambda _: None) if options.json else (lambda what: print(what, file=sys.stderr))
        kept = Kept(self.folder / "figures.json", say)
        kept.once("embed", self.phase, "embed", max(options.sizes))
        for size in options.sizes:
            kept.once(f"load {size}", self.load, size)
            for name in ("alone", "together", "narrowed", "recall"):
                kept.once(f"{name} {size}", self.phase, name, size)
        beside = max([size for size in options.sizes if size <= BESIDE], default=options.sizes[0])
        for system in SYSTEMS:
            kept.once(f"beside {system}", self.phase, "beside", beside, "--system", system)
        return figures(kept.taken, options.sizes, beside)


def main(arguments: list[str]) -> int:
    """`chorsu bench_search`: 0 when every figure could be taken."""
    options = _options(arguments)
    phases = Path("bench", "searching", "phase.py")
    found = measured(
        "bench_search", phases, options.folder, lambda folder: _measured(folder, options)
    )
    if found is None:
        return 1
    found = {**found, "missed": missed(found)}
    if options.write_docs:
        write_table(DOCS, found)
    print(json.dumps(found) if options.json else table(found))
    return 0


def _measured(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    write_node(folder)
    return _Bench(folder, options).run()


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chorsu bench_search", description=__doc__)
    parser.add_argument(
        "--sizes", type=_sizes, default=SIZES, metavar="N,N", help="passages of each corpus"
    )
    parser.add_argument("--folder", type=Path, help="keep all here; goes on if it was cut")
    parser.add_argument("--texts", type=Path, metavar="DIR", help="more sentences: aligned texts")
    parser.add_argument("--questions", type=int, default=320, metavar="N", help="of each phase")
    parser.add_argument(
        "--lines", type=int, default=20, metavar="N", help="asked in each other language"
    )
    parser.add_argument(
        "--aligned-lines", type=int, metavar="N", help="of each language, in the corpora"
    )
    parser.add_argument("--write-docs", action="store_true", help=f"the table into {DOCS.name}")
    parser.add_argument("--json", action="store_true", help="only the line of JSON, no progress")
    options = parser.parse_args(arguments)
    if options.questions < 16 or options.lines < 1:
        parser.error("--questions: at least 16; --lines: at least 1")
    return options


def _sizes(given: str) -> tuple[int, ...]:
    """Raises ValueError, which argparse reports."""
    sizes = tuple(sorted({int(one) for one in given.split(",")}))
    if sizes[0] < 1:
        raise ValueError(given)
    return sizes
