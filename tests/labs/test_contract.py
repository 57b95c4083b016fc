"""What every lab of this node keeps to, and how what is typed is read."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from chorsu.kernel.languages import TAGS
from chorsu.labs import registry
from chorsu.labs.contract import Field, Group, Lab, Task, drawn, read, seed_of
from chorsu.labs.registry import LabTwice, labs


@pytest.fixture
def fresh_table() -> Iterator[None]:
    labs.cache_clear()
    yield
    labs.cache_clear()


def choices_of(lab: Lab, seed: str, value: int) -> dict[str, int]:
    return {field.name: value for group in lab.task(seed, "en").groups for field in group.fields}


@pytest.mark.parametrize("code", sorted(labs()))
def test_a_lab_speaks_eight_languages_and_scores_the_same_in_each(code: str) -> None:
    lab = labs()[code]
    names = {lab.name(tag) for tag in TAGS}
    tasks = [lab.task("seed", tag) for tag in TAGS]
    outcomes = [lab.run("seed", choices_of(lab, "seed", 5), tag) for tag in TAGS]
    assert len(names) == len({one.intro for one in tasks}) == len({one.said for one in outcomes})
    assert len(names) == len(TAGS)
    assert len({one.percent for one in outcomes}) == 1
    shape = [[field.name for group in one.groups for field in group.fields] for one in tasks]
    assert all(one == shape[0] for one in shape)


@pytest.mark.parametrize("code", sorted(labs()))
def test_a_lab_says_the_same_of_the_same_choices(code: str) -> None:
    lab = labs()[code]
    first = lab.run("a", choices_of(lab, "a", 7), "ru")
    assert lab.run("a", choices_of(lab, "a", 7), "ru") == first
    assert lab.task("a", "en") != lab.task("b", "en")


def test_what_is_typed_is_read_as_whole_numbers_within_bounds_and_nothing_else() -> None:
    task = Task("", "", [Group("", [Field("a", "A", 10), Field("b", "B", 10)])])
    assert read(task, {"a": " 7 ", "percent": "100"}).choices == {"a": 7, "b": 0}
    for bad in ("11", "-1", "1.5", "٣", "1e1", "x", "99999999"):
        found = read(task, {"a": bad})
        assert (found.wrong, found.choices) == (["a"], {"b": 0})


def test_a_seed_is_its_parts_and_a_draw_keeps_within_bounds() -> None:
    assert seed_of("a", 1) == seed_of("a", 1) != seed_of("a", 2)
    found = {drawn(str(number), "x", 3, 5) for number in range(100)}
    assert found == {3, 4, 5}


def test_an_installed_package_brings_a_lab_by_its_entry_point(
    monkeypatch: pytest.MonkeyPatch, fresh_table: None
) -> None:
    point = EntryPoint("traffic", "tests.labs.another_lab:LAB", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group else [])
    assert sorted(labs()) == ["traffic", "village-budget"]


def test_two_labs_of_one_code_are_refused(
    monkeypatch: pytest.MonkeyPatch, fresh_table: None
) -> None:
    point = EntryPoint("again", "chorsu.labs.registry:OWN", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    monkeypatch.setattr(EntryPoint, "load", lambda self: registry.OWN[0])
    with pytest.raises(LabTwice):
        labs()
