"""Aligned texts: a folder with a file for each of the eight languages, a sentence a line."""

from __future__ import annotations

from pathlib import Path

from chorsu.kernel.languages import TAGS


def read(folder: Path, lines: int | None = None) -> dict[str, list[str]]:
    """The first `lines` lines, or all, by language; line i of each says the same.

    Raises ValueError unless every language has as many lines, at least one, none of them empty.
    """
    texts: dict[str, list[str]] = {}
    for tag in TAGS:
        path = folder / f"{tag}.txt"
        if not path.is_file():
            raise ValueError(f"{path} is missing")
        texts[tag] = path.read_text(encoding="utf-8").splitlines()
        if len(texts[tag]) != len(texts[TAGS[0]]):
            raise ValueError(
                f"{path} has {len(texts[tag])} lines, {TAGS[0]}.txt has {len(texts[TAGS[0]])}"
            )
        empty = [str(number) for number, line in enumerate(texts[tag], 1) if not line.strip()]
        if empty:
            raise ValueError(f"{path} has empty lines: {', '.join(empty[:10])}")
    if not texts[TAGS[0]]:
        raise ValueError(f"the files in {folder} are empty")
    return {tag: found[:lines] for tag, found in texts.items()}
