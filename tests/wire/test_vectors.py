"""Every vector file is accepted, kept or refused as its folder says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chorsu.practices.wire import REFUSALS, Refused, parse_payload
from chorsu.training.wire.banks import parse_bank
from chorsu.training.wire.courses import parse_payload as parse_course
from chorsu.training.wire.courses import parse_text_payload as parse_course_text
from chorsu.wire import credential
from chorsu.wire.batch import decode_answer, encode_answer, encode_question, parse_question
from chorsu.wire.bundle import parse_manifest
from chorsu.wire.checkpoint import open_checkpoint, open_cosignature
from chorsu.wire.credential_code import decode_code, encode_code
from chorsu.wire.credential_file import parse_certificate, verify_certificate
from chorsu.wire.credential_records import parse_commitments, parse_status
from chorsu.wire.entry import Entry, UnknownEntry, parse_entry
from chorsu.wire.envelope import canonical_json, parse_json
from chorsu.wire.erasing import (
    encode_answers,
    open_answers,
    parse_answers,
    parse_erasures,
    sign_answers,
)
from chorsu.wire.errors import CODES, WireError
from chorsu.wire.keys import VerifyKey
from chorsu.wire.node import open_node_file, parse_node, sign_node
from chorsu.wire.note import open_note, parse_note
from chorsu.wire.proof import parse_proof
from chorsu.wire.requests import verify_request
from chorsu.wire.saved import parse_saved, verify_saved
from chorsu.wire.succession import open_succession, parse_chain, print_chain
from chorsu.wire.tiles import decode_bundle, encode_bundle, parse_tile_path
from chorsu.wire.transcript import open_transcript
from chorsu.wire.transcript import parse_question as parse_question_of_transcript
from tests.vectors import make, sample
from tests.wire.part import read_part

FOLDER = Path(make.__file__).parent
BEIJING = sample.BEIJING.verify_key
ASTANA = sample.ASTANA.verify_key


def _note(data: bytes) -> bytes:
    open_note(data, [BEIJING])
    return parse_note(data).to_bytes()


def _checkpoint(data: bytes) -> bytes:
    checkpoint = open_checkpoint(data, BEIJING)
    return checkpoint.text().encode() + data[len(checkpoint.text().encode()) :]


def _cosignature(data: bytes) -> bytes:
    assert open_cosignature(data, ASTANA).time == sample.NOW
    return data


def _entry(data: bytes) -> bytes:
    entry = parse_entry(data)
    assert isinstance(entry, Entry)
    return entry.to_bytes()


def _saved(data: bytes) -> bytes:
    assert verify_saved(data, [BEIJING, ASTANA]).trusted
    return parse_saved(data).to_bytes()


def _carried_answers(data: bytes) -> bytes:
    said = open_answers(data, ASTANA, BEIJING.name)
    return sign_answers(said, origin=BEIJING.name, key=sample.ASTANA)


def _part(data: bytes) -> bytes:
    assert read_part(data, BEIJING).manifest.origin == BEIJING.name
    return data


def _request(data: bytes) -> bytes:
    request = json.loads(data)
    known = {ASTANA.name: ASTANA}
    key = verify_request(
        request["method"],
        request["url"],
        request["headers"],
        request["body"].encode(),
        known.get,
        sample.NOW,
    )
    assert key == ASTANA
    return data


def _credential(data: bytes) -> bytes:
    signed = credential.parse(data)
    credential.check_signature(signed, [BEIJING])
    return signed.compact


def _code(data: bytes) -> bytes:
    signed = decode_code(data.decode())
    # Another library may pack the same otherwise.
    assert decode_code(encode_code(signed)) == signed
    return data


def _certificate(data: bytes) -> bytes:
    file = parse_certificate(data)
    assert verify_certificate(file, [BEIJING, ASTANA], sample.NOW).key == BEIJING
    return file.to_bytes()


READERS: dict[str, Callable[[bytes], bytes]] = {
    "key": lambda data: VerifyKey.parse(data.decode()).vkey.encode(),
    "note": _note,
    "checkpoint": _checkpoint,
    "cosignature": _cosignature,
    "succession": lambda data: open_succession(data).note,
    "chain": lambda data: print_chain(parse_chain(data)),
    "proof": lambda data: parse_proof(data).to_bytes(),
    "saved": _saved,
    "manifest": lambda data: parse_manifest(data).to_bytes(),
    "part": _part,
    "json": lambda data: canonical_json(parse_json(data, 1 << 20)),
    "entry": _entry,
    "bundle": lambda data: encode_bundle(decode_bundle(data, 3)),
    "batch-question": lambda data: encode_question(parse_question(data)),
    "batch-answer": lambda data: encode_answer(decode_answer(data, 3)),
    "erasures": lambda data: parse_erasures(data, BEIJING).to_bytes(sample.BEIJING),
    "erasure-answers": lambda data: encode_answers(parse_answers(data)),
    "carried-answers": _carried_answers,
    "tile-path": lambda data: parse_tile_path(data.decode()).path.encode(),
    "node": lambda data: parse_node(data).to_bytes(),
    "node-file": lambda data: sign_node(open_node_file(data), sample.BEIJING),
    "request": _request,
    "credential": _credential,
    "code": _code,
    "commitments": lambda data: parse_commitments(data).to_bytes(),
    "status": lambda data: parse_status(data).to_bytes(),
    "certificate": _certificate,
    "practice": lambda data: parse_payload(data, BEIJING.name).to_bytes(),
    "course": lambda data: parse_course(data, BEIJING.name).to_bytes(),
    "course-text": lambda data: parse_course_text(data).to_bytes(),
    "transcript-question": lambda data: parse_question_of_transcript(data).to_bytes(),
    "transcript": lambda data: open_transcript(data, BEIJING).to_bytes(sample.BEIJING),
    "question-bank": lambda data: parse_bank(data, BEIJING.name).to_bytes(),
}


def _files(verdict: str) -> list[str]:
    paths = FOLDER.glob(f"*/{verdict}/**/*")
    return sorted(str(path.relative_to(FOLDER)) for path in paths if path.is_file())


@pytest.mark.parametrize("name", _files("accepted"))
def test_accepted_vector_re_prints_to_its_own_bytes(name: str) -> None:
    data = (FOLDER / name).read_bytes()
    assert READERS[name.partition("/")[0]](data) == data


@pytest.mark.parametrize("name", _files("refused"))
def test_refused_vector_is_refused_with_the_code_of_its_folder(name: str) -> None:
    format_, _, code, _ = name.split("/")
    with pytest.raises((WireError, Refused)) as caught:
        READERS[format_]((FOLDER / name).read_bytes())
    assert caught.value.code == code


@pytest.mark.parametrize("name", _files("kept"))
def test_entry_of_tomorrow_is_kept_byte_for_byte(name: str) -> None:
    data = (FOLDER / name).read_bytes()
    entry = parse_entry(data)
    assert isinstance(entry, UnknownEntry)
    assert entry.to_bytes() == data


@pytest.mark.parametrize(
    "name", [name for name in _files("accepted") if not name.startswith(("json/", "request/"))]
)
@pytest.mark.parametrize("tail", [b"\n", b" ", b"\0", b"{}"])
def test_accepted_vector_with_trailing_bytes_is_refused(name: str, tail: bytes) -> None:
    data = (FOLDER / name).read_bytes()
    with pytest.raises((WireError, Refused)):
        READERS[name.partition("/")[0]](data + tail)


def test_the_files_are_exactly_what_the_program_makes() -> None:
    made = dict(make.vectors())
    kept = {
        str(path.relative_to(FOLDER)): path.read_bytes()
        for path in FOLDER.glob("*/**/*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert kept == made


def test_every_folder_of_refusals_is_named_by_a_code() -> None:
    codes = {path.name for path in FOLDER.glob("*/refused/*")}
    assert codes - CODES.keys() - REFUSALS.keys() == set()
