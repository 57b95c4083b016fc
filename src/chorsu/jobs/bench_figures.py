"""What `chorsu bench_exchange` prints, and which of the figures miss what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST_MB = 150
GROWTH = 1.5
"""Of time, from the shortest log to the longest: what differs more is no noise."""


def figures(taken: Mapping[str, Any]) -> dict[str, Any]:
    """The figures; the name of each ends in its unit."""
    verify, copy, index = taken["verify"], taken["first_copy"], taken["index"]
    copied = _rate(copy)
    names = ("orm", "orm_core", "whole", "core")
    orm, orm_core, whole, core = (_rate(taken[f"sickle_{name}"]) for name in names)
    return {
        "records": copy["records"],
        "published_in_bulk_records_per_s": round(_rate(taken["publish"]), 1),
        "verify_entries_per_s": round(verify["entries"] / verify["checking_seconds"]),
        "first_copy_records_per_s": round(copied, 1),
        "first_copy_cpu_ms_per_record": round(1000 * copy["cpu_seconds"] / copy["records"], 2),
        "first_copy_peak_mb": copy["peak_mb"],
        "first_copy_bytes_per_record": _bytes(copy),
        "indexed_later_records": index["records"],
        "indexing_records_per_s": round(_rate(index), 1),
        "sickle_records": taken["sickle_orm"]["records"],
        "sickle_orm_whole_records_per_s": round(orm, 1),
        "sickle_orm_dublin_core_records_per_s": round(orm_core, 1),
        "sickle_dropping_whole_records_per_s": round(whole, 1),
        "sickle_dropping_dublin_core_records_per_s": round(core, 1),
        "oai_pmh_whole_bytes_per_record": _bytes(taken["sickle_whole"]),
        "oai_pmh_dublin_core_bytes_per_record": _bytes(taken["sickle_core"]),
        "first_copy_to_sickle_orm_whole_ratio": round(copied / orm, 2),
        "first_copy_to_sickle_orm_dublin_core_ratio": round(copied / orm_core, 2),
        "first_copy_to_sickle_dropping_whole_ratio": round(copied / whole, 2),
        **{f"load_{name}": value for name, value in taken["load"].items()},
        "curve": [value for name, value in taken.items() if name.startswith("curve ")],
    }


def missed(found: Mapping[str, Any]) -> list[str]:
    """Names of the figures that are not what is wanted of them."""
    first, last = found["curve"][0], found["curve"][-1]
    wanted = {
        "verify_entries_per_s": found["verify_entries_per_s"] >= 50_000,
        "first_copy_to_sickle_orm_whole_ratio": (
            found["first_copy_to_sickle_orm_whole_ratio"] >= 10
        ),
        "first_copy_to_sickle_dropping_whole_ratio": (
            found["first_copy_to_sickle_dropping_whole_ratio"] >= 1.5
        ),
        "load_readable_p50_ms": found["load_readable_p50_ms"] < 500,
        "load_readable_p95_ms": found["load_readable_p95_ms"] < 1000,
        "load_pages_per_s": found["load_pages_per_s"] >= 19,
        "curve_requests": last["requests"] <= first["requests"],
        "curve_bytes": last["bytes"] <= 1.1 * first["bytes"],
        "curve_ms": last["ms"] <= GROWTH * first["ms"],
        "first_copy_peak_mb": found["first_copy_peak_mb"] < MOST_MB,
        "curve_peak_mb": all(one["peak_mb"] < MOST_MB for one in found["curve"]),
    }
    return [name for name, holds in wanted.items() if not holds]


def _rate(phase: Mapping[str, float]) -> float:
    """Records a second."""
    return phase["records"] / phase["seconds"]


def _bytes(phase: Mapping[str, float]) -> int:
    return round(phase["bytes"] / phase["records"])
