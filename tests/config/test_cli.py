"""Which commands need a node."""

from __future__ import annotations

from pathlib import Path

import pytest

from chorsu.config.cli import PLAIN, plain


@pytest.fixture
def _node_is_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = tmp_path / "keys" / "node.key"
    key.parent.mkdir()
    key.write_bytes(bytes(32))
    monkeypatch.setenv("CHORSU_NODE_DATA_DIR", str(tmp_path))


@pytest.mark.usefixtures("_node_is_here")
def test_at_a_node_verify_asks_with_what_the_node_knows() -> None:
    assert not plain("verify", ["file.chorsu"])
    assert not plain("verify", ["file.chorsu", "--json", "--with", "forms.pdf"])


@pytest.mark.usefixtures("_node_is_here")
@pytest.mark.parametrize("given", [["--keys", "k"], ["--keys=k"], ["--key=k"], ["-h"]])
def test_with_keys_given_verify_leaves_the_node_alone(given: list[str]) -> None:
    assert plain("verify", ["file.chorsu", *given])


def test_without_a_node_verify_works_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHORSU_NODE_DATA_DIR", str(tmp_path))
    assert plain("verify", ["file.chorsu"])
    monkeypatch.setenv("CHORSU_CONFIG", str(tmp_path / "chorsu.toml"))
    assert plain("verify", ["file.chorsu"]), "settings that can't be read are no node"


def test_other_commands_are_plain_or_not_by_their_names() -> None:
    assert plain("demo", [])
    assert not plain("serve", [])
    assert not plain("help", [])


def test_a_node_with_a_server_of_its_own_has_no_database_to_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHORSU_NODE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://chorsu@localhost/chorsu")
    with pytest.raises(SystemExit, match=r"database\.url names a server of its own"):
        PLAIN["database"]([])
    assert list(tmp_path.iterdir()) == []
