"""What `chorsu bench_search` judges, its table, and the corpora it makes."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from bench.searching import corpus
from bench.searching.questions import questions

from chorsu.jobs.bench_search import main
from chorsu.jobs.bench_search_figures import (
    _MORE,
    _ROWS,
    BEGIN,
    END,
    SYSTEMS,
    figures,
    missed,
    table,
    write_table,
)
from chorsu.kernel.languages import TAGS

SIZES = (10_000, 100_000, 1_000_000)
P95 = {10_000: 30.0, 100_000: 59.0, 1_000_000: 89.0}
KNOWN = {tag: [f"{tag} one two three {n}." for n in range(9)] for tag in TAGS}
LINES = {tag: ["line one", "line two"] for tag in TAGS}


def taken(changed: dict[str, dict[str, float]] | None = None) -> dict[str, Any]:
    """What a run measures that misses nothing."""
    found: dict[str, Any] = {"embed": {"real_vectors": 10_960}}
    for size in SIZES:
        loaded = {name: 1.0 for names in _MORE.values() for name in names if "." not in name}
        found[f"load {size}"] = {**loaded, "passages": size}
        for phase in ("alone", "together", "narrowed", "recall"):
            found[f"{phase} {size}"] = {
                **{
                    f"{name}_p{at}_ms": 1.0
                    for _, of, name in _ROWS
                    for at in (50, 95, 99)
                    if of == phase
                },
                **{
                    name.partition(".")[2]: 1.0
                    for names in _MORE.values()
                    for name in names
                    if name.startswith(f"{phase}.")
                },
            }
        found[f"alone {size}"]["search_p95_ms"] = P95[size]
        found[f"narrowed {size}"]["rare_lost"] = 0
    for system in SYSTEMS:
        found[f"beside {system}"] = {
            "r10": 0.9,
            "search_p50_ms": 1.0,
            "search_p95_ms": 2.0,
            "build_s": 3.0,
        }
    for name, values in (changed or {}).items():
        found[name] |= values
    return found


def test_a_run_that_reaches_every_target_misses_none() -> None:
    assert missed(figures(taken(), SIZES, SIZES[1])) == []


@pytest.mark.parametrize(
    ("name", "phase", "changed"),
    [
        ("search_p95_ms_100000", "alone 100000", {"search_p95_ms": 60.0}),
        ("search_p95_ms_1000000", "alone 1000000", {"search_p95_ms": 90.0}),
        ("growth", "alone 100000", {"search_p95_ms": 55.0}),
        ("recall_at_10_10000", "recall 10000", {"recall_at_10": 0.979}),
        ("rare_to_all_p95_ratio_100000", "narrowed 100000", {"rare_to_all_p95_ratio": 2.1}),
        ("wide_to_all_p95_ratio_10000", "narrowed 10000", {"wide_to_all_p95_ratio": 2.1}),
        ("rare_lost_1000000", "narrowed 1000000", {"rare_lost": 1}),
        ("r10_of_all", "beside raw_e5", {"r10": 0.91}),
    ],
)
def test_a_target_that_is_missed_is_named(name: str, phase: str, changed: dict[str, float]) -> None:
    assert missed(figures(taken({phase: changed}), SIZES, SIZES[1])) == [name]


def test_only_what_was_measured_is_judged() -> None:
    slow = taken({"alone 100000": {"search_p95_ms": 99.0}})
    assert missed(figures(slow, SIZES[:1], SIZES[0])) == []


def test_the_table_goes_between_its_marks_again_and_again(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    found = figures(taken(), SIZES, SIZES[1])
    for _ in range(2):
        write_table(path, found)
        assert path.read_text(encoding="utf-8") == (
            f"before\n{BEGIN}\n{table(found)}\n{END}\nafter\n"
        )
    path.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="has no place for the table"):
        write_table(path, found)


@pytest.mark.parametrize("wrong", [["--sizes", "0"], ["--sizes", "x"], ["--questions", "15"]])
def test_what_makes_no_sense_is_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(wrong)


def test_a_larger_corpus_begins_with_the_smaller() -> None:
    small = list(corpus.records(200, KNOWN, LINES))
    large = list(corpus.records(400, KNOWN, LINES))
    assert large[: len(small)] == small
    assert 200 <= sum(len(record.pieces) for record in small) < 218


def test_one_record_in_500_is_of_the_rare_country_and_language() -> None:
    found = [
        record for record in corpus.records(18 * 1002, KNOWN, LINES) if record.kind == "practice"
    ]
    rare = [at for at, record in enumerate(found) if record.country == "TM"]
    assert rare == [1, 501, 1001]
    assert [at for at, record in enumerate(found) if "tk" in record.languages] == rare


def test_passages_beyond_the_real_ones_are_made_of_two_of_their_language() -> None:
    pieces = [piece for record in corpus.records(15_000, KNOWN, LINES) for piece in record.pieces]
    real = [piece for piece in pieces if not piece.part]
    assert [piece.first for piece in real] == list(range(corpus.REAL + 16))
    made = pieces[len(real) :]
    assert len(made) >= 4900
    assert all(0 < piece.part <= 0.5 for piece in made)
    assert all(real[piece.first].language == piece.language for piece in made)
    assert all(real[piece.second].language == piece.language for piece in made)


def test_no_question_is_asked_twice() -> None:
    sentences = {tag: [f"w{n} x{n} y{n} z{n} v{n} u{n} t{n}" for n in range(400)] for tag in TAGS}
    asked = list(islice(questions(sentences, "seed"), 800))
    assert len({one.text for one in asked}) == 800
    assert {one.language for one in asked if one.long} == set(TAGS)
