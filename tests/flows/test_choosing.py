"""A teacher of a foreign learning system chooses what a link opens here: Deep Linking over HTTP."""

from __future__ import annotations

import base64
import json
import re
from html import unescape
from uuid import UUID

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from chorsu.kernel.clock import utc_now
from chorsu.tools.claims import DL, OPEN_PATH, Target
from chorsu.tools.keys import own_set
from chorsu.tools.rules import CLAIM
from tests.flows.lti_scene import Scene, scene, told
from tests.lti_platform import CLIENT, DEPLOYMENT, INSTRUCTOR

__all__ = ["scene"]
pytestmark = pytest.mark.django_db(transaction=True)


def asked_to_choose(scene: Scene, **change: object) -> httpx.Response:
    settings_of = {
        "deep_link_return_url": f"{scene.system.url}/return?sesskey=1",
        "accept_types": ["ltiResourceLink"], "data": "what-it-gets-back",
        "accept_presentation_document_targets": ["window"],
    }  # fmt: skip
    asked = scene.begin(target_link_uri=f"{scene.node}/lti/choose")
    claims = scene.system.claims(
        asked["nonce"], utc_now(), message_type="LtiDeepLinkingRequest", resource_link=None,
        **{"roles": [INSTRUCTOR], **change},
    )  # fmt: skip
    claims[f"{DL}deep_linking_settings"] = {
        **settings_of, **change.get("settings", {}),  # type: ignore[dict-item]
    }  # fmt: skip
    return scene.post(asked, scene.system.signed(claims))


def chosen(scene: Scene, page: httpx.Response, choice: str) -> httpx.Response:
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.text)
    assert sealed is not None
    form = {"sealed": unescape(sealed[1]), "choice": choice}
    return httpx.post(f"{scene.node}/lti/choose", data=form)


def test_a_teacher_chooses_a_unit_and_the_answer_is_signed(scene: Scene) -> None:
    page = asked_to_choose(scene)
    assert page.status_code == 200
    assert f"frame-ancestors {scene.system.url}" in page.headers["Content-Security-Policy"]
    values = re.findall(r'name="choice" value="([^"]+)"', page.text)
    assert values[0] == Target(scene.cohort).path
    assert Target(scene.cohort, "q1").path in values
    answer = chosen(scene, page, Target(scene.cohort, "q1").path)
    assert f'action="{scene.system.url}/return?sesskey=1"' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert f"form-action 'self' {scene.system.url}" in policy
    token = re.search(r'name="JWT" value="([^"]+)"', answer.text)
    assert token is not None
    keys = KeySet.import_key_set(own_set())  # type: ignore[arg-type]
    claims = jwt.decode(token[1], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"]) == (CLIENT, scene.system.url)
    assert claims[f"{CLAIM}deployment_id"] == DEPLOYMENT
    assert claims[f"{CLAIM}message_type"] == "LtiDeepLinkingResponse"
    assert claims[f"{DL}data"] == "what-it-gets-back"
    assert claims[f"{DL}content_items"] == [{
        "type": "ltiResourceLink", "title": "Test yourself", "url": scene.target("q1"),
        "window": {"targetName": "_blank"},
        "lineItem": {
            "scoreMaximum": 100, "label": "Test yourself", "resourceId": f"{scene.cohort}/q1",
        },
    }]  # fmt: skip


def test_a_reading_has_no_column_for_scores(scene: Scene) -> None:
    answer = chosen(scene, asked_to_choose(scene), Target(scene.cohort, "r1").path)
    token = re.search(r'name="JWT" value="([^"]+)"', answer.text)
    assert token is not None
    item = json.loads(base64.urlsafe_b64decode(token[1].split(".")[1] + "=="))
    assert "lineItem" not in item[f"{DL}content_items"][0]


@pytest.mark.parametrize("choice", ["", "nothing", f"{OPEN_PATH}/{UUID(int=1)}"])
def test_what_is_not_on_the_list_is_not_chosen(scene: Scene, choice: str) -> None:
    assert chosen(scene, asked_to_choose(scene), choice).status_code == 400
    unknown = Target(scene.cohort, "nope").path
    assert chosen(scene, asked_to_choose(scene), unknown).status_code == 400


def test_a_learner_chooses_nothing(scene: Scene) -> None:
    page = asked_to_choose(
        scene, roles=["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"]
    )
    assert told(page) == "access_denied: roles"


@pytest.mark.parametrize(
    "wrong",
    [{"deep_link_return_url": "javascript:alert(1)"}, {"deep_link_return_url": None},
     {"data": "x" * 9_000}, {"accept_types": ["html"]}],
    ids=str,
)  # fmt: skip
def test_a_request_to_choose_with_nowhere_to_answer_is_refused(
    scene: Scene, wrong: dict[str, object]
) -> None:
    assert told(asked_to_choose(scene, settings=wrong)).startswith("invalid_request")


def test_a_choice_that_the_node_did_not_seal_is_refused(scene: Scene) -> None:
    form = {"sealed": "forged", "choice": Target(scene.cohort).path}
    answer = httpx.post(f"{scene.node}/lti/choose", data=form)
    assert "not from here" in told(answer)
