"""What `chorsu bench_search` prints, which figures miss what is wanted, and its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

SYSTEMS = {
    "chorsu": "Chorsu",
    "raw_e5": "multilingual-e5-small as it is, same vector index",
    "tantivy": "tantivy, BM25",
    "full_text_own": "PostgreSQL full text, ru and en by their own rules",
    "full_text_simple": "PostgreSQL full text, `simple`",
    "trigrams": "pg_trgm alone (word similarity)",
}
P95_MS = {100_000: 60.0, 1_000_000: 90.0}
LEAST_RECALL = 0.98
GROWTH = 1.6
"""From 100,000 passages to a million."""
NARROWED_RATIO = 2.0
BEGIN, END = "<!-- bench-search: begin -->", "<!-- bench-search: end -->"


def figures(taken: Mapping[str, Any], sizes: Sequence[int], beside: int) -> dict[str, Any]:
    """The figures; the name of each ends in its unit."""
    return {
        "vectors": (
            "of real sentences put together anew, embedded, for the first"
            f" {taken['embed']['real_vectors']} passages; of every later passage mixed from those"
            " of the two passages its text is mixed from, with noise"
        ),
        "embedding": taken["embed"],
        "sizes": [
            {
                "size": size,
                **taken[f"load {size}"],
                "alone": taken[f"alone {size}"],
                "together": taken[f"together {size}"],
                "narrowed": taken[f"narrowed {size}"],
                "recall": taken[f"recall {size}"],
            }
            for size in sizes
        ],
        "beside_at": beside,
        "beside": {name: taken[f"beside {name}"] for name in SYSTEMS},
    }


def missed(found: Mapping[str, Any]) -> list[str]:
    """Names of the figures that are not what is wanted of them; only sizes that were measured."""
    by_size = {one["size"]: one for one in found["sizes"]}
    wanted: dict[str, bool] = {}
    for size, one in by_size.items():
        if size in P95_MS:
            wanted[f"search_p95_ms_{size}"] = one["alone"]["search_p95_ms"] < P95_MS[size]
        wanted[f"recall_at_10_{size}"] = one["recall"]["recall_at_10"] >= LEAST_RECALL
        wanted[f"rare_to_all_p95_ratio_{size}"] = (
            one["narrowed"]["rare_to_all_p95_ratio"] <= NARROWED_RATIO
        )
        wanted[f"wide_to_all_p95_ratio_{size}"] = (
            one["narrowed"]["wide_to_all_p95_ratio"] <= NARROWED_RATIO
        )
        wanted[f"rare_lost_{size}"] = one["narrowed"]["rare_lost"] == 0
    if by_size.keys() >= P95_MS.keys():
        less, more = (by_size[size]["alone"]["search_p95_ms"] for size in P95_MS)
        wanted["growth"] = more <= GROWTH * less
    best = max(one["r10"] for one in found["beside"].values())
    wanted["r10_of_all"] = found["beside"]["chorsu"]["r10"] >= best
    return [name for name, holds in wanted.items() if not holds]


_ROWS = (
    ("one at a time: p50 / p95 / p99, ms", "alone", "search"),
    ("short questions", "alone", "short"),
    ("long questions", "alone", "long"),
    ("of it the question's vector", "alone", "embedding"),
    ("processor time, asking process and PostgreSQL", "alone", "processor"),
    ("of it PostgreSQL", "alone", "processor_of_postgresql"),
    ("eight at once", "together", "search"),
    ("among 1 in 500, without the vector", "narrowed", "rare_without_embedding"),
    ("among those with a Russian text, without the vector", "narrowed", "wide_without_embedding"),
    ("among all, without the vector", "narrowed", "all_without_embedding"),
)

_MORE = {
    "searches a second, eight at once": ("together.searches_per_s",),
    "recall@10 of the vector index": ("recall.recall_at_10",),
    "1 in 500: time to that among all (p95)": ("narrowed.rare_to_all_p95_ratio",),
    "with a Russian text: time to that among all (p95)": ("narrowed.wide_to_all_p95_ratio",),
    "index of vectors: s to build, MB": ("hnsw_build_s", "hnsw_mb"),
    "index of words: s to build, MB": ("gin_build_s", "gin_mb"),
    "tables of passages, vectors, words, with all indexes, MB": (
        *("search_passage_mb", "search_vector_mb", "search_word_mb"),
    ),
    "memory: asking process, its backend, whole server, MB": (
        *("alone.asking_process_mb", "alone.backend_private_mb", "alone.server_mb"),
    ),
}


def _row(title: str, cells: Sequence[str]) -> str:
    return f"| {title} | " + " | ".join(cells) + " |"


def _cuts(phase: Mapping[str, float], name: str) -> str:
    return " / ".join(f"{phase[f'{name}_p{at}_ms']:g}" for at in (50, 95, 99))


def _values(one: Mapping[str, Any], names: Sequence[str]) -> str:
    found = []
    for name in names:
        phase, _, inner = name.rpartition(".")
        found.append((one[phase] if phase else one)[inner])
    return " / ".join(f"{value:g}" for value in found)


def table(found: Mapping[str, Any]) -> str:
    """The figures as two tables of Markdown."""
    sizes = found["sizes"]
    lines = [
        "| passages | " + " | ".join(f"{one['passages']:,}" for one in sizes) + " |",
        "|---|" + "---|" * len(sizes),
    ]
    for title, phase, name in _ROWS:
        lines.append(_row(title, [_cuts(one[phase], name) for one in sizes]))
    for title, names in _MORE.items():
        lines.append(_row(title, [_values(one, names) for one in sizes]))
    lines += ["", f"At {found['beside_at']:,} passages, the same questions:", ""]
    lines += ["| | R@10 across languages | p50 / p95, ms | s to build |", "|---|---|---|---|"]
    for name, title in SYSTEMS.items():
        one = found["beside"][name]
        times = f"{one['search_p50_ms']:g} / {one['search_p95_ms']:g}"
        lines.append(f"| {title} | {one['r10']:.3f} | {times} | {one['build_s']:g} |")
    lines += ["", "Missed: " + (", ".join(missed(found)) or "nothing") + "."]
    return "\n".join(lines)


def write_table(path: Path, found: Mapping[str, Any]) -> None:
    """Put the tables between their marks. Raises ValueError where there are none."""
    text = path.read_text(encoding="utf-8")
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"{path} has no place for the table: {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n{table(found)}\n{END}{after}", encoding="utf-8")
