"""Questions in the bank of a course, and answers to them as a page sends them."""

from __future__ import annotations

import uuid
from datetime import datetime

from chorsu.kernel.ids import new_id
from chorsu.training.actions import attempts as actions
from chorsu.training.actions.attempts import GivenAnswer
from chorsu.training.items.fields import Item, empty_facts
from chorsu.training.items.showing import shown
from chorsu.training.models import BankItem
from chorsu.training.queries import bank
from chorsu.training.queries.attempts import AttemptView
from chorsu.training.queries.bank import item_versions
from chorsu.training.queries.learning import LearnerView
from chorsu.training.rules.outline import find_unit, placed

RIGHT, WRONG = "It saves visits", "It is a law"


def add_item(course_id: uuid.UUID, *, kind: str = "single", competence: str = "planning") -> str:
    """A question with a right and a wrong option, or a long answer; its id."""
    facts, key = empty_facts(kind), new_id()
    facts["competence"] = competence
    words = {"stem": f"Why **one** window? {key[-4:]}", "feedback": "See the first unit."}
    if kind == "single":
        for name, credit, text in (("right", "100", RIGHT), ("wrong", "0", WRONG)):
            option = {"key": name, "credit": credit, "target": ""}
            facts["fields"][0]["options"].append(option)  # type: ignore[arg-type]
            words[f"options.answer.{name}.text"] = text
            words[f"options.answer.{name}.feedback"] = f"Chosen: {name}."
    text = {"words": words, "provenance": "original", "based_on": 1}
    BankItem.objects.create(
        course_id=course_id, item=key, version=1, current=True, competence=competence,
        original_language="en", facts=facts, texts={"en": text},
    )  # fmt: skip
    return key


def begin(learner: LearnerView, facts: object, now: datetime) -> AttemptView:
    """An attempt at the quiz `q1` of a course with these facts."""
    one = find_unit(placed(facts), "q1")  # type: ignore[arg-type]
    assert one is not None
    return actions.begin(learner=learner, unit=one, now=now)


def items_of(attempt: AttemptView) -> list[Item]:
    """The questions of an attempt, in its order."""
    asked = [(item, version) for item, version, _section in attempt.drawn]
    found = item_versions(asked)
    return [found[item] for item, _version in asked]


def forget_items() -> None:
    """As a minute later, or in another process: nothing that was read of a bank is in hand."""
    bank._cache.clear()


def token_of(attempt: AttemptView, item: Item, text: str) -> str:
    """What a page sends for the option that says this."""
    options = shown(item, "en", seed=attempt.seed).fields[0].options
    return next(one.token for one in options if one.text == text)


def given(attempt: AttemptView, item: Item, text: str, **more: object) -> GivenAnswer:
    """The answer of choosing this option."""
    plain = {"raw": {"answer": token_of(attempt, item, text)}, "language": "en"}
    plain |= {"key": uuid.uuid4(), **more}
    return GivenAnswer(item=item.id, **plain)  # type: ignore[arg-type]
