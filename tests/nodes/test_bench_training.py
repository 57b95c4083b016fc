"""The bench of a timed quiz, as small as it can be: nothing is lost though all of it is killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bench.training.kolibri import UNREACHABLE

from tests.nodes.test_bench_kolibri import NO_INDEX
from tests.nodes.test_demo import free_ports

pytestmark = pytest.mark.nodes


def test_no_answer_is_lost_or_doubled_when_what_serves_is_killed(tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CHORSU_") and name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench.training", "--learners", "12", "--minutes", "0.3"),
            *("--certificates", "30"),
            *("--folder", str(tmp_path), "--first-port", str(free_ports(3))),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
        env=environment | NO_INDEX,
    )

    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["answers_told_saved"] == figures["answers"] == 12 * 20
    assert (figures["answers_lost"], figures["answers_doubled"]) == (0, 0)
    assert (figures["attempts_handed_in"], figures["learners_failed"]) == (12, 0)
    assert figures["lesson_page_p95_ms"] > 0
    assert figures["quiz_page_p95_ms"] > 0
    assert min(figures[f"{name}_cpu_s"] for name in ("server", "worker", "database")) > 0
    # What cannot be installed beside it is said, and is no trouble of its own figures.
    assert figures["beside"] == {"kolibri": UNREACHABLE}
    assert figures["certificates"] == 30
    assert figures["certificates_issued_per_min"] > 0
    rates = [name for name in figures if name.startswith("certificates_verified_per_s")]
    assert len(rates) == 4
    # In `missed` are those that are too slow, on this machine and beside other work, and no others.
    slow = {name for name in rates if figures[name] < 2000}
    assert {name for name in figures["missed"] if name in rates} == slow
    assert 0 < figures["course_page_queries"] <= 10
    assert 0 < figures["unit_page_queries"] <= 10
