"""A small course, a cohort that learns it, and people in it, as rows."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from chorsu.institutions.models import Institution, Person
from chorsu.kernel.ids import new_id
from chorsu.training.models import Cohort, Course, CourseRevision, CourseText, Enrolment
from chorsu.training.queries.learning import LearnerView, learner
from chorsu.training.remembering import points
from chorsu.training.rules.fields import (
    Assessment,
    Assignment,
    Draw,
    Facts,
    Module,
    Quiz,
    RubricRow,
    SurveyQuestion,
    Unit,
    empty_facts,
)

ENGLISH = {
    "title": "The one-stop window",
    "summary": "How a village office answers at one window.",
    "aims": "You plan a window.",
    "modules.m1.title": "Why one window",
    "modules.m2.title": "How to open one",
    "units.r1.title": "What people waited for",
    "units.r1.body": "A **public service** is what citizens ask for.\n\n## Why\n\n- time",
    "units.r1.key_points": "- How many visits? One is enough.\n- A queue is a cost.",
    "units.s1.title": "What do you know?",
    "units.r2.title": "Opening day",
    "units.r2.body": "Begin with the *clerk*.",
    "units.q1.title": "Test yourself",
    "units.a1.title": "Plan a window",
    "units.a1.body": "Write a plan.",
    "units.v1.title": "Meet the clerks",
    "terms.t1.name": "public service",
    "terms.t1.meaning": "What the state does for a person who asks.",
    "questions.k1.text": "How sure are you?",
    "questions.k2.text": "Where do you work?",
    "questions.k2.choices": "In a village\nIn a city",
    "questions.k3.text": "Anything else?",
    "rubrics.c1.criterion": "It can be done",
    "rubrics.c1.levels": "0: no\n10: yes",
}
POINTS = points(ENGLISH["units.r1.key_points"])
"""Those of the unit r1."""
TURKMEN = {
    "title": "Bir penjire",
    "summary": "Oba edarasy bir penjirede jogap berýär.",
    "aims": "Siz penjire meýilleşdirýärsiňiz.",
    "modules.m1.title": "Näme üçin bir penjire",
    "modules.m2.title": "Nädip açmaly",
    "units.r1.title": "Adamlar nämä garaşdy",
    "units.r1.body": "Raýat döwletden hyzmat soraýar.",
    "units.r1.key_points": "- Näçe gezek? Bir gezek ýeterlik.\n- Nobat çykdajy.",
}


def unit(key: str, kind: str, minutes: int = 10, **more: object) -> Unit:
    """A unit of a kind, without what its kind does not need."""
    empty = Unit(
        key=key, kind=kind, minutes=minutes, practice="", quiz=None, video=None, assignment=None,
        survey=None, tool="", lab="",
    )  # fmt: skip
    return Unit(**{**empty, **more})  # type: ignore[typeddict-item]


def quiz(**more: object) -> Quiz:
    """A quiz of three questions of any competence, as often as one likes."""
    plain = Quiz(
        draws=[Draw(competence="", count=3)], minutes=0, attempts=0, shuffle=True,
        review="answers", weight=1,
    )  # fmt: skip
    return Quiz(**{**plain, **more})  # type: ignore[typeddict-item]


def facts(of_quiz: Quiz | None = None, **more: object) -> Facts:
    """Two modules: a reading, a survey; a reading, a quiz, an assignment."""
    survey = [
        SurveyQuestion(key="k1", kind="scale"),
        SurveyQuestion(key="k2", kind="choice"),
        SurveyQuestion(key="k3", kind="text"),
    ]
    assignment = Assignment(
        forms=["text", "file"], rubric=[RubricRow(key="c1", points=10)], second_marker=False,
        weight=1,
    )  # fmt: skip
    modules = [
        Module(key="m1", units=[unit("r1", "reading"), unit("s1", "survey", 5, survey=survey)]),
        Module(
            key="m2",
            units=[
                unit("r2", "reading", 20),
                unit("q1", "quiz", 15, quiz=of_quiz or quiz()),
                unit("a1", "assignment", 60, assignment=assignment),
            ],
        ),
    ]
    whole = {**empty_facts(), "modules": modules, "terms": ["t1"]}
    whole["assessment"] = Assessment(pass_percent=60, attendance_percent=0, required_units=["q1"])
    return Facts(**{**whole, **more})  # type: ignore[typeddict-item]


def course(now: datetime, of: Facts | None = None, *, origin: str = "hub.chorsu.example") -> Course:
    """A published course in English and Turkmen."""
    whole = of or facts()
    row = Course.objects.create(
        id=new_id(), origin=origin, institution_id="hub-astana", revision=1, audience="public",
        licence="CC-BY-4.0", original_language="en", published_at=now, updated_at=now,
        arrived_at=now, blob=uuid.uuid4().hex * 2, facts=whole, country="KZ", hours=8,
    )  # fmt: skip
    texts = {}
    for language, words in (("en", ENGLISH), ("tk", TURKMEN)):
        given = {"provenance": "original" if language == "en" else "human", "revision": 1}
        given["translated_by"] = ""
        CourseText.objects.create(
            course=row, language=language, title=words["title"], summary=words["summary"],
            words=words, supplied_by=origin, **given,
        )  # fmt: skip
        texts[language] = {**given, "translated_on": None, "words": words}
    CourseRevision.objects.create(
        course=row, revision=1, published_at=now, facts=whole, texts=texts
    )
    return row


def cohort(row: Course, academy: Institution, now: datetime) -> Cohort:
    """A run of the course that has begun."""
    return Cohort.objects.create(
        id=new_id(), course=row, revision=row.revision, institution=academy, name="Autumn",
        state="running", languages=["en", "tk"], starts_on=date(2026, 11, 1),
        ends_on=date(2026, 12, 20), capacity=0, created_at=now, changed_at=now,
        programme="upgrading",
    )  # fmt: skip


def enrol(run: Cohort, person: Person, now: datetime, state: str = "admitted") -> LearnerView:
    """The person as a learner of the cohort."""
    row = Enrolment.objects.create(
        id=new_id(), cohort=run, person=person, state=state, created_at=now, queued_at=now
    )
    return learner(uuid.UUID(str(row.pk)), person.pk)


def revise(row: Course, now: datetime, key_points: str) -> None:
    """Publish the next revision of a course: its unit r1 makes other key points, in English only;
    that before is kept as it was.
    """
    row.revision += 1
    row.blob = uuid.uuid4().hex * 2
    row.save()
    words = {**ENGLISH, "units.r1.key_points": key_points}
    CourseText.objects.filter(course=row, language="en").update(words=words, revision=row.revision)
    CourseRevision.objects.create(
        course=row, revision=row.revision, published_at=now, facts=row.facts
    )


def learner_in(
    academy: Institution, now: datetime, of: Facts | None = None, email: str = "learner@hub.example"
) -> LearnerView:
    """Somebody who learns the course in a new cohort."""
    person = Person.objects.create_user(email, "correct horse", name="Learner One")
    return enrol(cohort(course(now, of), academy, now), person, now)
