"""Reading what somebody wrote as the facts of a record: field by field, each error noted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from chorsu.kernel.text import normalise
from chorsu.records.fields import FieldError, is_key

_INTEGER = re.compile(r"[0-9]{1,6}", re.ASCII)
_check_email = EmailValidator()


class FactsReader:
    """Reads fields of the raw facts and notes what is wrong with each."""

    def __init__(self, raw: Mapping[str, object], max_rows: int, *, known_codes: bool) -> None:
        self.raw = raw
        self.max_rows = max_rows
        self.known_codes = known_codes
        self.errors: list[FieldError] = []

    def refuse(self, field: str, code: str, **params: str | int) -> None:
        """Note an error."""
        self.errors.append(FieldError(field, code, params))

    def text(self, row: Mapping[str, object], name: str, path: str, limit: int) -> str:
        """A text on one line; empty if it is not there or refused."""
        value = row.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.refuse(path, "not_text")
            return ""
        text = " ".join(normalise(value).split())
        if len(text) > limit:
            self.refuse(path, "too_long", max=limit)
            return ""
        return text

    def checked(
        self,
        row: Mapping[str, object],
        name: str,
        path: str,
        limit: int,
        check: Callable[[str], bool],
        code: str,
    ) -> str:
        """A text that `check` finds right; `code` says what it is not."""
        text = self.text(row, name, path, limit)
        if text and not check(text):
            self.refuse(path, code)
            return ""
        return text

    def choice(self, name: str, choices: tuple[str, ...], empty: str) -> str:
        """One of these texts, or `empty`."""
        text = self.text(self.raw, name, name, 40)
        if text and text not in choices:
            self.refuse(name, "unknown", value=text)
            return empty
        return text or empty

    def items(self, name: str) -> list[object]:
        """A list; none if it is refused."""
        value = self.raw.get(name)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.refuse(name, "not_a_list")
            return []
        if len(value) > self.max_rows:
            self.refuse(name, "too_many", max=self.max_rows)
            return []
        return list(value)

    def codes(self, name: str, is_known: Callable[[str], bool], form: re.Pattern[str]) -> list[str]:
        """Codes of a list, each once."""
        found: list[str] = []
        for value in self.items(name):
            if not isinstance(value, str):
                self.refuse(name, "not_text")
            elif form.fullmatch(value) is None or (self.known_codes and not is_known(value)):
                self.refuse(name, "unknown", value=value[:40])
            elif value in found:
                self.refuse(name, "duplicate", value=value)
            else:
                found.append(value)
        return found

    def rows(
        self, name: str, fields: frozenset[str]
    ) -> list[tuple[str, str, Mapping[str, object]]]:
        """(key, path, row) of each row that says anything; a missing key is given here."""
        found: list[tuple[str, str, Mapping[str, object]]] = []
        taken: set[str] = set()
        for position, row in enumerate(self.items(name)):
            path = f"{name}.{position}"
            if not isinstance(row, Mapping) or row.keys() - fields:
                self.refuse(path, "unknown", value=str(row)[:40])
                continue
            if not any(value not in ("", None) for value in row.values()):
                continue
            key = self.checked(row, "key", f"{path}.key", 40, is_key, "not_a_key")
            key = key or _free_key(name, taken)
            if key in taken:
                self.refuse(f"{path}.key", "duplicate", value=key)
            taken.add(key)
            found.append((key, path, row))
        return found

    def refuse_others(self, names: frozenset[str]) -> None:
        """Note each member that is none of these."""
        for name in sorted(str(name) for name in self.raw.keys() - names):
            self.refuse(name[:120], "unknown", value=name[:120])


def is_url(text: str) -> bool:
    """Whether `text` is an address with the scheme http, https or mailto."""
    if any(char.isspace() or char in '<>"\\^`{|}' for char in text):
        return False
    try:
        parts = urlsplit(text)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return is_email(parts.path)
    return (
        parts.scheme in ("http", "https")
        and "." in (parts.hostname or "")
        and (port_is_fine and parts.username is None)
    )


def is_email(text: str) -> bool:
    """Whether `text` has the syntax of an e-mail address."""
    try:
        _check_email(text)
    except ValidationError:
        return False
    return True


def integer(value: object) -> int | None:
    """A whole number, also one that was typed; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    return None


def _free_key(group: str, taken: set[str]) -> str:
    number = len(taken) + 1
    while f"{group[0]}{number}" in taken:
        number += 1
    return f"{group[0]}{number}"
