"""A link of a learning system is opened in a browser that is signed in here as somebody else."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest
from django.conf import settings
from django.test import Client

from chorsu.institutions.models import Person
from chorsu.tools.actions import ToolRefused
from chorsu.training.models import Enrolment
from tests.flows.lti_scene import Scene, guest, scene, told
from tests.lti_platform import INSTRUCTOR

__all__ = ["scene"]
pytestmark = pytest.mark.django_db(transaction=True)


def sign_in(scene: Scene, who: Person) -> None:
    signed_in = Client()
    signed_in.force_login(who)
    name = settings.SESSION_COOKIE_NAME
    # As the browser keeps a cookie of a host without a dot: the node's own replaces it.
    scene.browser.cookies.set(name, signed_in.cookies[name].value, domain="localhost.local")


def whose(scene: Scene) -> str:
    """The name that the node calls the browser by."""
    page = scene.browser.get(f"{scene.node}/en/account/")
    return "Office One" if "Office One" in page.text else "somebody else"


def form_of(page: httpx.Response) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}


def agreed(scene: Scene, page: httpx.Response, **change: str) -> httpx.Response:
    return scene.browser.post(f"{scene.node}/lti/arrive", data=form_of(page) | change)


def test_nobody_is_signed_out_for_a_guest_unasked(scene: Scene) -> None:
    """Any site can send a browser on a way that ends here."""
    sign_in(scene, scene.officer)
    page = scene.launch()
    assert page.status_code == 200
    assert "You are signed in here as Office One." in page.text
    assert Person.objects.exclude(home="").count() == 0
    assert whose(scene) == "Office One"


def test_who_agrees_goes_on_as_the_guest(scene: Scene) -> None:
    sign_in(scene, scene.officer)
    landed = agreed(scene, scene.launch())
    assert landed.headers["Location"] == f"/ky/learning/{Enrolment.objects.get().pk}/"
    assert Enrolment.objects.get().person == guest()
    assert whose(scene) == "somebody else"


def test_another_site_does_not_agree_for_them(scene: Scene) -> None:
    sign_in(scene, scene.officer)
    page = scene.launch()
    assert agreed(scene, page, csrfmiddlewaretoken="x" * 64).status_code == 403
    assert Person.objects.exclude(home="").count() == 0


def test_what_was_agreed_to_holds_once(scene: Scene) -> None:
    sign_in(scene, scene.officer)
    page = scene.launch()
    assert agreed(scene, page).status_code == 302
    ticket = form_of(page)["ticket"]
    again = scene.browser.get(f"{scene.node}/lti/arrive", params={"ticket": ticket})
    assert "was taken before" in told(again)


def test_somebody_who_teaches_is_not_asked_for_nobody_takes_their_place(scene: Scene) -> None:
    sign_in(scene, scene.officer)
    assert "Moodle of the ministry" in scene.launch(roles=[INSTRUCTOR]).text
    assert whose(scene) == "Office One"


def test_of_two_guests_at_one_machine_the_second_is_not_asked(scene: Scene) -> None:
    scene.launch()
    assert scene.launch(sub="18").status_code == 302


# The registration is changed to another learning system


def test_guests_of_one_learning_system_do_not_become_those_of_another(scene: Scene) -> None:
    """Else user 17 of the second would read what user 17 of the first has done."""
    scene.save(issuer="https://before.example")
    scene.save()
    scene.launch()
    with pytest.raises(ToolRefused) as refused:
        scene.save(issuer="https://other.example")
    assert refused.value.fields == {"issuer": "guests"}
    assert scene.save(client_id="another-name") == scene.platform
    assert scene.save(issuer="https://moved.example", moved=True) == scene.platform


def test_an_administrator_says_that_it_has_only_moved(scene: Scene) -> None:
    scene.launch()
    browser = Client()
    browser.force_login(scene.officer)
    address = f"/en/node/platforms/{scene.platform}/"
    form = {
        "name": "Moodle", "issuer": "https://moved.example", "client_id": "c", "deployments": "1",
        "auth_url": "https://moved.example/a", "token_url": "https://moved.example/t",
        "keys_url": "https://moved.example/k", "active": "on",
    }  # fmt: skip
    assert 'name="moved"' not in browser.get(address).content.decode()
    refused = browser.post(address, form)
    assert refused.status_code == 400
    assert "users of another one would be taken for them" in refused.content.decode()
    assert 'name="moved"' in refused.content.decode()
    assert browser.post(address, {**form, "moved": "on"}).status_code == 302
