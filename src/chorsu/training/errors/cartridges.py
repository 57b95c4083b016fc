"""What can go wrong with cartridges."""

from __future__ import annotations


class NoSuchCartridge(LookupError):  # noqa: N818 - says what is wrong
    """No such cartridge waits, or not for this person: it was kept, put aside, or is too old."""
