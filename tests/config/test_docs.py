"""The documents list what the code has, no more and no less."""

import re
from pathlib import Path

import pytest

from chorsu.config.node import SETTINGS, Setting
from chorsu.jobs.management import commands

DOCS = Path(__file__).parents[2] / "docs"
COMMANDS = sorted(
    path.stem for path in Path(commands.__path__[0]).glob("*.py") if path.stem != "__init__"
)


def test_every_setting_stands_in_settings_md_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z0-9_.]+)` \|", (DOCS / "settings.md").read_text(), re.MULTILINE)

    assert rows == [setting.key for setting in SETTINGS]


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_default_of_each_setting_is_documented(setting: Setting) -> None:
    text = (DOCS / "settings.md").read_text()
    row = next(line for line in text.splitlines() if line.startswith(f"| `{setting.key}` |"))
    default = setting.default
    shown = f"`{str(default).lower() if isinstance(default, bool) else default}`"

    assert row.split("|")[3].strip() == (shown if default not in ("", ()) else "empty")


def test_every_command_stands_in_commands_md_and_no_other() -> None:
    found = re.findall(r"^## `chorsu ([a-z_]+)", (DOCS / "commands.md").read_text(), re.MULTILINE)

    assert sorted(found) == sorted(
        [
            *COMMANDS,
            "bench_exchange",
            "bench_search",
            "compile_messages",
            "database",
            "demo",
            "evaluate_search",
        ]
    )
