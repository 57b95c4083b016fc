"""Message catalogues: compiles the .po files of the interface to the .mo files Django reads."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

WEB = Path(__file__).resolve().parent.parent / "web"
CATALOGUES = ("locale", "locale_packages")


def catalogue_files() -> list[Path]:
    """Every .po file of the interface, in a fixed order."""
    return sorted(path for name in CATALOGUES for path in (WEB / name).rglob("*.po"))


def compile_messages() -> int:
    """Write a .mo beside each .po that is newer than it; return how many were written."""
    written = 0
    for source in catalogue_files():
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text)
        with target.open("wb") as binary:
            write_mo(binary, catalogue)
        written += 1
    return written


def main(arguments: list[str]) -> int:
    """`chorsu compile_messages`."""
    if arguments:
        print("chorsu compile_messages takes no arguments", file=sys.stderr)
        return 2
    print(f"Message catalogues compiled: {compile_messages()}")
    return 0
