"""A cohort with a quiz of every kind of question in two languages, and attempts at it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.test import Client

from chorsu.exchange import blobs
from chorsu.institutions.models import Institution, Membership, Person
from chorsu.kernel.ids import new_id
from chorsu.training.actions.attempts import GivenAnswer, answer, begin, hand_in
from chorsu.training.items import Facts, Picture, empty_facts
from chorsu.training.items.fields import Field, empty_field
from chorsu.training.items.showing import row_token
from chorsu.training.models import BankItem, CohortTeacher
from chorsu.training.queries.attempts import AttemptView
from chorsu.training.queries.bank import item_versions
from chorsu.training.queries.learning import LearnerView
from chorsu.training.rules.fields import Draw
from chorsu.training.rules.outline import find_unit, placed
from tests.training.class_kit import cohort, course, enrol, facts, quiz
from tests.training.pictures_kit import picture

MAP = "map-0badcafe.png"
TAKEN = timedelta(minutes=24, seconds=10)


def options(field: Field, *rows: tuple[str, str, str]) -> None:
    """(key, credit, target) of each."""
    for key, credit, target in rows:
        field["options"].append({"key": key, "credit": credit, "target": target})


def pictured(now: datetime) -> tuple[Facts, Mapping[str, dict[str, str]]]:
    """Which window is open? With a map; in English and Turkmen."""
    made = empty_facts("single")
    options(made["fields"][0], *((f"o{number}", "0", "") for number in range(5)), ("o5", "100", ""))
    content = picture()
    made["pictures"] = [
        Picture(
            name=MAP, sha256=blobs.put(content, media_type="image/png", now=now),
            media_type="image/png", size=len(content), width=40, height=30,
        )
    ]  # fmt: skip
    english = {"stem": f"Which window is open?\n\n![The hall]({MAP})", "feedback": "See unit one."}
    turkmen = {"stem": f"Haýsy penjire açyk?\n\n![Zal]({MAP})", "feedback": "Birinji bölüm."}
    for number in range(6):
        english[f"options.answer.o{number}.text"] = f"Window {number}"
        turkmen[f"options.answer.o{number}.text"] = f"Penjire {number}"
        english[f"options.answer.o{number}.feedback"] = f"Chosen: {number}."
        turkmen[f"options.answer.o{number}.feedback"] = f"Saýlanan: {number}."
    return made, {"en": english, "tk": turkmen}


def visits() -> tuple[Facts, Mapping[str, dict[str, str]]]:
    """A number."""
    made = empty_facts("numeric")
    made["fields"][0]["numbers"].append(
        {"key": "n", "value": "41", "tolerance": "2", "relative": False, "credit": "100"}
    )
    return made, {"en": {"stem": "How many visits?"}, "tk": {"stem": "Näçe gezek?"}}


def pairs() -> tuple[Facts, Mapping[str, dict[str, str]]]:
    """Who does what."""
    made = empty_facts("matching")
    options(made["fields"][0], ("clerk", "0", "desk"), ("mayor", "0", "hall"))
    made["fields"][0]["targets"] = [{"key": "desk", "uses": 0}, {"key": "hall", "uses": 0}]
    words = {
        "stem": "Who sits where?",
        "options.answer.clerk.text": "The clerk",
        "options.answer.mayor.text": "The mayor",
        "targets.answer.desk.text": "At the desk",
        "targets.answer.hall.text": "In the hall",
    }
    return made, {"en": words}


def gaps() -> tuple[Facts, Mapping[str, dict[str, str]]]:
    """A text with two gaps: one is chosen, one is typed."""
    made = empty_facts("cloze")
    chosen, typed = empty_field("where", "choice"), empty_field("word", "text")
    options(chosen, ("village", "100", ""), ("city", "0", ""))
    typed["texts"].append({"key": "t", "credit": "100", "case": False, "anywhere": []})
    made["fields"] = [typed, chosen]
    words = {
        "stem": "In the [[where]] there is one [[word]].",
        "options.where.village.text": "village hall",
        "options.where.city.text": "city hall",
        "texts.word.t.spellings": "window\nsingle counter",
    }
    return made, {"en": words}


def essay(*, two: bool = False) -> tuple[Facts, Mapping[str, dict[str, str]]]:
    """A long answer with a rubric."""
    made = empty_facts("essay")
    made["points"] = "4"
    made["rubric"] = [{"key": "why", "points": 3}, {"key": "how", "points": 1}]
    if two:
        made["second_marker"] = True
    words = {
        "stem": "Why one window?",
        "rubric.why.criterion": "Reasons are given",
        "rubric.how.criterion": "A way is shown",
    }
    return made, {"en": words}


def lay(course_id: uuid.UUID, made: tuple[Facts, Mapping[str, dict[str, str]]]) -> str:
    """A question of the bank; its id."""
    told, words = made
    key = new_id()
    texts = {
        tag: {"words": said, "provenance": "original" if tag == "en" else "human", "based_on": 1}
        for tag, said in words.items()
    }
    BankItem.objects.create(
        course_id=course_id, item=key, version=1, current=True, competence="",
        original_language="en", facts=told, texts=texts,
    )  # fmt: skip
    return key


class Scene:
    """A running cohort whose quiz asks these questions, in twenty minutes, and its teacher."""

    def __init__(
        self, academy: Institution, now: datetime, *made: tuple[Facts, Mapping[str, dict[str, str]]]
    ) -> None:
        self.now = now
        draws = [Draw(competence="", count=len(made))]
        self.facts = facts(quiz(draws=draws, minutes=20, shuffle=False))
        row = course(now, self.facts)
        self.course_id = uuid.UUID(str(row.pk))
        self.items = [lay(self.course_id, one) for one in made]
        self.run = cohort(row, academy, now)
        self.teacher = self.teaches("teacher")

    def teaches(self, name: str) -> Person:
        person = Person.objects.create_user(f"{name}@hub.example", "correct horse", name=name)
        Membership.objects.create(person=person, institution_id="hub-astana", role="teacher")
        CohortTeacher.objects.create(cohort=self.run, person=person)
        return person

    def learner(self, name: str, *languages: str) -> LearnerView:
        person = Person.objects.create_user(
            f"{new_id()}@hub.example", "correct horse", name=name, languages=list(languages)
        )
        return enrol(self.run, person, self.now)

    def begin(self, one: LearnerView) -> AttemptView:
        unit = find_unit(placed(self.facts), "q1")
        assert unit is not None
        return begin(learner=one, unit=unit, now=self.now)

    def say(
        self, tried: AttemptView, one: LearnerView, item: str, raw: Mapping[str, object], tag: str
    ) -> None:
        """Answer; keys of rows stand for their tokens."""
        version = next(version for key, version, _section in tried.drawn if key == item)
        asked = item_versions([(item, version)])[item]

        def token(field: str, group: str, key: object) -> str:
            return row_token(asked, tried.seed, field, group, str(key))

        sent: dict[str, object] = {}
        for field in asked.facts["fields"]:
            name, value = field["key"], raw.get(field["key"])
            if value is None:
                continue
            if field["kind"] == "choice":
                value = token(name, "options", value)
            elif isinstance(value, dict):
                value = {
                    token(name, "options", key): token(name, "targets", target)
                    for key, target in value.items()
                }
            sent[name] = value
        given = GivenAnswer(item, sent, tag, uuid.uuid4())
        answer(attempt=tried, person_id=one.person_id, given=given, now=self.now)

    def hand_in(self, tried: AttemptView, one: LearnerView) -> None:
        ended = min(self.now + TAKEN, tried.due_at or self.now + TAKEN)
        hand_in(attempt_id=tried.id, person_id=one.person_id, now=ended)

    def tried(self, one: LearnerView, *said: tuple[str, Mapping[str, object], str]) -> AttemptView:
        """An attempt that was handed in with these answers: (question, answer, language)."""
        made = self.begin(one)
        for item, raw, tag in said:
            self.say(made, one, item, raw, tag)
        self.hand_in(made, one)
        return made


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client
