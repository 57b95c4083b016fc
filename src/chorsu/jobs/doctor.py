"""What `chorsu doctor` looks at: each check says what it found and what to do about it."""

from __future__ import annotations

import os
import secrets
import shutil
import smtplib
import stat
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import get_connection
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.exchange.keys import UnusableKey, key_path, signing_key
from chorsu.exchange.queries import feed_size, key_is_at_hand, peers
from chorsu.exchange.restorations import count_lost
from chorsu.exchange.stores import probe, the_store
from chorsu.exchange.witnesses import contradicting_mark, key_replaced, stopped
from chorsu.institutions.queries import own_institutions
from chorsu.jobs.finding import Finding
from chorsu.jobs.messages import catalogue_files
from chorsu.jobs.search_doctor import search_findings
from chorsu.training.documents.fonts import lacking

GIGABYTE = 1024**3
CLOCK_SECONDS = 60
CLOCK_PATIENCE_S = 5
PROBE_BYTES = 100_000
NEED_TABLES = ("institution", "log", "worker", "search", "peers", "clock")


def examine(*, now: datetime) -> Iterator[Finding]:
    """Run every check in order, each yielding at least one finding; a failing check is a finding.

    Without a database, or before its tables are made, those that need them are left out.
    """
    yield from _guarded("settings", lambda: _settings())
    found = list(_guarded("database", lambda: _database()))
    yield from found
    if any(finding.level == "wrong" for finding in found):
        return
    yield from _guarded("extensions", _extensions)
    tables = list(_guarded("tables", _tables))
    yield from tables
    made = all(finding.level == "ok" for finding in tables)
    checks: dict[str, Callable[[], Iterator[Finding]]] = {
        "institution": _institution,
        "keys": _keys,
        "log": _log,
        "pages": _pages,
        "worker": _worker,
        "search": lambda: search_findings(now),
        "peers": lambda: _peers(now),
        "store": _store,
        "disk": _disk,
        "fonts": _fonts,
        "mail": _mail,
        "clock": lambda: _clock(now),
    }
    for name, check in checks.items():
        if made or name not in NEED_TABLES:
            yield from _guarded(name, check)


def _guarded(name: str, check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except (Error, OSError) as failed:
        yield Finding(name, "wrong", f"could not be checked: {failed}", "See the message above.")


def _settings() -> Iterator[Finding]:
    node = settings.NODE
    if node.file.is_file() or not node.is_default("node.name"):
        yield Finding("settings", "ok", f"{settings.NODE_NAME} at {settings.NODE_ADDRESS}")
    else:
        yield Finding(
            "settings",
            "attention",
            f"{node.file} is not there: this is {settings.NODE_NAME}, the node of the defaults",
            "Run chorsu in the folder of the node's chorsu.toml, or name it by CHORSU_CONFIG.",
        )
    if node.file.is_file() and node.file.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        yield Finding(
            "settings",
            "attention",
            f"{node.file} can be read by every user of this machine; it may hold passwords",
            f"chmod o= {node.file}",
        )
    if node.flag("web.debug"):
        yield Finding(
            "settings", "wrong", "web.debug is on", "Set web.debug = false: errors show the code."
        )
    if (
        not settings.NODE_ADDRESS.startswith("https://")
        and "localhost" not in settings.NODE_ADDRESS
    ):
        yield Finding(
            "settings",
            "attention",
            "node.address is not https",
            "Put a reverse proxy with a certificate in front (docs/install.md).",
        )


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_database()")
        version, name = cursor.fetchone()
    if version < 160000:
        yield Finding(
            "database", "wrong", f"PostgreSQL {version // 10000}", "Use PostgreSQL 16 or newer."
        )
    else:
        yield Finding("database", "ok", f"PostgreSQL {version // 10000}, database {name}")


def _extensions() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname, extversion FROM pg_extension")
        have = dict(cursor.fetchall())
        for name in ("vector", "pg_trgm"):
            if name in have:
                yield Finding("extensions", "ok", f"{name} {have[name]}")
            else:
                yield Finding(
                    "extensions",
                    "wrong",
                    f"{name} is missing",
                    "Run: chorsu init; if it is refused there, as a database superuser: "
                    f"CREATE EXTENSION {name};",
                )
        if "pg_trgm" in have:
            cursor.execute("SELECT cardinality(show_trgm('ә')) > 0")
            if not cursor.fetchone()[0]:
                yield Finding(
                    "extensions",
                    "wrong",
                    "the database does not take ә for a letter",
                    "Make the database with a UTF-8 character type: "
                    "CREATE DATABASE ... LOCALE 'C.UTF-8' TEMPLATE template0.",
                )


def _tables() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        yield Finding("tables", "wrong", f"{len(waiting)} migrations wait", "Run: chorsu init")
    else:
        yield Finding("tables", "ok", "up to date")


def _institution() -> Iterator[Finding]:
    own = own_institutions()
    if own:
        yield Finding("institution", "ok", f"{own[0].name('en')}, {len(own) - 1} branches")
    else:
        yield Finding(
            "institution",
            "wrong",
            f"node.institution is {settings.NODE.text('node.institution')!r}, which none is called",
            "Correct it in chorsu.toml, then run: chorsu init",
        )


def _keys() -> Iterator[Finding]:
    try:
        fingerprint = signing_key().verify_key.fingerprint
    except UnusableKey as damaged:
        yield Finding("keys", "wrong", str(damaged), "Put the key of your backup back.")
        return
    for path in (key_path(), Path(settings.DATA_DIR) / "keys" / "secret_key"):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            yield Finding(
                "keys", "wrong", f"{path.name} can be read by others", f"Run: chmod 600 {path}"
            )
    if not key_is_at_hand():
        yield Finding(
            "keys",
            "wrong",
            "the log was last signed by another key than the one here",
            "Copy the folder of keys from the machine on which the key was changed, or put back "
            "that of your backup.",
        )
    if replaced := key_replaced():
        yield Finding(
            "keys",
            "wrong",
            f"a peer knows that the key here was replaced on {replaced.time:%Y-%m-%d} by another, "
            f"fingerprint {replaced.new.fingerprint}; nothing is published",
            "Put the newest copy of data/keys in place. If nobody here changed the key, somebody "
            "else has it: docs/install.md, When a key leaks.",
        )
    yield Finding("keys", "ok", f"fingerprint {fingerprint}")


def _log() -> Iterator[Finding]:
    if key_replaced():
        yield Finding("log", "wrong", "stopped: the key here was replaced", "See keys, above.")
    elif stopped():
        yield Finding(
            "log",
            "wrong",
            "stopped: more entries of it are known than are here",
            "Restore the newest backup, then run: chorsu restore (docs/install.md). "
            "See that no other node runs under this name and key.",
        )
    elif contradicting_mark():
        yield Finding(
            "log",
            "wrong",
            "the data folder remembers entries that are not in the database",
            "Start the worker: it stops the log. Then as for a stopped log: chorsu restore",
        )
    else:
        yield Finding("log", "ok", f"{feed_size()} entries published")
    if lost := count_lost():
        yield Finding(
            "log",
            "attention",
            f"{lost} contents were not brought back from the peers",
            "Run again once more of them can be reached: chorsu restore",
        )


def _pages() -> Iterator[Finding]:
    missing = [path for path in catalogue_files() if not path.with_suffix(".mo").is_file()]
    if missing:
        yield Finding(
            "pages",
            "wrong",
            f"{len(missing)} languages are not compiled",
            "Run: chorsu compile_messages",
        )
    elif not Path(settings.STATIC_ROOT, "staticfiles.json").is_file():
        yield Finding("pages", "wrong", "styles are not in place", "Run: chorsu init")
    else:
        yield Finding("pages", "ok", "languages compiled, styles in place")


def _worker() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - interval '1 minute'"
        )
        (rows,) = cursor.fetchone()
        alive = -(-rows // 3)  # each process has three: for short work, for vectors, for the rest
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE status = 'failed')"
            " FROM procrastinate_jobs WHERE status IN ('todo', 'failed')"
        )
        waiting, failed = cursor.fetchone()
    if not alive:
        yield Finding(
            "worker",
            "attention",
            f"no worker is running, {waiting} jobs wait or failed",
            "Start one: chorsu worker (docs/install.md has the systemd unit).",
        )
    else:
        yield Finding("worker", "ok", f"{alive} running, {waiting - failed} jobs wait")
    if failed:
        yield Finding("worker", "attention", f"{failed} jobs failed", "The worker's log tells why.")


def _peers(now: datetime) -> Iterator[Finding]:
    known = peers()
    if not known:
        yield Finding(
            "peers",
            "attention",
            "none yet",
            "Add one: chorsu peers add https://... or the page Node, Peers.",
        )
    for peer in known:
        if peer.trouble:
            yield Finding(
                "peers", "attention", f"{peer.name}: {peer.trouble}", "See the page Node, Peers."
            )
        elif peer.carried:
            came = f"{peer.carried_at:%Y-%m-%d}" if peer.carried_at else "none yet"
            yield Finding("peers", "ok", f"{peer.name}: carried by bundles, the last: {came}")
        else:
            yield Finding("peers", "ok", f"{peer.name}: verified up to {peer.verified_size}")


def _store() -> Iterator[Finding]:
    try:
        probe(secrets.token_bytes(PROBE_BYTES))
    except OSError as failed:
        advice = (
            "Give the folder to the node's user."
            if settings.NODE.text("blobs.store") == "disk"
            else "Check the settings blobs.s3_*, and that the key may read, write and delete."
        )
        yield Finding("store", "wrong", f"blobs can't be kept: {failed}", advice)
    else:
        yield Finding("store", "ok", f"written, read and deleted: {the_store().title}")


def _fonts() -> Iterator[Finding]:
    missing = lacking()
    if not missing:
        yield Finding("fonts", "ok", "certificates can be printed in all eight languages")
    for one in missing:
        yield Finding(
            "fonts",
            "attention",
            f"{one.face} has no {one.letters} of {one.language}: no certificate is printed with it",
            "Run make setup anew, which installs the Noto fonts with the program (or, on Debian, "
            "apt install fonts-noto-core fonts-noto-cjk), and start the node anew.",
        )


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(settings.DATA_DIR).free
    text = f"{free / GIGABYTE:.1f} GB free in {settings.DATA_DIR}"
    if not os.access(settings.DATA_DIR, os.W_OK):
        yield Finding(
            "disk", "wrong", f"{settings.DATA_DIR} cannot be written", "Give it to the node's user."
        )
    elif free < GIGABYTE:
        yield Finding("disk", "wrong", text, "Make room before the node stops taking records.")
    elif free < 5 * GIGABYTE:
        yield Finding("disk", "attention", text, "Plan for more room.")
    else:
        yield Finding("disk", "ok", text)


def _mail() -> Iterator[Finding]:
    if not settings.NODE.text("mail.url"):
        yield Finding(
            "mail",
            "attention",
            f"mails become files in {settings.DATA_DIR}/mail",
            "Set mail.url so that invitations and new passwords reach people.",
        )
        return
    try:
        server = get_connection(timeout=10)
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as refused:
        yield Finding("mail", "wrong", f"the mail server refused: {refused}", "Check mail.url.")
    else:
        yield Finding("mail", "ok", "the mail server answers")


def _clock(now: datetime) -> Iterator[Finding]:
    compared = False
    for peer in peers():
        if peer.carried:
            continue
        try:
            with PeerClient(peer.address, key=signing_key(), timeout_s=CLOCK_PATIENCE_S) as client:
                moment = client.clock("/.well-known/chorsu")
        except (PeerTrouble, UnusableKey):
            continue
        if moment is None:
            continue
        compared = True
        apart = (moment - now).total_seconds()
        if abs(apart) > CLOCK_SECONDS:
            yield Finding(
                "clock",
                "wrong",
                f"{abs(apart):.0f} s apart from {peer.name}",
                "Set the clock by NTP (timedatectl set-ntp true); ask the peer to check theirs.",
            )
            return
    yield Finding("clock", "ok", "agrees with the peers" if compared else "no peer to compare with")
