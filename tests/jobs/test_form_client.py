"""The reader without JavaScript, tried on a page of the node itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.live_server_helper import LiveServer

from chorsu.institutions.models import Person
from chorsu.jobs.form_client import FormClient, PageError


@pytest.fixture
def visitor(live_server: LiveServer) -> Iterator[FormClient]:
    with FormClient(f"{live_server.url}/en/") as client:
        yield client


@pytest.mark.django_db(transaction=True)
def test_signing_in_by_the_form_of_the_page(visitor: FormClient, editor: Person) -> None:
    visitor.open("account/login/")

    visitor.send("/account/login/", {"login": editor.email, "password": "correct horse"})

    assert visitor.open("/en/account/").count(editor.email) >= 1


@pytest.mark.django_db(transaction=True)
def test_form_that_the_page_lacks_is_an_error(visitor: FormClient) -> None:
    visitor.open("account/login/")

    with pytest.raises(PageError, match="no form"):
        visitor.send("/nowhere/", {})
