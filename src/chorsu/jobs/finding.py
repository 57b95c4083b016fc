"""What a check of `chorsu doctor` says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "attention", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `advice` says what to do; empty when all is well."""

    check: str
    level: Level
    what: str
    advice: str = ""
