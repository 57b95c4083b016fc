"""Commands of a node, as its administrator calls them."""

from __future__ import annotations

from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from chorsu.exchange.queries import PeerState, peer
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Membership, Role
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_init_may_be_repeated_and_makes_the_administrator() -> None:
    run("init", "--admin", "chief@hub.example", "--password", "a long enough one")
    run("init", "--admin", "chief@hub.example", "--password", "another one given")

    (membership,) = Membership.objects.filter(role=Role.ADMINISTRATOR)
    assert membership.person.email == "chief@hub.example"
    assert membership.person.check_password("a long enough one")


def test_sample_people_have_one_role_each(now: datetime) -> None:
    load_institutions(now=now)

    run("load_sample", "--people", "--password", "chorsu-demo")

    roles = set(Membership.objects.values_list("person__email", "role"))
    assert roles == {(f"{role}@hub.chorsu.example", role) for role in Role.values}


def test_sample_people_without_a_password_are_refused() -> None:
    with pytest.raises(CommandError, match="--people needs --password"):
        run("load_sample", "--people")


def test_peer_is_added_by_address_and_confirmed_by_name() -> None:
    node = MemoryNode("tashkent.chorsu.example")
    with node.serve() as address:
        shown = run("peers", "add", address)
        before = peer(node.name).state
        run("peers", "confirm", node.name)

    assert node.document().verify_key.fingerprint in shown
    assert (before, peer(node.name).state) == (PeerState.ADDED, PeerState.CONFIRMED)
    assert node.name in run("peers", "list")


def test_peer_that_does_not_answer_is_a_plain_message() -> None:
    with pytest.raises(CommandError):
        run("peers", "add", "http://127.0.0.1:9")


def test_peer_nobody_knows_cannot_be_confirmed() -> None:
    with pytest.raises(CommandError, match="nobody"):
        run("peers", "confirm", "nobody.chorsu.example")
