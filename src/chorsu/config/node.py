"""What an administrator may set: every setting, its type, default and meaning.

Values come from `chorsu.toml` (tables are the part before the dot) and from the environment, which
wins: `node.name` is `CHORSU_NODE_NAME`. `DATABASE_URL` is understood as `database.url`.
`docs/settings.md` documents the same list and a test compares the two.
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

Value = str | int | bool | tuple[str, ...]


class SettingsError(Exception):
    """The configuration cannot be used; the message names the setting and says what it takes."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `key` is `table.name`; `parse` turns text or a TOML value into its type.

    A `secret` is never repeated in a message.
    """

    key: str
    parse: Callable[[object], Value]
    default: Value
    meaning: str
    secret: bool = False

    @property
    def environment(self) -> str:
        return "CHORSU_" + self.key.replace(".", "_").upper()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text")
    return value.strip()


def _name(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", text):
        raise ValueError("a lower-case domain-like name, such as academy.example.org")
    return text


def _id(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", text):
        raise ValueError("an id, such as kg-apa")
    return text


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


def _address(value: object) -> str:
    text = _text(value).rstrip("/")
    parts = _parts(text, "http", "https")
    bare = parts is not None and parts.netloc and "@" not in parts.netloc
    if parts is None or not bare or parts.path or parts.query or parts.fragment:
        raise ValueError("an http(s) address without a path, such as https://academy.example.org")
    if not _is_host(parts.hostname or ""):
        raise ValueError("an http(s) address with a host name in Latin letters or a number")
    return text


def _host(value: object) -> str:
    text = _text(value)
    if not _is_host(text):
        raise ValueError("an IP address or a host name, such as 127.0.0.1")
    return text


def _zone(value: object) -> str:
    text = _text(value)
    if text not in available_timezones():
        raise ValueError("an IANA time zone, such as Asia/Bishkek")
    return text


def _database(value: object) -> str:
    text = _text(value)
    parts = _parts(text, "postgresql", "postgres")
    if text and (parts is None or len(parts.path) < 2):
        raise ValueError("an address such as postgresql://user:password@host:5432/name")
    return text


def _mail(value: object) -> str:
    text = _text(value)
    parts = _parts(text, "smtp", "smtps")
    if text and (parts is None or not parts.hostname):
        raise ValueError("an address such as smtp://user:password@mail.example.org:587")
    return text


def _sender(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[^@<>\s]+@[^@<>\s]+|[^@<>\r\n]+ <[^@<>\s]+@[^@<>\s]+>", text):
        raise ValueError("an e-mail address, such as chorsu@academy.example.org")
    return text


def _email(value: object) -> str:
    text = _text(value)
    if text and not re.fullmatch(r"[^@<>\s]+@([^@<>\s.]+\.)+[^@<>\s.]+", text):
        raise ValueError("an e-mail address, such as library@academy.example.org")
    return text


def _bucket(value: object) -> str:
    text = _text(value)
    if text and not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", text):
        raise ValueError("a bucket's name: 3 to 63 of a-z, 0-9, dot and hyphen")
    return text


def _endpoint(value: object) -> str:
    return _address(value) if _text(value) else ""


def _region(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[a-z0-9-]{0,40}", text):
        raise ValueError("a region, such as eu-central-1")
    return text


def _prefix(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/?)?", text) or len(text) > 200:
        raise ValueError("names of letters, digits, _ and -, separated by /")
    return text


def _credential(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(r"[!-~]{0,200}", text):
        raise ValueError("up to 200 printable ASCII characters without a space")
    return text


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "yes", "1", "on"):
        return True
    if isinstance(value, str) and value.lower() in ("false", "no", "0", "off"):
        return False
    raise ValueError("true or false")


def _list(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise ValueError("a list of texts (in the environment: separated by commas)")


def _number(low: int, high: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return parse


def _choice(*choices: str) -> Callable[[object], str]:
    def parse(value: object) -> str:
        text = _text(value)
        if text not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return text

    return parse


_TAGS = ("zh-Hans", "kk", "ky", "uz", "tg", "tk", "ru", "en")

SETTINGS: tuple[Setting, ...] = (
    Setting("node.name", _name, "node.chorsu.example", "The node's name for ever: signs its feed."),
    Setting("node.address", _address, "http://localhost:8000", "Where peers and readers reach it."),
    Setting("node.institution", _id, "hub-astana", "Id of the institution this node hosts."),
    Setting(
        "node.language", _choice(*_TAGS), "ru", "Language of the node when a reader names none."
    ),
    Setting("node.time_zone", _zone, "Asia/Tashkent", "Time zone in which the node shows times."),
    Setting("node.data_dir", _text, "var", "Folder for keys, files and the embedded database."),
    Setting(
        "database.url",
        _database,
        "",
        "PostgreSQL address; empty: the embedded server in data_dir.",
        secret=True,
    ),
    Setting("web.bind", _host, "127.0.0.1", "Address on which `chorsu serve` listens."),
    Setting("web.port", _number(1, 65535), 8000, "Port on which `chorsu serve` listens."),
    Setting("web.workers", _number(1, 64), 1, "Processes that `chorsu serve` starts."),
    Setting("web.hosts", _list, (), "Further host names under which pages may be asked for."),
    Setting(
        "web.behind_proxy",
        _flag,
        default=False,
        meaning="Trust X-Forwarded-Proto of the proxy in front.",
    ),
    Setting(
        "web.debug",
        _flag,
        default=False,
        meaning="Show errors in full. Never on a node others can reach.",
    ),
    Setting(
        "mail.url",
        _mail,
        "",
        "smtp://user:password@host:587; empty: mails become files.",
        secret=True,
    ),
    Setting("mail.sender", _sender, "chorsu@localhost", "Sender of the node's mails."),
    Setting("files.max_mb", _number(1, 4096), 50, "Largest file a practice may carry, in MB."),
    Setting(
        "files.image_max_px", _number(320, 10000), 2000, "Longest side of an image, in pixels."
    ),
    Setting(
        "blobs.store", _choice("disk", "s3"), "disk", "Where records and files lie: disk or s3."
    ),
    Setting("blobs.s3_bucket", _bucket, "", "Bucket of an S3-compatible server."),
    Setting("blobs.s3_endpoint", _endpoint, "", "Its address; empty: Amazon S3."),
    Setting("blobs.s3_region", _region, "", "Its region, if it has one."),
    Setting("blobs.s3_prefix", _prefix, "", "What stands before the names of objects."),
    Setting("blobs.s3_access_key", _credential, "", "Id of the access key."),
    Setting("blobs.s3_secret_key", _credential, "", "The access key's secret.", secret=True),
    Setting("exchange.pull_seconds", _number(5, 86400), 60, "Pause between two looks at a peer."),
    Setting("exchange.timeout_seconds", _number(1, 600), 20, "Patience with a peer's answer."),
    Setting(
        "exchange.max_kb_per_second",
        _number(0, 10_000_000),
        0,
        "Most to take from one peer at a time, in kilobytes a second; 0: as fast as the line is.",
    ),
    Setting("exchange.downloads_at_once", _number(1, 16), 3, "Files of one peer fetched at once."),
    Setting(
        "exchange.files",
        _choice("ahead", "wanted"),
        "ahead",
        "Files of a new peer: fetched ahead, or when a reader wants one.",
    ),
    Setting(
        "exchange.erase_when_asked",
        _flag,
        default=True,
        meaning="Erase what a peer asks for of its own; false: an administrator decides.",
    ),
    Setting(
        "exchange.private_peers",
        _flag,
        default=False,
        meaning="Allow peers at private and loopback addresses.",
    ),
    Setting("exchange.private_hosts", _list, (), "Hosts that may lie at private addresses."),
    Setting("bundles.keep_days", _number(1, 365), 14, "Days until a bundle's files are removed."),
    Setting("bundles.max_mb", _number(1, 1_000_000), 5000, "Largest part to be uploaded, in MB."),
    Setting(
        "oai.admin_email", _email, "", "Whom keepers of catalogues write to; empty: mail.sender."
    ),
    Setting("harvest.hours", _number(1, 720), 24, "Pause between two looks at a repository."),
    Setting(
        "search.per_minute", _number(0, 100_000), 120, "Searches a client may make; 0: no limit."
    ),
    Setting("search.results_per_page", _number(5, 100), 20, "Results on one page of a search."),
)


class NodeSettings:
    """The settings in force, read by key through an accessor that names the type."""

    def __init__(self, values: Mapping[str, Value], file: Path) -> None:
        self._values = dict(values)
        self.file = file
        self.folder = file.parent

    def text(self, key: str) -> str:
        value = self._values[key]
        if not isinstance(value, str):
            raise TypeError(key)
        return value

    def number(self, key: str) -> int:
        value = self._values[key]
        if not isinstance(value, int):
            raise TypeError(key)
        return value

    def flag(self, key: str) -> bool:
        value = self._values[key]
        if not isinstance(value, bool):
            raise TypeError(key)
        return value

    def list(self, key: str) -> tuple[str, ...]:
        value = self._values[key]
        if not isinstance(value, tuple):
            raise TypeError(key)
        return value

    def is_default(self, key: str) -> bool:
        """Whether the setting has the value it has when nobody sets it."""
        return any(one.key == key and one.default == self._values[key] for one in SETTINGS)

    @property
    def data_dir(self) -> Path:
        """The data folder, relative ones counted from the folder of chorsu.toml."""
        return (self.folder / self.text("node.data_dir")).resolve()


def read_settings(environment: Mapping[str, str] = os.environ) -> NodeSettings:
    """Read `chorsu.toml` (its path may be given as CHORSU_CONFIG) and the environment.

    Raises SettingsError for an unreadable file, an unknown setting or a malformed value.
    """
    path = Path(environment.get("CHORSU_CONFIG", "chorsu.toml")).absolute()
    given = _from_file(path, must_exist="CHORSU_CONFIG" in environment)
    for setting in SETTINGS:
        if setting.environment in environment:
            given[setting.key] = (setting.environment, environment[setting.environment])
    known = {"CHORSU_CONFIG", *(setting.environment for setting in SETTINGS)}
    strangers = sorted(n for n in environment if n.startswith("CHORSU_") and n not in known)
    if strangers:
        raise SettingsError(f"the environment: unknown settings: {', '.join(strangers)}.")
    if "DATABASE_URL" in environment:
        given["database.url"] = ("DATABASE_URL", environment["DATABASE_URL"])
    values: dict[str, Value] = {}
    for setting in SETTINGS:
        source, raw = given.pop(setting.key, (setting.key, setting.default))
        if raw == setting.default:
            values[setting.key] = setting.default
            continue
        try:
            values[setting.key] = setting.parse(raw)
        except ValueError as error:
            shown = "what is set" if setting.secret else repr(raw)
            raise SettingsError(f"{source}: {shown} is refused; it takes {error}.") from error
    if given:
        unknown = ", ".join(sorted(given))
        raise SettingsError(f"{path}: unknown settings: {unknown}.")
    _require_together(values)
    return NodeSettings(values, path)


def _require_together(values: Mapping[str, Value]) -> None:
    if values["blobs.store"] == "s3" and not values["blobs.s3_bucket"]:
        raise SettingsError("blobs.s3_bucket is missing: blobs.store is s3.")
    if bool(values["blobs.s3_access_key"]) != bool(values["blobs.s3_secret_key"]):
        raise SettingsError("blobs.s3_access_key and blobs.s3_secret_key are set together.")


def _from_file(path: Path, *, must_exist: bool) -> dict[str, tuple[str, object]]:
    if not path.is_file():
        if must_exist:
            raise SettingsError(f"{path}: no such file (CHORSU_CONFIG names it).")
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}.") from error
    given: dict[str, tuple[str, object]] = {}
    for table, rows in tables.items():
        if not isinstance(rows, dict):
            raise SettingsError(f"{path}: {table!r} stands outside a [table].")
        for name, value in rows.items():
            given[f"{table}.{name}"] = (f"{path.name}: {table}.{name}", value)
    return given
