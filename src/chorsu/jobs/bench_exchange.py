"""`chorsu bench_exchange`: speed and cost of the exchange between two nodes on this machine.

A plain program like the demo: the nodes serve in processes of their own, each phase runs in one of
its own, so that its processor time and memory are its own. Two pairs of nodes: one copies many
records, the other publishes under load and then has longer and longer logs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

import psycopg
from psycopg import sql

from chorsu.jobs.bench_figures import figures, missed
from chorsu.jobs.bench_kept import ROOT, Kept, measured
from chorsu.jobs.demo import Demo, DemoError, wait_until_indexed
from chorsu.jobs.demo_nodes import NODES, DemoNode
from chorsu.jobs.embedded import embedded_database

FIRST_PORT = 8151
SIZES = (1_000, 10_000, 100_000, 1_000_000)
CAUGHT_UP = 10
LOOKS = 6
"""Of each size; the first wakes everything up and is not counted."""
EDITORS, PAGES_A_SECOND = 5, 20
_Step: TypeAlias = Callable[..., dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two nodes, peers of each other, and what runs for them."""

    demo: Demo
    databases: dict[str, str]

    @property
    def publisher(self) -> DemoNode:
        return self.demo.nodes[0]

    @property
    def reader(self) -> DemoNode:
        return self.demo.nodes[1]

    def environment(self, node: DemoNode) -> dict[str, str]:
        found = self.demo.environment(node, self.databases[node.city])
        return found | {"PYTHONPATH": str(ROOT)}

    def run(self, node: DemoNode, module: str, *arguments: str) -> dict[str, Any]:
        """One part of the bench to its end, at a node; its figures."""
        done = subprocess.run(
            [sys.executable, "-m", f"bench.exchange.{module}", *arguments],
            env=self.environment(node),
            cwd=self.demo.folder / node.city,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise DemoError(f"{module} {' '.join(arguments)} failed; see above")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    @contextmanager
    def steps(self, node: DemoNode, other: DemoNode) -> Iterator[_Step]:
        """A process at a node that does one step after another."""
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.exchange.steps", other.address],
            env=self.environment(node),
            cwd=self.demo.folder / node.city,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

        def step(name: str, number: int = 0) -> dict[str, Any]:
            print(name, number, file=process.stdin, flush=True)
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise DemoError(f"{node.city}: the step {name} failed; see above")
            found: dict[str, Any] = json.loads(line)
            return found

        try:
            yield step
        finally:
            process.communicate()


def main(arguments: list[str]) -> int:
    """`chorsu bench_exchange`: 0 when every figure could be taken."""
    options = _options(arguments)
    phases = Path("bench", "exchange", "phase.py")
    found = measured("bench_exchange", phases, options.folder, lambda folder: _run(folder, options))
    if found is None:
        return 1
    print(json.dumps({**found, "missed": missed(found)}))
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chorsu bench_exchange", description=__doc__)
    for name, default, said in (
        ("records", 10_000, "practices to copy"),
        ("sampled", 10_000, "of them, most that sickle and indexing read"),
        ("rounds", 20, f"of {EDITORS} who publish at once"),
        ("leaves", SIZES[-1], "of the longest log"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=said)
    parser.add_argument("--folder", type=Path, help="keep the nodes here; goes on if it was cut")
    parser.add_argument("--first-port", type=int, default=FIRST_PORT, metavar="PORT")
    parser.add_argument("--json", action="store_true", help="only the line of JSON, no progress")
    options = parser.parse_args(arguments)
    for name in ("records", "sampled", "rounds"):
        if getattr(options, name) < 1:
            parser.error(f"--{name} must be 1 or more")
    if options.leaves < SIZES[0]:
        parser.error(f"--leaves must be {SIZES[0]} or more")
    return options


def _run(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    nodes = [replace(node, port=options.first_port + n) for n, node in enumerate(NODES[:4])]
    copying, growing = Demo(folder, nodes[:2], quiet=True), Demo(folder, nodes[2:], quiet=True)
    growing.web_workers = 2
    kept = Kept(folder / "figures.json", (lambda _: None) if options.json else copying.say)
    try:
        _copy(copying, kept, options)
        copying.stop()
        _load(growing, kept, options)
        growing.stop()
        _grow(growing, kept, options)
    finally:
        copying.stop()
        growing.stop()
    return figures(kept.taken)


def _pair(demo: Demo, kept: Kept, *, working: bool = False) -> _Pair:
    """Both nodes made or found, serving, confirmed by each other."""
    databases = {n.city: embedded_database(demo.folder / "postgres", n.city) for n in demo.nodes}
    pair = _Pair(demo, databases)
    for node in demo.nodes:
        demo.configure(node, databases[node.city])
        kept.once(f"made {node.city}", demo.command, node, databases[node.city], "init")
        demo.start(node, databases[node.city], "serve")
        if working:
            demo.start(node, databases[node.city], "worker")
    for node in demo.nodes:
        demo.wait_for_page(node)
    for node, other in (demo.nodes, reversed(demo.nodes)):
        kept.once(
            f"{node.city} confirms {other.city}",
            demo.command,
            node,
            databases[node.city],
            "peers",
            "add",
            "--confirm",
            other.address,
        )
    return pair


def _copy(demo: Demo, kept: Kept, options: argparse.Namespace) -> None:
    """Many records: published, verified, copied, indexed, harvested."""
    if kept.was_cut("first_copy"):
        _empty(demo, demo.nodes[1], kept)
    pair = _pair(demo, kept)
    records, sampled = str(options.records), str(options.sampled)

    def phase(key: str, node: DemoNode, name: str, *more: str) -> None:
        other = pair.reader if node is pair.publisher else pair.publisher
        kept.once(key, pair.run, node, "phase", name, other.address, *more)

    phase("publish", pair.publisher, "publish", records)
    phase("verify", pair.reader, "verify")
    phase("first_copy", pair.reader, "first_copy")
    phase("index", pair.reader, "index", sampled)
    phase("sickle_whole", pair.reader, "sickle_nothing", "whole", sampled)
    phase("sickle_orm", pair.reader, "sickle_orm", "whole", sampled)
    phase("sickle_orm_core", pair.reader, "sickle_orm", "dublin-core", sampled)
    phase("sickle_core", pair.reader, "sickle_nothing", "dublin-core", sampled)


def _load(demo: Demo, kept: Kept, options: argparse.Namespace) -> None:
    """Publishing to readable, while both nodes have other things to do."""
    if kept.taken.get("load") is not None:
        return
    pair = _pair(demo, kept, working=True)
    for node in demo.nodes:
        kept.once(
            f"samples {node.city}", demo.command, node, pair.databases[node.city], "load_sample"
        )
    wait_until_indexed(demo)
    numbers = (str(options.rounds), str(EDITORS), str(PAGES_A_SECOND))
    addresses = (pair.publisher.address, pair.reader.address)
    kept.once("load", pair.run, pair.publisher, "load", *addresses, *numbers)


def _grow(demo: Demo, kept: Kept, options: argparse.Namespace) -> None:
    """What catching up costs by the length of the log."""
    pair = _pair(demo, kept)
    for size in SIZES:
        if size <= options.leaves:
            kept.once(f"curve {size}", _point, pair, size)


def _point(pair: _Pair, size: int) -> dict[str, Any]:
    """The medians at one size. Each size lies in its bundle as the smallest does: a bundle that
    has begun is read whole, so the bytes hang on the place in it.
    """
    leaves = size - (size - SIZES[0]) % 256
    # In processes of their own: making a long log takes memory that looking at it does not.
    with _both(pair) as (publisher, reader):
        reader("look")
        publisher("grow", leaves)
        reader("follow")
    with _both(pair) as (publisher, reader):
        return _looks(publisher, reader, leaves)


@contextmanager
def _both(pair: _Pair) -> Iterator[tuple[_Step, _Step]]:
    with (
        pair.steps(pair.publisher, pair.reader) as publisher,
        pair.steps(pair.reader, pair.publisher) as reader,
    ):
        yield publisher, reader


def _looks(publisher: _Step, reader: _Step, leaves: int) -> dict[str, Any]:
    caught, quiet = [], []
    for _ in range(LOOKS):
        publisher("publish", CAUGHT_UP)
        caught.append(reader("look"))
        # The publisher looks too: nothing is new, but it is told what was seen of its long log.
        quiet.append(publisher("look"))
    if any(one["entries"] != CAUGHT_UP for one in caught):
        raise DemoError(f"at {leaves} leaves: other entries came than were published: {caught}")
    found = {
        name: median(one[name] for one in caught[1:])
        for name in ("requests", "bytes", "queries", "ms")
    }
    return {
        "leaves": leaves,
        **found,
        "peak_mb": max(one["peak_mb"] for one in caught),
        "quiet_look_ms": median(one["ms"] for one in quiet[1:]),
        "quiet_look_queries": median(one["queries"] for one in quiet[1:]),
    }


def _empty(demo: Demo, node: DemoNode, kept: Kept) -> None:
    """A reader whose first copy was cut begins again: empty, with the same key."""
    database = embedded_database(demo.folder / "postgres", "bench")
    with psycopg.connect(database, autocommit=True) as connection:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(drop.format(sql.Identifier(node.city)))
    shutil.rmtree(demo.folder / node.city / "data" / "blobs", ignore_errors=True)
    for name in (f"made {node.city}", f"{node.city} confirms {demo.nodes[0].city}"):
        kept.taken.pop(name, None)
