"""What a process remembers of proofs changes no answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chorsu.wire import credential_file, saved
from chorsu.wire.credential_file import (
    CertificateFile,
    forget_proven,
    parse_certificate,
    verify_certificate,
)
from chorsu.wire.saved import Saved, open_saved
from chorsu.wire.succession import KnownKey
from tests.vectors import sample
from tests.vectors.credentials import (
    CREDENTIAL,
    ISSUED,
    LISTED,
    REVOKED,
    certificate,
    logged,
)
from tests.vectors.proofs import proof_in
from tests.vectors.sample import ASTANA, BEIJING
from tests.wire.refusal import refusal

KNOWN: list[KnownKey] = [BEIJING.verify_key, ASTANA.verify_key]
GOOD = certificate().to_bytes()


@pytest.fixture(autouse=True)
def nothing_proven() -> Iterator[None]:
    forget_proven()
    yield
    forget_proven()


def standing(data: bytes, known: list[KnownKey]) -> str:
    return verify_certificate(parse_certificate(data), known, sample.NOW).standing


def remembered() -> int:
    return (
        credential_file._commitments.cache_info().currsize
        + credential_file._bits.cache_info().currsize
    )


def test_the_second_file_is_answered_as_the_first() -> None:
    first = verify_certificate(parse_certificate(GOOD), KNOWN, sample.NOW)
    assert remembered() == 2
    assert verify_certificate(parse_certificate(GOOD), KNOWN, sample.NOW) == first
    assert credential_file._bits.cache_info().hits == 1


def test_what_was_proven_is_not_taken_for_other_bytes() -> None:
    before = standing(GOOD, KNOWN)
    assert standing(certificate(status=REVOKED).to_bytes(), KNOWN) == "revoked"
    assert standing(GOOD, KNOWN) == before
    for member in ("issued", "status"):
        changed = GOOD.replace(b"cosignature", b"", 1)
        place = changed.index(b'"%s":' % member.encode())
        start = changed.index(b'"proof":', place)
        note = changed.index(b"beijing.chorsu.example", start)
        data = changed[:note] + b"b" + changed[note:]
        assert refusal(lambda data=data: standing(data, KNOWN)) is not None


def test_what_was_proven_with_a_key_is_unproven_without_it() -> None:
    standing(GOOD, KNOWN)
    stranger = replace(ISSUED, origin=ASTANA.name)
    assert standing(GOOD, [ASTANA.verify_key]) == "unknown-key"
    other = CertificateFile(
        certificate().signed, certificate().texts, open_saved(logged(stranger, key=ASTANA)), None
    ).to_bytes()
    assert refusal(lambda: standing(other, KNOWN)) == "certificate-mismatch"


def test_another_credential_with_a_proven_record_is_still_looked_for_in_it() -> None:
    standing(GOOD, KNOWN)
    strange = replace(ISSUED, commitments=("ab" * 32,))
    assert refusal(lambda: standing(certificate(issued=strange).to_bytes(), KNOWN)) == (
        "certificate-mismatch"
    )
    assert parse_certificate(GOOD).signed.credential == CREDENTIAL
    assert standing(certificate(status=LISTED).to_bytes(), KNOWN) == standing(GOOD, KNOWN)


def test_a_stranger_s_records_are_not_remembered() -> None:
    standing(GOOD, [])
    assert remembered() == 0


def test_proofs_that_bring_one_checkpoint_have_its_signatures_checked_once() -> None:
    data = _of_one_log()
    assert standing(data, KNOWN) == "genuine"
    checked = (saved._check_signed.cache_info(), saved._cosigned_by.cache_info())
    assert [(one.misses, one.hits) for one in checked] == [(1, 1), (2, 2)]


@pytest.mark.parametrize("signer", [BEIJING.name, ASTANA.name])
def test_another_signature_under_a_checkpoint_that_was_checked_is_refused(signer: str) -> None:
    good = _of_one_log()
    standing(good, KNOWN)
    line = "\\n— ".encode() + signer.encode() + b" "
    # Of the second proof, in the middle of the signature itself.
    place = good.rindex(line) + len(line) + 40
    other = b"A" if good[place : place + 1] != b"A" else b"B"
    changed = good[:place] + other + good[place + 1 :]
    assert refusal(lambda: standing(changed, KNOWN)) == "bad-signature"


def _of_one_log() -> bytes:
    """A holder's file as its node makes it: both proofs lead to one checkpoint, with a witness."""
    entries = [open_saved(logged(one)).saved for one in (LISTED, ISSUED)]
    leaves = [one.entry for one in entries]
    status, issued = (
        Saved(
            one.entry, one.record, proof_in(leaves, number, BEIJING, ASTANA), (BEIJING.verify_key,)
        )
        for number, one in enumerate(entries)
    )
    signed, texts = certificate().signed, certificate().texts
    return CertificateFile(
        signed, texts, open_saved(issued.to_bytes()), open_saved(status.to_bytes())
    ).to_bytes()
