"""A short round of fuzzing for every run of the tests; `make fuzz` goes on for as long as told."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.attacks import attacks
from tests.fuzz.target import Target, check
from tests.fuzz.targets import TARGETS

BY_NAME = {target.name: target for target in TARGETS}


@pytest.mark.filterwarnings("ignore")  # of Pillow, about broken pictures
@pytest.mark.parametrize("name", BY_NAME)
def test_only_the_refusals_of_a_reader_come_out_of_it(name: str) -> None:
    target: Target = BY_NAME[name]

    @settings(max_examples=40, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(attacks(target))
    def attacked(data: bytes) -> None:
        check(target, data)

    attacked()


@pytest.mark.parametrize("name", BY_NAME)
def test_a_seed_of_each_reader_is_taken(name: str) -> None:
    target = BY_NAME[name]
    taken = [check(target, target.seal(seed) if target.seal else seed) for seed in target.seeds]
    assert any(taken)
