"""Reading the parts of a course's facts: objects and lists in one another, each error noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from chorsu.kernel.ids import InvalidId, parse_id
from chorsu.records.facts import FactsReader, integer
from chorsu.records.fields import SHA256, is_key
from chorsu.training.rules.fields import MAX_ROWS, MAX_UNITS

Row = Mapping[str, object]
MAX_VARIANTS = 8


class PartsReader(FactsReader):
    """Reads objects in objects. Keys of each group of rows are unique in the whole course."""

    def __init__(self, raw: Row, max_rows: int, *, known_codes: bool) -> None:
        super().__init__(raw, max_rows, known_codes=known_codes)
        self._taken: dict[str, set[str]] = {}

    def number(self, row: Row, name: str, path: str, high: int, low: int = 0) -> int:
        """A whole number; `low` if it is not there or refused."""
        value = row.get(name)
        if value is None or value == "":
            return low
        found = integer(value)
        if found is None or not low <= found <= high:
            self.refuse(path, "not_a_number", low=low, high=high)
            return low
        return found

    def flag(self, row: Row, name: str, path: str) -> bool:
        """Yes or no; no if it is not there."""
        value = row.get(name)
        if value is not None and not isinstance(value, bool):
            self.refuse(path, "unknown", value=str(value)[:40])
        return value is True

    def part(self, row: Row, name: str, path: str, fields: type[object]) -> Row:
        """An object with no other members than those of a shape; empty if it is refused."""
        value = row.get(name)
        if value is None:
            return {}
        if not isinstance(value, Mapping) or value.keys() - fields.__annotations__.keys():
            self.refuse(path, "unknown", value=str(value)[:40])
            return {}
        return value

    def parts(
        self, row: Row, name: str, path: str, fields: type[object], limit: int = MAX_ROWS
    ) -> Iterator[tuple[str, Row]]:
        """(path, object) of each object in a list."""
        for place, value in self.listed(row, name, path, limit):
            if not isinstance(value, Mapping) or value.keys() - fields.__annotations__.keys():
                self.refuse(place, "unknown", value=str(value)[:40])
            else:
                yield place, value

    def listed(
        self, row: Row, name: str, path: str, limit: int = MAX_ROWS
    ) -> list[tuple[str, object]]:
        """(path, value) of each member of a list; none if it is refused."""
        value = row.get(name)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.refuse(path, "not_a_list")
            return []
        if len(value) > limit:
            self.refuse(path, "too_many", max=limit)
            return []
        return [(f"{path}.{position}", one) for position, one in enumerate(value)]

    def one_of(self, row: Row, name: str, path: str, choices: Sequence[str]) -> str:
        """One of these texts; the first if it is not there or refused."""
        text = self.text(row, name, path, 40)
        if text and text not in choices:
            self.refuse(path, "unknown", value=text)
            return choices[0]
        return text or choices[0]

    def key(self, row: Row, group: str, path: str) -> str:
        """The key of a row, the only one of its group; empty if it is refused."""
        return self.free_key(row.get("key"), group, f"{path}.key")

    def free_key(self, value: object, group: str, path: str) -> str:
        """A key that no other of its group has; empty if it is refused."""
        if not isinstance(value, str) or not is_key(value):
            self.refuse(path, "not_a_key")
            return ""
        taken = self._taken.setdefault(group, set())
        if value in taken:
            self.refuse(path, "duplicate", value=value)
        taken.add(value)
        return value

    def keys(self, name: str) -> list[str]:
        """Keys in a list of their own."""
        return [
            self.free_key(value, name, path)
            for path, value in self.listed(self.raw, name, name, MAX_UNITS)
        ]

    def record_id(self, value: object, path: str) -> str:
        """The id of a record; empty if it is not there or refused."""
        if value is None or value == "":
            return ""
        try:
            return parse_id(value) if isinstance(value, str) else parse_id("")
        except InvalidId:
            self.refuse(path, "unknown", value=str(value)[:40])
            return ""

    def hashes(self, row: Row, name: str, path: str) -> list[str]:
        """SHA-256 of files, each once."""
        found: list[str] = []
        for place, value in self.listed(row, name, path, MAX_VARIANTS):
            if not isinstance(value, str) or SHA256.fullmatch(value) is None:
                self.refuse(place, "unknown", value=str(value)[:40])
            elif value in found:
                self.refuse(place, "duplicate", value=value)
            else:
                found.append(value)
        return found
