"""What people type, in eight languages: how often the right record is among the first five.

Questions and the records they mean are plain data in `typed/`. The corpus of 5,000 records has a
topic, a place and a year each, in two languages; its summaries are sentences of the sample
practices, so that the words of titles stand among those of real texts.
"""

from __future__ import annotations

import csv
import random
import tomllib
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

import chorsu.practices
from chorsu.kernel.languages import TAGS
from chorsu.records.viewer import Viewer
from chorsu.search.actions import count_words, index
from chorsu.search.embedding import embed_waiting
from chorsu.search.models import Document, Encoder, Word
from chorsu.search.queries import search
from chorsu.search.rules import DocumentToIndex, Filters, TextToIndex

TYPED = Path(__file__).parent / "typed"
SAMPLE = Path(chorsu.practices.__file__).parent / "sample"
YEARS = range(2019, 2024)
FIRST = 5
LEAST = 0.95


def rows(name: str) -> list[dict[str, str]]:
    with (TYPED / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def record(
    record_id: uuid.UUID, languages: Sequence[str], texts: Sequence[TextToIndex]
) -> DocumentToIndex:
    return DocumentToIndex(
        kind="practice",
        record_id=str(record_id),
        audience="public",
        origin="astana.chorsu.example",
        institution_id="kz-apa",
        country="KZ",
        level="national",
        themes=(),
        languages=languages,
        year_from=None,
        year_to=None,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=record_id.int % 10**6),
        texts=texts,
    )


def samples() -> dict[str, dict[str, dict[str, object]]]:
    """Folder -> language -> words of the sample practices."""
    return {
        folder.name: {
            tag: tomllib.loads((folder / f"{tag}.toml").read_text(encoding="utf-8"))
            for tag in TAGS
            if (folder / f"{tag}.toml").is_file()
        }
        for folder in sorted(SAMPLE.iterdir())
    }


def sections(words: Mapping[str, object]) -> list[tuple[str, str]]:
    names = ("summary", "place", "problem", "action", "steps", "results", "failures", "lessons")
    return [(name, str(words[name])) for name in names if words.get(name)]


def load_samples() -> dict[str, str]:
    """Every sample whole, titles and summaries with their vectors; id -> folder."""
    known = {}
    for folder, texts in samples().items():
        key = uuid.uuid5(uuid.NAMESPACE_URL, folder)
        known[str(key)] = folder
        read = [TextToIndex(tag, str(one["title"]), sections(one)) for tag, one in texts.items()]
        index(record(key, list(texts), read))
    embed_waiting(2 * sum(len(texts) for texts in samples().values()))
    count_words(anew=True)
    return known


def sentences() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for texts in samples().values():
        for tag, words in texts.items():
            for _, text in sections(words):
                found[tag] += [line for line in text.splitlines() if len(line) > 20]
    return found


def load_corpus() -> dict[str, str]:
    """5,000 records; id -> topic, place and year."""
    spoken, chance = sentences(), random.Random(5000)
    known = {}
    for row, place in enumerate(rows("places")):
        for column, topic in enumerate(rows("topics")):
            first = row + column
            for number, year in enumerate(YEARS):
                name = f"{topic['topic']} {place['en']} {year}"
                key = uuid.uuid5(uuid.NAMESPACE_URL, name)
                known[str(key)] = name
                # Five years of two languages each: every pair has all eight.
                tags = [TAGS[(first + 2 * number + more) % len(TAGS)] for more in range(2)]
                texts = [
                    TextToIndex(
                        tag,
                        f"{topic[tag]}: {place[tag]}, {year}",
                        [("summary", chance.choice(spoken[tag])[:400])],
                    )
                    for tag in tags
                ]
                index(record(key, tags, texts))
    count_words(anew=True)
    return known


@pytest.fixture(scope="module", params=["sample", "corpus"])
def loaded(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[str, dict[str, str]]]:
    """The records of one set, and what each is called."""
    with django_db_blocker.unblock():
        with transaction.atomic():
            known = load_samples() if request.param == "sample" else load_corpus()
        yield request.param, known
        Document.objects.all().delete()
        Encoder.objects.all().delete()
        Word.objects.all().delete()


def share_found(name: str, language: str, known: Mapping[str, str]) -> tuple[float, list[str]]:
    """How many of a language's questions find what they mean, and what the others found."""
    viewer = Viewer(member=False, languages=(language,))
    asked = [row for row in rows(name) if row["language"] == language]
    missed = []
    for row in asked:
        hits = search(row["query"], viewer, Filters(), limit=FIRST).hits
        found = [known[hit.record_id] for hit in hits]
        if not any(one.startswith(row["expected"]) for one in found):
            missed.append(f"{row['kind']}: {row['query']} -> {found}, not {row['expected']}")
    return 1 - len(missed) / len(asked), missed


@pytest.mark.django_db
def test_what_people_type_finds_what_they_mean(
    loaded: tuple[str, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    name, known = loaded
    shares = {}
    lines = []
    for language in TAGS:
        shares[language], missed = share_found(name, language, known)
        lines += [f"  {language} {one}" for one in missed]
    with capsys.disabled():
        print(f"\nR@{FIRST} on {len(known)} records ({name}):", shares, *lines, sep="\n")  # noqa: T201
    assert min(shares.values()) >= LEAST


def test_there_are_enough_questions_of_every_sort_in_every_language() -> None:
    asked = rows("sample") + rows("corpus")
    assert len({(row["language"], row["query"]) for row in asked}) >= 200
    for language in TAGS:
        kinds = {row["kind"] for row in asked if row["language"] == language}
        assert {"slip", "number", "name"} <= kinds
