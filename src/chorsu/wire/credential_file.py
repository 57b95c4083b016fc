"""A certificate as its holder keeps it: the credential with what proves it offline. All rules.

The file is canonical JSON, format 1, with the members `credential` (the compact JWS), `texts` (the
longer texts in eight languages, or null), `issued` and `status` (saved records of the issuer's log,
`wire.saved`, each or null). What a reader is told, in this order:

1. The file is of this form, within its cap. Else `certificate-malformed`, `certificate-format`, or
   what the readers of its parts raise.
2. The credential is one, and its issuer's key signed it (`wire.credential`). Where the reader
   knows no key of that node by that id the answer is `unknown-key`; nothing of the file stands in.
3. `texts` are those whose hash was signed. Else `certificate-mismatch`.
4. `issued` is a record of `credential-commitments` in the issuer's own log, with this credential's
   commitment. Else `certificate-mismatch`. Without it, or with a proof that no known key signed,
   the answer is `unconfirmed`: whoever stole a key can sign, but can't be in the log of that time.
5. A replaced key counts if the commitment stands in the log before the key was replaced. Else
   `old-key`.
6. `status` is a record of `credential-status` in the same log, of the list the credential names.
   Else `certificate-mismatch`. A set bit is `revoked`; without the record, `unconfirmed`.
7. Beyond `valid_until` the answer is `expired`; before `valid_from`, `not-yet`.

8. What the reader's own copy of the log says (`Held`) counts before what the file brings, which
   may be older; but a revocation shown by either is one.

An answer holds as of `as_of`: when the list was last known not to have changed.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from chorsu.kernel.languages import TAGS
from chorsu.wire.credential import Credential, Signed, check_signature, parse
from chorsu.wire.credential_code import PREFIX, decode_code
from chorsu.wire.credential_records import COMMITMENTS, STATUS, read_bits, read_commitments
from chorsu.wire.entry import Entry
from chorsu.wire.envelope import Json, JsonValue, canonical_json, parse_json
from chorsu.wire.errors import WireError
from chorsu.wire.keys import VerifyKey
from chorsu.wire.saved import Opened, Verdict, forget_signatures, open_members, verify_opened
from chorsu.wire.statuslist import is_set
from chorsu.wire.succession import KnownKey, OldKey, public_key

FORMAT = 1
MAX_FILE_BYTES = 1024 * 1024
MAX_TEXT_CHARS = 10_000
MAX_DEPTH = 12
KEPT_COMMITMENTS = 64
KEPT_LISTS = 8
"""Proven records that a process remembers: some 10 MB at the most."""
Standing: TypeAlias = Literal[
    "genuine", "unconfirmed", "unknown-key", "revoked", "expired", "not-yet"
]
_MEMBERS = frozenset(("credential", "format", "issued", "status", "texts"))
Texts: TypeAlias = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """The parts of a file, of proper form and not yet believed."""

    signed: Signed
    texts: Texts | None = None
    issued: Opened | None = None
    status: Opened | None = None

    def to_bytes(self) -> bytes:
        """The file."""
        members: dict[str, Json] = {
            "format": FORMAT,
            "credential": self.signed.compact.decode(),
            "texts": self.texts,
            "issued": None if self.issued is None else self.issued.members(),
            "status": None if self.status is None else self.status.members(),
        }
        data = canonical_json(members)
        _require(len(data) <= MAX_FILE_BYTES, f"{len(data)} bytes")
        return data


@dataclass(frozen=True, slots=True)
class CertificateVerdict:
    """What a credential with its proofs says to a reader at a time.

    `key` is None where the reader knows no key of the issuer. `issued_at` is the time of the log's
    entry with its commitment; `as_of` up to when nothing later is known of the status list: None
    where it was not to be had. `seen_at` is when the first known witness had seen the commitment.
    """

    standing: Standing
    credential: Credential
    key: VerifyKey | None
    issued_at: datetime | None = None
    seen_at: datetime | None = None
    as_of: datetime | None = None
    texts: Texts | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What the reader's own copy of the issuer's log says of a credential; None: nothing.

    `index` and `issued_at` are of the entry with its commitment.
    """

    index: int | None = None
    issued_at: datetime | None = None
    revoked: bool | None = None
    as_of: datetime | None = None


def texts_hash(texts: Texts) -> str:
    """What a credential says of the texts kept beside it."""
    return hashlib.sha256(canonical_json(texts)).hexdigest()


def is_certificate(data: bytes) -> bool:
    """Whether bytes look like a certificate in any of its forms, rather than a saved record."""
    start = data[:200].lstrip()
    return start.startswith((PREFIX.encode(), b"eyJ", b'{"credential":'))


def parse_certificate(data: bytes) -> CertificateFile:
    """Rule 1 over a file, a bare credential (`eyJ...`) or the text of a code (`CHORSU1:...`)."""
    bare = data.strip()
    if bare.startswith(PREFIX.encode()):
        return CertificateFile(decode_code(bare.decode("ascii", "replace")))
    if bare.startswith(b"eyJ"):
        return CertificateFile(parse(bare))
    members = parse_json(data, MAX_FILE_BYTES, MAX_DEPTH)
    if not isinstance(members, dict):
        raise WireError("certificate-malformed", "not an object")
    format_ = members.get("format")
    if isinstance(format_, int) and not isinstance(format_, bool) and format_ > FORMAT:
        raise WireError("certificate-format", f"format {format_}")
    _require(format_ == FORMAT and format_ is not True, "format")
    _require(members.keys() == _MEMBERS, "members missing or unknown")
    compact = members["credential"]
    if not isinstance(compact, str):
        raise WireError("certificate-malformed", "credential is not a string")
    return CertificateFile(
        signed=parse(compact.encode()),
        texts=_texts(members["texts"]),
        issued=None if members["issued"] is None else open_members(members["issued"]),
        status=None if members["status"] is None else open_members(members["status"]),
    )


def verify_certificate(
    file: CertificateFile, known: Iterable[KnownKey], now: datetime, held: Held | None = None
) -> CertificateVerdict:
    """Rules 2 to 8, with the keys the reader knows; raises `WireError` for what does not hold."""
    keys, credential, held = tuple(known), file.signed.credential, held or Held()
    _check_texts(file)
    key = signer_of(file.signed, keys)
    if key is None:
        return CertificateVerdict("unknown-key", credential, None, texts=file.texts)
    issued = _issued(file, keys)
    status, shown = _status(file, keys)
    index = issued.index if issued and held.index is None else held.index
    _check_old_key(key, keys, index)
    told = [held.revoked, shown]
    revoked = True if True in told else next((one for one in told if one is not None), None)
    return CertificateVerdict(
        standing=_standing(credential, revoked=revoked, issued=index is not None, now=now),
        credential=credential,
        key=key,
        issued_at=held.issued_at or _time(issued),
        seen_at=issued.seen_at if issued else None,
        as_of=held.as_of or _last_seen(status),
        texts=file.texts,
    )


def signer_of(signed: Signed, known: Sequence[KnownKey]) -> VerifyKey | None:
    """Rule 2: the key that signed it, or None if the reader knows no key of that id.

    A node that is known by other keys, none of which it is, did not sign it: `wrong-key`.
    """
    keys = [public_key(one) for one in known]
    if not any(one.name == signed.credential.node for one in keys):
        return None
    return check_signature(signed, keys)


def _check_old_key(key: VerifyKey, known: Sequence[KnownKey], index: int | None) -> None:
    """Rule 5: raise `old-key` for what a replaced key signed, unless the log had it before."""
    old = next((one for one in known if isinstance(one, OldKey) and one.key == key), None)
    if old is not None and (index is None or index >= old.size):
        raise WireError("old-key", f"replaced at {old.size}, issued at {index}")


def _standing(
    credential: Credential, *, revoked: bool | None, issued: bool, now: datetime
) -> Standing:
    """Rules 4, 6 and 7. `revoked` None: not known."""
    if revoked:
        return "revoked"
    if credential.valid_until is not None and now >= credential.valid_until:
        return "expired"
    if revoked is None or not issued:
        return "unconfirmed"
    return "not-yet" if now < credential.valid_from else "genuine"


def _check_texts(file: CertificateFile) -> None:
    said = file.signed.credential.texts
    if file.texts is not None and texts_hash(file.texts) != said:
        raise WireError("certificate-mismatch", "other texts than those signed")


def _issued(file: CertificateFile, known: Sequence[KnownKey]) -> Verdict | None:
    """Rule 4."""
    if file.issued is None:
        return None
    try:
        issued, listed = _commitments(file.issued, tuple(known), file.signed.credential.node)
    except _Unproven:
        return None
    if file.signed.commitment not in listed:
        raise WireError("certificate-mismatch", "the log's record is of other credentials")
    return issued


def _status(file: CertificateFile, known: Sequence[KnownKey]) -> tuple[Verdict | None, bool | None]:
    """Rule 6: the log's word, and whether it says that the credential is revoked."""
    credential = file.signed.credential
    if file.status is None:
        return None, None
    try:
        verdict, list_id, bits = _bits(file.status, tuple(known), credential.node)
    except _Unproven:
        return None, None
    if list_id != credential.status.list_id:
        raise WireError("certificate-mismatch", "another status list")
    return verdict, is_set(bits, credential.status.index)


class _Unproven(Exception):  # noqa: N818 - says what is wrong
    """No known key proves the record. Raised, not returned: so no stranger's file is remembered."""


# What a log says of 256 credentials, or of a whole list, is brought by each of their files: with
# the same bytes and the same keys it proves the same, and is proven once.
@functools.lru_cache(maxsize=KEPT_COMMITMENTS)
def _commitments(
    opened: Opened, known: tuple[KnownKey, ...], node: str
) -> tuple[Verdict, frozenset[str]]:
    verdict = _proven(opened, known, node, COMMITMENTS)
    return verdict, frozenset(read_commitments(verdict.record or {}).commitments)


@functools.lru_cache(maxsize=KEPT_LISTS)
def _bits(opened: Opened, known: tuple[KnownKey, ...], node: str) -> tuple[Verdict, str, bytes]:
    verdict = _proven(opened, known, node, STATUS)
    listed, bits = read_bits(verdict.record or {})
    return verdict, listed.id, bits


def forget_proven() -> None:
    """Prove anew whatever comes next, as a process does that has only begun."""
    _commitments.cache_clear()
    _bits.cache_clear()
    forget_signatures()


def _proven(opened: Opened, known: Sequence[KnownKey], node: str, kind: str) -> Verdict:
    """A saved record of the issuer's log, of this kind."""
    verdict = verify_opened(opened, known)
    entry = verdict.entry
    if not isinstance(entry, Entry) or (verdict.origin, entry.kind, entry.action) != (
        node, kind, "publish",
    ):  # fmt: skip
        raise WireError("certificate-mismatch", f"not {kind} of {node}")
    if verdict.record is None:
        raise WireError("certificate-mismatch", f"{kind} without the record")
    if not verdict.trusted:
        raise _Unproven
    return verdict


def _time(verdict: Verdict | None) -> datetime | None:
    return verdict.entry.time if verdict and isinstance(verdict.entry, Entry) else None


def _last_seen(verdict: Verdict | None) -> datetime | None:
    """When a status list was last known to stand so: its entry's time, or a later witness's."""
    times = [one.time for one in verdict.witnesses] if verdict else []
    return max(filter(None, (*times, _time(verdict))), default=None)


def _texts(members: JsonValue) -> Texts | None:
    if members is None:
        return None
    if not isinstance(members, dict):
        raise WireError("certificate-malformed", "texts is not an object")
    found: dict[str, dict[str, str]] = {}
    for name, by_language in members.items():
        if name not in ("aims", "summary") or not isinstance(by_language, dict):
            raise WireError("certificate-malformed", "texts: unknown member")
        texts = {tag: one for tag, one in by_language.items() if isinstance(one, str)}
        _require(texts.keys() == by_language.keys() <= set(TAGS), "texts: language")
        _require(all(len(one) <= MAX_TEXT_CHARS for one in texts.values()), "texts: length")
        found[name] = texts
    return found


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("certificate-malformed", what)
