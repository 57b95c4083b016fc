"""What learning leaves on a person: told to them whole, gone when its time has run out."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chorsu.flows.disclosing import disclose, disclose_training
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.institutions.personal import in_json
from chorsu.institutions.queries import node_institution_id
from chorsu.training.actions import learning as actions
from chorsu.training.actions.attempts import answer, hand_in
from chorsu.training.actions.retaining import forget_old
from chorsu.training.actions.submissions import save_work
from chorsu.training.models import (
    Answer,
    BankItem,
    Cohort,
    Enrolment,
    ExtraTime,
    OutsideResult,
    ReviewCard,
    Submission,
    UnitState,
)
from chorsu.training.queries.learning import LearnerView
from chorsu.training.queries.personal import everything_on
from tests.everywhere import places_of
from tests.training.class_kit import ENGLISH, POINTS, facts, learner_in
from tests.training.quiz_kit import WRONG, add_item, begin, given, items_of

pytestmark = pytest.mark.django_db
PLAIN = facts()
ENDED = date(2026, 12, 20)
ENDED_AT = datetime(2026, 12, 20, 9, tzinfo=UTC)


@pytest.fixture
def learner(academy: Institution, now: datetime) -> LearnerView:
    one = learner_in(academy, now, PLAIN)
    for _ in range(3):
        add_item(one.course_id)
    actions.set_done(learner=one, unit="r1", done=True, points=POINTS[:1], now=now)
    actions.write_note(learner=one, unit="r1", version=0, text="zzqx my note", now=now)
    questions, assignment = (
        PLAIN["modules"][0]["units"][1]["survey"],
        PLAIN["modules"][1]["units"][2]["assignment"],
    )
    assert questions is not None
    assert assignment is not None
    actions.answer_survey(
        learner=one, unit="s1", questions=questions, words=ENGLISH, given={"k3": "zzqx said"},
        now=now,
    )  # fmt: skip
    save_work(
        learner=one, unit="a1", assignment=assignment, text="zzqx my plan",
        file=("plan.txt", b"zzqx in a file"), hand_in=True, now=now,
    )  # fmt: skip
    tried = begin(one, PLAIN, now)
    said = given(tried, items_of(tried)[0], WRONG)
    answer(attempt=tried, person_id=one.person_id, given=said, now=now)
    hand_in(attempt_id=tried.id, person_id=one.person_id, now=now)
    return one


def test_a_person_is_told_all_that_learning_keeps_on_them(learner: LearnerView) -> None:
    told = everything_on(Person.objects.get(pk=learner.person_id))
    told = json.loads("".join(in_json(told)))
    assert {row["unit"]: row["note"] for row in told["units"]}["r1"] == "zzqx my note"
    assert told["survey_answers"][0]["answers"] == {"k3": "zzqx said"}
    assert told["work"][0]["text"] == "zzqx my plan"
    assert b64decode(told["work"][0]["base64"]) == b"zzqx in a file"
    assert told["attempts"][0]["answers"][0]["answer"] == {"answer": "wrong"}
    assert told["review_cards"][0]["unit"] == "r1"


def test_files_are_read_one_by_one_as_they_are_written(learner: LearnerView) -> None:
    with CaptureQueriesContext(connection) as asked:
        told = everything_on(Person.objects.get(pk=learner.person_id))
    read = re.compile(r"SELECT [^;]*\"training_submission\"\.\"file\"[ ,]")
    assert not any(read.match(one["sql"]) for one in asked.captured_queries)
    assert b64encode(b"zzqx in a file").decode() in "".join(in_json(told))
    Submission.objects.update(file=None)
    assert json.loads("".join(in_json(told)))["work"][0]["base64"] == ""


def test_what_is_the_learners_alone_is_in_no_file_that_another_takes(
    learner: LearnerView,
) -> None:
    person = Person.objects.get(pk=learner.person_id)
    administrator = Person.objects.create_user("admin@hub.example", name="Admin Two")
    for role in ("administrator", "training_office"):
        Membership.objects.create(
            person=administrator, institution_id=node_institution_id(), role=role
        )
    BankItem.objects.update(saved_by=person)
    asked = {"person": person, "by": administrator, "now": ENDED_AT}
    own, whole = everything_on(person), disclose(**asked)["training"]  # type: ignore[arg-type]
    of_officer = disclose_training(**asked)  # type: ignore[arg-type]
    assert own["questions_written"]
    assert isinstance(whole, dict)
    assert whole["questions_written"]
    assert "questions_written" not in of_officer
    for told in (whole, of_officer):
        said = "".join(in_json(told))
        assert "zzqx my note" not in said
        assert "zzqx said" not in said
        assert [row["unit"] for row in told["survey_answers"]] == ["s1"]
        assert "zzqx my plan" in said
    assert AuditEvent.objects.filter(action="person.data_taken").count() == 2


def test_what_learning_leaves_lies_in_its_own_tables_alone(learner: LearnerView) -> None:
    assert places_of("zzqx") == {
        "training_unitstate.note", "training_surveyanswer.answers", "training_submission.text",
        "training_submission.file",
    }  # fmt: skip


def test_what_a_result_was_reckoned_from_goes_and_the_result_stays(learner: LearnerView) -> None:
    Cohort.objects.update(state="finished")
    Enrolment.objects.update(result_percent=80)
    ExtraTime.objects.create(enrolment_id=learner.id, percent=50, given_at=ENDED_AT)
    OutsideResult.objects.create(enrolment_id=learner.id, unit="t1", changed_at=ENDED_AT)
    forget_old(today=ENDED + timedelta(days=2 * 366))
    assert Answer.objects.count() == 1
    gone = forget_old(today=ENDED + timedelta(days=3 * 366 + 30))
    assert {"units", "surveys", "attempts", "work", "cards", "outside", "extra"} <= gone.keys()
    rows = (UnitState, Answer, Submission, ReviewCard, ExtraTime, OutsideResult)
    assert [kind.objects.count() for kind in rows] == [0, 0, 0, 0, 0, 0]
    assert Enrolment.objects.get(pk=learner.id).result_percent == 80


def test_a_person_who_goes_takes_all_of_it_along(learner: LearnerView) -> None:
    Person.objects.get(pk=learner.person_id).delete()
    assert places_of("zzqx") == set()
