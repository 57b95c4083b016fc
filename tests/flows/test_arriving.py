"""People of a foreign learning system open courses here by its links, over HTTP on both sides."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import httpx
import pytest
from django.core.cache import cache

from chorsu.flows.arriving import ON_THE_WAY, offer
from chorsu.institutions.actions.guests import let_in, remove_visitor
from chorsu.institutions.models import Forgetting, Person
from chorsu.kernel.clock import utc_now
from chorsu.tools.actions.platforms import forget_arrivals
from chorsu.tools.models import Arrival
from chorsu.tools.rules import CLAIM
from chorsu.tools.tokens import new_key, public_set, sign
from chorsu.training.models import Cohort, Enrolment
from tests.everywhere import places_of
from tests.flows.lti_scene import Scene, guest, scene, told
from tests.lti_platform import CLIENT, INSTRUCTOR

__all__ = ["scene"]
FOR_USER = {f"{CLAIM}for_user": {"user_id": "17"}}
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_node_asks_as_the_security_framework_wants(scene: Scene) -> None:
    asked = scene.begin()
    nonce, state = asked.pop("nonce"), asked.pop("state")
    assert asked == {
        "scope": "openid", "response_type": "id_token", "response_mode": "form_post",
        "prompt": "none", "client_id": CLIENT, "redirect_uri": f"{scene.node}/lti/launch",
        "login_hint": "17", "lti_message_hint": "5",
    }  # fmt: skip
    assert len(nonce) == 32
    assert nonce not in state


def test_a_learner_comes_in_as_a_guest_and_lands_in_the_unit_in_their_language(
    scene: Scene,
) -> None:
    landed = scene.launch(target_link_uri=scene.target("q1"))
    came = guest()
    enrolled = Enrolment.objects.get()
    assert landed.headers["Location"] == f"/ky/learning/{enrolled.pk}/units/q1/"
    assert (enrolled.person_id, enrolled.cohort_id, enrolled.state) == (
        came.pk, scene.cohort, "admitted",
    )  # fmt: skip
    assert (came.name, came.told, came.languages) == (
        "Айгүл Асанова", {"email": "aigul@moodle.example", "language": "ky"}, ["ky"],
    )  # fmt: skip
    assert (came.email, came.has_usable_password()) == ("", False)
    page = scene.browser.get(f"{scene.node}{landed.headers['Location']}")
    assert page.status_code == 200


def test_who_comes_again_in_another_language_lands_in_that(scene: Scene) -> None:
    scene.launch(target_link_uri=scene.target("q1"))
    again = scene.launch(
        target_link_uri=scene.target("q1"), launch_presentation={"locale": "zh_CN"}
    )
    assert again.headers["Location"].startswith("/zh-hans/learning/")


def test_what_the_learning_system_does_not_tell_is_not_known(scene: Scene) -> None:
    scene.launch(name=None, email=None, launch_presentation=None)
    assert (guest().name, guest().told, guest().languages) == ("", {}, [])


def test_a_name_is_one_line_and_an_address_one_that_can_be_kept(scene: Scene) -> None:
    scene.launch(name="Айгүл\r\n Асанова\x00", email="aigul\x00@moodle.example")
    assert (guest().name, guest().told) == ("Айгүл Асанова", {"language": "ky"})


def test_who_comes_again_is_the_same_guest_and_another_person_is_another(scene: Scene) -> None:
    scene.launch()
    scene.launch()
    assert Enrolment.objects.count() == 1
    scene.launch(sub="18")
    assert Person.objects.exclude(home="").count() == 2


def test_the_same_number_at_two_learning_systems_is_two_people(scene: Scene) -> None:
    scene.launch(sub="number-17-there")
    scene.platform = scene.save(platform_id=None, client_id="other")
    offer(cohort_id=scene.cohort, platform_ids=[scene.platform], by=scene.officer, now=utc_now())
    asked = scene.begin(client_id="other")
    waiting = scene.send(asked, aud="other", sub="number-17-there")
    scene.browser.get(f"{scene.node}{waiting.headers['Location']}")
    assert Person.objects.exclude(home="").count() == 2
    assert not places_of("number-17-there") & {"institutions_person.home_subject"}


def test_a_message_is_taken_once(scene: Scene) -> None:
    asked = scene.begin()
    assert scene.send(asked).status_code == 302
    assert told(scene.send(asked)) == "invalid_request: nonce was used before"


def test_a_ticket_is_taken_once(scene: Scene) -> None:
    waiting = scene.send(scene.begin())
    address = f"{scene.node}{waiting.headers['Location']}"
    assert scene.browser.get(address).status_code == 302
    assert "was taken before" in told(scene.browser.get(address))


def test_a_launch_that_another_browser_began_is_not_taken(scene: Scene) -> None:
    """Else somebody could sign their victim in as themselves, and read what the victim does."""
    waiting = scene.send(scene.begin())
    address = f"{scene.node}{waiting.headers['Location']}"
    with httpx.Client() as victim:
        assert "another browser" in told(victim.get(address))
        scene.begin(victim)
        assert "another browser" in told(victim.get(address))
    assert Person.objects.exclude(home="").count() == 0


def test_two_tabs_of_one_browser_do_not_disturb_each_other(scene: Scene) -> None:
    first = scene.begin()
    second = scene.begin()
    for asked in (first, second):
        waiting = scene.send(asked)
        assert scene.browser.get(f"{scene.node}{waiting.headers['Location']}").status_code == 302


def test_the_state_of_another_launch_is_not_taken(scene: Scene) -> None:
    asked, other = scene.begin(), scene.begin()
    claims = scene.system.claims(other["nonce"], utc_now(), target_link_uri=scene.target())
    assert "Invalid Nonce" in told(scene.post(asked, scene.system.signed(claims)))


@pytest.mark.parametrize("state", ["", "forged", "eyJwIjoxfQ:1abcde:c2lnbmF0dXJl"])
def test_a_state_that_the_node_did_not_sign_is_not_taken(scene: Scene, state: str) -> None:
    asked = scene.begin()
    assert told(scene.send({**asked, "state": state})) == "invalid_request: state"


def test_a_state_of_long_ago_is_not_taken(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = scene.begin()
    monkeypatch.setattr("chorsu.flows.arriving.ON_THE_WAY", timedelta(seconds=-1))
    assert told(scene.send(asked)) == "invalid_request: state"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"aud": "somebody-else"}, "iss or aud"),
        ({"aud": ["somebody-else", CLIENT]}, "iss or aud"),
        ({"aud": [CLIENT, "somebody-else"]}, "azp"),
        ({"aud": []}, "id_token"),
        ({"azp": "somebody-else"}, "azp"),
        ({"azp": ["somebody-else"]}, "azp"),
        ({"iss": "https://moodle.example"}, "iss or aud"),
        ({"deployment_id": "deployment-2"}, "Unable to find deployment"),
        ({"deployment_id": None}, "deployment_id is not set"),
        ({"deployment_id": ["deployment-1"]}, "Unable to find deployment"),
        ({"nonce": "mine"}, "Invalid Nonce"),
        ({"nonce": None}, '"nonce" is empty'),
        ({"version": "1.1"}, "Incorrect version"),
        ({"message_type": "LtiSubmissionReviewRequest"}, ""),
        ({"message_type": "LtiSubmissionReviewRequest", **FOR_USER}, "message_type"),
        (
            {"message_type": "DataPrivacyLaunchRequest", "resource_link": None, **FOR_USER},
            "message_type",
        ),
        ({"message_type": None}, "Invalid message type"),
        ({"sub": None}, "Must have a user"),
        ({"sub": {"id": 17}}, "id_token"),
        ({"sub": "1" * 256}, "sub"),
        ({"sub": "17\x00"}, "sub"),
        ({"roles": None}, "Missing Roles"),
        ({"resource_link": None}, "Missing Resource Link Id"),
        ({"resource_link": 5}, "id_token"),
        ({"exp": None}, "iat or exp"),
        ({"exp": True}, "iat or exp"),
        ({"exp": math.nan}, "iat or exp"),
        ({"iat": math.nan}, "iat or exp"),
        ({"iat": -math.inf}, "iat or exp"),
        ({"exp": 1_700_000_000}, "too old"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_060}, "too early"),
        ({"iat": 1_700_000_000}, "too old"),
    ],
    ids=str,
)
def test_what_a_message_may_not_say(scene: Scene, change: dict[str, object], why: str) -> None:
    assert why in told(scene.send(scene.begin(), **change))
    assert Arrival.objects.count() == 0


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _unsigned(header: dict[str, object], claims: dict[str, object], secret: bytes = b"") -> str:
    said = f"{_part(header)}.{_part(claims)}"
    made = hmac.new(secret, said.encode(), hashlib.sha256).digest() if secret else b""
    return f"{said}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


@pytest.mark.parametrize("attack", ["none", "hmac-of-the-public-key", "another-key", "cut", "big"])
def test_a_signature_is_the_learning_systems_own_or_none(scene: Scene, attack: str) -> None:
    asked = scene.begin()
    claims = scene.system.claims(asked["nonce"], utc_now(), target_link_uri=scene.target())
    public = public_set(scene.system.pem)["keys"][0]  # type: ignore[index]
    header = {"typ": "JWT", "kid": public["kid"]}
    token = {
        "none": _unsigned({**header, "alg": "none"}, claims),
        "hmac-of-the-public-key": _unsigned(
            {**header, "alg": "HS256"}, claims, json.dumps(public).encode()
        ),
        "another-key": sign(claims, new_key()),
        "cut": scene.system.signed(claims)[:-2],
        "big": scene.system.signed({**claims, "picture": "x" * 20_000}),
    }[attack]
    assert told(scene.post(asked, token)).startswith("invalid_request")
    assert Arrival.objects.count() == 0


def test_a_key_that_the_learning_system_changed_is_fetched_anew(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scene.send(scene.begin()).status_code == 302
    scene.system.pem = new_key()
    assert told(scene.send(scene.begin())).endswith("Unable to find public key")
    monkeypatch.setattr("chorsu.flows.jwks.ANEW_S", 0)
    assert scene.send(scene.begin()).status_code == 302


@pytest.mark.parametrize(
    "change",
    [{"iss": "https://elsewhere.example"}, {"client_id": "elsewhere"},
     {"iss": "https://elsewhere.example\x00"}, {"client_id": "\x00"},
     {"lti_deployment_id": "elsewhere"}, {"login_hint": ""}, {"login_hint": "x" * 5_000}],
    ids=str,
)  # fmt: skip
def test_a_login_of_whom_nobody_registered_goes_nowhere(
    scene: Scene, change: dict[str, str]
) -> None:
    answer = scene.ask(**change)
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_why_keys_are_not_there_is_for_the_log_alone(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Anybody can have them asked for: where the node's names lead inside is not for anybody."""
    cache.clear()
    monkeypatch.setattr("chorsu.exchange.client._may_be_private", lambda _host: False)
    page = told(scene.send(scene.begin()))
    assert page == "temporarily_unavailable: keys: private-address"
    assert "127.0.0.1 is 127.0.0.1" in caplog.text


def test_a_learning_system_with_one_registration_need_not_name_its_client(scene: Scene) -> None:
    assert scene.begin(client_id="")["client_id"] == CLIENT
    scene.save(platform_id=None, client_id="second")
    assert scene.ask(client_id="").status_code == 400


def test_a_learning_system_that_is_switched_off_brings_nobody(scene: Scene) -> None:
    asked = scene.begin()
    waiting = scene.send(scene.begin())
    scene.save(active=False)
    assert scene.ask().status_code == 400
    assert told(scene.send(asked)) == "invalid_request: state"
    assert told(scene.browser.get(f"{scene.node}{waiting.headers['Location']}"))


def test_a_cohort_opens_only_to_whom_it_was_opened(scene: Scene) -> None:
    offer(cohort_id=scene.cohort, platform_ids=[], by=scene.officer, now=utc_now())
    assert scene.launch().status_code == 403
    assert Person.objects.exclude(home="").count() == 0


def test_only_who_runs_a_cohort_opens_it(scene: Scene, editor: Person) -> None:
    with pytest.raises(PermissionError):
        offer(cohort_id=scene.cohort, platform_ids=[], by=editor, now=utc_now())


def test_a_link_that_names_nothing_opens_the_one_cohort_there_is(scene: Scene) -> None:
    landed = scene.launch(target_link_uri=f"{scene.node}/")
    assert "/learning/" in landed.headers["Location"]
    offer(cohort_id=scene.cohort, platform_ids=[], by=scene.officer, now=utc_now())
    assert scene.launch(target_link_uri=f"{scene.node}/").status_code == 403


@pytest.mark.parametrize("state", ["planned", "finished", "cancelled"])
def test_a_cohort_that_takes_nobody_makes_no_guest(scene: Scene, state: str) -> None:
    Cohort.objects.update(state=state)
    assert scene.launch().status_code == 403
    assert Person.objects.exclude(home="").count() == 0


def test_where_no_place_is_left_the_guest_waits(scene: Scene) -> None:
    Cohort.objects.update(capacity=1)
    scene.launch()
    landed = scene.launch(sub="18")
    assert landed.headers["Location"] == "/ky/training/mine/"
    assert Enrolment.objects.get(person__last_login__isnull=False, state="waiting")


def test_who_left_does_not_come_back_by_the_link(scene: Scene) -> None:
    scene.launch()
    Enrolment.objects.update(state="left")
    assert scene.launch().status_code == 403


def test_somebody_who_teaches_there_is_told_that_the_link_works_and_nothing_is_kept(
    scene: Scene,
) -> None:
    page = scene.launch(roles=[INSTRUCTOR])
    assert page.status_code == 200
    assert "Moodle of the ministry" in page.text
    assert Person.objects.exclude(home="").count() == 0
    assert places_of("aigul@moodle.example") == set()


def test_what_a_launch_tells_lies_with_the_guest_alone(scene: Scene) -> None:
    scene.launch()
    assert places_of("aigul@moodle.example") == {"institutions_person.told"}
    assert places_of("Айгүл Асанова") == {"institutions_person.name"}


def test_a_launch_that_nobody_came_by_is_forgotten_within_minutes(scene: Scene) -> None:
    scene.send(scene.begin())
    assert places_of("aigul@moodle.example") == {"tools_arrival.claims"}
    assert forget_arrivals(now=utc_now()) == 0
    assert forget_arrivals(now=utc_now() + ON_THE_WAY + timedelta(seconds=1)) == 1
    assert places_of("aigul@moodle.example") == set()


def test_a_guest_who_is_forgotten_leaves_nothing_and_comes_back_as_somebody_new(
    scene: Scene,
) -> None:
    scene.launch()
    first = guest()
    remove_visitor(person_id=first.pk, by=scene.officer, now=utc_now())
    assert places_of("aigul@moodle.example") == places_of(scene.system.line_item) == set()
    assert Forgetting.objects.count() == 0
    scene.launch()
    assert guest().pk != first.pk


def test_people_of_the_node_and_of_peers_are_not_removed_so(scene: Scene) -> None:
    with pytest.raises(LookupError):
        remove_visitor(person_id=scene.officer.pk, by=scene.officer, now=utc_now())


def test_a_guest_who_was_shut_out_stays_out(scene: Scene) -> None:
    scene.launch()
    let_in(person_id=guest().pk, active=False, by=scene.officer, now=utc_now())
    assert scene.launch().status_code == 403


# In a frame


def test_in_a_frame_there_is_a_link_to_a_tab_of_its_own(scene: Scene) -> None:
    scene.browser.headers["Sec-Fetch-Dest"] = "iframe"
    page = scene.ask()
    assert page.status_code == 200
    assert "frame-ancestors *" in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers
    link = re.search(r'<a class="button button--primary" href="([^"]+)" target="_blank"', page.text)
    assert link is not None
    scene.browser.headers["Sec-Fetch-Dest"] = "document"
    opened = scene.browser.get(f"{scene.node}{unescape(link[1])}")
    assert opened.headers["Location"].startswith(f"{scene.system.url}/auth?")


def test_a_login_that_is_posted_is_asked_again_where_the_cookies_are(scene: Scene) -> None:
    answer = httpx.post(f"{scene.node}/lti/login", data={"iss": scene.system.url})
    assert answer.headers["Location"] == f"/lti/login?{urlencode({'iss': scene.system.url})}"


# Deep linking
