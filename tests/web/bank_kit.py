"""A bank of questions with something of everything, and answers to them."""

from __future__ import annotations

import random
import uuid
from datetime import date, datetime, timedelta

from chorsu.flows import sharing, teaching
from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.training.actions import bank, cartridges, courses
from chorsu.training.actions.taking import take_newest
from chorsu.training.items import Item
from chorsu.training.models import Answer, Attempt, Cohort, Course, CourseText, Enrolment
from chorsu.training.shapes.bank import NewText
from tests.training.courses.content import ready_draft
from tests.training.formats.cartridge_kit import village
from tests.training.items import builders

GIFT = b"""Which ministry answers?{=Justice#Yes. ~Finance ~Health}

// A picture is not taken over.
[html]<p><img src="map.png"/> Where?</p>{=here}

When did it begin?{#1991:1}
"""


def question_bank(editor: Person, now: datetime) -> dict[str, str]:
    """Questions of several types and languages, one retired, and a file that waits."""
    course = ready_draft(editor, now).id
    single = add(course, builders.single(), editor, now)
    changed = {**builders.single().texts["en"].words, "stem": "Which of them is the capital now?"}
    bank.save_question(
        course_id=course, item=single.id, version=1, original_language="en",
        facts=single.facts, texts={"en": NewText(changed)}, by=editor, now=now,
    )  # fmt: skip
    gaps = add(course, builders.cloze(), editor, now)
    add(course, builders.numeric(), editor, now)
    retired = add(course, builders.essay(), editor, now)
    bank.set_retired(course_id=course, item=retired.id, retired=True, by=editor, now=now)
    waiting = bank.read_file(
        course_id=course, name="ministries.gift", content=GIFT, language="en",
        competence="", by=editor, now=now,
    )  # fmt: skip
    cartridge = cartridges.hand_in(
        institution_id="hub-astana", language="en", name="village.imscc", content=village(),
        by=editor, now=now,
    )  # fmt: skip
    return {
        "bank": course,
        "cartridge": str(cartridge),
        "question": single.id,
        "gaps": gaps.id,
        "question-import": waiting.id,
    }


def shared_questions(editor: Person, now: datetime) -> dict[str, str]:
    """A course whose questions other academies have and that have changed since, its next revision
    in work, and a fork of it with a cohort that took an earlier publication of them.
    """
    draft = ready_draft(editor, now, title="Standing in line")
    facts = {**draft.facts}
    facts["modules"][0]["units"][1]["quiz"]["draws"] = [{"competence": "", "count": 1}]
    saved = courses.save_draft(
        draft_id=draft.id, version=draft.version, words=draft.words, facts=facts, by=editor, now=now
    )
    for item in (builders.single(), builders.numeric(), builders.cloze()):
        add(draft.id, item, editor, now)
    form = teaching.publish_course(
        draft_id=saved.id, version=saved.version, by=editor, now=now, with_questions=True
    )
    fork = courses.fork(
        course_id=form.id, institution_id="hub-astana", language="en", by=editor, now=now
    )
    forked = teaching.publish_course(draft_id=fork.id, version=fork.version, by=editor, now=now)
    cohort = Cohort.objects.create(
        id=uuid.UUID(new_id()), course_id=forked.id, revision=1, institution_id="hub-astana",
        name="Spring", starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 20), capacity=0,
        created_at=now, changed_at=now,
    )  # fmt: skip
    take_newest(cohort)
    add(form.id, choice("Who is first?"), editor, now)
    sharing.share_questions(course_id=form.id, by=editor, now=now)
    add(form.id, choice("Who is last?"), editor, now)
    courses.revise(course_id=form.id, by=editor, now=now)
    return {"shared-course": form.id, "forked-course": fork.id, "forks-cohort": str(cohort.pk)}


def add(course: str, item: Item, by: Person, now: datetime) -> Item:
    """Put a question into a bank, with its languages."""
    return bank.save_question(
        course_id=course, item=None, version=0, original_language=item.original_language,
        facts=item.facts, by=by, now=now,
        texts={tag: NewText(dict(text.words)) for tag, text in item.texts.items()},
    )  # fmt: skip


def choice(stem: str) -> Item:
    """A question of one right answer and two wrong ones."""
    options = [{"key": "r", "credit": "100"}, {"key": "w1"}, {"key": "w2"}]
    words = {f"options.answer.{key}.text": f"Answer {key}" for key in ("r", "w1", "w2")}
    return builders.item("single", [{"options": options}], {"en": {"stem": stem, **words}})


def answered(course: str, items: list[Item], editor: Person, now: datetime, learners: int) -> None:
    """Answers of learners of all abilities, half of them in Kazakh, in which the second question
    is mistranslated, and the last is answered by lot.
    """
    chance = random.Random(5)
    row = Course.objects.create(
        id=uuid.UUID(course), origin="hub.chorsu.example", institution_id="hub-astana",
        revision=1, audience="public", licence="CC-BY-4.0", original_language="en", facts={},
        published_at=now, updated_at=now, arrived_at=now, hours=0, country="KZ",
    )  # fmt: skip
    CourseText.objects.create(
        course=row, language="en", provenance="original", revision=1, words={"title": "T"},
        title="T", summary="S",
    )  # fmt: skip
    cohort = Cohort.objects.create(
        id=uuid.UUID(new_id()), course=row, revision=1, institution_id="hub-astana", name="C",
        starts_on=date(2026, 1, 1), ends_on=date(2026, 2, 1), capacity=0, created_at=now,
        changed_at=now,
    )  # fmt: skip
    for number in range(learners):
        person = Person.objects.create(email=f"l{number}@hub.example", name=f"L {number}")
        enrolment = Enrolment.objects.create(
            id=uuid.UUID(new_id()),
            cohort=cohort,
            person=person,
            state="admitted",
            created_at=now,
            queued_at=now,
        )
        attempt = Attempt.objects.create(
            id=uuid.UUID(new_id()), enrolment=enrolment, unit="q1", number=1, seed="s",
            items=[one.id for one in items], versions=[1] * len(items), sections=[0] * len(items),
            started_at=now, handed_in_at=now + timedelta(minutes=5), handed_in_by="learner",
            points=0, most_points=len(items),
        )  # fmt: skip
        language, ability = ("kk", "ru")[number % 2], chance.gauss(0, 1)
        for place, item in enumerate(items):
            likely = 1 / (1 + 2.7 ** (place / 2 - 1.5 - 1.5 * ability))
            likely = 0.5 if place == len(items) - 1 else likely
            likely = likely / 4 if place == 1 and language == "kk" else likely
            right = chance.random() < likely
            Answer.objects.create(
                attempt=attempt, item=item.id, language=language, key=uuid.uuid4(), saved_at=now,
                response={"answer": "r" if right else chance.choice(("w1", "w2"))},
                points=1 if right else 0,
            )  # fmt: skip
