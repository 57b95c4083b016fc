"""Loading the samples of this node's institution, and many more practices made of them."""

from __future__ import annotations

import random
import tomllib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from chorsu.flows.publishing import publish_ready
from chorsu.flows.teaching import publish_ready_course
from chorsu.institutions.queries import own_institutions
from chorsu.kernel.languages import TAGS
from chorsu.practices.rules import clean_words, flatten_words
from chorsu.records.content import ReadyRecord
from chorsu.records.fields import Words
from chorsu.records.forms import PublishedText
from chorsu.training.rules.fields import clean_words as clean_course_words

_PACKAGES = Path(__file__).resolve().parent.parent
SAMPLE = _PACKAGES / "practices" / "sample"
COURSES = _PACKAGES / "training" / "sample"
FACTS = (
    "themes",
    "sdg_goals",
    "sdg_targets",
    "level",
    "country",
    "year_from",
    "year_to",
    "status",
    "cost",
    "duration",
    "indicators",
    "contacts",
    "sources",
)
_TOLD = ("original_language", "audience", "licence")
WORDS_OF_THEIR_OWN = ("problem", "action", "steps", "partners", "failures", "lessons")
"""Fields that may be taken from another practice when many are made of few."""

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""When the first of many was published, so that each keeps its moment and its id."""


class Sample:
    """One sample practice as its files give it."""

    def __init__(self, folder: Path) -> None:
        self.practice = _table(folder / "practice.toml")
        self.texts = _texts(folder)

    @property
    def language(self) -> str:
        """The original language."""
        return str(self.practice["original_language"])

    @property
    def facts(self) -> dict[str, object]:
        """What needs no language."""
        return {name: self.practice[name] for name in FACTS if name in self.practice}

    def words(self, language: str) -> dict[str, object]:
        """The words of one language by path: `title`, `indicators.speed.unit`, ..."""
        return _words(self.texts[language])

    def translations(self, facts: Mapping[str, object]) -> list[PublishedText]:
        """The texts but the original, as they are published."""
        return _translations(self.texts, self.language, clean_words)


def load_samples(*, now: datetime) -> int:
    """Publish the samples of this node's institution; return how many were new or changed."""
    own = {view.id for view in own_institutions()}
    published = 0
    for sample in _samples():
        if sample.practice["institution"] in own:
            published += _publish(sample, str(sample.practice["id"]), now) is not None
    return published


def load_courses(*, now: datetime) -> int:
    """Publish the sample courses of this node's institution; return how many were not there."""
    own = {view.id for view in own_institutions()}
    published = 0
    for folder in sorted(COURSES.iterdir()):
        course, texts = _table(folder / "course.toml"), _texts(folder)
        if course["institution"] not in own:
            continue
        told = {name: str(course.pop(name)) for name in ("id", "institution", *_TOLD)}
        language = told["original_language"]
        ready = ReadyRecord(
            id=told["id"],
            institution_id=told["institution"],
            language=language,
            audience=told["audience"],
            licence=told["licence"],
            words=_words(texts[language]),
            facts=course,
            texts=_translations(texts, language, clean_course_words),
        )
        published += publish_ready_course(ready=ready, now=now) is not None
    return published


def load_many(*, count: int, progress: Callable[[int], None], languages: int = 0) -> None:
    """Publish `count` practices made by recombining the samples: a text of one, facts of another.

    The same count makes the same practices: their ids are derived from their number. `languages`
    is as of `recombined`.
    """
    for made in recombined(count=count, languages=languages):
        _publish(made.sample, made.practice_id, made.moment)
        progress(made.number + 1)


@dataclass(frozen=True, slots=True)
class Recombined:
    """One of many practices made of the samples, ready to be published at its moment."""

    number: int
    practice_id: str
    sample: Sample
    moment: datetime


def recombined(*, count: int, first: int = 0, languages: int = 0) -> Iterator[Recombined]:
    """Practices number `first` and on, `count` of them, of this node's institution.

    Each has all languages of its sample, or with `languages` its original and so many less one.
    """
    institution = own_institutions()[0].id
    samples = list(_samples())
    for number in range(first, first + count):
        chance = random.Random(number)  # noqa: S311  (a repeatable choice, no secret)
        made = _recombine(samples, number, chance, languages)
        made.practice["institution"] = institution
        moment = BEGINNING + timedelta(minutes=number)
        # Derived, so that loading twice makes no twins; the form is UUIDv7's as ids here are.
        derived = uuid.uuid5(uuid.NAMESPACE_URL, f"chorsu sample {institution} {number}").int
        milliseconds = int(moment.timestamp() * 1000)
        bits = (milliseconds << 80) | (derived & ((1 << 80) - 1))
        bits = (bits & ~(0xF << 76)) | (0x7 << 76)
        bits = (bits & ~(0x3 << 62)) | (0x2 << 62)
        yield Recombined(number, str(uuid.UUID(int=bits)), made, moment)


@transaction.atomic
def _publish(sample: Sample, practice_id: str, now: datetime) -> object:
    return publish_ready(
        practice_id=practice_id,
        institution_id=str(sample.practice["institution"]),
        language=sample.language,
        audience=str(sample.practice["audience"]),
        licence=str(sample.practice["licence"]),
        words=sample.words(sample.language),
        facts=sample.facts,
        texts=sample.translations(sample.facts),
        now=now,
    )


def _table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _texts(folder: Path) -> dict[str, dict[str, Any]]:
    """Language tag -> what the file of that language says."""
    paths = {tag: folder / f"{tag}.toml" for tag in TAGS}
    return {tag: _table(path) for tag, path in paths.items() if path.is_file()}


def _words(text: Mapping[str, object]) -> dict[str, object]:
    apart = ("provenance", "revision", "date")
    return flatten_words({name: value for name, value in text.items() if name not in apart})


def _translations(
    texts: Mapping[str, Mapping[str, object]],
    original: str,
    clean: Callable[[Mapping[str, object]], Words],
) -> list[PublishedText]:
    return [
        PublishedText(
            language=tag,
            provenance=str(text["provenance"]),
            revision=1,
            translated_by="",
            translated_on=date.fromisoformat(str(text["date"])),
            words=clean(_words(text)),
        )
        for tag, text in texts.items()
        if tag != original
    ]


def _samples() -> Iterator[Sample]:
    for folder in sorted(SAMPLE.iterdir()):
        if (folder / "practice.toml").is_file():
            yield Sample(folder)


def _recombine(samples: list[Sample], number: int, chance: random.Random, languages: int) -> Sample:
    """One sample's frame with some sections of others that have the same languages."""
    base = chance.choice(samples)
    made = Sample.__new__(Sample)
    made.practice = dict(base.practice)
    tags = list(base.texts)
    if languages:
        translations = [tag for tag in tags if tag != base.language]
        kept = {base.language, *chance.sample(translations, languages - 1)}
        tags = [tag for tag in tags if tag in kept]
    made.texts = {tag: dict(base.texts[tag]) for tag in tags}
    for name in WORDS_OF_THEIR_OWN:
        donor = chance.choice([s for s in samples if made.texts.keys() <= s.texts.keys()])
        for tag in made.texts:
            made.texts[tag][name] = donor.texts[tag].get(name, "")
    for tag, text in made.texts.items():
        text["title"] = f"{base.texts[tag]['title']} ({number + 1})"
    donor = chance.choice(samples)
    for name in ("level", "themes", "status"):
        made.practice[name] = donor.practice[name]
    return made
