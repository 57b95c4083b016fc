"""Nothing that is told of a file is a phrase of ours: each place names a code and its parameters,
and what stands in a parameter comes from the file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import chorsu
from chorsu.training.formats.cartridges import NOTE_PARAMS, NOTES
from chorsu.training.formats.questions import PARAMS, TROUBLES

KNOWN: Mapping[str, tuple[str, ...]] = {
    **{code: PARAMS.get(code, ()) for code in TROUBLES},
    **{code: NOTE_PARAMS.get(code, ()) for code in NOTES},
}
# Call -> where its code stands; what comes after the code, in a mapping or by name, is parameters.
CALLS = {"NotReadable": 0, "NotTaken": 0, "_tell": 0, "_note": 1, "Trouble": 1, "Note": 1}
WORDS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Site:
    """A place that tells something. `code` None: a variable, whose type says what it may be."""

    where: str
    code: str | None
    params: Mapping[str, ast.expr] | None


def sites(text: str, where: str = "") -> Iterator[Site]:
    for call in ast.walk(ast.parse(text)):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if name not in CALLS or len(call.args) <= CALLS[name]:
            continue
        code, *rest = call.args[CALLS[name] :]
        given: dict[str, ast.expr] | None = {
            one.arg: one.value for one in call.keywords if one.arg and one.arg != "errors"
        }
        for mapping in rest[:1]:
            if isinstance(mapping, ast.Call) and mapping.args:  # cut({…})
                (mapping,) = mapping.args
            if isinstance(mapping, ast.Dict):
                given = dict(zip(map(_text, mapping.keys), mapping.values, strict=True))
            else:
                is_kept = isinstance(mapping, ast.Name | ast.Attribute)
                given = None if is_kept else {"": mapping}
        if any(one.arg is None for one in call.keywords):
            given = None
        yield Site(f"{where}:{call.lineno}", _text(code) or None, given)


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def wrong(site: Site) -> str:
    """What is wrong with a place, empty for nothing."""
    if site.code is not None and site.code not in KNOWN:
        return f"no such code: {site.code}"
    if site.params is None:
        return ""
    if site.code is not None and tuple(site.params) != KNOWN[site.code]:
        return f"{site.code} has the parameters {KNOWN[site.code]}"
    for name, value in site.params.items():
        said = value.values if isinstance(value, ast.JoinedStr) else [value]
        texts = [_text(part) for part in said]
        is_element = re.fullmatch(r"<[a-z-]+>", texts[0])
        if name in ("element", "wanted") and is_element:
            continue
        if any(WORDS.search(text) for text in texts) and texts != ["template-identifier"]:
            return f"words of ours in {name}: {texts}"
    return ""


def all_sites() -> list[Site]:
    root = Path(chorsu.__file__).parent
    files = [*(root / "training").rglob("*.py"), *(root / "web").rglob("*.py")]
    telling = [file for file in files if "formats.questions" in file.read_text()]
    return [one for file in telling for one in sites(file.read_text(), str(file.relative_to(root)))]


def test_every_place_names_a_code_with_its_parameters() -> None:
    found = all_sites()
    assert len(found) > 120
    assert [(one.where, wrong(one)) for one in found if wrong(one)] == []


def test_every_code_is_told_somewhere() -> None:
    told = {one.code for one in all_sites()}
    chosen = {"member_size", "package_size", "picture_damaged", "no_picture"}
    by_page = {"link_inside", "markup", "markup_at", "table"}
    assert KNOWN.keys() - told - chosen - by_page == set()


def test_a_phrase_would_be_found() -> None:
    phrases = (
        'NotReadable("an adaptive item")',
        'NotReadable("element", "an adaptive item")',
        'NotReadable("element", element="no item body")',
        'NotReadable("picture_missing", name=f"a picture that is not in the file: {address}")',
        'NotReadable("picture_missing")',
        'Trouble(place, "questions", {"count": "two thousand"})',
    )
    assert [text for text in phrases if not any(wrong(one) for one in sites(text))] == []
