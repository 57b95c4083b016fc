"""Kolibri under the load of the timed quiz, as small as it can be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from bench.training.kolibri import UNREACHABLE

from chorsu.jobs.embedded import embedded_database
from tests.nodes.test_demo import free_ports

pytestmark = pytest.mark.nodes
LEARNERS = 3
NO_INDEX = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_FIND_LINKS": "",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple/",
    "PIP_RETRIES": "1",
}
"""A package index at a port where nothing listens."""


@pytest.mark.skipif("KOLIBRI" not in os.environ, reason="installs Kolibri: KOLIBRI=1 asks for it")
def test_kolibri_serves_the_same_learners_and_keeps_what_it_told(tmp_path: Path) -> None:
    found = _kolibri(tmp_path)
    if found == UNREACHABLE:
        pytest.skip(UNREACHABLE)

    assert not isinstance(found, str), found
    assert "first_failure" not in found
    assert found["answers_told_saved"] == found["answers"] == LEARNERS * 20
    assert (found["answers_lost"], found["answers_doubled"], found["attempts_wrong"]) == (0, 0, 0)
    assert (found["attempts_handed_in"], found["learners_failed"]) == (LEARNERS, 0)
    assert found["answer_p99_ms"] >= found["answer_p50_ms"] > 0
    assert found["lesson_page_p95_ms"] > 0
    assert found["quiz_page_p95_ms"] > 0
    assert found["server_cpu_s"] > 0
    # By a way of its own, what Kolibri's tables hold: each answer of each learner, once.
    with psycopg.connect(embedded_database(tmp_path / "postgres", "kolibri")) as connection:
        rows = connection.execute(
            "SELECT count(*), count(DISTINCT (user_id, item)), count(DISTINCT user_id)"
            " FROM logger_attemptlog"
        ).fetchone()
    assert rows == (LEARNERS * 20, LEARNERS * 20, LEARNERS)
    assert not _running(tmp_path)


def test_without_the_package_index_it_says_in_words_why_there_are_no_figures(
    tmp_path: Path,
) -> None:
    assert _kolibri(tmp_path, **NO_INDEX) == UNREACHABLE


def _kolibri(folder: Path, **more: str) -> dict[str, float] | str:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CHORSU_") and name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    bench = subprocess.Popen(
        [
            *(sys.executable, "-m", "bench.training.kolibri", "--learners", str(LEARNERS)),
            *("--minutes", "0.2", "--folder", str(folder), "--first-port", str(free_ports(2))),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | more,
    )
    try:
        printed, said = bench.communicate(timeout=1800)
    finally:
        # Asked, it ends what it has started; killed, it could not.
        bench.terminate()
        bench.wait()
    assert bench.returncode == 0, said
    found: dict[str, float] | str = json.loads(printed)["kolibri"]
    return found


def _running(folder: Path) -> list[str]:
    """Command lines of processes that still run from its environment."""
    lines = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(line.read_text(errors="replace").replace("\0", " "))
        except OSError:  # it has ended meanwhile
            continue
    return [line for line in lines if str(folder / "kolibri" / "venv") in line]
