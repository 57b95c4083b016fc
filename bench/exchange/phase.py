"""One phase of `chorsu bench_exchange`, in a process of its own at one of its nodes.

    CHORSU_CONFIG=/path/chorsu.toml python -m bench.exchange.phase PHASE ADDRESS [OF_THE_PHASE ...]

Prints one JSON object: `seconds` by the clock, `cpu_seconds` of this process, `peak_mb` of its
memory, `bytes` that crossed the wire and what the phase counts. `ADDRESS` is of the other node.
"""

from __future__ import annotations

import json
import sys
import time

from bench.exchange import harvesting
from bench.exchange.counting import counted
from bench.exchange.harvesting import Figures

from chorsu.config import cli


def publish(_address: str) -> Figures:
    """So many practices in three languages at this node; goes on where it was."""
    from bench.exchange.content import publish_many

    from chorsu.exchange.queries import feed_size

    return {"records": publish_many(count=int(sys.argv[3]) - feed_size())}


def verify(address: str) -> Figures:
    """Every entry from served bundles, in steps as a puller takes them, proven by served tiles."""
    from chorsu.exchange import keys
    from chorsu.exchange.client import PeerClient
    from chorsu.exchange.queries import peers
    from chorsu.flows.looking import PREFIX
    from chorsu.wire import trust
    from chorsu.wire.merkle import Range, consistency_proof
    from chorsu.wire.note import MAX_NOTE_BYTES
    from chorsu.wire.tiles import bundles_for, decode_bundle, hash_reader

    key = next(peer.key for peer in peers() if peer.address == address)
    with PeerClient(address, key=keys.signing_key()) as client:
        note = client.get(f"{PREFIX}checkpoint", max_bytes=MAX_NOTE_BYTES)
        offered = trust.check_offer(None, Range.empty(), note, key)
        places = list(bundles_for(0, offered.size))
        served = [client.get(PREFIX + place.path, max_bytes=1 << 24) for place in places]
        tiles: dict[str, bytes] = {}

        def tile(place: object) -> bytes:
            path = PREFIX + str(getattr(place, "path", ""))
            return tiles.setdefault(path, client.get(path, max_bytes=1 << 16))

        hash_at = hash_reader(offered.size, tile)
        ends = [min((n + 16) * 256, offered.size) for n in range(0, len(places), 16)]
        proofs = [consistency_proof(end, offered.size, hash_at) for end in ends]
    started, edge = time.perf_counter(), Range.empty()
    for step, (_, proof) in enumerate(zip(ends, proofs, strict=True)):
        part = slice(step * 16, (step + 1) * 16)
        leaves = [
            leaf
            for place, data in zip(places[part], served[part], strict=True)
            for leaf in decode_bundle(data, place.width)
        ]
        edge = trust.advance_part(edge, offered, leaves, proof)
    took = time.perf_counter() - started
    return {"entries": edge.size, "checking_seconds": took}


def first_copy(address: str) -> Figures:
    """From an empty peer to everything stored, accepted and readable; not yet found by search."""
    from chorsu.exchange.queries import peers
    from chorsu.flows.pulling import pull
    from chorsu.kernel.clock import utc_now
    from chorsu.practices.models import Practice

    peer = next(peer for peer in peers() if peer.address == address)
    pull(peer_name=peer.name, now=utc_now())
    readable = Practice.objects.filter(origin=peer.name, withdrawn_at=None).count()
    return {"records": readable}


def index(address: str) -> Figures:
    """What first_copy left to a worker: words into the index (vectors come later still)."""
    from chorsu.flows.indexing import index_some

    return {"records": index_some(limit=int(sys.argv[3]))}


def sickle_nothing(address: str) -> Figures:
    """Sickle reads every record over OAI-PMH and drops it."""
    return harvesting.drop(address, sys.argv[3], int(sys.argv[4]))


def sickle_orm(address: str) -> Figures:
    """Sickle reads every record over OAI-PMH; each is saved by the ORM, one by one."""
    save = {"whole": harvesting.save_whole, "dublin-core": harvesting.save_core}[sys.argv[3]]
    return save(address, int(sys.argv[4]))


PHASES = {
    one.__name__: one for one in (publish, verify, first_copy, index, sickle_nothing, sickle_orm)
}


def main() -> None:
    cli.prepare()
    phase, address = PHASES[sys.argv[1]], sys.argv[2]
    with counted() as cost:
        figures = phase(address)
    figures.setdefault("bytes", cost.bytes)
    figures |= {
        "seconds": round(cost.seconds, 3),
        "cpu_seconds": round(cost.cpu_seconds, 3),
        "peak_mb": round(cost.peak_mb, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
