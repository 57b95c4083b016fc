"""The bench of the exchange, as small as it can be: every figure is taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nodes.test_demo import free_ports

pytestmark = pytest.mark.nodes


def test_every_figure_is_taken(tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CHORSU_") and name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "chorsu.config.cli", "bench_exchange", "--json"),
            *("--records", "20", "--sampled", "15", "--rounds", "1", "--leaves", "10000"),
            *("--folder", str(tmp_path), "--first-port", str(free_ports(4))),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env=environment,
    )

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    # Rates of so few records say nothing, but that all came and what it costs to catch up do.
    assert (figures["records"], figures["sickle_records"]) == (20, 15)
    assert figures["load_published"] == 5
    assert [point["leaves"] for point in figures["curve"]] == [1000, 9960]
    assert figures["curve"][0]["requests"] == figures["curve"][1]["requests"]
    assert figures["curve"][0]["queries"] == figures["curve"][1]["queries"]
    assert not {"curve_bytes", "curve_peak_mb", "first_copy_peak_mb"} & set(figures["missed"])
    assert all(
        value is not None for value in json.loads((tmp_path / "figures.json").read_text()).values()
    )
