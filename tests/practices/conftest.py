"""People and a peer for the tests of practices."""

from __future__ import annotations

import pytest

from chorsu.institutions.models import Institution, Membership, Person


def person(academy: Institution, email: str, name: str, *roles: str) -> Person:
    """Somebody with these roles at the academy."""
    made = Person.objects.create_user(email, "correct horse", name=name)
    for role in roles:
        Membership.objects.create(person=made, institution=academy, role=role)
    return made


@pytest.fixture
def contributor(academy: Institution) -> Person:
    return person(academy, "contributor@hub.example", "Contributor Two", "contributor")


@pytest.fixture
def translator(academy: Institution) -> Person:
    return person(academy, "translator@hub.example", "Translator Three", "translator")


@pytest.fixture
def reader(academy: Institution) -> Person:
    return person(academy, "reader@hub.example", "Reader Four", "reader")


@pytest.fixture
def peer(academy: Institution) -> Institution:
    """An institution that another node hosts."""
    return Institution.objects.create(
        id="tm-acs", kind="academy", country="TM", node="ashgabat.chorsu.example"
    )
