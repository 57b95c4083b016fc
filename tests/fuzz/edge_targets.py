"""Readers above the wire that strangers' bytes reach: records, foreign repositories, uploads."""

from __future__ import annotations

import io

from chorsu.exchange.sealing import NotForUs, Unreadable, seal, unseal
from chorsu.harvested.errors import NotHarvestable, NothingThere, TokenRefused
from chorsu.harvested.rules import language_of, web_address
from chorsu.harvested.wire import MAX_TOKEN, MAX_VALUES, parse_identity, parse_list
from chorsu.kernel.text import has_unwanted, normalise
from chorsu.practices.rules import InvalidPractice
from chorsu.practices.wire import (
    KIND,
    Refused,
    parse_payload,
    parse_text_payload,
    parse_withdrawal,
    withdrawal_bytes,
)
from chorsu.records.files import _office_type, _sniffed, clean_name, prepare
from chorsu.records.films import prepare_film
from chorsu.training.wire.banks import parse_bank
from chorsu.training.wire.courses import parse_payload as parse_course
from chorsu.training.wire.courses import parse_text_payload as parse_course_text
from chorsu.web.ranges import UnsatisfiableRange, requested_range
from tests.fuzz.seeds import films, repository_answers, repository_identities, uploads, vectors
from tests.fuzz.target import Target
from tests.vectors import sample
from tests.vectors.records import documented

_LONGEST = 64


def edge_targets() -> list[Target]:
    """All of them."""
    ranges = [b"bytes=0-4", b"bytes=-5", b"bytes=5-", b"bytes=0-0,2-3", b"bytes=99999-"]
    foreign = (NotHarvestable, NothingThere, TokenRefused)
    return [
        Target(
            "practice",
            "json",
            vectors("practice"),
            lambda data: parse_payload(data, sample.BEIJING.name).to_bytes(),
            (Refused,),
        ),
        Target(
            "practice-text",
            "json",
            [documented("practice-text")],
            lambda data: parse_text_payload(data).to_bytes(),
            (Refused,),
        ),
        Target(
            "course",
            "json",
            vectors("course"),
            lambda data: parse_course(data, sample.BEIJING.name).to_bytes(),
            (Refused,),
        ),
        Target(
            "course-text",
            "json",
            vectors("course-text"),
            lambda data: parse_course_text(data).to_bytes(),
            (Refused,),
        ),
        Target(
            "question-bank",
            "json",
            vectors("question-bank"),
            lambda data: parse_bank(data, sample.BEIJING.name).to_bytes(),
            (Refused,),
        ),
        Target("withdrawal", "json", [documented("withdrawal")], _withdrawal, (Refused,)),
        Target("repository-list", "xml", repository_answers(), _list, foreign),
        Target("repository-identity", "xml", repository_identities(), _identity, foreign),
        Target("upload", "bytes", uploads(), _upload, (InvalidPractice,)),
        Target("film", "bytes", films(), _film, (InvalidPractice,)),
        Target("byte-range", "bytes", ranges, _range, (UnsatisfiableRange,)),
        Target("sealed", "bytes", [_sealed()], _unsealed, (NotForUs, Unreadable)),
    ]


def _withdrawal(data: bytes) -> bytes:
    reason = parse_withdrawal(data, KIND, sample.PUBLISHED.id)
    return withdrawal_bytes(kind=KIND, record_id=sample.PUBLISHED.id, reason=reason)


def _list(data: bytes) -> None:
    answer = parse_list(data)
    assert len(answer.token) <= MAX_TOKEN
    for record in answer.records:
        assert record.identifier
        assert record.datestamp.tzinfo is not None
        for values in record.values.values():
            assert 0 < len(values) <= MAX_VALUES
            for one in values:
                assert one.text == normalise(one.text)
                assert not has_unwanted(one.text + one.language)
                language_of(one.language)
            web_address([one.text for one in values])


def _identity(data: bytes) -> None:
    told = parse_identity(data)
    assert not has_unwanted(told.name + told.address + told.email + told.earliest)


def _upload(data: bytes) -> None:
    head = data[:4096]
    if head.startswith(b"PK\x03\x04"):
        _office_type(io.BytesIO(data))
        return
    if head and _sniffed(head) == "application/pdf":
        return  # cleaned in a process of its own
    name = data[-20:].decode("utf-8", "replace")
    taken = prepare(io.BytesIO(data), name, max_bytes=1 << 20, image_max_px=_LONGEST)
    assert taken.name == clean_name(name, taken.name.rpartition(".")[2])
    if taken.width is not None and taken.height is not None:
        assert max(taken.width, taken.height) <= _LONGEST
        assert b"who" not in taken.file.read()


def _film(data: bytes) -> None:
    taken = prepare_film(io.BytesIO(data), "a", max_bytes=1 << 20)
    if taken is None:
        return
    with taken.file as file:
        clean = file.read()
    assert len(clean) == len(data)
    again = prepare_film(io.BytesIO(clean), "a", max_bytes=1 << 20)
    assert again is not None
    with again.file as file:
        assert file.read() == clean


def _range(data: bytes) -> None:
    found = requested_range(data.decode("latin-1"), "", '"x"', 10)
    if found:
        assert 0 <= found[0] < found[1] <= 10


def _sealed() -> bytes:
    target = io.BytesIO()
    seal([b"PK\x03\x04" + b"x" * 300], target, sample.ASTANA.verify_key)
    return target.getvalue()


def _unsealed(data: bytes) -> None:
    target = io.BytesIO()
    whole = unseal(io.BytesIO(data), target, sample.ASTANA)
    assert not whole or len(target.getvalue()) < len(data)
