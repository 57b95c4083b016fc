"""Two nodes as processes, over HTTP: a course with its questions goes from Beijing to Astana, where
a cohort is taught it and a learner is examined in it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chorsu.jobs.demo import PASSWORD, Demo, running
from chorsu.jobs.demo_nodes import NODES, DemoNode
from chorsu.jobs.embedded import embedded_database
from chorsu.jobs.form_client import FormClient
from tests.nodes.test_demo import free_ports

pytestmark = pytest.mark.nodes

WRITE_COURSE = """
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.training.actions import bank, courses
from chorsu.training.items import empty_facts
from chorsu.training.shapes.bank import NewText
by, now = Person.objects.get(email__startswith="editor@"), utc_now()
quiz = {"draws": [{"competence": "", "count": 2}], "weight": 1, "review": "score"}
unit = {"key": "check", "kind": "quiz", "minutes": 5, "quiz": quiz}
draft = courses.begin_draft(
    by=by, institution_id="cn-nag", language="zh-Hans", now=now,
    words={
        "title": "一个窗口", "summary": "村里怎样办事。", "aims": "会办一个窗口。",
        "modules.m.title": "开始", "units.check.title": "测验",
    },
    facts={
        "hours": {"in_person": 0, "live": 0, "self_study": 2},
        "competences": [{"code": "one-window", "level": 1}], "themes": ["service-delivery"],
        "assessment": {"pass_percent": 60}, "modules": [{"key": "m", "units": [unit]}],
    },
)
for stem in ("几个窗口？", "谁来办？"):
    facts = empty_facts("single")
    facts["fields"][0]["options"] = [
        {"key": "r", "credit": "100", "target": ""}, {"key": "w", "credit": "0", "target": ""}
    ]
    words = {"stem": stem, "options.answer.r.text": "对的", "options.answer.w.text": "错的"}
    kazakh = {
        "stem": stem + " (kk)", "options.answer.r.text": "Дұрысы",
        "options.answer.w.text": "Қатесі",
    }
    bank.save_question(
        course_id=draft.id, item=None, version=0, original_language="zh-Hans", facts=facts,
        texts={"zh-Hans": NewText(words), "kk": NewText(kazakh)}, by=by, now=now,
    )
print(draft.id)
"""
TEACH = """
import datetime, uuid
from chorsu.institutions.models import Membership, Person
from chorsu.kernel.clock import utc_now
from chorsu.training.actions.cohorts import open_cohort
from chorsu.training.models import Enrolment
from chorsu.training.rules.cohort_fields import CohortFields
teacher = Person.objects.get(email__startswith="editor@")
Membership.objects.get_or_create(person=teacher, institution_id="kz-apa", role="teacher")
now = utc_now()
cohort = open_cohort(
    course_id=uuid.UUID("COURSE"), institution_id="kz-apa", by=teacher, now=now,
    fields=CohortFields(
        name="2026", programme="upgrading", languages=("kk",), starts_on=now.date(),
        ends_on=now.date() + datetime.timedelta(days=9), capacity=0, place="", link="",
    ),
)
row = Enrolment.objects.create(
    id=uuid.uuid4(), cohort_id=cohort, state="admitted", created_at=now, queued_at=now,
    person=Person.objects.get(email__startswith="reader@"),
)
print(cohort, row.id)
"""
POINTS = "from chorsu.training.models import Attempt as A; a = A.objects.get(); "


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("questions")
    port = free_ports(2)
    nodes = [replace(node, port=port + place) for place, node in enumerate(NODES[:2])]
    with pytest.MonkeyPatch.context() as patch:
        # The nodes have settings of their own.
        patch.delenv("DJANGO_SETTINGS_MODULE")
        patch.delenv("DATABASE_URL", raising=False)
        with running(folder, nodes, quiet=True) as demo:
            yield demo


def shell(demo: Demo, node: DemoNode, program: str) -> str:
    database = embedded_database(Path(demo.folder) / "postgres", node.city)
    return demo.command(node, database, "shell", "--no-imports", "-c", program).strip()


def sign_in(person: FormClient, node: DemoNode, who: str) -> None:
    person.open(f"{node.address}/en/account/login/")
    person.send("/account/login", {"login": f"{who}@{node.name}", "password": PASSWORD})


def wait_until_open(person: FormClient, address: str) -> str:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if person.open(address) and person.status == 200:
            return person.page
        time.sleep(0.5)
    raise AssertionError(f"{address} answers {person.status}")


def test_a_course_is_taught_elsewhere_with_its_questions_and_a_learner_is_graded(two: Demo) -> None:
    beijing, astana = two.nodes
    course = shell(two, beijing, WRITE_COURSE)
    with FormClient(beijing.home) as editor:
        sign_in(editor, beijing, "editor")
        editor.open(f"{beijing.address}/en/work/courses/{course}/publish/")
        assert 'name="questions" value="yes"' in editor.page
        editor.send("/publish/", {"questions": "yes"})

    with FormClient(astana.home) as teacher:
        sign_in(teacher, astana, "editor")
        page = wait_until_open(teacher, f"{astana.address}/en/courses/{course}/questions/")
        assert "几个窗口？" in page or "几个窗口？ (kk)" in page
        cohort, enrolment = shell(two, astana, TEACH.replace("COURSE", course)).split()
        shown = teacher.open(f"{astana.address}/en/cohorts/{cohort}/")
        assert f"/en/courses/{course}/questions/" in shown

    with FormClient(astana.home) as learner:
        sign_in(learner, astana, "reader")
        the_learner_is_examined(learner, astana, enrolment)
        what_is_right_stays_hidden(two, learner, astana, course)
    assert shell(two, astana, POINTS + "print(a.points.normalize(), a.most_points)") == "1 2.0000"


def the_learner_is_examined(learner: FormClient, node: DemoNode, enrolment: str) -> None:
    """In Kazakh, in which the questions came too: one is answered right, the other wrong."""
    learner.open(f"{node.address}/kk/learning/{enrolment}/units/check/")
    page = learner.send("/begin/", {})
    questions = page.split('<fieldset class="question"')[1:]
    assert len(questions) == 2
    answers = {}
    for question, text in zip(questions, ("Дұрысы", "Қатесі"), strict=True):
        options = re.findall(
            r'<input type="radio" name="([^"]+)" value="([^"]+)"><span>(.*?)</span>', question
        )
        name, token = next((n, token) for n, token, said in options if text in said)
        answers[name] = token
    learner.send("/attempts/", {**answers, "finish": "1"})
    learner.send("/finish/", {})
    assert "50" in learner.page


def what_is_right_stays_hidden(
    demo: Demo, learner: FormClient, node: DemoNode, course: str
) -> None:
    learner.open(f"{node.address}/en/courses/{course}/questions/")
    assert learner.status == 403
    blob = shell(
        demo, node,
        "from chorsu.training.models import SharedBank; print(SharedBank.objects.get().blob)",
    )  # fmt: skip
    for one in demo.nodes:
        learner.open(f"{one.address}/exchange/blob/{blob}")
        assert learner.status == 403
    learner.open(f"{node.address}/en/courses/{course}/")
    assert learner.status == 200
    assert "几个窗口" not in learner.page
