"""What is attacked: a reader of bytes, and what must hold whatever the bytes are."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from chorsu.kernel.text import has_unwanted
from chorsu.wire.errors import WireError

MAX_SECONDS = 5.0
"""Of the processor's time for one input; honest ones take a thousandth of it."""
Shape = Literal["json", "lines", "xml", "bytes", "zip"]
"""How inputs are made: which edits make sense."""


@dataclass(frozen=True)
class Target:
    """`read` gives the bytes printed again, or None for a format of many spellings.

    It raises one of `refusals` and nothing else for what it does not take, and AssertionError if
    something it took does not hold. `seal` makes a changed input pass the signatures and hashes in
    front of what lies behind them, with a key that is nobody's.
    """

    name: str
    shape: Shape
    seeds: Sequence[bytes]
    read: Callable[[bytes], bytes | None]
    refusals: tuple[type[Exception], ...] = (WireError,)
    seal: Callable[[bytes], bytes] | None = None


def check(target: Target, data: bytes) -> bool:
    """Whether the input was taken; raises whatever the reader should not have raised."""
    begun = time.process_time()
    try:
        printed = target.read(data)
        taken = True
    except target.refusals as refusal:
        printed, taken = None, False
        # A refusal is kept in the database and shown to people.
        if has_unwanted(f"{refusal}{getattr(refusal, 'detail', '')}"):
            raise AssertionError(f"{target.name}: refused with {str(refusal)!r}") from refusal
    spent = time.process_time() - begun
    if printed is not None and printed != data:
        raise AssertionError(f"{target.name}: taken, and printed as {printed[:200]!r}")
    if spent > MAX_SECONDS:
        raise AssertionError(f"{target.name}: {spent:.1f} s for {len(data)} bytes")
    return taken
