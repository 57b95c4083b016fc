"""The whole of it: three nodes as processes, over HTTP, doing the main job."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.nodes


def free_ports(count: int) -> int:
    """The first of as many neighbouring free ports."""
    # Tests side by side look in ranges of their own, or both would find the same ports free.
    beside = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for first in range(18101 + 400 * beside, 18501 + 400 * beside, 10):
        try:
            for port in range(first, first + count):
                with socket.socket() as tried:
                    tried.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    pytest.fail("no free ports")


def demo(folder: Path, port: int, *more: str) -> subprocess.Popen[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CHORSU_") and name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "chorsu.config.cli", "demo"),
            *("--folder", str(folder), "--first-port", str(port), *more),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | {"PYTHONUNBUFFERED": "1"},
    )


def test_the_main_job_then_a_second_start_with_what_was_there(tmp_path: Path) -> None:
    port = free_ports(3)
    does_the_main_job(tmp_path, port)
    starts_again_and_ends_by_ctrl_c(tmp_path, port)


def does_the_main_job(folder: Path, port: int) -> None:
    process = demo(folder, port, "--check")
    out, progress = process.communicate(timeout=900)

    assert out, progress
    figures = json.loads(out)
    assert figures["problems"] == []
    assert process.returncode == 0, progress
    assert figures["publish_to_readable_s"] < 10
    assert figures["rank"] >= 1


def starts_again_and_ends_by_ctrl_c(folder: Path, port: int) -> None:
    process = demo(folder, port)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C stops" in line:
            break
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 0, said
    assert [line for line in lines if "loading people" in line] == []
    with socket.socket() as tried:
        # Connections this side closed linger for a minute; only one who listens is in the way.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tried.bind(("127.0.0.1", port))
        tried.listen()


def test_a_second_demo_on_the_same_ports_touches_nothing_and_says_why(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = demo(tmp_path / "demo", taken.getsockname()[1], "--fresh")
        _out, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "--first-port" in said
    assert not (tmp_path / "demo").exists()
