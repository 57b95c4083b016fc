"""`chorsu database`: holds the embedded PostgreSQL, for services that start and stop by themselves.

Without it the first process of the node to start carries the server, and whoever restarts that one
service takes the database from all the others.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from pathlib import Path

from chorsu.jobs.embedded import embedded_database, is_running

LOOK_S = 2.0


def hold(folder: Path) -> int:
    """Start (or join) the server of this folder and stay until asked to leave.

    Returns a command's status: 1 if the server ended by itself.
    """
    leave = threading.Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda _signal, _frame: leave.set())
    embedded_database(folder, "chorsu")
    print("Database ready.", flush=True)
    _tell_systemd("READY=1")
    while not leave.wait(LOOK_S):
        if not is_running(folder):
            print(f"chorsu database: the server has ended; its log: {folder}/log", file=sys.stderr)
            return 1
    return 0


def _tell_systemd(state: str) -> None:
    """Tell systemd that what comes after may start (sd_notify); elsewhere nobody listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.sendto(state.encode(), "\0" + address[1:] if address[0] == "@" else address)
