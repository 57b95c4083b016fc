"""One target under libFuzzer: `python -m tests.fuzz.guided NAME`, and options of libFuzzer.

Half of the inputs are libFuzzer's own changes, which follow the coverage of our code; half are
changes in the way of the format.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(
    include=["chorsu", "http_message_signatures", "http_sf"], enable_loader_override=False
):
    from tests.fuzz.mutations import mutated
    from tests.fuzz.target import check
    from tests.fuzz.targets import TARGETS


def main() -> None:
    name, *options = sys.argv[1:]
    target = next(one for one in TARGETS if one.name == name)

    def attacked(data: bytes) -> None:
        check(target, data)

    def changed(data: bytes, max_size: int, seed: int) -> bytes:
        random = Random(seed)
        if random.randrange(2):
            data = atheris.Mutate(data, max_size)
        else:
            data = mutated(random, data, target.shape, random.choice(target.seeds))
        if target.seal and random.randrange(2):
            data = target.seal(data)
        return data[:max_size]

    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(target.seeds):
            Path(corpus, str(number)).write_bytes(target.seal(seed) if target.seal else seed)
        atheris.Setup([sys.argv[0], *options, corpus], attacked, custom_mutator=changed)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
