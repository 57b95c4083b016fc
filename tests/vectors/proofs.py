"""Vectors of tlog-proofs and of saved records. The log is one of five entries of Beijing's."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from chorsu.wire.checkpoint import Checkpoint, cosign, sign_checkpoint
from chorsu.wire.entry import Entry
from chorsu.wire.envelope import Json, blob_hash, canonical_json
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import Range, inclusion_proof, leaf_hash
from chorsu.wire.note import Note, parse_note
from chorsu.wire.proof import HEADER, Proof
from chorsu.wire.saved import Saved
from tests.vectors.sample import ASTANA, BEIJING, LEAVES, NOW, PUBLISHED, WITHDRAWN, Vector

WITNESSED = NOW + timedelta(minutes=10)
STRANGER = SigningKey.from_bytes(bytes(range(64, 96)), "tashkent.chorsu.example")
MEMBERS: Mapping[str, Json] = {
    "audience": "public",
    "format": 1,
    "id": PUBLISHED.id,
    "institution": "cn-nag",
    "kind": "practice",
    "licence": "CC-BY-4.0",
    "origin": BEIJING.name,
    "original_language": "zh-Hans",
    "revision": 2,
    "texts": {
        "tk": {"words": {"title": "Ähli güwänamalar bir penjireden"}},
        "zh-Hans": {"words": {"title": "一个窗口办所有证明"}},
    },
}
RECORD = canonical_json(MEMBERS)
ENTRY = replace(
    PUBLISHED,
    revision=2,
    time=NOW + timedelta(minutes=2),
    blob=blob_hash(RECORD),
    size=len(RECORD),
)


def entry_of(record: bytes) -> Entry:
    """The entry with another record in it."""
    return replace(ENTRY, blob=blob_hash(record), size=len(record))


def log_with(entry: bytes) -> list[bytes]:
    """Five leaves, `entry` at index 3."""
    return [*LEAVES, entry, WITHDRAWN.to_bytes()]


def proof_in(
    leaves: Sequence[bytes], index: int, key: SigningKey = BEIJING, *witnesses: SigningKey
) -> Proof:
    """The proof of a leaf in the log of `key`, cosigned."""
    hashes = [leaf_hash(one) for one in leaves]

    def hash_at(level: int, place: int) -> bytes:
        return Range.empty().append_all(hashes[place << level : (place + 1) << level]).root()

    root = Range.empty().append_all(hashes).root()
    note = sign_checkpoint(Checkpoint(key.name, len(leaves), root), key)
    for witness in witnesses:
        note = cosign(note, witness, WITNESSED)
    return Proof(index, tuple(inclusion_proof(index, len(leaves), hash_at)), note)


def saved(entry: Entry = ENTRY, record: bytes | None = RECORD, **changes: object) -> Saved:
    """The entry at index 3 with its record, cosigned by Astana."""
    proof = proof_in(log_with(entry.to_bytes()), 3, BEIJING, ASTANA)
    keys = (ASTANA.verify_key, BEIJING.verify_key)
    made = Saved(entry.to_bytes(), record, proof, keys)
    return replace(made, **changes)  # type: ignore[arg-type]


def proof_vectors() -> Iterator[Vector]:
    whole = saved().proof
    good = whole.to_bytes()
    yield "proof/accepted/cosigned.tlog-proof", good
    yield "proof/accepted/extra-data.tlog-proof", replace(whole, extra=b"a hint").to_bytes()
    yield "proof/accepted/first-of-one.tlog-proof", proof_in(LEAVES[:1], 0).to_bytes()
    first = base64.b64encode(whole.hashes[0]) + b"\n"
    malformed = {
        "another-version": good.replace(b"@v1", b"@v2", 1),
        "no-index": good.replace(b"index 3\n", b"", 1),
        "index-twice": good.replace(b"index 3\n", b"index 3\nindex 3\n", 1),
        "index-leading-zero": good.replace(b"index 3\n", b"index 03\n", 1),
        "index-negative": good.replace(b"index 3\n", b"index -1\n", 1),
        "index-other-digits": good.replace(b"index 3\n", "index ٣\n".encode(), 1),
        "index-two-to-the-63": good.replace(b"index 3\n", f"index {2**63}\n".encode(), 1),
        "extra-after-index": good.replace(b"index 3\n", b"index 3\nextra YQ==\n", 1),
        "extra-empty": good.replace(b"index 3\n", b"extra \nindex 3\n", 1),
        "hash-cut": good.replace(first, first[4:], 1),
        "hash-loose-bits": good.replace(first, _loosened(first), 1),
        "hash-line-with-space": good.replace(first, b" " + first, 1),
        "carriage-returns": good.replace(b"\n", b"\r\n"),
        "sixty-four-hashes": good.replace(first, first * 63, 1),
        "no-blank-line": good.replace(b"\n\n", b"\n", 1).replace(b"\n\n", b"\n", 1),
        "truncated-before-checkpoint": good.partition(b"\n\n")[0] + b"\n",
        "empty": b"",
    }
    for attack, data in malformed.items():
        yield f"proof/refused/proof-malformed/{attack}.tlog-proof", data
    yield "proof/refused/note-malformed/truncated.tlog-proof", good[:-1]
    header = f"{HEADER}\nindex 0\n\n".encode()
    yield "proof/refused/note-malformed/without-checkpoint.tlog-proof", header
    padded = good.replace(b"\n\n", b"\n\n" + b"x" * 65536, 1)
    yield "proof/refused/note-too-large/checkpoint-oversized.tlog-proof", padded


def _loosened(line: bytes) -> bytes:
    return line[:-3] + bytes([line[-3] + 1]) + line[-2:]


def saved_vectors() -> Iterator[Vector]:
    whole = saved()
    good = whole.to_bytes()
    yield "saved/accepted/practice.chorsu", good
    yield "saved/accepted/record-left-out.chorsu", saved(record=None).to_bytes()
    yield "saved/accepted/not-cosigned.chorsu", saved(proof=_uncosigned()).to_bytes()
    foreign = proof_in(log_with(ENTRY.to_bytes()), 3, BEIJING, ASTANA, STRANGER)
    yield "saved/accepted/cosigned-by-a-stranger-too.chorsu", saved(proof=foreign).to_bytes()
    newer = canonical_json({**json.loads(ENTRY.to_bytes()), "format": 2})
    tomorrow = proof_in(log_with(newer), 3, BEIJING, ASTANA)
    yield (
        "saved/accepted/entry-of-tomorrow.chorsu",
        saved(record=None, entry=ENTRY, proof=tomorrow).to_bytes().replace(ENTRY.to_bytes(), newer),
    )
    yield from _of_other_form(good)
    yield from _changed(whole, good)
    yield from _signed_by_others(whole)


def _uncosigned() -> Proof:
    return proof_in(log_with(ENTRY.to_bytes()), 3)


def _of_other_form(good: bytes) -> Iterator[Vector]:
    members = json.loads(good)
    malformed = {
        "no-keys": {name: members[name] for name in members if name != "keys"},
        "member-unknown": {**members, "verdict": "genuine"},
        "format-zero": {**members, "format": 0},
        "format-true": {**members, "format": True},
        "entry-as-text": {**members, "entry": json.dumps(members["entry"])},
        "record-as-text": {**members, "record": "text"},
        "proof-null": {**members, "proof": None},
        "keys-unsorted": {**members, "keys": members["keys"][::-1]},
        "key-twice": {**members, "keys": members["keys"][:1] * 2},
        "key-null": {**members, "keys": [None]},
        "sixty-five-keys": {**members, "keys": members["keys"][:1] * 65},
        "proof-with-extra": {
            **members,
            "proof": members["proof"].replace("index 3", "extra YQ==\nindex 3", 1),
        },
    }
    for attack, value in malformed.items():
        yield f"saved/refused/saved-malformed/{attack}.chorsu", canonical_json(value)
    yield "saved/refused/saved-malformed/a-list.chorsu", b"[]"
    newer = canonical_json({**members, "format": 2})
    yield "saved/refused/saved-format/newer.chorsu", newer
    yield "saved/refused/json-malformed/truncated.chorsu", good[:-1]
    yield "saved/refused/json-malformed/two-files.chorsu", good + good
    yield "saved/refused/json-malformed/empty.chorsu", b""
    yield "saved/refused/json-not-canonical/trailing-newline.chorsu", good + b"\n"
    reordered = b'{"format":1,' + good[1:].replace(b'"format":1,"keys"', b'"keys"', 1)
    yield "saved/refused/json-not-canonical/members-reordered.chorsu", reordered
    yield (
        "saved/refused/json-malformed/record-twice.chorsu",
        good[:-1] + b',"record":null}',
    )
    yield "saved/refused/json-too-deep/forty-one-lists.chorsu", b"[" * 41 + b"]" * 41


def _changed(whole: Saved, good: bytes) -> Iterator[Vector]:
    yield (
        "saved/refused/blob-hash/title-changed.chorsu",
        good.replace("办所有".encode(), "办任何".encode(), 1),
    )
    longer = canonical_json({**MEMBERS, "licence": "CC-BY-4.0 with changes"})
    yield (
        "saved/refused/blob-size/record-lengthened.chorsu",
        replace(whole, record=longer).to_bytes(),
    )
    yield (
        "saved/refused/proof-invalid/leaf-flipped-to-a-day-earlier.chorsu",
        good.replace(b"2026-11-24T02:10:43Z", b"2026-11-23T02:10:43Z", 1),
    )
    moved = replace(whole.proof, index=2)
    yield "saved/refused/proof-invalid/wrong-index.chorsu", saved(proof=moved).to_bytes()
    beyond = replace(whole.proof, index=5)
    yield "saved/refused/proof-invalid/index-beyond-size.chorsu", saved(proof=beyond).to_bytes()
    short = replace(whole.proof, hashes=whole.proof.hashes[:-1])
    yield "saved/refused/proof-invalid/hash-missing.chorsu", saved(proof=short).to_bytes()
    long = replace(whole.proof, hashes=(*whole.proof.hashes, bytes(32)))
    yield "saved/refused/proof-invalid/hash-too-many.chorsu", saved(proof=long).to_bytes()
    older = proof_in(LEAVES, 2, BEIJING, ASTANA)
    yield (
        "saved/refused/proof-invalid/checkpoint-before-the-entry.chorsu",
        saved(proof=replace(whole.proof, note=older.note)).to_bytes(),
    )
    for attack, changes in {
        "another-id": {"id": "019349f5-3c00-7d3e-8a52-6f0e6a1f4b02"},
        "another-kind": {"kind": "certificate"},
        "another-origin": {"origin": ASTANA.name},
        "another-revision": {"revision": 3},
        "another-audience": {"audience": "network"},
    }.items():
        record = canonical_json({**MEMBERS, **changes})
        yield (
            f"saved/refused/saved-mismatch/{attack}.chorsu",
            saved(entry_of(record), record).to_bytes(),
        )
    withdrawal = replace(ENTRY, action="withdraw", blob=None, size=None)
    yield (
        "saved/refused/saved-mismatch/record-with-an-entry-that-names-none.chorsu",
        saved(withdrawal).to_bytes(),
    )
    entry = canonical_json({**json.loads(ENTRY.to_bytes()), "action": "amend"})
    yield (
        "saved/refused/entry-malformed/action-nobody-knows.chorsu",
        good.replace(ENTRY.to_bytes(), entry, 1),
    )


def _signed_by_others(whole: Saved) -> Iterator[Vector]:
    leaves = log_with(ENTRY.to_bytes())
    impostor = SigningKey.from_bytes(bytes(32), BEIJING.name)
    forged = proof_in(leaves, 3, impostor, ASTANA)
    keys = tuple(sorted((ASTANA.verify_key, impostor.verify_key), key=lambda key: key.vkey))
    yield (
        "saved/refused/wrong-key/same-name-other-key-in-the-file.chorsu",
        saved(proof=forged, keys=keys).to_bytes(),
    )
    elsewhere = proof_in(leaves, 3, ASTANA)
    yield (
        "saved/refused/saved-mismatch/checkpoint-of-another-log.chorsu",
        saved(proof=elsewhere).to_bytes(),
    )
    unknown = proof_in(leaves, 3, STRANGER)
    yield (
        "saved/refused/wrong-key/log-nobody-knows-and-no-key.chorsu",
        saved(proof=unknown).to_bytes(),
    )
    note = parse_note(whole.proof.note)
    own, witness = note.signatures
    for code, attack, line in (
        ("bad-signature", "cosignature-moved-a-second", bytes(8) + witness.value[8:]),
        ("cosignature-malformed", "cosignature-cut", witness.value[:-1]),
    ):
        bad = Note(note.text, (own, replace(witness, value=line))).to_bytes()
        yield (
            f"saved/refused/{code}/{attack}.chorsu",
            saved(proof=replace(whole.proof, note=bad)).to_bytes(),
        )
    grown = note.text.replace("\n5\n", "\n6\n")
    bad = Note(grown, note.signatures).to_bytes()
    yield (
        "saved/refused/bad-signature/size-raised.chorsu",
        saved(proof=replace(whole.proof, note=bad)).to_bytes(),
    )
    alone = Note(note.text, (witness,)).to_bytes()
    yield (
        "saved/refused/wrong-key/cosigned-and-not-signed.chorsu",
        saved(proof=replace(whole.proof, note=alone)).to_bytes(),
    )
