"""A remote node, served over real HTTP and confirmed here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.conf import LazySettings

from chorsu.exchange import keys
from chorsu.kernel.clock import utc_now
from tests.flows.remote import make_peer
from tests.memory_node import MemoryNode


@pytest.fixture
def now() -> datetime:
    """The present: both sides sign and check by real clocks."""
    return utc_now()


@pytest.fixture
def beijing(db: None, now: datetime) -> Iterator[MemoryNode]:
    """An honest peer that knows this node's key."""
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        yield node


@pytest.fixture
def astana(db: None, now: datetime) -> Iterator[MemoryNode]:
    """A second honest peer."""
    node = MemoryNode("astana.chorsu.example", institutions=("kz-apa",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        yield node


@pytest.fixture
def own_data(settings: LazySettings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A data folder of its own: all that lies in it came by the test."""
    settings.DATA_DIR = tmp_path_factory.mktemp("data")
