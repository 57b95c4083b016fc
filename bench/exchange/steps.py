"""The steps of `chorsu bench_exchange` that go to and fro between two nodes, one process a node.

    CHORSU_CONFIG=/path/chorsu.toml python -m bench.exchange.steps ADDRESS

Reads one step a line, answers each with one line of JSON. `ADDRESS` is of the other node. Both
processes live on from step to step, as workers do: what only a first look costs is not measured
again and again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from bench.exchange.counting import counted

from chorsu.config import cli

Figures = dict[str, float]


def grow(_address: str, size: int) -> Figures:
    """This node's own log holds `size` entries."""
    from bench.exchange import logs

    grown = logs.grow_own(size=size)
    logs.settle()
    return {"grown": grown}


def follow(address: str, _nothing: int) -> Figures:
    """The other node's log, which has grown so, is here to its end."""
    from bench.exchange import logs

    grown = logs.grow_read(address=address)
    logs.settle()
    return {"grown": grown}


def publish(_address: str, count: int) -> Figures:
    """So many practices more, one by one, as an editor publishes them.

    They say the same each time: what they weigh is no difference between two looks.
    """
    from chorsu.exchange.queries import feed_size
    from chorsu.flows.sampling import _publish, recombined
    from chorsu.kernel.clock import utc_now
    from chorsu.kernel.ids import new_id

    size = feed_size()
    for made in recombined(count=count, languages=3):
        _publish(made.sample, new_id(), utc_now())
    return {"published": feed_size() - size}


def look(address: str, _nothing: int) -> Figures:
    """One look at the other node, to its end, with what it costs."""
    from chorsu.exchange.queries import peers
    from chorsu.flows.pulling import pull
    from chorsu.kernel.clock import utc_now

    before = next(peer for peer in peers() if peer.address == address)
    with counted() as cost:
        pull(peer_name=before.name, now=utc_now())
    after = next(peer for peer in peers() if peer.address == address)
    if after.trouble or after.waiting:
        raise RuntimeError(f"{after.name}: {after.trouble} {after.trouble_detail} {after.waiting}")
    return {
        "entries": after.verified_size - before.verified_size,
        "witnessed": after.witnessed_size,
        "requests": cost.requests,
        "bytes": cost.bytes,
        "queries": cost.queries,
        "ms": round(1000 * cost.seconds, 2),
        "peak_mb": round(cost.peak_mb, 1),
    }


STEPS: dict[str, Callable[[str, int], Figures]] = {
    one.__name__: one for one in (grow, follow, publish, look)
}


def main() -> None:
    cli.prepare()
    for line in sys.stdin:
        step, number = line.split()
        print(json.dumps(STEPS[step](sys.argv[1], int(number))), flush=True)


if __name__ == "__main__":
    main()
