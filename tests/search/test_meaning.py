"""Meaning across languages, with the real encoder on titles and summaries of the samples.

Each sample is here in its original language, the two that all have also in Turkmen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

import chorsu.practices
from chorsu.records.viewer import Viewer
from chorsu.search import rules
from chorsu.search.actions import index
from chorsu.search.embedding import embed_waiting
from chorsu.search.models import Document, Encoder, Word
from chorsu.search.queries import search
from chorsu.search.rules import DocumentToIndex, Filters, TextToIndex

SAMPLE = Path(chorsu.practices.__file__).parent / "sample"


@pytest.fixture(scope="module")
def names(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, str]]:
    """The samples, indexed once for all tests here: record id -> folder name."""
    with django_db_blocker.unblock():
        found = {}
        for folder in sorted(SAMPLE.iterdir()):
            facts = tomllib.loads((folder / "practice.toml").read_text(encoding="utf-8"))
            index(_document(folder, facts))
            found[facts["id"]] = folder.name
        embed_waiting(100)
        yield found
        Document.objects.all().delete()
        Encoder.objects.all().delete()
        Word.objects.all().delete()


def _document(folder: Path, facts: dict[str, str]) -> DocumentToIndex:
    languages = [facts["original_language"]]
    languages += ["tk"] if (folder / "uz.toml").is_file() and (folder / "tk.toml").is_file() else []
    return DocumentToIndex(
        kind="practice",
        record_id=facts["id"],
        audience="public",
        origin="astana.chorsu.example",
        institution_id=facts["institution"],
        country=facts["country"],
        level=facts["level"],
        themes=(),
        languages=languages,
        year_from=None,
        year_to=None,
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
        texts=[_text(folder, tag) for tag in languages],
    )


def _text(folder: Path, language: str) -> TextToIndex:
    words = tomllib.loads((folder / f"{language}.toml").read_text(encoding="utf-8"))
    return TextToIndex(language, words["title"], [("summary", words["summary"])])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("reader", "question", "first"),
    [
        ("tk", "şäher ulag ulgamy dolandyryş", "city-brain-hangzhou"),
        ("tk", "bir penjire hyzmatlary", "one-stop-shop-kazakhstan"),
        ("ru", "мобильное управление дорожным движением", "city-brain-hangzhou"),
        ("zh-Hans", "村民议事", "village-consultation-xiaogucheng"),
        ("ru", "халқ қабулхоналари", "peoples-receptions-uzbekistan"),
        ("ky", "маалымат алмашуу", "tunduk-kyrgyzstan"),
    ],
)
def test_a_question_in_one_language_finds_the_practice_in_another(
    names: dict[str, str], reader: str, question: str, first: str
) -> None:
    results = search(question, Viewer(member=False, languages=(reader,)), Filters())
    assert names[results.hits[0].record_id] == first


@pytest.mark.django_db
def test_what_answers_in_another_script_is_found_beside_a_surer_answer(
    names: dict[str, str], document: Callable[..., DocumentToIndex]
) -> None:
    """None of the words stands in any text: meaning alone answers, and not only the best."""
    library = document(
        zh=(
            "图书车每周到乡村学校",
            "学生就近借书。",
        )
    )
    surer = document(ru=("Передвижная библиотека", "Машина с книгами ездит по сельским школам."))
    index(library)
    index(surer)
    embed_waiting(100)
    viewer = Viewer(member=False, languages=("tk",))
    found = search("kitaphana", viewer, Filters())
    assert [hit.record_id for hit in found.hits][:2] == [surer.record_id, library.record_id]
    assert min(hit.score for hit in found.hits[:2]) < rules.LEAST_UNKNOWN < found.hits[0].score


@pytest.mark.django_db
@pytest.mark.parametrize(
    "question", ["qwrtzp", "asdfgh", "фыва олдж", "牛肉面", "chocolate cake", "футбол"]
)
def test_what_nobody_wrote_about_finds_nothing(names: dict[str, str], question: str) -> None:
    assert search(question, Viewer(member=False, languages=("ru",)), Filters()).total == 0
