"""The newest own checkpoint, noted in the data folder beside the database.

A database that is set back to an old copy knows nothing of it; this file does, and no peer has to
be reached to find out. It is written after each commit and belongs to this machine: it is in no
backup and is never put back.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from chorsu.wire.checkpoint import Checkpoint, parse_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.note import MAX_NOTE_BYTES, parse_note


def mark_path() -> Path:
    """Where the mark lies."""
    return Path(settings.DATA_DIR) / "log" / "newest"


def read_mark() -> tuple[bytes, Checkpoint] | None:
    """The noted checkpoint and what it says; None if there is none of this node.

    Nobody's signature is asked for: who can write here can read the key.
    """
    try:
        with mark_path().open("rb") as file:
            note = file.read(MAX_NOTE_BYTES + 1)
        found = parse_checkpoint(parse_note(note).text)
    except (OSError, WireError):
        return None
    return (note, found) if found.origin == settings.NODE_NAME else None


def leave_mark(note: bytes) -> None:
    """Note a checkpoint that is committed, unless a longer one is noted already."""
    held = read_mark()
    if held is not None and held[1].size >= parse_checkpoint(parse_note(note).text).size:
        return
    path = mark_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        draft.write_bytes(note)
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def remove_mark() -> None:
    """Forget the noted checkpoint: an administrator gives up what only it remembers."""
    mark_path().unlink(missing_ok=True)
