"""How well search finds, measured: the figures, and the whole of it on a few sentences."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chorsu.jobs import aligned, evaluation_figures
from chorsu.kernel.languages import TAGS

ALIGNED = Path(__file__).parents[1] / "search" / "aligned"


def test_the_rank_is_that_of_the_first_right_answer() -> None:
    answers = [("a", 0.9), ("b", 0.8), ("c", 0.7)]
    assert evaluation_figures.rank(answers, {"b"}) == 2
    assert evaluation_figures.rank(answers, {"c", "b"}) == 2
    assert evaluation_figures.rank(answers, {"d"}) is None


def test_a_tie_is_no_answer() -> None:
    assert evaluation_figures.rank([("a", 0.9), ("b", 0.9)], {"a"}) == 2
    assert evaluation_figures.rank([("a", 0.9), ("b", 0.9)], {"a", "b"}) == 1


def test_recall_and_reciprocal_rank_are_those_of_the_books() -> None:
    assert evaluation_figures.of_ranks([1, 2, 11, None]) == {
        "r1": 0.25,
        "r10": 0.5,
        "mrr10": 0.375,
    }


def test_means_are_over_pairs_and_the_worst_is_named() -> None:
    pairs = {
        ("tk", "en"): {"r1": 0.5, "r10": 1.0, "mrr10": 0.7},
        ("en", "tk"): {"r1": 0.8, "r10": 1.0, "mrr10": 0.9},
        ("en", "ru"): {"r1": 1.0, "r10": 1.0, "mrr10": 1.0},
    }
    found = evaluation_figures.summary(pairs)
    assert found["mean_r1"] == 0.7667
    assert found["by_query_language"] == {"en": 0.9, "tk": 0.5}
    assert found["by_document_language"] == {"en": 0.5, "ru": 1.0, "tk": 0.8}
    assert found["worst_pair"] == {"query": "tk", "documents": "en", "r1": 0.5}


def test_texts_that_are_not_aligned_are_refused(tmp_path: Path) -> None:
    for tag in TAGS:
        (tmp_path / f"{tag}.txt").write_text("one\ntwo\n", encoding="utf-8")
    assert aligned.read(tmp_path, 1) == {tag: ["one"] for tag in TAGS}
    (tmp_path / "tk.txt").write_text("one\n \n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"tk\.txt has empty lines: 2"):
        aligned.read(tmp_path)
    (tmp_path / "tk.txt").write_text("one\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"tk\.txt has 1 lines"):
        aligned.read(tmp_path)
    (tmp_path / "tk.txt").unlink()
    with pytest.raises(ValueError, match=r"tk\.txt is missing"):
        aligned.read(tmp_path)


def evaluate(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CHORSU_") and name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    return subprocess.run(
        [sys.executable, "-m", "chorsu.config.cli", "evaluate_search", str(folder), *more],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=600,
    )


@pytest.mark.nodes
def test_every_language_is_asked_against_every_other_without_a_node(tmp_path: Path) -> None:
    for tag, lines in aligned.read(ALIGNED, 12).items():
        (tmp_path / f"{tag}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = evaluate(tmp_path, "--queries", "4", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["lines"], found["queries"], found["lines_fitted_on"]) == (12, 4, 0)
    assert len(found["pairs"]) == 56
    assert set(found["by_query_language"]) == set(TAGS) == set(found["mixed"]["by_query_language"])
    assert found["mean_r1"] >= 0.9
    assert found["mixed"]["mean_r1"] >= 0.9
    assert 0 < found["query_ms_p50"] <= found["query_ms_p95"]


def test_a_folder_without_the_languages_is_told(tmp_path: Path) -> None:
    done = evaluate(tmp_path, "--json")
    assert done.returncode == 2
    assert "zh-Hans.txt is missing" in done.stderr
