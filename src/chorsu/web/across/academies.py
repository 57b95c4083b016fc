"""Academies at other nodes, by name."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from chorsu.exchange.queries import institutions_of_peers
from chorsu.flows.signing_in import homes
from chorsu.institutions.queries import institution
from chorsu.institutions.rules import LEARNING_SYSTEM
from chorsu.tools.queries.platforms import names_by_key
from chorsu.web.locales import page_language


@dataclass(frozen=True, slots=True)
class Academy:
    """A node as its people call it: by the institution it hosts; `url` empty: no peer any more."""

    node: str
    name: str
    url: str


def academy(node: str) -> Academy:
    """The academy at a node; its node's name where the network does not know it."""
    return _named([(node, homes().get(node, ""))])[0]


def academies() -> list[Academy]:
    """Those whose people may sign in here, by name."""
    return sorted(_named(list(homes().items())), key=lambda one: one.name)


def academies_by_node(nodes: set[str]) -> dict[str, Academy]:
    """The academies at these nodes."""
    known = homes()
    return {one.node: one for one in _named([(node, known.get(node, "")) for node in nodes])}


def _named(nodes: list[tuple[str, str]]) -> list[Academy]:
    here, hosted = page_language().tag, institutions_of_peers()
    systems = _learning_systems({node for node, _url in nodes})
    return [
        Academy(
            node,
            institution(hosted[node]).name(here) if node in hosted else systems.get(node, node),
            url,
        )
        for node, url in nodes
    ]


def _learning_systems(homes: set[str]) -> dict[str, str]:
    """Home -> name of the homes that are learning systems, also of one no longer registered."""
    keys = {
        home: UUID(home.removeprefix(LEARNING_SYSTEM))
        for home in homes
        if home.startswith(LEARNING_SYSTEM)
    }
    names = names_by_key(keys.values()) if keys else {}
    gone = _("a learning system that is no longer registered")
    return {home: names.get(key, gone) for home, key in keys.items()}
