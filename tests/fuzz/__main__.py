"""`python -m tests.fuzz hypothesis|atheris --seconds 600`: fuzzes every reader, longer than a test.

The time is shared evenly. Each input that breaks something is written to `var/fuzz`, and the
program ends with 1; what is found belongs into the vectors, with a name that says the attack.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import resource
import subprocess
import sys
import time
import traceback
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, given, settings

from tests.fuzz.attacks import attacks
from tests.fuzz.target import Target, check
from tests.fuzz.targets import TARGETS

FOUND = Path(__file__).parents[2] / "var" / "fuzz"
EXAMPLES = 100
MAX_MEMORY = 1500
"""MiB for the process that reads, whatever it is given."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    parser.add_argument("part", choices=("hypothesis", "atheris"))
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--only", choices=[target.name for target in TARGETS], action="append")
    arguments = parser.parse_args()
    chosen = [one for one in TARGETS if not arguments.only or one.name in arguments.only]
    FOUND.mkdir(parents=True, exist_ok=True)
    each = arguments.seconds / len(chosen)
    part = _with_hypothesis if arguments.part == "hypothesis" else _with_atheris
    broken = [target.name for target in chosen if part(target, each)]
    print(f"broken: {', '.join(broken) or 'nothing'}", flush=True)
    return int(bool(broken))


def _with_hypothesis(target: Target, seconds: float) -> bool:
    """Batches of examples until the time is over; whether something was found."""
    counted = taken = batch = 0
    made = b""
    end = time.monotonic() + seconds

    while time.monotonic() < end:
        batch += 1

        @hypothesis.seed(batch)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(attacks(target))
        def attacked(data: bytes) -> None:
            nonlocal counted, taken, made
            counted, made = counted + 1, data
            taken += check(target, data)

        try:
            attacked()
        except KeyboardInterrupt:
            raise
        except BaseException:  # a panic of a library in another language is one of these
            where = FOUND / f"{target.name}-{hashlib.sha256(made).hexdigest()[:12]}"
            where.write_bytes(made)
            traceback.print_exc()
            print(f"{target.name}: broken by {where}", flush=True)
            return True
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{target.name}: {counted} inputs, {taken} taken, {peak} MiB at most", flush=True)
    return peak > MAX_MEMORY


def _with_atheris(target: Target, seconds: float) -> bool:
    """libFuzzer never gives its process back: each target has one of its own."""
    command = [sys.executable, "-m", "tests.fuzz.guided", target.name]
    options = [
        f"-max_total_time={max(1, round(seconds))}",
        f"-artifact_prefix={FOUND}/{target.name}-",
        f"-rss_limit_mb={MAX_MEMORY}",
        "-timeout=20",
        "-max_len=100000",
        "-print_final_stats=1",
    ]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    told = dict(
        line.removeprefix("stat::").split(":", 1)
        for line in done.stderr.splitlines()
        if line.startswith("stat::")
    )
    executed = told.get("number_of_executed_units", "no").strip()
    peak = told.get("peak_rss_mb", "?").strip()
    covered = re.findall(r"cov: (\d+)", done.stderr)[-1:] or ["?"]
    print(
        f"{target.name}: {executed} inputs, {covered[0]} edges covered, {peak} MiB at most",
        flush=True,
    )
    if done.returncode:
        print(done.stdout[-4000:], done.stderr[-6000:], flush=True)
    return bool(done.returncode)


if __name__ == "__main__":
    sys.exit(main())
