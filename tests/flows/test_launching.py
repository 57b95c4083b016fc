"""A learner opens a tool written with pylti1p3, over HTTP on both sides; the tool gives scores."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.test import Client

from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.tools.actions import forget_spent
from chorsu.tools.models import Spent
from chorsu.tools.rules import MEMBERS, SCORE
from chorsu.tools.tokens import LONGEST_S, SKEW_S, new_key, sign
from chorsu.training.models import Enrolment
from tests.flows.tool_scene import Scene, scene

__all__ = ["scene"]
pytestmark = pytest.mark.django_db(transaction=True)
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"


def test_the_tool_is_told_who_where_and_no_name(scene: Scene) -> None:
    told = scene.launch()
    assert told["iss"] == scene.node
    assert told[f"{CLAIM}deployment_id"] == scene.known.deployment
    assert told[f"{CLAIM}resource_link"]["id"] == f"{scene.learner.cohort_id}/t1"  # type: ignore[index]
    assert told[f"{CLAIM}context"]["title"] == "The one-stop window"  # type: ignore[index]
    assert {"name", "email", "given_name"} & told.keys() == set()
    assert scene.by.email not in str(told)
    assert scene.by.name not in str(told)
    assert str(scene.by.pk) != told["sub"]


def test_a_name_is_told_if_the_registration_says_so(scene: Scene) -> None:
    scene.register(names=True, grades=False)
    told = scene.launch()
    assert told["name"] == scene.by.name
    assert "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint" not in told


def test_a_score_comes_back_into_the_unit_and_the_course(scene: Scene) -> None:
    scene.launch()
    launch = scene.tool.launches[0]
    scene.tool.grade(launch, 17, 20, utc_now() - timedelta(seconds=20))
    assert scene.percent() == Decimal("85.00")
    assert Enrolment.objects.get(pk=scene.learner.id).result_percent == Decimal("85.00")
    items = launch.get_ags().get_lineitems()
    (item,) = items
    assert item["resourceLinkId"] == f"{scene.learner.cohort_id}/t1"
    given = launch.get_ags().get_grades()
    assert [(one["resultScore"], one["userId"]) for one in given] == [
        (85.0, launch.get_launch_data()["sub"])
    ]


def test_an_older_score_changes_nothing(scene: Scene) -> None:
    scene.launch()
    launch, at = scene.tool.launches[0], utc_now()
    scene.tool.grade(launch, 20, 20, at)
    with pytest.raises(Exception, match="409"):
        scene.tool.grade(launch, 1, 20, at - timedelta(seconds=5))
    assert scene.percent() == Decimal("100.00")


def test_no_score_is_taken_once_the_course_has_its_result(scene: Scene) -> None:
    scene.launch()
    Enrolment.objects.filter(pk=scene.learner.id).update(state="passed")
    with pytest.raises(Exception, match="403"):
        scene.tool.grade(scene.tool.launches[0], 20, 20, utc_now())
    assert scene.percent() is None


def test_who_is_in_a_cohort_is_told_only_where_it_is_allowed(scene: Scene) -> None:
    assert scene.access(MEMBERS).status_code == 400
    scene.register(members=True)
    scene.launch()
    told = scene.tool.launches[0].get_nrps().get_members()
    assert [one["user_id"] for one in told] == [scene.tool.launches[0].get_launch_data()["sub"]]
    assert "name" not in told[0]


def test_a_nonce_is_taken_once(scene: Scene) -> None:
    asked = scene.to_the_tool()
    assert scene.authorize(asked).status_code == 200
    again = scene.authorize(asked)
    assert (again.status_code, "nonce was used before" in again.text) == (400, True)


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "https://evil.example/launch"},
        {"client_id": "00000000-0000-0000-0000-000000000000"},
        {"client_id": "x"},
        {"response_type": "code"},
        {"response_mode": "query"},
        {"scope": "profile"},
        {"nonce": ""},
        {"prompt": "login"},
        {"login_hint": "somebody"},
        {"lti_message_hint": "forged"},
    ],
)
def test_a_request_that_is_not_as_registered_gets_no_token(
    scene: Scene, change: dict[str, str]
) -> None:
    answer = scene.authorize({**scene.to_the_tool(), **change})
    assert answer.status_code == 400
    assert "id_token" not in answer.text


def test_what_goes_through_the_tool_says_no_more_of_a_person_than_the_tool_may_know(
    scene: Scene,
) -> None:
    """What the node signs is not sealed: by a number of its own two tools would know that they
    speak of one person.
    """
    opened = scene.browser.get(f"{scene.node}/en/learning/{scene.learner.id}/units/t1/tool/")
    asked = dict(parse_qsl(urlsplit(opened.headers["Location"]).query))
    packed = asked["lti_message_hint"].split(":")[0]
    plain = signing.b64_decode(packed.removeprefix(".").encode())
    told = json.loads(zlib.decompress(plain) if packed.startswith(".") else plain)
    assert sorted(str(value) for value in told.values()) == sorted(
        ["t1", str(scene.known.id), str(scene.learner.cohort_id), asked["login_hint"]]
    )
    assert asked["login_hint"] == scene.launch()["sub"]


def test_another_person_s_launch_is_not_taken_over(scene: Scene) -> None:
    asked = scene.to_the_tool()
    other = Person.objects.create_user("other@hub.example", "correct horse")
    stranger = Client()
    stranger.force_login(other)
    answer = stranger.get("/lti/authorize", asked)
    assert (answer.status_code, "id_token" in answer.content.decode()) == (400, False)
    assert Client().get("/lti/authorize", asked).status_code == 302


def test_a_post_is_asked_again_by_get_so_that_the_session_is_there(scene: Scene) -> None:
    asked = scene.to_the_tool()
    answer = Client().post("/lti/authorize", asked)
    assert answer.status_code == 302
    assert dict(parse_qsl(urlsplit(answer["Location"]).query)) == asked


def test_the_page_s_form_may_go_to_the_tool_and_nowhere_else(scene: Scene) -> None:
    answer = scene.authorize(scene.to_the_tool())
    policy = answer.headers["Content-Security-Policy"]
    assert f"form-action 'self' {scene.tool.url}" in policy.split("; ")


def test_a_tool_switched_off_opens_nothing_and_asks_nothing(scene: Scene) -> None:
    scene.launch()
    asked, launch = scene.to_the_tool(), scene.tool.launches[0]
    scene.register(active=False)
    assert scene.authorize(asked).status_code == 400
    assert scene.access(SCORE).status_code == 401
    with pytest.raises(Exception, match="401"):
        scene.tool.grade(launch, 20, 20, utc_now())


def test_a_tool_s_token_is_taken_once(scene: Scene) -> None:
    now = int(utc_now().timestamp())
    claims = {
        "iss": scene.known.client_id, "sub": scene.known.client_id,
        "aud": f"{scene.node}/lti/token", "iat": now, "exp": now + 60, "jti": "once",
    }  # fmt: skip
    assertion = sign(claims, scene.tool.pem)
    assert scene.ask_with(assertion, SCORE).status_code == 200
    again = scene.ask_with(assertion, SCORE)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "change",
    [{"aud": "https://elsewhere.example/token"}, {"exp": 1}, {"sub": "x"}, {"jti": ""}],
)
def test_a_token_that_does_not_hold_opens_nothing(scene: Scene, change: dict[str, object]) -> None:
    answer = scene.access(SCORE, **change)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_key_that_the_tool_does_not_publish_opens_nothing(scene: Scene) -> None:
    assert scene.access(SCORE).status_code == 200
    published, scene.tool.pem = scene.tool.pem, new_key()
    now = int(utc_now().timestamp())
    claims = {
        "iss": scene.known.client_id, "sub": scene.known.client_id,
        "aud": f"{scene.node}/lti/token", "iat": now, "exp": now + 60, "jti": "strange",
    }  # fmt: skip
    strange = sign(claims, scene.tool.pem)
    scene.tool.pem = published
    assert scene.ask_with(strange, SCORE).status_code == 401
    # The keys were fetched a moment ago: a stranger cannot make the node ask again and again.
    assert scene.tool.keys_asked == 1


def test_keys_that_could_not_be_fetched_are_not_asked_for_at_once_again(scene: Scene) -> None:
    cache.clear()
    scene.tool.keys_answer = False
    for _ in range(3):
        answer = scene.access(SCORE)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert scene.tool.keys_asked == 1


def test_a_token_nested_without_end_is_none(scene: Scene) -> None:
    nested = signing.b64_encode(b"[" * 40_000).decode()
    answer = scene.ask_with(f"x.{nested}.x", SCORE)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_tool_sees_and_scores_its_own_units_alone(scene: Scene) -> None:
    token = scene.access(SCORE).json()["access_token"]
    body = {
        "userId": "nobody", "scoreGiven": 1, "scoreMaximum": 1, "activityProgress": "Completed",
        "gradingProgress": "FullyGraded", "timestamp": utc_now().isoformat(),
    }  # fmt: skip
    items = f"{scene.node}/lti/cohorts/{scene.learner.cohort_id}/lineitems"
    heads = {"Authorization": f"Bearer {token}"}
    assert httpx.post(f"{items}/t1/scores", json=body, headers=heads).status_code == 404
    assert httpx.post(f"{items}/r1/scores", json=body, headers=heads).status_code == 404
    nested = httpx.post(f"{items}/t1/scores", content=b"[" * 60_000, headers=heads)
    assert (nested.status_code, nested.json()["error"]) == (400, "invalid_request")
    assert httpx.post(f"{items}/t1/scores", json=body).status_code == 401
    assert httpx.get(f"{items}/t1/results", headers=heads).status_code == 403
    elsewhere = scene.register(address=f"{scene.tool.url}/other")
    assert elsewhere.address.endswith("/other")
    assert httpx.post(f"{items}/t1/scores", json=body, headers=heads).status_code == 404


def test_what_was_used_is_forgotten_when_it_is_too_old_to_be_taken(scene: Scene) -> None:
    scene.launch()
    assert Spent.objects.count() == 1
    assert forget_spent(now=utc_now()) == 0
    assert forget_spent(now=utc_now() + timedelta(hours=1)) == 1


def test_a_token_id_is_kept_for_as_long_as_any_clock_takes_the_token(scene: Scene) -> None:
    now = int(utc_now().timestamp())
    ahead = now + SKEW_S - 5
    answer = scene.access(SCORE, iat=ahead, exp=ahead + LONGEST_S)
    assert answer.status_code == 200
    last = datetime.fromtimestamp(ahead + LONGEST_S + SKEW_S, UTC)
    assert forget_spent(now=last) == 0


def test_the_node_s_key_is_public_and_its_secret_part_is_not(scene: Scene) -> None:
    (key,) = httpx.get(f"{scene.node}/lti/keys").json()["keys"]
    assert {"d", "p", "q", "dp", "dq", "qi"} & key.keys() == set()
    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
    path = settings.DATA_DIR / "keys" / "lti.pem"
    assert path.stat().st_mode & 0o777 == 0o600
