"""The colours of the dark theme stand twice in the style sheet; they are one theme."""

from __future__ import annotations

import re
from pathlib import Path

import chorsu.web

TOKENS = Path(chorsu.web.__file__).parent / "static" / "chorsu" / "css" / "tokens.css"


def declarations(selector: str) -> dict[str, str]:
    sheet = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = re.search(rf"{selector}\s*{{(.*?)}}", sheet, re.DOTALL)
    assert found is not None, selector
    return dict(re.findall(r"([\w-]+):\s*([^;]+);", found[1]))


def test_dark_by_choice_is_dark_by_the_system() -> None:
    by_system = declarations(r"prefers-color-scheme: dark\)\s*{[^{]*")
    by_choice = declarations(r'\[data-theme="dark"\]')

    assert len(by_system) > 10
    assert by_choice == by_system
