"""An author chooses in a tool what a unit opens: Deep Linking over HTTP on both sides, with a tool
written with pylti1p3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import httpx
import pytest
from django.core import signing
from django.core.cache import cache
from pylti1p3.contrib.flask import FlaskMessageLaunch
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem

from chorsu.flows.choosing_content import KEPT
from chorsu.flows.launching import _CHOICE
from chorsu.institutions.models import Institution, Membership
from chorsu.kernel.clock import utc_now
from chorsu.tools.actions import save_tool
from chorsu.tools.actions.content import forget_content
from chorsu.tools.claims import DL
from chorsu.tools.models import Content
from chorsu.tools.queries.content import contents_of
from chorsu.tools.rules import AUTHOR, CLAIM, INSTRUCTOR
from chorsu.tools.tokens import new_key
from chorsu.training.actions import courses as actions
from chorsu.training.queries import courses
from chorsu.training.rules.fields import Unit, units_of
from chorsu.training.shapes.courses import CourseDraftView
from tests.flows.lti_scene import told
from tests.flows.tool_scene import Scene, scene
from tests.practices.conftest import person
from tests.training.courses.tool_draft import tool_draft

__all__ = ["scene"]
pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Desk:
    """An author's draft whose unit `sim` is to open something in the tool."""

    scene: Scene
    draft_id: str

    @property
    def draft(self) -> CourseDraftView:
        return courses.draft(self.draft_id, self.scene.by)

    @property
    def unit(self) -> Unit:
        return next(one for one in units_of(self.draft.facts) if one["key"] == "sim")

    @property
    def choosing(self) -> str:
        return f"/en/work/courses/{self.draft_id}/units/sim/choose/{self.scene.known.id}/"

    def ask(self) -> FlaskMessageLaunch:
        """The tool is asked to choose."""
        self.scene.launch(self.choosing)
        return self.scene.tool.launches[-1]

    def post(self, token: str) -> httpx.Response:
        """The answer as a browser posts it from another site: without this site's cookies."""
        return httpx.post(f"{self.scene.node}/lti/content", data={"JWT": token})

    def answer(self, *items: object, **change: object) -> httpx.Response:
        return self.post(self.scene.tool.answer(self.ask(), *items, **change))

    def seen(self, answer: httpx.Response) -> httpx.Response:
        """The page on which the author looks at it."""
        assert answer.status_code == 302, answer.text
        return self.scene.browser.get(f"{self.scene.node}{answer.headers['Location']}")

    def decide(self, answer: httpx.Response, page: httpx.Response, **form: str) -> httpx.Response:
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
        return self.scene.browser.post(
            f"{self.scene.node}{answer.headers['Location']}", data={**dict(hidden), **form}
        )

    def take(self, answer: httpx.Response, **form: str) -> httpx.Response:
        return self.decide(answer, self.seen(answer), do="take", **form)


@pytest.fixture
def desk(scene: Scene, now: datetime) -> Desk:
    scene.register()
    return Desk(scene, tool_draft(scene.by, now).id)


def city(scene: Scene, **more: object) -> dict[str, object]:
    """What a tool answers, in the shape of the standard."""
    plain: dict[str, object] = {
        "type": "ltiResourceLink",
        "title": "City of Osh",
        "url": f"{scene.tool.url}/launch/city?id=7",
    }
    return {**plain, **more}


def test_the_tool_is_asked_as_the_standard_wants(desk: Desk) -> None:
    asked = desk.ask().get_launch_data()
    settings = asked[f"{DL}deep_linking_settings"]
    assert settings.pop("data")
    assert settings == {
        "deep_link_return_url": f"{desk.scene.node}/lti/content",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["window"],
        "accept_multiple": False,
        "accept_lineitem": True,
        "auto_create": False,
        "title": "A simulator",
    }
    assert asked[f"{CLAIM}roles"] == [INSTRUCTOR, AUTHOR]
    assert f"{CLAIM}resource_link" not in asked
    assert desk.scene.by.name not in str(asked)


def test_what_was_chosen_becomes_the_unit_s_when_the_author_says_so(desk: Desk) -> None:
    line = LineItem()
    line.set_score_maximum(40).set_label("City")
    chosen = DeepLinkResource()
    chosen.set_url(f"{desk.scene.tool.url}/launch/city").set_title("City of Osh")
    chosen.set_custom_params({"city": "osh", "year": "2031"}).set_lineitem(line)
    answer = desk.answer(chosen)
    page = desk.seen(answer)
    assert page.status_code == 200
    for said in (f"{desk.scene.tool.url}/launch/city", "City of Osh", "city = osh", "40"):
        assert said in page.text.replace("<wbr>", "")
    assert desk.unit["tool"] == ""
    done = desk.decide(answer, page, do="take", title="yes")
    assert done.headers["Location"] == f"/en/work/courses/{desk.draft_id}/units/sim/"
    assert (desk.unit["tool"], desk.unit["custom"], desk.unit["points"]) == (
        f"{desk.scene.tool.url}/launch/city", {"city": "osh", "year": "2031"}, 40,
    )  # fmt: skip
    assert desk.draft.words["units.sim.title"] == "City of Osh"
    assert not Content.objects.exists()
    assert desk.seen(answer).status_code == 404


def test_a_launch_repeats_what_the_tool_gave_with_the_unit(desk: Desk) -> None:
    desk.take(desk.answer(city(desk.scene, custom={"city": "osh"})))
    preview = f"/en/work/courses/{desk.draft_id}/preview/sim/tool/"
    told_there = desk.scene.launch(preview)
    assert told_there[f"{CLAIM}custom"] == {"city": "osh"}
    assert told_there[f"{CLAIM}target_link_uri"] == f"{desk.scene.tool.url}/launch/city?id=7"


def test_the_title_is_left_where_the_author_keeps_it(desk: Desk) -> None:
    desk.take(desk.answer(city(desk.scene)))
    assert desk.draft.words["units.sim.title"] == "A simulator"


def test_parameters_stay_when_the_unit_is_saved_and_go_with_its_address(desk: Desk) -> None:
    desk.take(desk.answer(city(desk.scene, custom={"city": "osh"}, lineItem={"scoreMaximum": 40})))
    address = f"{desk.scene.node}/en/work/courses/{desk.draft_id}/units/sim/"

    def save(**change: str) -> None:
        page = desk.scene.browser.get(address).text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
        form = {"title": "T", "minutes": "5", "weight": "1", "tool": desk.unit["tool"]}
        answer = desk.scene.browser.post(address, data={**hidden, **form, **change, "do": "save"})
        assert answer.status_code == 302, answer.text

    save(minutes="7")
    assert (desk.unit["minutes"], desk.unit["custom"]) == (7, {"city": "osh"})
    save(tool=f"{desk.scene.tool.url}/launch/village")
    assert {"custom", "points"} & desk.unit.keys() == set()


def test_what_has_no_address_opens_the_tool_itself(desk: Desk) -> None:
    desk.take(desk.answer(DeepLinkResource()))
    assert desk.unit["tool"] == f"{desk.scene.tool.url}/launch"


def test_nothing_chosen_changes_nothing_and_the_tool_s_word_is_shown_as_text(desk: Desk) -> None:
    answer = desk.answer(msg="<b>Nothing</b> fits")
    page = desk.seen(answer)
    assert "Nothing was chosen in Simulator" in page.text
    assert "&lt;b&gt;Nothing&lt;/b&gt; fits" in page.text
    before = desk.draft.version
    assert desk.decide(answer, page, do="take").status_code == 302
    assert (desk.draft.version, Content.objects.exists()) == (before, False)


def test_an_author_leaves_the_unit_as_it_is(desk: Desk) -> None:
    answer = desk.answer(city(desk.scene))
    assert desk.decide(answer, desk.seen(answer), do="drop").status_code == 302
    assert (desk.unit["tool"], Content.objects.exists()) == ("", False)


# Attacks


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"aud": "https://elsewhere.example"}, "aud or azp"),
        ({"aud": None}, "aud or azp"),
        ({"azp": "https://elsewhere.example"}, "aud or azp"),
        ({"iss": "1b4e28ba-2fa1-4ad2-883f-0016d3cca427"}, "iss"),
        ({"iss": "x"}, "iss"),
        ({"deployment_id": "1b4e28ba-2fa1-4ad2-883f-0016d3cca427"}, "deployment_id"),
        ({"version": "1.1"}, "version"),
        ({"message_type": "LtiResourceLinkRequest"}, "message_type"),
        ({"data": "forged"}, "data"),
        ({"data": None}, "data"),
        ({"data": ["a"]}, "data"),
        ({"data": "\ud800:a:b"}, "data"),
        ({"nonce": None}, "nonce"),
        ({"nonce": "a\u0000b"}, "nonce"),
        ({"exp": 1}, "too old"),
        ({"iat": 1}, "too old"),
        ({"exp": float("nan")}, "iat or exp"),
        ({"content_items": "x"}, "content_items"),
    ],
    ids=str,
)
def test_an_answer_that_is_not_as_it_should_be_is_not_taken(
    desk: Desk, change: dict[str, object], why: str
) -> None:
    answer = desk.answer(city(desk.scene), **change)
    assert why in told(answer)
    assert not Content.objects.exists()


def test_an_audience_that_is_not_this_node_alone_is_none(desk: Desk) -> None:
    answer = desk.answer(city(desk.scene), aud=[desk.scene.node, "https://elsewhere.example"])
    assert "aud or azp" in told(answer)


def test_an_answer_for_an_account_that_is_gone_is_not_kept(desk: Desk) -> None:
    sealed = signing.loads(desk.ask().get_launch_data()[f"{DL}deep_linking_settings"]["data"],
                           salt=_CHOICE)  # fmt: skip
    gone = signing.dumps([*sealed[:2], 0, *sealed[3:]], salt=_CHOICE, compress=True)
    assert "account that was deleted" in told(desk.answer(city(desk.scene), data=gone))
    assert not Content.objects.exists()


def test_an_answer_is_taken_once(desk: Desk) -> None:
    token = desk.scene.tool.answer(desk.ask(), city(desk.scene))
    assert desk.post(token).status_code == 302
    assert "answer was used before" in told(desk.post(token))
    assert Content.objects.count() == 1


def test_a_question_is_answered_once(desk: Desk) -> None:
    asked = desk.ask()
    assert desk.post(desk.scene.tool.answer(asked, city(desk.scene))).status_code == 302
    again = desk.post(desk.scene.tool.answer(asked, city(desk.scene, title="Another")))
    assert "question was used before" in told(again)
    assert Content.objects.get().item["title"] == "City of Osh"


def test_a_key_that_the_tool_does_not_publish_signs_nothing(desk: Desk) -> None:
    asked = desk.ask()
    published, desk.scene.tool.pem = desk.scene.tool.pem, new_key()
    strange = desk.scene.tool.answer(asked, city(desk.scene))
    desk.scene.tool.pem = published
    assert "signature" in told(desk.post(strange))


def test_another_tool_does_not_answer_in_its_place(desk: Desk) -> None:
    """Nor does one that has seen the question, and is trusted for units of its own."""
    asked = desk.ask()
    other = save_tool(
        tool_id=None, name="Other", address=f"{desk.scene.tool.url}/other",
        login_url=f"{desk.scene.tool.url}/login", redirect_urls=[f"{desk.scene.tool.url}/other"],
        keys_url=f"{desk.scene.tool.url}/jwks", names=False, grades=False, members=False,
        active=True, by=desk.scene.by, now=utc_now(),
    )  # fmt: skip
    its = {"iss": other.client_id, "deployment_id": other.deployment}
    item = city(desk.scene, url=f"{desk.scene.tool.url}/other/1")
    answer = desk.post(desk.scene.tool.answer(asked, item, **its))
    assert told(answer) == "access_denied: data is of another tool"
    mine = desk.post(desk.scene.tool.answer(asked, item))
    assert told(mine) == "access_denied: content_items: url is not of this tool"


@pytest.mark.parametrize(
    "change",
    [
        {"url": "javascript:alert(1)"},
        {"url": "data:text/html,x"},
        {"url": "https://10.0.0.1/launch"},
        {"url": "http://169.254.169.254/latest/meta-data"},
        {"url": "https://evil.example/launch"},
        {"url": ["x"]},
        {"url": "https://a" + "a" * 600},
        {"type": "html", "html": "<script>alert(1)</script>"},
        {"type": "link"},
        {"title": 5},
        {"custom": {"a": "x" * 2_000}},
        {"custom": {"a" * 101: "x"}},
        {"custom": {"": "x"}},
        {"custom": {"a": 1}},
        {"custom": {"a": {"b": "c"}}},
        {"custom": {"a": "\u202e"}},
        {"custom": {str(number): "x" for number in range(31)}},
        {"custom": ["a"]},
    ],
    ids=lambda change: str(change)[:40],
)
def test_what_a_unit_cannot_be_is_not_taken(desk: Desk, change: dict[str, object]) -> None:
    answer = desk.answer(city(desk.scene, **change))
    assert "content_items" in told(answer)
    assert not Content.objects.exists()


def test_more_than_was_asked_for_is_not_taken(desk: Desk) -> None:
    assert "one at most" in told(desk.answer(city(desk.scene), city(desk.scene)))
    huge = desk.answer(city(desk.scene, text="x" * 20_000))
    assert "16,000 characters" in told(huge)


@pytest.mark.parametrize("most", [0, -1, 1.5, 10**9, float("inf"), True, "40", None])
def test_a_maximum_that_no_unit_has_is_left_out(desk: Desk, most: object) -> None:
    desk.take(desk.answer(city(desk.scene, lineItem={"scoreMaximum": most})))
    assert "points" not in desk.unit


def test_a_title_is_one_line_of_what_a_page_can_show(desk: Desk) -> None:
    title = "City\u202e of\r\n <b>Osh</b>" + "x" * 300
    page = desk.seen(desk.answer(city(desk.scene, title=title)))
    assert "City of &lt;b&gt;Osh&lt;/b&gt;" in page.text
    assert len(Content.objects.get().item["title"]) == 200


def test_nobody_else_sees_or_takes_what_an_author_chose(desk: Desk, academy: Institution) -> None:
    answer = desk.answer(city(desk.scene))
    address = f"{desk.scene.node}{answer.headers['Location']}"
    assert httpx.get(address).status_code == 302
    desk.scene.be(person(academy, "second@hub.example", "Second Editor", "contributor", "editor"))
    assert desk.scene.browser.get(address).status_code == 404
    assert desk.unit["tool"] == ""


def test_who_may_not_write_the_draft_any_more_takes_nothing_over(desk: Desk) -> None:
    answer = desk.answer(city(desk.scene))
    page = desk.seen(answer)
    Membership.objects.filter(person=desk.scene.by).delete()
    assert desk.decide(answer, page, do="take").status_code in (403, 404)
    assert Content.objects.exists()


def test_another_site_does_not_agree_for_the_author(desk: Desk) -> None:
    answer = desk.answer(city(desk.scene))
    page = desk.seen(answer)
    forged = desk.decide(answer, page, do="take", csrfmiddlewaretoken="x" * 64)
    assert (forged.status_code, desk.unit["tool"]) == (403, "")


def test_who_saved_the_unit_meanwhile_is_not_overwritten(desk: Desk) -> None:
    answer = desk.answer(city(desk.scene))
    page = desk.seen(answer)
    draft = desk.draft
    actions.save_draft(
        draft_id=draft.id, version=draft.version, facts=draft.facts, by=desk.scene.by,
        words={**draft.words, "units.sim.title": "Their title"}, now=utc_now(),
    )  # fmt: skip
    again = desk.decide(answer, page, do="take", title="yes")
    assert (again.status_code, desk.unit["tool"]) == (409, "")
    assert desk.decide(answer, again, do="take").status_code == 302
    assert (desk.unit["tool"], desk.draft.words["units.sim.title"]) == (
        f"{desk.scene.tool.url}/launch/city?id=7", "Their title",
    )  # fmt: skip


def test_a_tool_without_an_address_to_choose_in_is_not_asked(desk: Desk) -> None:
    asked = desk.scene.to_the_tool(desk.choosing)
    desk.scene.register(choose_url="")
    assert "nothing can be chosen" in desk.scene.authorize(asked).text
    assert desk.scene.browser.get(f"{desk.scene.node}{desk.choosing}").status_code == 404


def test_a_tool_switched_off_answers_nothing(desk: Desk) -> None:
    token = desk.scene.tool.answer(desk.ask(), city(desk.scene))
    desk.scene.register(active=False)
    assert told(desk.post(token)) == "invalid_request: iss"


def test_keys_inside_a_private_network_are_not_fetched(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = desk.scene.tool.answer(desk.ask(), city(desk.scene))
    cache.clear()
    monkeypatch.setattr("chorsu.exchange.client._may_be_private", lambda _host: False)
    desk.scene.register(keys_url="https://10.0.0.1/jwks")
    assert told(desk.post(token)) == "temporarily_unavailable: keys: private-address"


def test_an_answer_that_nobody_looked_at_is_forgotten(desk: Desk) -> None:
    desk.answer(city(desk.scene))
    (told_of,) = contents_of(desk.scene.by.pk)
    assert UUID(str(told_of["course_draft"])) == UUID(desk.draft_id)
    assert forget_content(now=utc_now()) == 0
    assert forget_content(now=utc_now() + KEPT + timedelta(seconds=1)) == 1
