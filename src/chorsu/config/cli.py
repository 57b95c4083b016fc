"""`chorsu`: Django's management commands and our own, with the node's database at hand."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

import django
from django.core.management import execute_from_command_line

from chorsu.config.node import SettingsError, read_settings
from chorsu.jobs import database
from chorsu.jobs.embedded import embedded_database


def _of(module: str, name: str = "main") -> Callable[[Sequence[str]], int]:
    """A command whose module is imported when it is run: no other pays for it."""

    def run(arguments: Sequence[str]) -> int:
        command: Callable[[Sequence[str]], int] = getattr(import_module(module), name)
        return command(arguments)

    return run


def _hold_database(arguments: Sequence[str]) -> int:
    """`chorsu database`."""
    parser = argparse.ArgumentParser(
        prog="chorsu database", description="Hold the embedded PostgreSQL until stopped."
    )
    parser.parse_args(arguments)
    try:
        node = read_settings()
    except SettingsError as refused:
        sys.exit(f"chorsu: {refused}")
    if node.text("database.url"):
        sys.exit("chorsu database: database.url names a server of its own: nothing to hold.")
    return database.hold(node.data_dir / "postgres")


# These need no Django: no node's work, or what its database stands on.
PLAIN = {
    "bench_exchange": _of("chorsu.jobs.bench_exchange"),
    "bench_search": _of("chorsu.jobs.bench_search"),
    "compile_messages": _of("chorsu.jobs.messages"),
    "database": _hold_database,
    "demo": _of("chorsu.jobs.demo"),
    "evaluate_search": _of("chorsu.jobs.evaluate_search"),
    "verify": _of("chorsu.verifier.command", "run"),
}
# These are a node's work but need no database.
WITHOUT_DATABASE = {"help", "collectstatic", "--help", "--version"}


def prepare(command: str = "") -> None:
    """Read the settings and have the database at hand; then Django can be set up.

    Exits with a message where the configuration is refused.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chorsu.config.settings")
    try:
        node = read_settings()
    except SettingsError as refused:
        sys.exit(f"chorsu: {refused}")
    if not node.text("database.url") and command not in WITHOUT_DATABASE:
        os.environ["DATABASE_URL"] = embedded_database(node.data_dir / "postgres", "chorsu")
    if not command:
        django.setup()


def plain(command: str, arguments: Sequence[str]) -> bool:
    """Whether a command runs without a node: always, or because no node need be asked."""
    if command != "verify":
        return command in PLAIN
    # With keys given, or where no node is, a saved record is checked offline.
    given = any(one.partition("=")[0] in ("--key", "--keys", "--help", "-h") for one in arguments)
    return given or not _a_node_is_here()


def _a_node_is_here() -> bool:
    try:
        return (read_settings().data_dir / "keys" / "node.key").is_file()
    except (SettingsError, OSError):
        return False


def main(arguments: list[str] | None = None) -> None:
    """Run one command; with no database set, start or join the embedded server first."""
    arguments = arguments if arguments is not None else sys.argv
    command = arguments[1] if len(arguments) > 1 else "help"
    if plain(command, arguments[2:]):
        sys.exit(PLAIN[command](arguments[2:]))
    prepare(command)
    execute_from_command_line(["chorsu", *arguments[1:]])


if __name__ == "__main__":
    main()
