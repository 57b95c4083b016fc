"""The network's lists: whole, and named in every working language."""

from __future__ import annotations

from chorsu.kernel.languages import TAGS
from chorsu.records.themes import goal, goals, target, targets, theme, themes
from chorsu.records.viewer import Viewer


def test_there_are_seventeen_goals_and_their_169_targets() -> None:
    assert [one.number for one in goals()] == list(range(1, 18))
    assert len(targets()) == 169
    assert {one.goal for one in targets()} == set(range(1, 18))


def test_everything_has_a_name_in_every_language() -> None:
    for one in (*themes(), *goals(), *targets()):
        assert set(one.names) == set(TAGS)
        assert all(one.name(tag) for tag in TAGS)


def test_codes_are_found_or_not() -> None:
    found = theme("transport")
    assert found is not None
    assert found.name("fr") == found.name("en")
    assert (theme("moon-travel"), goal(18), target("11.99")) == (None, None, None)


def test_a_stranger_sees_what_is_public_only() -> None:
    assert Viewer(member=False).audiences == ("public",)
    assert Viewer(member=True).audiences == ("public", "network")
