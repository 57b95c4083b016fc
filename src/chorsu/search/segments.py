"""Chinese runs cut into words."""

from __future__ import annotations


def segments(run: str) -> list[str]:
    """The words of a run of Chinese characters, by `rjieba`'s dictionary; together the run."""
    import rjieba  # some 30 MB of dictionary: only a process that searches or indexes needs it

    return list(rjieba.cut(run))
