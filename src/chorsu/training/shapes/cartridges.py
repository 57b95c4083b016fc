"""What a cartridge that waits answers: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chorsu.training.formats.cartridges import CourseFound


@dataclass(frozen=True, slots=True)
class CartridgeLine:
    """A cartridge in a list."""

    id: str
    name: str
    institution_id: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class CartridgeView:
    """A cartridge that waits to become a course, and what would be made of it."""

    id: str
    name: str
    institution_id: str
    language: str
    course: CourseFound
