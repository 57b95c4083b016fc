"""Attacks on a target as Hypothesis makes and shrinks them."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from tests.fuzz.mutations import mutated
from tests.fuzz.target import Target


def attacks(target: Target) -> st.SearchStrategy[bytes]:
    """Almost valid inputs of a target, and now and then plain noise."""

    def made(random: Random, seed: bytes, other: bytes, sealed: bool) -> bytes:
        data = mutated(random, seed, target.shape, other)
        return target.seal(data) if target.seal and sealed else data

    seeds = st.sampled_from(target.seeds)
    almost = st.builds(made, st.randoms(use_true_random=False), seeds, seeds, st.booleans())
    return st.one_of(almost, almost, almost, st.binary(max_size=200))
