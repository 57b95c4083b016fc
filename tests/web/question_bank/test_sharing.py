"""Pages on which questions are let go, taken back, read by who teaches, taken by a cohort."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from chorsu.exchange.models import FeedEntry
from chorsu.institutions.models import Membership, Person
from chorsu.kernel.ids import new_id
from chorsu.training.models import BankItem, Cohort, CohortQuestions, Course, Enrolment
from chorsu.training.queries.sharing import sharing_of
from chorsu.training.wire.banks import KIND
from tests.training.courses.content import ready_draft
from tests.web.bank_kit import add, choice, shared_questions

pytestmark = pytest.mark.django_db
Count = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def kit(editor: Person, now: datetime) -> dict[str, str]:
    return shared_questions(editor, now)


@pytest.fixture
def writer(client: Client, editor: Person) -> Client:
    client.force_login(editor)
    return client


def kinds() -> list[str]:
    return list(FeedEntry.objects.order_by("index").values_list("kind", flat=True))


def test_an_editor_publishes_a_course_with_its_questions(
    writer: Client, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    row = add(draft.id, choice("Who is first?"), editor, now)
    BankItem.objects.filter(item=row.id).update(
        competence="one-window", facts={**row.facts, "competence": "one-window"}
    )
    address = f"/en/work/courses/{draft.id}/publish/"
    page = writer.get(address).content.decode()
    assert "1 question goes along" in page
    # Nothing goes along that nobody ticked.
    assert 'name="questions" value="yes" aria-describedby="questions_hint">' in page
    writer.post(address, {"version": draft.version, "questions": "yes"})

    assert kinds() == ["course", KIND]


def test_a_course_goes_without_its_questions_unless_somebody_says_so(
    writer: Client, editor: Person, now: datetime
) -> None:
    draft = ready_draft(editor, now)
    writer.post(f"/en/work/courses/{draft.id}/publish/", {"version": draft.version})
    assert kinds() == ["course"]
    page = writer.get(f"/en/work/courses/{draft.id}/questions/sharing/").content.decode()
    assert "They stay here" in page


def test_a_course_whose_questions_name_somebody_stays_a_draft_and_says_why(
    writer: Client, kit: dict[str, str]
) -> None:
    Person.objects.create_user("w@hub.example", "correct horse", name="Is Last")
    address = f"/en/work/courses/{kit['shared-course']}/publish/"
    before = kinds()
    answer = writer.post(address, {"version": "1", "questions": "yes"})

    # The draft says what is published: that is told first, and nothing went out.
    assert answer.status_code == 422
    assert kinds() == before
    page = writer.post(f"/en/work/courses/{kit['shared-course']}/questions/sharing/", {
        "do": "publish",
    })  # fmt: skip
    assert page.status_code == 422
    assert "A question names a person of this node" in page.content.decode()
    assert kinds() == before


def test_questions_are_published_anew_and_withdrawn_for_a_reason(
    writer: Client, kit: dict[str, str]
) -> None:
    course = kit["shared-course"]
    address = f"/en/work/courses/{course}/questions/sharing/"
    assert "The bank has changed since" in writer.get(address).content.decode()
    writer.post(address, {"do": "publish"})
    assert sharing_of(course).same
    assert "is what the bank says today" in writer.get(address).content.decode()

    refused = writer.post(address, {"do": "withdraw", "reason": " "})
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    assert sharing_of(course).is_shared
    writer.post(address, {"do": "withdraw", "reason": "An answer was wrong."})
    assert not sharing_of(course).is_shared
    assert FeedEntry.objects.order_by("index").last().action == "withdraw"  # type: ignore[union-attr]


def test_a_contributor_lets_nothing_go(client: Client, kit: dict[str, str]) -> None:
    person = Person.objects.create_user("c@hub.example", "correct horse", name="C")
    Membership.objects.create(person=person, institution_id="hub-astana", role="contributor")
    client.force_login(person)
    address = f"/en/work/courses/{kit['shared-course']}/questions/sharing/"
    before = kinds()

    assert client.get(address).status_code == 403
    assert client.post(address, {"do": "publish"}).status_code == 403
    assert kinds() == before


def test_who_teaches_reads_the_answers_and_who_learns_does_not(
    client: Client,
    kit: dict[str, str],
    now: datetime,
    django_assert_max_num_queries: Count,
) -> None:
    address = f"/en/courses/{kit['shared-course']}/questions/"
    assert client.get(address).status_code == 302
    person = Person.objects.create_user("t@hub.example", "correct horse", name="T")
    client.force_login(person)
    assert client.get(address).status_code == 403
    Membership.objects.create(person=person, institution_id="hub-astana", role="teacher")
    with django_assert_max_num_queries(20):
        page = client.get(address).content.decode()
    assert page.count("Which city is the capital?") == 1
    assert "Read-only" in page
    assert "earns points" in page

    Enrolment.objects.create(
        id=uuid.UUID(new_id()), cohort_id=kit["forks-cohort"], person=person, state="nominated",
        created_at=now, queued_at=now,
    )  # fmt: skip
    assert client.get(address).status_code == 403


def test_the_bank_of_a_fork_shows_whose_questions_it_draws_too_and_changes_none(
    writer: Client, kit: dict[str, str]
) -> None:
    page = writer.get(f"/en/work/courses/{kit['forked-course']}/questions/").content.decode()
    assert "Questions of other academies" in page
    assert f"/en/courses/{kit['shared-course']}/questions/" in page

    item = BankItem.objects.filter(course_id=kit["shared-course"]).first()
    assert item is not None
    address = f"/en/work/courses/{kit['forked-course']}/questions/{item.item}/"
    assert writer.get(address).status_code == 404
    assert writer.post(address + "retire/", {"do": "retire"}).status_code == 404


def test_a_teacher_takes_the_newest_questions_for_a_cohort(
    client: Client, editor: Person, kit: dict[str, str]
) -> None:
    Membership.objects.create(person=editor, institution_id="hub-astana", role="training_office")
    client.force_login(editor)
    address = f"/en/cohorts/{kit['forks-cohort']}/"
    assert "There are newer questions" in client.get(address).content.decode()
    client.post(address + "questions/")

    assert CohortQuestions.objects.get(cohort=kit["forks-cohort"]).revision == 2
    assert "There are newer questions" not in client.get(address).content.decode()


def test_nobody_takes_questions_for_a_cohort_of_others(writer: Client, kit: dict[str, str]) -> None:
    assert writer.post(f"/en/cohorts/{kit['forks-cohort']}/questions/").status_code == 403
    assert CohortQuestions.objects.get(cohort=kit["forks-cohort"]).revision == 1
    assert Cohort.objects.count() == 1
    assert Course.objects.count() == 2
