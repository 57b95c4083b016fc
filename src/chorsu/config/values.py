"""Parsers of settings: a text or a TOML value in, the setting's type out.

Each raises ValueError, whose words say what the setting takes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones


def text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return value.strip()


def node_name(value: object) -> str:
    given = text(value)
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", given):
        raise ValueError("a lower-case domain-like name, such as academy.example.org")
    return given


def institution(value: object) -> str:
    given = text(value)
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", given):
        raise ValueError("an id, such as kg-apa")
    return given


_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.ASCII | re.IGNORECASE)


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return _HOST.fullmatch(text) is not None
    return True


def _parts(text: str, *schemes: str) -> SplitResult | None:
    """The parts of an address with one of the schemes, a host and, if any, a possible port."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in schemes and parts.port != 0
    except ValueError:
        return None
    return parts if usable and not re.search(r"\s", text) else None


def address(value: object) -> str:
    given = text(value).rstrip("/")
    parts = _parts(given, "http", "https")
    bare = parts is not None and parts.netloc and "@" not in parts.netloc
    if parts is None or not bare or parts.path or parts.query or parts.fragment:
        raise ValueError("an http(s) address without a path, such as https://academy.example.org")
    if not _is_host(parts.hostname or ""):
        raise ValueError("an http(s) address with a host name in Latin letters or a number")
    return given


def host(value: object) -> str:
    given = text(value)
    if not _is_host(given):
        raise ValueError("an IP address or a host name, such as 127.0.0.1")
    return given


def zone(value: object) -> str:
    given = text(value)
    if given not in available_timezones():
        raise ValueError("an IANA time zone, such as Asia/Bishkek")
    return given


def database(value: object) -> str:
    given = text(value)
    parts = _parts(given, "postgresql", "postgres")
    if given and (parts is None or len(parts.path) < 2):
        raise ValueError("an address such as postgresql://user:password@host:5432/name")
    return given


def mail(value: object) -> str:
    given = text(value)
    parts = _parts(given, "smtp", "smtps")
    if given and (parts is None or not parts.hostname):
        raise ValueError("an address such as smtp://user:password@mail.example.org:587")
    return given


def sender(value: object) -> str:
    given = text(value)
    if not re.fullmatch(r"[^@<>\s]+@[^@<>\s]+|[^@<>\r\n]+ <[^@<>\s]+@[^@<>\s]+>", given):
        raise ValueError("an e-mail address, such as chorsu@academy.example.org")
    return given


def email(value: object) -> str:
    given = text(value)
    if given and not re.fullmatch(r"[^@<>\s]+@([^@<>\s.]+\.)+[^@<>\s.]+", given):
        raise ValueError("an e-mail address, such as library@academy.example.org")
    return given


def bucket(value: object) -> str:
    given = text(value)
    if given and not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", given):
        raise ValueError("a bucket's name: 3 to 63 of a-z, 0-9, dot and hyphen")
    return given


def endpoint(value: object) -> str:
    return address(value) if text(value) else ""


def region(value: object) -> str:
    given = text(value)
    if not re.fullmatch(r"[a-z0-9-]{0,40}", given):
        raise ValueError("a region, such as eu-central-1")
    return given


def prefix(value: object) -> str:
    given = text(value)
    if not re.fullmatch(r"([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/?)?", given) or len(given) > 200:
        raise ValueError("names of letters, digits, _ and -, separated by /")
    return given


def credential(value: object) -> str:
    given = text(value)
    if not re.fullmatch(r"[!-~]{0,200}", given):
        raise ValueError("up to 200 printable ASCII characters without a space")
    return given


def line(value: object) -> str:
    given = text(value)
    if len(given) > 500 or not given.isprintable():
        raise ValueError("one line of up to 500 characters")
    return given


def words_before(value: object) -> str:
    """What is written before a text; a space at its end counts."""
    if not isinstance(value, str) or len(value) > 500 or not value.isprintable():
        raise ValueError("one line of up to 500 characters")
    return value


def base_url(value: object) -> str:
    given = text(value).rstrip("/")
    parts = _parts(given, "http", "https")
    if given and (
        parts is None
        or "@" in parts.netloc
        or not _is_host(parts.hostname or "")
        or parts.query
        or parts.fragment
        or not given.isascii()
    ):
        raise ValueError("an http(s) address, such as https://embeddings.academy.example/v1")
    return given


def flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "yes", "1", "on"):
        return True
    if isinstance(value, str) and value.lower() in ("false", "no", "0", "off"):
        return False
    raise ValueError("true or false")


def texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError("a list of texts (in the environment: separated by commas)")


def number(low: int, high: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return parse


def choice(*choices: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        given = text(value)
        if given not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return given

    return parse
