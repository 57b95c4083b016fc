"""Foreign XML: bombs, entities, wrong encodings, and what is merely odd."""

from __future__ import annotations

import time

import pytest

from chorsu.harvested import wire
from chorsu.harvested.errors import NotHarvestable, NothingThere, TokenRefused
from tests.foreign_repository import Foreign, dublin_core, envelope, error

GOOD = Foreign("oai:osh:1", "2026-11-01T00:00:00Z", dublin_core("Опыт")).xml()


def page(*records: str, token: str = "") -> bytes:
    end = f"<resumptionToken>{token}</resumptionToken>"
    return envelope(f"<ListRecords>{''.join(records)}{end}</ListRecords>")


def code_of(content: bytes) -> str:
    with pytest.raises(NotHarvestable) as caught:
        wire.parse_list(content)
    return caught.value.code


def test_a_page_is_read() -> None:
    answer = wire.parse_list(page(GOOD, token=" t/1 "))
    [record] = answer.records

    assert (record.identifier, record.deleted, answer.token) == ("oai:osh:1", False, "t/1")
    assert record.values["title"] == [wire.Value("Опыт", "ru")]


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">&b;</OAI-PMH>'
)


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS,
        LAUGHS.replace(b"<!DOCTYPE", b"<!doctype"),
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        LAUGHS.decode().encode("utf-16"),
        LAUGHS.decode().encode("utf-16-le"),
        LAUGHS.decode().encode("utf-32"),
        b"+ADw-x/+AD4-",  # markup as UTF-7 has it
        page(GOOD).decode().encode("cp1251", "xmlcharrefreplace").replace(b"&#", b"\xff&#"),
        page(GOOD)[:-20],
        page("&undeclared;"),
        page("<record>" * 300 + "</record>" * 300),
        b"",
        b"\x00",
        b"{}",
    ],
)
def test_what_is_not_safe_or_not_xml_is_refused(content: bytes) -> None:
    assert code_of(content) == "malformed"


def test_an_xml_declaration_that_lies_about_its_encoding() -> None:
    lying = page(GOOD).replace(b'encoding="UTF-8"', b'encoding="ISO-8859-1"')
    assert wire.parse_list(lying).records[0].values["title"][0].text == "Опыт"


def test_an_answer_over_the_cap_is_not_parsed() -> None:
    assert code_of(page(GOOD) + b" " * wire.MAX_ANSWER_BYTES) == "answer-too-large"


def test_more_records_than_a_page_may_have() -> None:
    record = "<record><header/></record>"
    assert code_of(page(*[record] * (wire.MAX_RECORDS + 1))) == "answer-too-large"


def test_a_token_without_end() -> None:
    assert code_of(page(GOOD, token="x" * 5000)) == "answer-too-large"


@pytest.mark.parametrize("content", [b"<html/>", envelope(""), envelope("<ListSets/>")])
def test_another_kind_of_answer(content: bytes) -> None:
    assert code_of(content) == "not-a-repository"


def test_errors_of_the_protocol() -> None:
    with pytest.raises(TokenRefused):
        wire.parse_list(error("badResumptionToken"))
    with pytest.raises(NothingThere):
        wire.parse_list(error("noRecordsMatch"))
    assert code_of(error("cannotDisseminateFormat")) == "refuses"


@pytest.mark.parametrize(
    "record",
    [
        "<record/>",
        Foreign("", "2026-11-01", "").xml(),
        Foreign("x", "yesterday", "").xml(),
        Foreign("x" * 600, "2026-11-01", "").xml(),
    ],
)
def test_a_record_without_a_name_or_a_time_is_counted_and_left_out(record: str) -> None:
    answer = wire.parse_list(page(record, GOOD))
    assert ([one.identifier for one in answer.records], answer.skipped) == (["oai:osh:1"], 1)


def test_marks_of_direction_and_markup_do_not_survive_as_more_than_text() -> None:
    title = "<dc:title>\u202eevil &lt;script&gt;</dc:title>"
    answer = wire.parse_list(page(Foreign("x", "2026-11-01", title).xml()))
    assert answer.records[0].values["title"][0].text == "evil <script>"


def test_identify_of_an_older_protocol_is_refused() -> None:
    body = "<Identify><protocolVersion>1.1</protocolVersion></Identify>"
    with pytest.raises(NotHarvestable):
        wire.parse_identity(envelope(body))


def described(metadata: str) -> dict[str, list[wire.Value]]:
    record = Foreign("oai:osh:1", "2026-11-01T00:00:00Z", metadata).xml()
    return wire.parse_list(page(record)).records[0].values


def test_a_value_within_a_value_is_a_part_of_it_and_read_once() -> None:
    depth = 150
    nested = "<dc:title>" * depth + "й" * 500_000 + "</dc:title>" * depth
    begun = time.process_time()
    values = described(nested)
    assert time.process_time() - begun < 2
    assert values == {"title": [wire.Value("й" * 1000, "")]}


def test_no_more_values_are_read_than_are_kept() -> None:
    begun = time.process_time()
    values = described("<dc:subject>слово</dc:subject>" * 200_000)
    assert time.process_time() - begun < 5
    assert values == {"subject": [wire.Value("слово", "")] * wire.MAX_VALUES}


def test_names_without_end_are_not_kept() -> None:
    values = described("".join(f"<dc:n{number}>x</dc:n{number}>" for number in range(500)))
    assert len(values) == wire.MAX_NAMES


def test_few_bytes_that_would_be_a_large_tree_are_refused_before_they_are_read() -> None:
    assert code_of(page("<a/>" * (wire.MAX_TAGS + 1))) == "answer-too-large"
