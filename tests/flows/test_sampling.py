"""Samples: published as any practice is, once, and the same each time."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import override_settings

from chorsu.config.node import read_settings
from chorsu.exchange.queries import feed_size
from chorsu.flows.sampling import SAMPLE, load_courses, load_many, load_samples
from chorsu.institutions.actions import load_institutions
from chorsu.kernel.languages import TAGS
from chorsu.practices.queries import practice
from chorsu.records.viewer import Viewer
from chorsu.training.queries import courses

pytestmark = pytest.mark.django_db

ONE_STOP_SHOP = "one-stop-shop-kazakhstan"


@pytest.fixture
def node_of_kazakhstan(now: datetime) -> override_settings:
    load_institutions(now=now)
    node = read_settings(
        {"CHORSU_NODE_NAME": "astana.chorsu.example", "CHORSU_NODE_INSTITUTION": "kz-apa"}
    )
    return override_settings(NODE=node, NODE_NAME="astana.chorsu.example")


def test_samples_of_the_own_institution_are_published_once(
    node_of_kazakhstan: override_settings, now: datetime
) -> None:
    with node_of_kazakhstan:
        first, second = load_samples(now=now), load_samples(now=now)

        assert (first, second) == (2, 0)
        assert feed_size() == 2


def test_sample_arrives_in_all_its_languages_with_honest_provenance(
    node_of_kazakhstan: override_settings, now: datetime
) -> None:
    with node_of_kazakhstan:
        load_samples(now=now)
        id_line = next(
            line
            for line in (SAMPLE / ONE_STOP_SHOP / "practice.toml").read_text().splitlines()
            if line.startswith("id")
        )
        view = practice(id_line.split('"')[1], Viewer(member=False, languages=("tk",)))

    provenance = {text.language: text.provenance for text in view.texts}
    assert provenance == {tag: "original" if tag == "kk" else "machine" for tag in TAGS}
    assert view.text.language == "tk"


def test_samples_of_another_institution_are_left_alone(now: datetime) -> None:
    load_institutions(now=now)

    assert load_samples(now=now) == 0


def test_many_made_of_few_are_the_same_each_time(now: datetime) -> None:
    load_institutions(now=now)
    seen: list[int] = []

    load_many(count=3, progress=seen.append)
    size = feed_size()
    load_many(count=3, progress=seen.append)

    assert seen == [1, 2, 3, 1, 2, 3]
    assert (size, feed_size()) == (3, 3)


def test_there_are_eight_samples_in_three_languages_or_more() -> None:
    folders = [path for path in SAMPLE.iterdir() if (path / "practice.toml").is_file()]

    assert len(folders) == 8
    assert all(len(list(folder.glob("*.toml"))) >= 4 for folder in folders)


def test_a_sample_course_is_published_once_whole_in_all_its_languages(
    node_of_kazakhstan: override_settings, now: datetime
) -> None:
    with node_of_kazakhstan:
        assert (load_courses(now=now), load_courses(now=now)) == (1, 0)
        [card] = courses.latest(Viewer(member=False, languages=("tk",)))
        states = courses.language_states(card.id, Viewer(member=False))

    assert (card.text_language, card.provenance, card.hours) == ("tk", "machine", 16)
    assert [one.language for one in states if one.missing] == []
    assert [one.language for one in states if one.provenance == "original"] == ["ru"]
