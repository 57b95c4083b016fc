"""Whoever runs a cohort opens its tools as a teacher, an author those of a draft; and who is told
who is in the cohort. Over HTTP on both sides.
"""

from __future__ import annotations

from datetime import datetime

import httpx
import pytest

from chorsu.flows import tool_services
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.tools.rules import (
    ADMINISTRATOR,
    AGS,
    AUTHOR,
    CLAIM,
    INSTRUCTOR,
    LEARNER,
    MEMBERS,
    NRPS,
    TEMPLATE,
)
from chorsu.training.models import Cohort, CohortTeacher
from tests.flows.tool_scene import Scene, scene
from tests.practices.conftest import person
from tests.training.class_kit import cohort, course, enrol, facts, learner_in
from tests.training.courses.tool_draft import tool_draft

__all__ = ["scene"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def teacher(scene: Scene, academy: Institution) -> Person:
    found = person(academy, "teacher@hub.example", "Teacher Five", "teacher")
    CohortTeacher.objects.create(cohort_id=scene.learner.cohort_id, person=found)
    return found


def as_teacher(scene: Scene) -> str:
    return f"/en/cohorts/{scene.learner.cohort_id}/tools/t1/"


def test_a_teacher_opens_the_same_link_as_an_instructor(scene: Scene, teacher: Person) -> None:
    learner = scene.launch()
    scene.register(members=True)
    scene.be(teacher)
    told = scene.launch(as_teacher(scene))
    assert told[f"{CLAIM}roles"] == [INSTRUCTOR]
    assert told[f"{CLAIM}resource_link"] == learner[f"{CLAIM}resource_link"]
    assert told[f"{CLAIM}context"] == learner[f"{CLAIM}context"]
    assert told[f"{AGS}claim/endpoint"] == learner[f"{AGS}claim/endpoint"]
    assert f"{NRPS}claim/namesroleservice" in told
    assert told["sub"] != learner["sub"]
    assert teacher.name not in str(told)


def test_who_answers_for_training_and_teaches_not_is_an_administrator(
    scene: Scene, academy: Institution
) -> None:
    scene.be(person(academy, "office@hub.example", "Office One", "training_office"))
    assert scene.launch(as_teacher(scene))[f"{CLAIM}roles"] == [ADMINISTRATOR]


def test_a_learner_stays_one(scene: Scene) -> None:
    assert scene.launch()[f"{CLAIM}roles"] == [LEARNER]
    answer = scene.browser.get(f"{scene.node}{as_teacher(scene)}")
    assert answer.status_code == 403


def test_a_teacher_of_another_cohort_opens_nothing(
    scene: Scene, academy: Institution, now: datetime
) -> None:
    other = person(academy, "other@hub.example", "Other Six", "teacher")
    elsewhere = cohort(course(now, facts()), academy, now)
    CohortTeacher.objects.create(cohort=elsewhere, person=other)
    scene.be(other)
    assert scene.browser.get(f"{scene.node}{as_teacher(scene)}").status_code == 403


def test_whose_role_was_taken_away_on_the_way_is_not_let_in(scene: Scene, teacher: Person) -> None:
    scene.be(teacher)
    asked = scene.to_the_tool(as_teacher(scene))
    Membership.objects.filter(person=teacher).delete()
    answer = scene.authorize(asked)
    assert (answer.status_code, "access_denied" in answer.text) == (400, True)
    assert "id_token" not in answer.text


def test_an_author_looks_at_a_unit_without_anything_of_learners(
    scene: Scene, now: datetime
) -> None:
    scene.register(members=True)
    draft = tool_draft(scene.by, now, tool=f"{scene.tool.url}/launch")
    told = scene.launch(f"/en/work/courses/{draft.id}/preview/sim/tool/")
    assert told[f"{CLAIM}roles"] == [INSTRUCTOR, AUTHOR]
    assert told[f"{CLAIM}context"]["type"] == [TEMPLATE]  # type: ignore[index]
    assert told[f"{CLAIM}resource_link"]["id"] == f"{draft.id}/sim"  # type: ignore[index]
    assert {f"{AGS}claim/endpoint", f"{NRPS}claim/namesroleservice"} & told.keys() == set()
    page = scene.browser.get(f"{scene.node}/en/work/courses/{draft.id}/preview/sim/")
    assert "/preview/sim/tool/" in page.text


def test_who_does_not_write_the_draft_does_not_open_it(
    scene: Scene, academy: Institution, now: datetime
) -> None:
    draft = tool_draft(scene.by, now, tool=f"{scene.tool.url}/launch")
    scene.be(person(academy, "reader@hub.example", "Reader Four", "reader"))
    answer = scene.browser.get(f"{scene.node}/en/work/courses/{draft.id}/preview/sim/tool/")
    assert answer.status_code in (403, 404)


# Names and roles


def members(scene: Scene, query: str = "") -> httpx.Response:
    token = scene.access(MEMBERS).json()["access_token"]
    address = f"{scene.node}/lti/cohorts/{scene.learner.cohort_id}/members"
    return httpx.get(f"{address}{query}", headers={"Authorization": f"Bearer {token}"})


def test_members_are_teachers_and_learners_with_their_roles(
    scene: Scene, teacher: Person, academy: Institution, now: datetime
) -> None:
    scene.register(members=True, names=True)
    guest = Person.objects.create(
        home="kg-apap", home_subject="s" * 40, name="Guest Seven", password="!"
    )
    run = Cohort.objects.get(pk=scene.learner.cohort_id)
    enrol(run, guest, now)
    enrol(run, teacher, now, "passed")
    found = members(scene).json()["members"]
    assert [(one.get("name"), one["roles"], one["status"]) for one in found] == [
        (teacher.name, [INSTRUCTOR, LEARNER], "Inactive"),
        (scene.by.name, [LEARNER], "Active"),
        # A guest agreed that this node knows the name, and not that others are told it.
        (None, [LEARNER], "Active"),
    ]
    assert found[1]["user_id"] == scene.launch()["sub"]


def test_members_are_told_by_role(scene: Scene, teacher: Person) -> None:
    scene.register(members=True)
    for asked, roles in (("Instructor", INSTRUCTOR), ("Learner", LEARNER)):
        for role in (asked, roles.replace("#", "%23")):
            found = members(scene, f"?role={role}").json()["members"]
            assert [one["roles"] for one in found] == [[roles]]
    assert members(scene, "?role=Mentor").json()["members"] == []


def test_members_come_in_pages_that_the_tool_follows(
    scene: Scene, teacher: Person, academy: Institution, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    scene.register(members=True)
    run = Cohort.objects.get(pk=scene.learner.cohort_id)
    for number in range(3):
        enrol(run, person(academy, f"l{number}@hub.example", f"Learner {number}"), now)
    whole = members(scene).json()["members"]
    monkeypatch.setattr(tool_services, "MEMBERS_A_PAGE", 2)
    scene.launch()
    assert scene.tool.launches[0].get_nrps().get_members() == whole
    assert len(whole) == 5
    small = members(scene, "?limit=1&from=1")
    assert small.json()["members"] == whole[1:2]
    assert small.headers["Link"].endswith('/members?limit=1&from=2>; rel="next"')
    assert "Link" not in members(scene, "?limit=-1&from=4").headers


def test_members_of_a_cohort_without_this_tool_are_not_told(
    scene: Scene, academy: Institution, now: datetime
) -> None:
    scene.register(members=True)
    other = learner_in(academy, now, facts(), "far@hub.example")
    token = scene.access(MEMBERS).json()["access_token"]
    answer = httpx.get(
        f"{scene.node}/lti/cohorts/{other.cohort_id}/members",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
