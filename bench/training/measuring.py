"""Shares of times, and the processor time of what serves."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

EVERY_S = 1.0


def shares(name: str, times: Sequence[float], *wanted: float) -> dict[str, float]:
    """`name_p50_ms` and so on, by the nearest rank; 0 where nothing was timed."""
    ordered = sorted(times)
    return {
        f"{name}_p{share * 100:g}_ms": round(
            ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1
        )
        if ordered
        else 0
        for share in wanted
    }


class Meter:
    """Processor seconds of process trees while it watches; what ended in them is counted too.

    `roots` tells, each time anew, the process id at the root of each named tree, for a server that
    was killed comes back as another process. Only where there is /proc; elsewhere no figure.
    """

    def __init__(self, roots: Callable[[], Mapping[str, int]]) -> None:
        self.roots = roots
        self.before: dict[tuple[str, int], float] = {}
        self.spent: dict[tuple[str, int], float] = {}
        self._read(begun=True)

    async def watch(self) -> None:
        """Read until cancelled: what a killed root had used is known to the second."""
        while True:
            await asyncio.sleep(EVERY_S)
            await asyncio.to_thread(self._read)

    def figures(self) -> dict[str, float]:
        """`name_cpu_s` of each tree."""
        self._read()
        sums: defaultdict[str, float] = defaultdict(float)
        for (name, root), seconds in self.spent.items():
            sums[name] += seconds - self.before.get((name, root), 0.0)
        return {f"{name}_cpu_s": round(seconds, 1) for name, seconds in sums.items()}

    def _read(self, *, begun: bool = False) -> None:
        table = _processes()
        for name, root in self.roots().items():
            if root in table:
                self.spent[name, root] = _tree(table, root)
                if begun:
                    self.before[name, root] = self.spent[name, root]


def postgres(folder: Path) -> dict[str, int]:
    """The root of the PostgreSQL whose data lies there, as `database`; nothing while it is down."""
    try:
        return {"database": int((folder / "postmaster.pid").read_text().splitlines()[0])}
    except (OSError, ValueError, IndexError):
        return {}


def _processes() -> dict[int, tuple[int, float]]:
    """Process id -> its parent and its seconds, those of its children that ended among them."""
    ticks = os.sysconf("SC_CLK_TCK")
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # After the name, which may hold anything: proc(5), fields 3 (state) and on.
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        used = sum(int(fields[place]) for place in range(11, 15))
        found[int(stat.parent.name)] = (int(fields[1]), used / ticks)
    return found


def _tree(table: Mapping[int, tuple[int, float]], root: int) -> float:
    children: defaultdict[int, list[int]] = defaultdict(list)
    for process, (parent, _seconds) in table.items():
        children[parent].append(process)
    total, waiting = 0.0, [root]
    while waiting:
        process = waiting.pop()
        total += table[process][1]
        waiting.extend(children[process])
    return total
