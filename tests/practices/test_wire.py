"""What travels is read strictly: what is not in its one right form is refused with a code."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from chorsu.practices.rules import clean_facts, clean_words
from chorsu.practices.wire import (
    PublishedFile,
    PublishedPractice,
    PublishedRevision,
    PublishedText,
    PublishedTranslation,
    Refused,
    parse_payload,
    parse_text_payload,
    parse_withdrawal,
    withdrawal_bytes,
)
from chorsu.wire.envelope import canonical_json
from tests.practices.content import FACTS, RUSSIAN, WORDS

ORIGIN = "ashgabat.chorsu.example"
ID = "01920000-0000-7000-8000-000000000001"
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
Members = dict  # of JSON, to be bent by a test


def practice() -> PublishedPractice:
    words, russian = clean_words(WORDS), clean_words(RUSSIAN)
    return PublishedPractice(
        id=ID,
        revision=2,
        origin=ORIGIN,
        institution="tm-acs",
        audience="public",
        licence="CC-BY-4.0",
        original_language="en",
        published_at=AT,
        updated_at=AT,
        facts=clean_facts(FACTS),
        texts={
            "ru": PublishedText("ru", "machine", 1, "Engine 1", date(2026, 11, 1), russian),
            "en": PublishedText("en", "original", 2, "", None, words),
        },
        files=[PublishedFile("a" * 64, 12, "application/pdf", "plan.pdf", "ru")],
        history=[PublishedRevision(1, AT, ""), PublishedRevision(2, AT, "New figures")],
    )


def translation() -> PublishedTranslation:
    text = PublishedText("ru", "human", 2, "Hub", date(2026, 11, 1), clean_words(RUSSIAN))
    return PublishedTranslation("practice", ID.replace("1", "2", 1), ID, ORIGIN, text)


def refusal(data: bytes, read: Callable[[bytes], object]) -> str:
    with pytest.raises(Refused) as caught:
        read(data)
    return caught.value.code


def read_practice(data: bytes) -> PublishedPractice:
    return parse_payload(data, ORIGIN)


def bent(data: bytes, bend: Callable[[Members], object]) -> bytes:
    members = json.loads(data)
    bend(members)
    return canonical_json(members)


def test_what_is_written_is_read() -> None:
    assert read_practice(practice().to_bytes()) == practice()
    assert parse_text_payload(translation().to_bytes()) == translation()


def test_it_is_printed_in_one_way_only() -> None:
    data = practice().to_bytes()
    assert read_practice(data).to_bytes() == data
    assert refusal(data + b"\n", read_practice) == "payload-malformed"
    assert refusal(data.replace(b":", b": ", 1), read_practice) == "payload-malformed"


def test_members_are_the_ones_that_were_agreed() -> None:
    assert sorted(json.loads(practice().to_bytes())) == [
        "audience", "facts", "files", "format", "history", "id", "institution", "kind", "licence",
        "origin", "original_language", "published_at", "revision", "texts", "updated_at",
    ]  # fmt: skip
    assert sorted(json.loads(translation().to_bytes())) == [
        "format", "id", "kind", "language", "practice", "practice_origin", "provenance",
        "revision", "translated_by", "translated_on", "words",
    ]  # fmt: skip


@pytest.mark.parametrize("name", sorted(json.loads(practice().to_bytes())))
def test_every_member_is_needed(name: str) -> None:
    data = bent(practice().to_bytes(), lambda members: members.pop(name))
    assert refusal(data, read_practice) == "payload-malformed"


BENDS: list[Callable[[Members], object]] = [
    lambda m: m.update(author="Somebody"),
    lambda m: m.update(format=0),
    lambda m: m.update(format=True),
    lambda m: m.update(kind="course"),
    lambda m: m.update(id="1"),
    lambda m: m.update(id=7),
    lambda m: m.update(revision=0),
    lambda m: m.update(revision="2"),
    lambda m: m.update(revision=2**31),
    lambda m: m.update(revision=True),
    lambda m: m.update(audience="friends"),
    lambda m: m.update(licence=""),
    lambda m: m.update(institution="x" * 41),
    lambda m: m.update(original_language="fr"),
    lambda m: m.update(original_language="kk"),
    lambda m: m.update(original_language="ru"),
    lambda m: m.update(published_at="2026-11-24"),
    lambda m: m.update(facts=[]),
    lambda m: m["facts"].update(level="planet"),
    lambda m: m["facts"].pop("cost"),
    lambda m: m["facts"]["contacts"][0].update(person="A. Editor"),
    lambda m: m["texts"].update(fr=m["texts"]["en"]),
    lambda m: m["texts"]["en"].update(translator="A. Editor"),
    lambda m: m["texts"]["en"].update(provenance="human"),
    lambda m: m["texts"]["en"].update(revision=1),
    lambda m: m["texts"]["ru"].update(provenance="original"),
    lambda m: m["texts"]["ru"].update(provenance="guessed"),
    lambda m: m["texts"]["ru"].update(revision=3),
    lambda m: m["texts"]["ru"].update(translated_on="20261101"),
    lambda m: m["texts"]["ru"].update(translated_on="yesterday"),
    lambda m: m["texts"]["ru"]["words"].pop("title"),
    lambda m: m["texts"]["ru"]["words"].update(title=" not clean "),
    lambda m: m["texts"]["ru"]["words"].update(lessons=""),
    lambda m: m["texts"]["ru"]["words"].update(lessons="x" * 20_001),
    lambda m: m.update(files={}),
    lambda m: m.update(files=m["files"] * 2),
    lambda m: m["files"][0].update(sha256="A" * 64),
    lambda m: m["files"][0].update(size=-1),
    lambda m: m["files"][0].update(language="fr"),
    lambda m: m["files"][0].update(name=""),
    lambda m: m["history"].reverse(),
    lambda m: m["history"].pop(),
    lambda m: m["history"][0].update(by="A. Editor"),
    lambda m: m["history"][0].update(note="a\0b"),
    lambda m: m["texts"]["ru"].update(translated_by="a\0b"),
    lambda m: m["files"][0].update(name="a\0b"),
]


@pytest.mark.parametrize("bend", BENDS)
def test_what_is_bent_is_refused(bend: Callable[[Members], object]) -> None:
    assert refusal(bent(practice().to_bytes(), bend), read_practice) == "payload-malformed"


def test_a_newer_format_is_told_apart() -> None:
    data = bent(practice().to_bytes(), lambda members: members.update(format=2, colour="red"))
    assert refusal(data, read_practice) == "payload-newer-format"


def test_another_nodes_record_is_refused() -> None:
    data = practice().to_bytes()
    with pytest.raises(Refused) as caught:
        parse_payload(data, "tashkent.chorsu.example")
    assert caught.value.code == "not-the-origin"


def test_a_theme_of_a_newer_node_is_kept() -> None:
    data = bent(practice().to_bytes(), lambda m: m["facts"].update(themes=["moon-travel"]))
    assert read_practice(data).facts["themes"] == ["moon-travel"]


@pytest.mark.parametrize(
    "bend",
    [
        lambda m: m.update(provenance="original"),
        lambda m: m.update(language="fr"),
        lambda m: m.update(practice="x"),
        lambda m: m.update(practice_origin=""),
        lambda m: m.update(person="A. Editor"),
        lambda m: m["words"].update(titel="x"),
        lambda m: m["words"].pop("summary"),
    ],
)
def test_a_bent_translation_is_refused(bend: Callable[[Members], object]) -> None:
    data = bent(translation().to_bytes(), bend)
    assert refusal(data, parse_text_payload) == "payload-malformed"


def test_a_withdrawal_gives_its_reason() -> None:
    data = withdrawal_bytes(kind="practice", record_id=ID, reason="Wrong figures")
    assert parse_withdrawal(data, "practice", ID) == "Wrong figures"
    other = ID.replace("1", "3", 1)
    assert (
        refusal(data, lambda d: parse_withdrawal(d, "practice", other)) == "payload-entry-mismatch"
    )
    assert refusal(b"{}", lambda d: parse_withdrawal(d, "practice", ID)) == "payload-malformed"


def test_a_refusal_has_a_known_code() -> None:
    with pytest.raises(ValueError, match="not a refusal"):
        Refused("something", "")


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f"])
def test_a_mark_that_turns_the_direction_is_refused_wherever_it_stands(mark: str) -> None:
    def in_name(members: Members) -> None:
        members["files"][0]["name"] = f"plan{mark}fdp.exe"

    def in_title(members: Members) -> None:
        members["texts"]["en"]["words"]["title"] += f"{mark}x"

    for bend in (in_name, in_title):
        assert refusal(bent(practice().to_bytes(), bend), read_practice) == "payload-malformed"
