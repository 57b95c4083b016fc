"""Foreign keys point only downward, string references and all: linters don't see those."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db.models import ForeignObject, ManyToManyField, Model

FLOORS = (
    ("chorsu.kernel",),
    ("chorsu.wire",),
    ("chorsu.records",),
    ("chorsu.institutions",),
    ("chorsu.language", "chorsu.search", "chorsu.exchange"),
    ("chorsu.practices", "chorsu.training", "chorsu.tools", "chorsu.harvested"),
    ("chorsu.flows",),
    ("chorsu.web", "chorsu.api", "chorsu.jobs"),
)
"""From the ground up, as in DESIGN.md; packages of one floor are siblings."""

HEIGHT = {package: height for height, floor in enumerate(FLOORS) for package in floor}


def package(model: type[Model]) -> str:
    return ".".join(model.__module__.split(".")[:2])


def references() -> Iterator[tuple[type[Model], str, type[Model]]]:
    """Every reference of every model of ours to another model, joining tables included."""
    for model in apps.get_models(include_auto_created=True):
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            if package(model) in HEIGHT and isinstance(field, ForeignObject | ManyToManyField):
                yield model, field.name, field.related_model


def points_up(model: type[Model], target: type[Model]) -> bool:
    own, other = package(model), package(target)
    return own != other and (other not in HEIGHT or HEIGHT[other] >= HEIGHT[own])


def test_every_app_of_ours_stands_on_a_floor() -> None:
    ours = {config.name for config in apps.get_app_configs() if config.name.startswith("chorsu.")}

    assert ours - HEIGHT.keys() == set()


def test_foreign_keys_point_only_downward() -> None:
    found = list(references())

    upward = [
        f"{model.__name__}.{name} -> {target.__name__}"
        for model, name, target in found
        if points_up(model, target)
    ]
    assert upward == []
    # String references are among them.
    assert [name for model, name, _ in found if model.__name__ == "Institution"] == ["parent"]


@pytest.mark.parametrize(
    ("low", "high"),
    [("institutions.Person", "practices.Draft"), ("search.Document", "exchange.Blob")],
)
def test_a_key_up_or_sideways_would_be_seen(low: str, high: str) -> None:
    assert points_up(apps.get_model(low), apps.get_model(high))
