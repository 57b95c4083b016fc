"""`chorsu demo` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from chorsu.jobs.demo import CHECK_NODES, main
from chorsu.jobs.demo_nodes import NODES


def test_a_check_with_too_few_nodes_is_refused_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "demo"
    with pytest.raises(SystemExit) as left:
        main(["--check", "--nodes", "2", "--folder", str(folder)])
    assert left.value.code == 2
    assert "--check needs 3 nodes or more" in capsys.readouterr().err
    assert not folder.exists()


def test_the_fewest_nodes_of_a_check_have_its_reader_among_them() -> None:
    assert "tk" in [node.language for node in NODES[:CHECK_NODES]]
    assert "tk" not in [node.language for node in NODES[: CHECK_NODES - 1]]
