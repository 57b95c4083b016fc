"""`chorsu bench_exchange` on the command line, what it keeps and what it judges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chorsu.jobs.bench_exchange import main
from chorsu.jobs.bench_figures import figures, missed
from chorsu.jobs.bench_kept import Kept


def point(leaves: int, **changed: float) -> dict[str, float]:
    return {"leaves": leaves, "requests": 4, "bytes": 90_000, "ms": 40.0, "peak_mb": 90} | changed


def taken(**changed: dict[str, float]) -> dict[str, Any]:
    """What a run measures that misses nothing."""
    hundred = {"records": 100, "seconds": 1.0, "bytes": 1_000_000}
    return {
        "publish": hundred,
        "verify": {"entries": 100, "checking_seconds": 0.001},
        "first_copy": hundred | {"records": 1500, "cpu_seconds": 1.0, "peak_mb": 90.0},
        "index": hundred,
        "sickle_whole": hundred | {"records": 1000},
        "sickle_orm": hundred | {"records": 150},
        "sickle_orm_core": hundred,
        "sickle_core": hundred,
        "load": {"readable_p50_ms": 499.0, "readable_p95_ms": 999.0, "pages_per_s": 20.0},
        "curve 1000": point(1000),
        "curve 10000": point(9960, bytes=99_000, ms=60.0),
    } | changed


def test_a_run_that_reaches_every_target_misses_none() -> None:
    assert missed(figures(taken())) == []


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("verify_entries_per_s", {"verify": {"entries": 100, "checking_seconds": 0.0021}}),
        ("first_copy_to_sickle_orm_whole_ratio", {"sickle_orm": {"records": 151, "seconds": 1}}),
        (
            "first_copy_to_sickle_dropping_whole_ratio",
            {"sickle_whole": {"records": 1010, "seconds": 1, "bytes": 1}},
        ),
        ("load_readable_p50_ms", {"load": taken()["load"] | {"readable_p50_ms": 500.0}}),
        ("load_readable_p95_ms", {"load": taken()["load"] | {"readable_p95_ms": 1000.0}}),
        ("load_pages_per_s", {"load": taken()["load"] | {"pages_per_s": 12.0}}),
        ("curve_requests", {"curve 10000": point(9960, requests=5)}),
        ("curve_bytes", {"curve 10000": point(9960, bytes=99_001)}),
        ("curve_ms", {"curve 10000": point(9960, ms=61.0)}),
        ("curve_peak_mb", {"curve 10000": point(9960, peak_mb=150.0)}),
    ],
)
def test_a_target_that_is_missed_is_named(name: str, changed: dict[str, Any]) -> None:
    assert missed(figures(taken(**changed))) == [name]


def test_a_run_that_was_cut_goes_on_with_what_is_missing(tmp_path: Path) -> None:
    measured: list[str] = []

    def take(name: str) -> dict[str, str]:
        measured.append(name)
        if measured == ["verify", "first_copy"]:
            raise KeyboardInterrupt
        return {"of": name}

    first = Kept(tmp_path / "figures.json", lambda _: None)
    first.once("verify", lambda: take("verify"))
    with pytest.raises(KeyboardInterrupt):
        first.once("first_copy", lambda: take("first_copy"))
    again = Kept(tmp_path / "figures.json", lambda _: None)
    cut = [name for name in ("verify", "first_copy", "index") if again.was_cut(name)]
    for name in ("verify", "first_copy"):
        again.once(name, lambda name=name: take(name))

    assert cut == ["first_copy"]
    assert measured == ["verify", "first_copy", "first_copy"]
    assert again.taken == {"verify": {"of": "verify"}, "first_copy": {"of": "first_copy"}}


@pytest.mark.parametrize(
    ("argument", "said"), [("--records", "1 or more"), ("--leaves", "1000 or more")]
)
def test_numbers_too_small_are_refused(
    argument: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main([argument, "0"])
    assert left.value.code == 2
    assert said in capsys.readouterr().err
