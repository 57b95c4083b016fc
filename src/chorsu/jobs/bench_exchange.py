"""`chorsu bench_exchange`: speed and cost of the exchange between two nodes on this machine.

A plain program like the demo: the publisher serves in processes of its own, each phase at the
reading node runs in one of its own, so that its processor time and memory are its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from chorsu.jobs.demo import Demo, DemoError
from chorsu.jobs.demo_nodes import NODES, DemoNode
from chorsu.jobs.embedded import embedded_database

PHASES = Path(__file__).resolve().parents[3] / "bench" / "exchange_phase.py"
FIRST_PORT = 8151
Figures = dict[str, float]


def main(arguments: list[str]) -> int:
    """`chorsu bench_exchange`: 0 when every figure could be taken."""
    parser = argparse.ArgumentParser(prog="chorsu bench_exchange", description=__doc__)
    parser.add_argument("--records", type=int, default=10_000, metavar="N")
    parser.add_argument("--first-port", type=int, default=FIRST_PORT, metavar="PORT")
    parser.add_argument("--json", action="store_true", help="only the line of JSON, no progress")
    options = parser.parse_args(arguments)
    if options.records < 1:
        parser.error("--records must be 1 or more")
    if not PHASES.is_file():
        print(f"chorsu bench_exchange: needs the source tree, {PHASES} is missing", file=sys.stderr)
        return 1
    nodes = [replace(node, port=options.first_port + n) for n, node in enumerate(NODES[:2])]
    with tempfile.TemporaryDirectory(prefix="chorsu-bench-") as folder:
        demo = Demo(Path(folder), nodes, quiet=True)
        try:
            figures = _run(demo, options.records, quiet=options.json)
        except DemoError as failed:
            print(f"chorsu bench_exchange: {failed}", file=sys.stderr)
            return 1
        finally:
            demo.stop()
    print(json.dumps(figures))
    return 0


def _run(demo: Demo, records: int, *, quiet: bool) -> Figures:
    """Make both nodes, then phase by phase."""
    publisher, reader = demo.nodes
    databases = {n.city: embedded_database(demo.folder / "postgres", n.city) for n in demo.nodes}
    for node in demo.nodes:
        demo.configure(node, databases[node.city])
        demo.command(node, databases[node.city], "init")
    if not quiet:
        demo.say(f"{publisher.city}: publishing {records} practices")
    demo.command(publisher, databases[publisher.city], "load_sample", "--practices", str(records))
    for node in demo.nodes:
        demo.start(node, databases[node.city], "serve")
    for node in demo.nodes:
        demo.wait_for_page(node)
    for node, other in ((publisher, reader), (reader, publisher)):
        demo.command(node, databases[node.city], "peers", "add", "--confirm", other.address)

    def phase(name: str, *more: str) -> Figures:
        if not quiet:
            demo.say(" ".join((name, *more)))
        return _phase(demo, reader, databases[reader.city], name, publisher.address, *more)

    return _figures(
        verify=phase("verify"),
        copy=phase("first_copy"),
        index=phase("index"),
        dropped=phase("sickle_nothing", "whole"),
        saved=phase("sickle_orm", "dublin-core"),
        core=phase("sickle_nothing", "dublin-core"),
    )


def _phase(demo: Demo, node: DemoNode, database: str, *arguments: str) -> Figures:
    done = subprocess.run(
        [sys.executable, str(PHASES), *arguments],
        env=demo.environment(node, database),
        cwd=demo.folder / node.city,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise DemoError(f"{' '.join(arguments)} failed:\n{done.stderr}")
    found: Figures = json.loads(done.stdout.splitlines()[-1])
    return found


def _figures(
    *,
    verify: Figures,
    copy: Figures,
    index: Figures,
    dropped: Figures,
    saved: Figures,
    core: Figures,
) -> Figures:
    """What is printed; the name of each figure ends in its unit."""
    copied, stored = copy["records"] / copy["seconds"], saved["records"] / saved["seconds"]
    return {
        "records": copy["records"],
        "verify_entries_per_s": round(verify["entries"] / verify["checking_seconds"]),
        "first_copy_records_per_s": round(copied, 1),
        "first_copy_cpu_ms_per_record": round(1000 * copy["cpu_seconds"] / copy["records"], 2),
        "first_copy_peak_mb": copy["peak_mb"],
        "first_copy_bytes_per_record": round(copy["bytes"] / copy["records"]),
        "indexed_later_records": index["records"],
        "indexing_records_per_s": round(index["records"] / index["seconds"], 1),
        "sickle_orm_records_per_s": round(stored, 1),
        "sickle_dropping_whole_records_per_s": round(dropped["records"] / dropped["seconds"], 1),
        "sickle_dropping_dublin_core_records_per_s": round(core["records"] / core["seconds"], 1),
        "oai_pmh_whole_bytes_per_record": round(dropped["bytes"] / dropped["records"]),
        "oai_pmh_dublin_core_bytes_per_record": round(core["bytes"] / core["records"]),
        "first_copy_to_sickle_orm_ratio": round(copied / stored, 2),
        "first_copy_to_sickle_dropping_whole_ratio": round(
            copied / (dropped["records"] / dropped["seconds"]), 2
        ),
    }
