"""The questions of a course as they travel: a bank with every language, and how it is read.

Canonical JSON of format 1, of kind `question-bank`. It holds what is right, so that it is only ever
for the network: `audience` has one value, in the blob as in its entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from chorsu.kernel.languages import TAGS
from chorsu.records.fields import PROVENANCES
from chorsu.records.forms import FORMAT
from chorsu.records.reading import Members, Refused, read_id, read_members, require
from chorsu.training.items import (
    Facts,
    InvalidItem,
    Item,
    ItemText,
    Picture,
    clean_facts,
    clean_words,
    missing,
    pictures_shown,
)
from chorsu.wire.entry import NETWORK
from chorsu.wire.envelope import Json, canonical_json

KIND = "question-bank"
MAX_QUESTIONS = 1000
_MEMBERS = (
    "format", "kind", "id", "revision", "origin", "audience", "course", "course_revision",
    "questions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PublishedBank:
    """A bank as it stands at its origin: `course` at `course_revision` draws from these questions,
    which are in the order of their ids. `revision` counts how often it was published.
    """

    id: str
    revision: int
    origin: str
    course: str
    course_revision: int
    questions: Sequence[Item]

    def to_bytes(self) -> bytes:
        """The blob."""
        return canonical_json(build_bank(self))


def build_bank(bank: PublishedBank) -> dict[str, Json]:
    """The members of a `question-bank` blob."""
    return {
        "format": FORMAT,
        "kind": KIND,
        "id": bank.id,
        "revision": bank.revision,
        "origin": bank.origin,
        "audience": NETWORK,
        "course": bank.course,
        "course_revision": bank.course_revision,
        "questions": [_question_members(item) for item in bank.questions],
    }


def parse_bank(data: bytes, origin: str) -> PublishedBank:
    """Read a `question-bank` blob that `origin` published; raises `Refused`.

    Facts and words must be clean already, and each question one that can be asked as it is in its
    original language. Codes that this software does not know are kept.
    """
    members = read_members(data, KIND, _MEMBERS)
    require(members.string("origin", 120) == origin, "origin", "not-the-origin")
    require(members.string("audience", 8) == NETWORK, "audience: answers are never public")
    rows = members.rows("questions", MAX_QUESTIONS)
    questions = [_question(row) for row in rows]
    ids = [item.id for item in questions]
    require(ids, "questions: none")
    require(ids == sorted(set(ids)), "questions: order")
    return PublishedBank(
        id=read_id(members.string("id", 36)),
        revision=members.integer("revision", 1),
        origin=origin,
        course=read_id(members.string("course", 36)),
        course_revision=members.integer("course_revision", 1),
        questions=questions,
    )


def pictures_of(questions: Sequence[Item]) -> list[Picture]:
    """The pictures that questions show, each once, by hash."""
    found = {one["sha256"]: one for item in questions for one in item.facts.get("pictures", [])}
    return [found[sha256] for sha256 in sorted(found)]


def _question_members(item: Item) -> dict[str, Json]:
    return {
        "id": item.id,
        "version": item.version,
        "original_language": item.original_language,
        "facts": cast("Mapping[str, Json]", item.facts),
        "texts": {
            tag: {"provenance": text.provenance, "based_on": text.based_on, "words": text.words}
            for tag, text in item.texts.items()
        },
    }


def _question(row: object) -> Item:
    members = Members(row, ("id", "version", "original_language", "facts", "texts"), "questions")
    original, version = members.choice("original_language", TAGS), members.integer("version", 1)
    facts = _facts(members.mapping("facts"))
    raw = members.mapping("texts")
    require(raw.keys() <= set(TAGS), "questions: language")
    require(original in raw, "questions: no original")
    texts = {tag: _text(raw[tag], facts) for tag in TAGS if tag in raw}
    for tag, text in texts.items():
        require((text.provenance == "original") == (tag == original), f"texts.{tag}: provenance")
        require(text.based_on <= version, f"texts.{tag}: based_on")
    lacking = missing(facts, texts[original].words)
    require(not lacking, f"a question that can't be asked: {[e.field for e in lacking[:3]]}")
    _check_pictures(facts, texts)
    return Item(
        id=read_id(members.string("id", 36)),
        version=version,
        original_language=original,
        facts=facts,
        texts=texts,
    )


def _check_pictures(facts: Facts, texts: Mapping[str, ItemText]) -> None:
    """No file comes along that no text of the question shows."""
    names = {one["name"] for one in facts.get("pictures", [])}
    if not names:
        return
    shown = {
        name for text in texts.values() for _word, name, _said in pictures_shown(facts, text.words)
    }
    require(names <= shown, f"pictures: {sorted(names - shown)[:3]} is shown nowhere")


def _facts(raw: Mapping[str, object]) -> Facts:
    try:
        facts = clean_facts(raw)
    except InvalidItem as invalid:
        raise Refused("payload-malformed", str(invalid)[:500]) from invalid
    require(facts == raw, "facts are not in clean form")
    return facts


def _text(row: object, facts: Facts) -> ItemText:
    members = Members(row, ("provenance", "based_on", "words"), "questions.texts")
    raw = members.mapping("words")
    try:
        words = clean_words(facts, raw)
    except InvalidItem as invalid:
        raise Refused("payload-malformed", str(invalid)[:500]) from invalid
    require(words and words == raw, "words are empty or not in clean form")
    return ItemText(
        words=words,
        provenance=members.choice("provenance", PROVENANCES),
        based_on=members.integer("based_on", 1),
    )
