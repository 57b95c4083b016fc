"""`chorsu database`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter, as those of pytest are not."""
    with tempfile.TemporaryDirectory(prefix="chorsu-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_it_rings_when_the_database_can_be_reached_and_stops_it_in_the_end(folder: Path) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CHORSU_")}
    kept.pop("DATABASE_URL", None)
    given = {"CHORSU_NODE_DATA_DIR": str(folder / "data"), "NOTIFY_SOCKET": str(folder / "bell")}
    running = folder / "data" / "postgres" / "postmaster.pid"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(given["NOTIFY_SOCKET"])
        systemd.settimeout(90)
        command = [sys.executable, "-m", "chorsu.config.cli", "database"]
        with subprocess.Popen(command, env=kept | given, cwd=folder) as service:
            try:
                assert systemd.recv(100) == b"READY=1"
                assert running.read_text().split("\n")[7].strip() == "ready"
            finally:
                service.send_signal(signal.SIGINT)
            assert service.wait(60) == 0
    assert not running.exists()
