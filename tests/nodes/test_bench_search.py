"""The bench of search, as small as it can be: every figure is taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chorsu.jobs.bench_search_figures import SYSTEMS, table
from chorsu.kernel.languages import TAGS

pytestmark = pytest.mark.nodes


def test_every_figure_is_taken_at_two_sizes_and_beside_others(tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CHORSU_") and name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    command = [
        *(sys.executable, "-m", "chorsu.config.cli", "bench_search", "--json"),
        *("--sizes", "60,30", "--questions", "16", "--lines", "1", "--aligned-lines", "2"),
        *("--folder", str(tmp_path)),
    ]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=900, env=environment
    )

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    # 2 lines in 8 languages, and records of 18 passages until there are enough.
    assert [one["passages"] for one in figures["sizes"]] == [34, 70]
    assert [one["records"] for one in figures["sizes"]] == [17, 19]
    assert figures["sizes"][1]["rare_records"] == 1
    assert figures["embedding"]["real_vectors"] == 70
    for one in figures["sizes"]:
        # Where the ten nearest are a third of all, the index finds every one of them.
        assert one["recall"]["recall_at_10"] == 1.0
        assert one["narrowed"]["rare_lost"] == 0
        assert one["alone"]["search_p50_ms"] > one["alone"]["embedding_p50_ms"] > 0
        assert one["together"]["at_once"] == 8
    assert figures["beside"].keys() == SYSTEMS.keys()
    assert figures["beside"]["chorsu"]["r10_by_query_language"].keys() == set(TAGS)
    assert all(f"| {title} |" in table(figures) for title in SYSTEMS.values())

    again = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, env=environment
    )
    assert json.loads(again.stdout) == figures  # what was taken is not taken anew
