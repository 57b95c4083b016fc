"""`chorsu demo`: whole nodes on this machine, made peers, with the sample content.

Runs as a plain program: each node is started as its own processes, as an administrator would.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import httpx

from chorsu.jobs.demo_check import check
from chorsu.jobs.demo_nodes import NODES, DemoNode
from chorsu.jobs.embedded import embedded_database

PASSWORD = "chorsu-demo"  # noqa: S105  (printed: the demo listens on this machine only)
# The check publishes at the first node and reads in Turkmen at the third.
CHECK_NODES = 3
PEOPLE = ("administrator", "editor", "contributor", "translator", "coordinator", "reader")


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


class Demo:
    """The nodes of one demo: their folders, their processes, their start and their end."""

    def __init__(self, folder: Path, nodes: Sequence[DemoNode], *, quiet: bool = False) -> None:
        self.folder = folder
        self.nodes = nodes
        self.processes: list[subprocess.Popen[bytes]] = []
        self.logs: dict[int, Path] = {}
        self.web_workers = 1
        self.started = time.monotonic()
        self.out = sys.stderr if quiet else sys.stdout

    def say(self, text: str) -> None:
        """One line of progress with the seconds since the start."""
        print(f"{time.monotonic() - self.started:6.1f} s  {text}", file=self.out, flush=True)

    def environment(self, node: DemoNode, database: str) -> dict[str, str]:
        """The environment of a node's commands."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CHORSU_")}
        return kept | {
            "CHORSU_CONFIG": str(self.folder / node.city / "chorsu.toml"),
            "DATABASE_URL": database,
            "PYTHONUNBUFFERED": "1",
        }

    def configure(self, node: DemoNode, database: str) -> bool:
        """Write the node's chorsu.toml, enough for any command; tell whether the node is new."""
        folder = self.folder / node.city
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "chorsu.toml").write_text(
            "[node]\n"
            f'name = "{node.name}"\naddress = "{node.address}"\n'
            f'institution = "{node.institution}"\nlanguage = "{node.language}"\n'
            f'time_zone = "{node.time_zone}"\ndata_dir = "data"\n\n'
            f'[database]\nurl = "{database}"\n\n'
            f"[web]\nport = {node.port}\nworkers = {self.web_workers}\n\n"
            "[exchange]\nprivate_peers = true\npull_seconds = 10\n",
            encoding="utf-8",
        )
        return not (folder / "ready").is_file()

    def command(self, node: DemoNode, database: str, *arguments: str) -> str:
        """Run one `chorsu` command of the node to its end; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "chorsu.config.cli", *arguments],
            env=self.environment(node, database),
            cwd=self.folder / node.city,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise DemoError(
                f"{node.city}: chorsu {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def start(self, node: DemoNode, database: str, command: str) -> None:
        """Start a lasting process of the node; its words go to <city>/<command>.log."""
        log = self.folder / node.city / f"{command}.log"
        with log.open("ab") as words:
            process = subprocess.Popen(
                [sys.executable, "-m", "chorsu.config.cli", command],
                env=self.environment(node, database),
                cwd=self.folder / node.city,
                stdout=words,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches only this program, which then ends the nodes in order.
                start_new_session=True,
            )
        self.processes.append(process)
        self.logs[process.pid] = log

    def check_alive(self) -> None:
        """Raise DemoError if a process has ended by itself."""
        for process in self.processes:
            if process.poll() is not None:
                log = self.logs[process.pid]
                raise DemoError(f"a process ended (status {process.returncode}); its log: {log}")

    def wait_for_page(self, node: DemoNode) -> None:
        """Wait until the node answers; raise DemoError after a minute or if it ended."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                if httpx.get(node.address + "/.well-known/chorsu", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise DemoError(f"{node.city} does not answer at {node.address}")

    def stop(self) -> None:
        """End every process: politely, then firmly."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 15
        for process in self.processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


@contextmanager
def running(folder: Path, nodes: Sequence[DemoNode], *, quiet: bool = False) -> Iterator[Demo]:
    """A demo that runs: nodes made or found, serving, peers of each other, content in sync."""
    demo = Demo(folder, nodes, quiet=quiet)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        demo.say("starting the embedded PostgreSQL")
        databases = {n.city: embedded_database(folder / "postgres", n.city) for n in nodes}
        fresh = [node for node in nodes if demo.configure(node, databases[node.city])]
        # Making a node is the work of one processor; two at a time use what most machines have.
        with ThreadPoolExecutor(max_workers=2) as threads:
            list(threads.map(lambda node: _make(demo, node, databases, fresh), nodes))
        for node in nodes:
            demo.start(node, databases[node.city], "serve")
            demo.start(node, databases[node.city], "worker")
        for node in nodes:
            demo.wait_for_page(node)
        _make_peers(demo, databases, fresh)
        for node in fresh:
            (folder / node.city / "ready").touch()
        _wait_until_in_sync(demo)
        yield demo
    finally:
        demo.say("stopping")
        demo.stop()


def _make(demo: Demo, node: DemoNode, databases: dict[str, str], fresh: Sequence[DemoNode]) -> None:
    """Make one node ready to start; a fresh one gets its people and practices."""
    database = databases[node.city]
    demo.say(f"{node.city}: {'making' if node in fresh else 'bringing up to date'}")
    demo.command(node, database, "init")
    if node in fresh:
        demo.say(f"{node.city}: loading people and practices")
        demo.command(node, database, "load_sample", "--people", "--password", PASSWORD)


def _make_peers(demo: Demo, databases: dict[str, str], fresh: Sequence[DemoNode]) -> None:
    """Every fresh node and every other confirm each other, each on its own side."""
    if not fresh:
        return
    demo.say("making the nodes peers of each other")
    for node in demo.nodes:
        others = [o for o in demo.nodes if o is not node and (node in fresh or o in fresh)]
        if others:
            addresses = [other.address for other in others]
            demo.command(node, databases[node.city], "peers", "add", "--confirm", *addresses)


def _wait_until_in_sync(demo: Demo) -> None:
    """Wait until every node has accepted what its peers published; show progress."""
    wanted = len(demo.nodes) * (len(demo.nodes) - 1)

    def state() -> tuple[str, bool]:
        states = [health(node) for node in demo.nodes]
        linked = sum(one["peers_confirmed"] - one["peers_behind"] for one in states)
        entries = sum(one["entries_waiting"] + one["files_waiting"] for one in states)
        line = f"peers in sync {linked} of {wanted}, entries on their way {entries}"
        return line, linked == wanted and entries == 0

    _wait(demo, state, pause=0.5)


def wait_until_indexed(demo: Demo) -> None:
    """Wait until search knows every passage by its meaning; show progress."""

    def state() -> tuple[str, bool]:
        states = [health(node) for node in demo.nodes]
        passages = sum(one["passages_waiting"] + one["records_waiting"] for one in states)
        return f"passages still to be indexed by meaning: {passages}", passages == 0

    _wait(demo, state, pause=5)


def _wait(demo: Demo, state: Callable[[], tuple[str, bool]], pause: float) -> None:
    deadline, last = time.monotonic() + 900, ""
    while time.monotonic() < deadline:
        line, done = state()
        if line != last:
            demo.say(line)
            last = line
        if done:
            return
        demo.check_alive()
        time.sleep(pause)
    raise DemoError(f"after 15 minutes: {last}; see the logs in {demo.folder}")


def health(node: DemoNode) -> dict[str, int]:
    """The node's own figures (`/health`)."""
    found: dict[str, int] = httpx.get(node.address + "/health", timeout=20).json()
    return found


def main(arguments: list[str]) -> int:
    """`chorsu demo`."""
    parser = argparse.ArgumentParser(prog="chorsu demo", description="Nodes on this machine.")
    parser.add_argument("--nodes", type=int, default=3, choices=range(2, 8), metavar="2..7")
    parser.add_argument("--folder", type=Path, default=Path("var/demo"), help="where they live")
    parser.add_argument("--first-port", type=int, default=NODES[0].port, metavar="PORT")
    parser.add_argument("--check", action="store_true", help="do the main job, print JSON, exit")
    parser.add_argument("--fresh", action="store_true", help="forget an earlier demo first")
    options = parser.parse_args(arguments)
    if options.check and options.nodes < CHECK_NODES:
        parser.error(f"--check needs {CHECK_NODES} nodes or more: its reader's node is the third")
    folder = options.folder.resolve()
    nodes = [
        replace(node, port=options.first_port + place)
        for place, node in enumerate(NODES[: options.nodes])
    ]
    # Before anything is touched: most likely the demo of this very folder runs already.
    taken = [str(node.port) for node in nodes if _in_use(node.port)]
    if taken:
        print(
            f"chorsu demo: in use already: port {', '.join(taken)}. If the demo runs in another "
            "window, stop it there; otherwise choose other ports with --first-port.",
            file=sys.stderr,
        )
        return 1
    if options.fresh and folder.exists():
        shutil.rmtree(folder)

    def leave(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # Both: a shell starts what it puts into the background deaf to the second.
    for signalled in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signalled, leave)
    try:
        with running(folder, nodes, quiet=options.check) as demo:
            if options.check:
                wait_until_indexed(demo)
                return check(demo.nodes, PASSWORD)
            _welcome(demo)
            wait_until_indexed(demo)
            while True:
                demo.check_alive()
                time.sleep(0.5)
    except KeyboardInterrupt:
        return 0
    except DemoError as failed:
        print(f"chorsu demo: {failed}", file=sys.stderr)
        return 1


def _in_use(port: int) -> bool:
    """Whether something listens on this port of the machine."""
    with socket.socket() as asked:
        asked.settimeout(1)
        return asked.connect_ex(("127.0.0.1", port)) == 0


def _welcome(demo: Demo) -> None:
    demo.say("ready\n")
    for node in demo.nodes:
        print(f"  {node.city:10} {node.home}")
    print("\n  Sign in as (at any node, here for the first):")
    for role in PEOPLE:
        print(f"    {role}@{demo.nodes[0].name}   password: {PASSWORD}")
    print("\n  Ctrl-C stops all of it; the next start goes on with what is there.\n", flush=True)
