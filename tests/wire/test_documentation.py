"""docs/FEDERATION.md says what the code does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import chorsu.wire
from chorsu.wire.errors import CODES, WireError

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/FEDERATION.md").read_text()
EXAMPLES = re.findall(r"<!-- example: (\S+) -->\n```[a-z]*\n(.*?)```", TEXT, re.DOTALL)
SOURCES = [path for folder in chorsu.wire.__path__ for path in sorted(Path(folder).glob("*.py"))]


@pytest.mark.parametrize(("name", "shown"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_every_example_is_a_vector(name: str, shown: str) -> None:
    assert (ROOT / "tests/vectors" / name).read_text().rstrip("\n") == shown.rstrip("\n")


def test_every_format_has_an_example() -> None:
    shown = {name.partition("/")[0] for name, _ in EXAMPLES}
    formats = {"key", "checkpoint", "cosignature", "tile-path", "entry", "node", "request"}
    formats |= {"succession", "proof", "saved", "manifest", "erasures", "erasure-answers"}
    formats |= {"batch-question", "node-file", "carried-answers"}
    formats |= {"transcript", "transcript-question"}
    assert shown == formats


def test_the_list_of_codes_is_that_of_the_code() -> None:
    listed = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", TEXT.partition("## Codes")[2], re.MULTILINE)
    assert listed == list(CODES.items())


def test_every_code_is_raised_somewhere_and_every_code_raised_is_listed() -> None:
    raised = {
        node.args[0].value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "WireError"
        and isinstance(node.args[0], ast.Constant)
    }
    assert raised == CODES.keys()


def test_a_code_nobody_listed_cannot_be_raised() -> None:
    with pytest.raises(ValueError, match="not a wire error code"):
        WireError("made-up", "")
