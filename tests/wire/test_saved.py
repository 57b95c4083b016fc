"""Saved records: what is proven, by whose key, and what only seems so. The forms are vectors."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorsu.wire.checkpoint import cosign
from chorsu.wire.entry import UnknownEntry
from chorsu.wire.envelope import canonical_json
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey
from chorsu.wire.proof import parse_proof
from chorsu.wire.saved import MAX_SAVED_BYTES, Verdict, check_file, parse_saved, verify_saved
from tests.vectors import proofs
from tests.vectors.proofs import ENTRY, MEMBERS, RECORD, STRANGER, WITNESSED, entry_of, saved
from tests.vectors.sample import ASTANA, BEIJING, NOW
from tests.wire.refusal import refusal

KNOWN = [BEIJING.verify_key, ASTANA.verify_key]
GOOD = saved().to_bytes()


def cosigned(*witnesses: SigningKey, keys: tuple[VerifyKey, ...] = ()) -> bytes:
    leaves = proofs.log_with(ENTRY.to_bytes())
    proof = proofs.proof_in(leaves, 3, BEIJING, *witnesses)
    return saved(proof=proof, keys=tuple(sorted(keys, key=lambda key: key.vkey))).to_bytes()


def witnesses(verdict: Verdict) -> tuple[list[str], list[str], int]:
    known = [one.witness for one in verdict.witnesses]
    return known, [one.witness for one in verdict.claimed_witnesses], verdict.strangers


def test_a_file_proves_who_when_what_and_who_saw_it() -> None:
    verdict = verify_saved(GOOD, KNOWN)
    assert (verdict.trusted, verdict.origin, verdict.key) == (True, BEIJING.name, KNOWN[0])
    assert (verdict.entry, verdict.index, verdict.checkpoint.size) == (ENTRY, 3, 5)
    assert verdict.record == MEMBERS
    assert verdict.institution == "cn-nag"
    assert list(verdict.titles) == ["zh-Hans", "tk"]
    assert verdict.seen_at == WITNESSED
    assert witnesses(verdict) == ([ASTANA.name], [], 0)


def test_keys_in_the_file_are_not_trusted_for_being_there() -> None:
    verdict = verify_saved(GOOD, [])
    assert (verdict.trusted, verdict.key.fingerprint) == (False, KNOWN[0].fingerprint)
    assert witnesses(verdict) == ([], [ASTANA.name], 0)
    assert verdict.seen_at is None


def test_a_name_known_by_another_key_is_not_taken_from_the_file() -> None:
    other = SigningKey.from_bytes(bytes(32), BEIJING.name).verify_key
    assert refusal(lambda: verify_saved(GOOD, [other])) == "wrong-key"


def test_an_earlier_key_of_the_origin_still_proves_what_it_signed() -> None:
    newer = SigningKey.from_bytes(bytes(32), BEIJING.name).verify_key
    assert verify_saved(GOOD, [newer, *KNOWN]).key == KNOWN[0]


def test_a_witness_known_by_another_key_is_a_stranger() -> None:
    other = SigningKey.from_bytes(bytes(32), ASTANA.name).verify_key
    assert witnesses(verify_saved(GOOD, [KNOWN[0], other])) == ([], [], 1)


def test_strangers_are_counted_and_prove_nothing() -> None:
    data = cosigned(ASTANA, STRANGER, keys=(KNOWN[0],))
    assert witnesses(verify_saved(data, KNOWN)) == ([ASTANA.name], [], 1)
    data = cosigned(ASTANA, STRANGER, keys=(KNOWN[0], STRANGER.verify_key))
    assert witnesses(verify_saved(data, KNOWN)) == ([ASTANA.name], [STRANGER.name], 0)


def test_the_origin_is_no_witness_of_itself_under_any_name() -> None:
    alias = SigningKey.from_bytes(BEIJING.seed, "witness.chorsu.example")
    data = cosigned(BEIJING, alias, keys=(KNOWN[0], alias.verify_key))
    assert witnesses(verify_saved(data, [*KNOWN, alias.verify_key]))[:2] == ([], [])
    assert witnesses(verify_saved(data, []))[:2] == ([], [])


def test_one_key_under_two_names_is_one_witness() -> None:
    alias = SigningKey.from_bytes(ASTANA.seed, "witness.chorsu.example")
    verdict = verify_saved(cosigned(ASTANA, alias), [*KNOWN, alias.verify_key])
    assert witnesses(verdict)[0] == [ASTANA.name]


def test_a_key_from_the_file_that_a_known_witness_uses_is_not_counted_again() -> None:
    alias = SigningKey.from_bytes(ASTANA.seed, "witness.chorsu.example")
    data = cosigned(ASTANA, alias, keys=(KNOWN[0], alias.verify_key))
    assert witnesses(verify_saved(data, KNOWN))[:2] == ([ASTANA.name], [])


def test_a_time_after_a_witness_saw_it_is_contradicted() -> None:
    assert not verify_saved(GOOD, KNOWN).time_contradicted
    late = replace(ENTRY, time=WITNESSED + timedelta(minutes=11))
    verdict = verify_saved(saved(late).to_bytes(), KNOWN)
    assert verdict.time_contradicted
    near = replace(ENTRY, time=WITNESSED + timedelta(minutes=9))
    assert not verify_saved(saved(near).to_bytes(), KNOWN).time_contradicted


def test_the_first_witness_says_since_when() -> None:
    whole = saved()
    note = cosign(whole.proof.note, STRANGER, NOW + timedelta(minutes=3))
    data = saved(proof=replace(whole.proof, note=note)).to_bytes()
    verdict = verify_saved(data, [*KNOWN, STRANGER.verify_key])
    assert verdict.seen_at == NOW + timedelta(minutes=3)
    assert witnesses(verdict)[0] == [STRANGER.name, ASTANA.name]


def test_an_entry_of_tomorrow_is_proven_and_has_no_record() -> None:
    newer = canonical_json({**json.loads(ENTRY.to_bytes()), "format": 2})
    proof = proofs.proof_in(proofs.log_with(newer), 3, BEIJING, ASTANA)
    made = replace(saved(record=None, proof=proof), entry=newer)
    verdict = verify_saved(made.to_bytes(), KNOWN)
    assert isinstance(verdict.entry, UnknownEntry)
    assert (verdict.trusted, verdict.titles, verdict.time_contradicted) == (True, {}, False)
    with_record = replace(made, record=RECORD).to_bytes()
    assert refusal(lambda: verify_saved(with_record, KNOWN)) == "saved-mismatch"


def test_a_record_whose_texts_are_of_other_form_is_shown_without_titles() -> None:
    for texts in ([], {"ru": None}, {"ru": {"words": []}}, {"ru": {"words": {"title": 7}}}):
        record = canonical_json({**MEMBERS, "texts": texts})
        assert verify_saved(saved(entry_of(record), record).to_bytes(), KNOWN).titles == {}


def test_the_title_of_a_single_text_is_its_own() -> None:
    members = {"id": ENTRY.id, "kind": "practice-text", "language": "tk"}
    record = canonical_json({**members, "words": {"title": "Ady"}})
    entry = replace(entry_of(record), kind="practice-text")
    assert verify_saved(saved(entry, record).to_bytes(), KNOWN).titles == {"tk": "Ady"}


def test_a_revision_that_is_true_is_not_the_first() -> None:
    record = canonical_json({**MEMBERS, "revision": True})
    data = saved(replace(entry_of(record), revision=1), record).to_bytes()
    assert refusal(lambda: verify_saved(data, KNOWN)) == "saved-mismatch"


@pytest.mark.parametrize("files", [[], {}, [None], [{"sha256": "00"}], ["aa"]])
def test_a_file_the_record_does_not_name_is_refused(files: object) -> None:
    record = canonical_json({**MEMBERS, "files": files})  # type: ignore[dict-item]
    verdict = verify_saved(saved(entry_of(record), record).to_bytes(), KNOWN)
    assert refusal(lambda: check_file(verdict, "aa")) == "saved-lacks-file"


def test_an_oversized_file_is_refused_before_it_is_parsed() -> None:
    assert refusal(lambda: parse_saved(b"[" * (MAX_SAVED_BYTES + 1))) == "json-too-large"


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_any_flipped_byte_is_refused_or_turns_a_signature_into_a_strangers(
    place: int, flip: int
) -> None:
    data = bytearray(GOOD)
    data[place] ^= flip
    try:
        verdict = verify_saved(bytes(data), KNOWN)
    except WireError:
        return
    # What is left: a byte in the name or id of the cosigner, or in the keys the file claims.
    assert (verdict.trusted, verdict.entry, verdict.record) == (True, ENTRY, MEMBERS)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for read in (parse_proof, parse_saved):
        try:
            assert read(data).to_bytes() == data
        except WireError:
            continue
