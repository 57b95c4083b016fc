"""Vectors of certificates: the credential, its code, what the log says of it, the holder's file."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from chorsu.wire.credential import Competence, Credential, Signed, Status, sign, sign_members
from chorsu.wire.credential_code import PREFIX, base45, encode_code, from_base45
from chorsu.wire.credential_file import CertificateFile, texts_hash
from chorsu.wire.credential_records import (
    COMMITMENTS,
    STATUS,
    PublishedCommitments,
    PublishedStatus,
)
from chorsu.wire.entry import Entry
from chorsu.wire.envelope import blob_hash, canonical_json
from chorsu.wire.keys import SigningKey
from chorsu.wire.saved import Saved, open_saved
from chorsu.wire.statuslist import empty_list, encode_list, with_set
from tests.vectors.proofs import proof_in
from tests.vectors.sample import ASTANA, BEIJING, LEAVES, NOW, Vector

LIST_ID = "019349f9-3b00-7c11-9b3d-2f6a5c8e7d20"
COMMITMENTS_ID = "019349f9-3b00-7c11-9b3d-2f6a5c8e7d21"
COURSE = "019349f9-3b00-7c11-9b3d-2f6a5c8e7d22"
INDEX = 94_567
TEXTS = {
    "summary": {
        "en": "How a service is designed around the life of whoever needs it.",
        "zh-Hans": "如何围绕需要服务的人来设计服务。",
    }
}
CREDENTIAL = Credential(
    id="019349fa-0000-7c11-9b3d-2f6a5c8e7d23",
    node=BEIJING.name,
    institution="cn-nag",
    institution_name="国家行政学院",
    holder="Айгүл Серікқызы Нұрланова",
    subject="6f1c2f0e-8f0d-4b52-9f5e-2f8a3c1d7e90",
    document="CN-NAG-2026-000123",
    course=COURSE,
    revision=3,
    language="zh-Hans",
    names={
        "zh-Hans": "公共服务数字化转型基础",
        "kk": "Мемлекеттік қызметтерді цифрлық трансформациялау негіздері",
        "ky": "Мамлекеттик кызматтарды санариптик трансформациялоонун негиздери",
        "uz": "Davlat xizmatlarini raqamli transformatsiya qilish asoslari",
        "tg": "Асосҳои табдили рақамии хизматрасониҳои давлатӣ",
        "tk": "Döwlet hyzmatlaryny sanly özgertmegiň esaslary",
        "ru": "Основы цифровой трансформации государственных услуг",
        "en": "Foundations of the digital transformation of public services",
    },
    description="72学时",
    hours={"in_person": 40, "live": 12, "self_study": 20},
    starts_on=date(2026, 10, 5),
    ends_on=date(2026, 11, 20),
    competences=(
        Competence("service-design", 3, "服务设计"),
        Competence("data-governance", 2, "数据治理"),
    ),
    result="87.5",
    required=60,
    valid_from=datetime(2026, 11, 24, 2, 8, 43, tzinfo=UTC),
    valid_until=datetime(2029, 11, 24, 2, 8, 43, tzinfo=UTC),
    status=Status("https://beijing.chorsu.example", LIST_ID, INDEX),
    renewable_by=COURSE,
    texts=texts_hash(TEXTS),
)
SIGNED = sign(CREDENTIAL, BEIJING)
ISSUED = PublishedCommitments(
    COMMITMENTS_ID, BEIJING.name, tuple(sorted((SIGNED.commitment, "ab" * 32)))
)
LISTED = PublishedStatus(LIST_ID, BEIJING.name, 2, encode_list(with_set(empty_list(), 7)))
REVOKED = replace(LISTED, revision=3, encoded=encode_list(with_set(empty_list(), INDEX)))


def logged(
    record: PublishedCommitments | PublishedStatus,
    *witnesses: SigningKey,
    key: SigningKey = BEIJING,
    kind: str = "",
    before: int = 0,
) -> bytes:
    """A record at the end of a log of `key`, as a saved record; `before`: more leaves before."""
    data = record.to_bytes()
    is_status = isinstance(record, PublishedStatus)
    entry = Entry(
        kind=kind or (STATUS if is_status else COMMITMENTS),
        id=record.id,
        revision=record.revision if isinstance(record, PublishedStatus) else 1,
        action="publish",
        audience="public",
        time=NOW + timedelta(minutes=2),
        blob=blob_hash(data),
        size=len(data),
    )
    leaves = [*LEAVES, *LEAVES[:before], entry.to_bytes()]
    proof = proof_in(leaves, len(leaves) - 1, key, *witnesses)
    return Saved(entry.to_bytes(), data, proof, (key.verify_key,)).to_bytes()


def certificate(
    signed: Signed = SIGNED,
    issued: PublishedCommitments | None = ISSUED,
    status: PublishedStatus | None = LISTED,
) -> CertificateFile:
    """A holder's file."""
    return CertificateFile(
        signed=signed,
        texts=TEXTS if signed.credential.texts else None,
        issued=None if issued is None else open_saved(logged(issued, ASTANA)),
        status=None if status is None else open_saved(logged(status, ASTANA)),
    )


def credential_vectors() -> Iterator[Vector]:
    yield "credential/accepted/course.jwt", SIGNED.compact
    bare = replace(
        CREDENTIAL, names={"zh-Hans": "课程"}, competences=(), result="", valid_until=None,
        renewable_by="", texts="",
    )  # fmt: skip
    yield "credential/accepted/without-end.jwt", sign(bare, BEIJING).compact
    header, payload, signature = SIGNED.compact.split(b".")
    unsigned = _with_header({"alg": "none"}) + b"." + payload + b"."
    members = CREDENTIAL.members()
    other = sign(replace(CREDENTIAL, holder="Somebody Else"), BEIJING).compact.split(b".")
    impostor = SigningKey.from_bytes(bytes(32), BEIJING.name)
    refused = {
        "bad-signature/name-changed": b".".join((header, other[1], signature)),
        "bad-signature/signature-of-another": b".".join((header, payload, other[2])),
        "wrong-key/impostor": sign(CREDENTIAL, impostor).compact,
        "credential-malformed/two-parts": header + b"." + payload,
        "credential-malformed/padded": SIGNED.compact + b"=",
        "credential-malformed/algorithm-none": unsigned,
        "credential-malformed/algorithm-hmac": _signed_as({"alg": "HS256"}),
        "credential-malformed/header-with-a-key": _signed_as({"jwk": {"kty": "OKP"}}),
        "credential-malformed/kid-of-another-node": _signed_as(
            {"kid": f"did:web:{ASTANA.name}#{ASTANA.key_id:08x}"}
        ),
        "credential-malformed/not-a-credential": sign_members(
            {"iss": "did:web:x.example"}, BEIJING
        ),
        "credential-format/newer": sign_members(
            {**members, "chorsu": {**members["chorsu"], "format": 2}},  # type: ignore[dict-item]
            BEIJING,
        ),
        "json-not-canonical/spaces": b".".join(
            (header, _encode(json.dumps(members).encode()), signature)
        ),
    }
    changes: dict[str, dict[str, object]] = {
        "another-member": {"comment": "x"},
        "no-context": {"@context": []},
        "expires-otherwise": {"exp": 1},
        "a-vc-claim": {"vc": {}},
        "subject-of-another": {"sub": "urn:uuid:6f1c2f0e-8f0d-4b52-9f5e-2f8a3c1d7e91"},
        "valid-from-local-time": {"validFrom": "2026-11-24T02:08:43+05:00"},
    }
    for attack, change in changes.items():
        changed = sign_members({**members, **change}, BEIJING)  # type: ignore[dict-item]
        refused[f"credential-malformed/{attack}"] = changed
    for name, data in refused.items():
        yield f"credential/refused/{name}.jwt", data


def code_vectors() -> Iterator[Vector]:
    good = encode_code(SIGNED)
    yield "code/accepted/course.txt", good.encode()
    data = from_base45(good.removeprefix(PREFIX))
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    refused = {
        "other-prefix": good.replace("CHORSU1", "CHORSU2"),
        "lower-case": PREFIX + good.removeprefix(PREFIX).lower(),
        "one-letter-missing": good[:-1],
        "cut-in-the-middle": PREFIX + base45(data[:400]),
        "bytes-behind": PREFIX + base45(data + b"\0"),
        "without-dictionary": PREFIX + base45(data[:68] + zlib.compress(b"{}")[2:-4] + b"\0\0"),
        "unpacks-to-megabytes": PREFIX
        + base45(data[:68] + bomb.compress(bytes(1 << 20)) + bomb.flush()),
        "beyond-base45": PREFIX + "GGW",
        "empty": PREFIX,
    }
    for attack, text in refused.items():
        yield f"code/refused/code-malformed/{attack}.txt", text.encode()


def record_vectors() -> Iterator[Vector]:
    yield "commitments/accepted/two.json", ISSUED.to_bytes()
    yield "status/accepted/one-revoked.json", LISTED.to_bytes()
    issued, listed = json.loads(ISSUED.to_bytes()), json.loads(LISTED.to_bytes())
    hashes = issued["commitments"]
    refused = {
        "unsorted": {"commitments": hashes[::-1]},
        "twice": {"commitments": [hashes[0], hashes[0]]},
        "none": {"commitments": []},
        "upper-case": {"commitments": [hashes[0].upper()]},
        "with-a-name": {"holder": "Айгүл"},
        "for-the-network": {"audience": "network"},
        "second-revision": {"revision": 2},
        "format-true": {"format": True},
        "257-hashes": {"commitments": [f"{n:064x}" for n in range(257)]},
    }
    for attack, change in refused.items():
        data = canonical_json({**issued, **change})
        yield f"commitments/refused/credentials-malformed/{attack}.json", data
    newer = canonical_json({**issued, "format": 2})
    yield "commitments/refused/credentials-format/newer.json", newer
    small = encode_list(bytes(1024))
    changes = {
        "short-list": {"encodedList": small},
        "without-multibase": {"encodedList": LISTED.encoded[1:]},
        "padded": {"encodedList": LISTED.encoded + "="},
        "not-gzip": {"encodedList": "u" + "A" * 40},
        "unpacks-to-megabytes": {"encodedList": encode_list(bytes(1 << 22))},
        "bytes-behind": {"encodedList": LISTED.encoded + "AAAA"},
    }
    for attack, change in changes.items():
        data = canonical_json({**listed, **change})
        yield f"status/refused/status-malformed/{attack}.json", data
    suspended = canonical_json({**listed, "statusPurpose": "suspension"})
    yield "status/refused/credentials-malformed/suspension.json", suspended


def certificate_vectors() -> Iterator[Vector]:
    yield "certificate/accepted/course.chorsu", certificate().to_bytes()
    alone = certificate(issued=None, status=None).to_bytes()
    yield "certificate/accepted/without-proofs.chorsu", alone
    members = json.loads(certificate().to_bytes())
    strange = replace(ISSUED, commitments=("ab" * 32, "cd" * 32))
    elsewhere = replace(LISTED, id=COMMITMENTS_ID)
    refused = {
        "certificate-malformed/another-member": {"comment": "x"},
        "certificate-malformed/credential-a-number": {"credential": 1},
        "certificate-malformed/texts-in-no-language": {"texts": {"summary": {"xx": ""}}},
        "certificate-format/newer": {"format": 2},
        "certificate-mismatch/other-texts": {"texts": {"summary": {"en": "Another text."}}},
        "certificate-mismatch/of-other-credentials": {"issued": json.loads(logged(strange))},
        "certificate-mismatch/another-list": {"status": json.loads(logged(elsewhere))},
        "certificate-mismatch/swapped": {
            "issued": members["status"], "status": members["issued"],
        },
        "certificate-mismatch/log-of-another-node": {
            "issued": json.loads(logged(replace(ISSUED, origin=ASTANA.name), key=ASTANA)),
        },
        "blob-hash/revocation-hidden": {
            "status": {
                **members["status"],
                "record": json.loads(replace(LISTED, encoded=encode_list(empty_list())).to_bytes()),
            }
        },
    }  # fmt: skip
    for name, change in refused.items():
        yield f"certificate/refused/{name}.chorsu", canonical_json({**members, **change})


def _signed_as(change: dict[str, object]) -> bytes:
    """The payload under another header, signed all the same."""
    signing_input = _with_header(change) + b"." + SIGNED.compact.split(b".")[1]
    return signing_input + b"." + _encode(BEIJING.sign(signing_input))


def _with_header(change: dict[str, object]) -> bytes:
    header = {"alg": "Ed25519", "kid": f"did:web:{BEIJING.name}#{BEIJING.key_id:08x}"}
    return _encode(canonical_json({**header, "typ": "vc+jwt", **change}))  # type: ignore[dict-item]


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
