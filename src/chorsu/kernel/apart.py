"""Work on a stranger's file, done by a process of its own with an end to its memory and time.

The module that is run calls `limit` before it reads a byte.
"""

from __future__ import annotations

import subprocess
import sys


class NotDone(Exception):  # noqa: N818 - says what is wrong
    """The process was ended for taking too much, or broke over what it read."""


def limit(*, memory: int, seconds: int, written: int) -> None:
    """Bound this process for good: bytes of memory, seconds of processor, bytes of a file."""
    # Only there where processes can be bounded; the module above is imported everywhere.
    import resource

    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, written),
    ):
        resource.setrlimit(what, (most, most))


def run(module: str, *told: str, data: bytes = b"", seconds: int) -> bytes:
    """What `python -m module` writes to its output, given `data`. Raises `NotDone`."""
    try:
        done = subprocess.run(  # noqa: S603  a module and words of ours
            [sys.executable, "-m", module, *told],
            input=data, capture_output=True, timeout=seconds, check=True,
        )  # fmt: skip
    except subprocess.SubprocessError as error:
        raise NotDone(module) from error
    return done.stdout
