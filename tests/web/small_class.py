"""A class of the small node: a course that is learned, with something on each of its pages."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

from django.core import signing

from chorsu.institutions.models import Institution, Person
from chorsu.training.actions import learning as actions
from chorsu.training.actions.answer_files import add_answer_file
from chorsu.training.actions.attempts import GivenAnswer, answer, hand_in, mark_answer
from chorsu.training.actions.submissions import save_work
from chorsu.training.models import (
    AnswerFile,
    Attempt,
    Cohort,
    CohortTeacher,
    Course,
    Session,
    Submission,
)
from chorsu.training.queries.attempts import AttemptView
from chorsu.training.queries.learning import LearnerView
from chorsu.training.rules.fields import Competence, Draw, Facts, Hours
from tests.training.class_kit import ENGLISH, POINTS, cohort, course, enrol, facts, quiz, unit
from tests.training.quiz_kit import RIGHT, WRONG, add_item, begin, given, items_of
from tests.web.library import ID

COMPETENCES = [Competence(code="service-design", level=2), Competence(code="ethics", level=1)]


def learning(
    academy: Institution, editor: Person, teacher: Person, now: datetime
) -> dict[str, str]:
    """The editor learns and has tried; somebody else handed in work; the teacher marks."""
    whole = _facts()
    row = course(now, whole)
    key = uuid.UUID(str(row.pk))
    essay, by_file = add_item(key, kind="essay"), add_item(key, kind="file")
    for _ in range(2):
        add_item(key, competence=COMPETENCES[0]["code"])
    run = cohort(row, academy, now)
    CohortTeacher.objects.create(cohort=run, person=teacher)
    one = enrol(run, editor, now)
    Session.objects.create(
        id=uuid.uuid4(), cohort=run, title="Встреча с регистраторами", unit="v1", form="live",
        starts_at=now + timedelta(days=3), ends_at=now + timedelta(days=3, minutes=90), hours=2,
        place="Room 12", link="https://meet.example.org/clerks", changed_at=now,
    )  # fmt: skip
    before = now - timedelta(days=400)
    actions.set_done(learner=one, unit="r1", done=True, points=POINTS, now=before)
    actions.set_bookmark(learner=one, unit="r2", on=True, now=now)
    actions.write_note(learner=one, unit="r2", version=0, text="Ask about the clerk.", now=now)
    first = begin(one, whole, now)
    written = GivenAnswer(essay, {"answer": "Because people waited."}, "en", uuid.uuid4())
    answer(attempt=first, person_id=editor.pk, given=written, now=now)
    _hand_in_file(first, by_file, "plan.txt", now)
    for item in items_of(first):
        if item.facts["type"] == "single":
            said = given(first, item, WRONG)
            answer(attempt=first, person_id=editor.pk, given=said, now=now)
    hand_in(attempt_id=first.id, person_id=editor.pk, now=now)
    given_file = AnswerFile.objects.get()
    pupil = _pupil(run, now)
    marked = _marked(pupil, whole, essay, teacher, now)
    second = begin(one, whole, now)
    _hand_in_file(second, by_file, "sketch of the window.txt", now)
    return {
        "taught": str(row.pk),
        "class": str(run.pk),
        "enrolment": str(one.id),
        "handed-in": str(first.id),
        "attempt": str(second.id),
        "given-file": str(given_file.pk),
        "pupil": str(pupil.id),
        "marked-attempt": str(marked.id),
        "work": _work(pupil, whole, now),
        "asked-class": _asked(row, academy, teacher, now),
        "cards-token": signing.dumps(editor.pk, salt="training.reminding"),
    }


def _hand_in_file(tried: AttemptView, item: str, name: str, now: datetime) -> None:
    person = Attempt.objects.values_list("enrolment__person", flat=True).get(pk=tried.id)
    add_answer_file(
        attempt=tried, person_id=person, item_id=item, upload=BytesIO(name.encode()), name=name,
        language="en", now=now,
    )  # fmt: skip


def _facts() -> Facts:
    whole = facts(
        quiz(draws=[Draw(competence="", count=4)], review="answers"),
        competences=COMPETENCES,
        valid_months=36,
        positions=["middle", "local"],
    )
    whole["hours"] = Hours(in_person=8, live=4, self_study=12)
    whole["themes"] = ["service-delivery"]
    whole["modules"][1]["units"].append(unit("v1", "live", 90))
    whole["modules"][0]["units"][0] = unit("r1", "reading", practice=ID)
    return whole


def _asked(row: Course, academy: Institution, teacher: Person, now: datetime) -> str:
    """Another cohort of the course, of which enough answered the survey to be told of."""
    run = cohort(row, academy, now)
    CohortTeacher.objects.create(cohort=run, person=teacher)
    texts = ("Больше примеров из районов.", "希望增加案例。", "Vaqt yetmadi.", "Thanks", "Ýok.", "")
    for number, text in enumerate(texts):
        person = Person.objects.create_user(f"asked{number}@hub.example", "correct horse")
        actions.answer_survey(
            learner=enrol(run, person, now), unit="s1",
            questions=row.facts["modules"][0]["units"][1]["survey"],
            words=ENGLISH, given={"k1": str(2 + number % 4), "k2": "2", "k3": text}, now=now,
        )  # fmt: skip
    return str(run.pk)


def _pupil(run: Cohort, now: datetime) -> LearnerView:
    """Another learner."""
    person = Person.objects.create_user("pupil@hub.example", "correct horse", name="A Pupil")
    return enrol(run, person, now)


def _marked(
    one: LearnerView, whole: Facts, essay: str, teacher: Person, now: datetime
) -> AttemptView:
    """An attempt of theirs whose long answer is marked."""
    tried = begin(one, whole, now)
    written = GivenAnswer(essay, {"answer": "Because a desk is a queue."}, "en", uuid.uuid4())
    answer(attempt=tried, person_id=one.person_id, given=written, now=now)
    item = next(item for item in items_of(tried) if item.facts["type"] == "single")
    said = given(tried, item, RIGHT)
    answer(attempt=tried, person_id=one.person_id, given=said, now=now)
    later = now + timedelta(minutes=24)
    hand_in(attempt_id=tried.id, person_id=one.person_id, now=later)
    mark_answer(
        attempt_id=tried.id, item_id=essay, marker_id=teacher.pk,
        points={"answer": Decimal("0.5")}, now=later,
    )  # fmt: skip
    return tried


def _work(other: LearnerView, whole: Facts, now: datetime) -> str:
    """What they handed in."""
    assignment = whole["modules"][1]["units"][2]["assignment"]
    assert assignment is not None
    save_work(
        learner=other, unit="a1", assignment=assignment, text="First the clerk, then the desk.",
        file=("plan.txt", b"a plan"), hand_in=True, now=now,
    )  # fmt: skip
    return str(Submission.objects.get().pk)
