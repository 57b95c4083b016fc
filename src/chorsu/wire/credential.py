"""A certificate as an Open Badges 3.0 credential, signed by the node that issues it. All rules.

The credential is an AchievementCredential of Open Badges 3.0 in the W3C Verifiable Credentials
Data Model 2.0, secured as W3C VC-JOSE-COSE asks: a compact JWS (RFC 7515) of the media type
`vc+jwt`, with the registered claims that Open Badges 3.0 section 8.2 wants beside it. What no
standard has a place for stands in the one member `chorsu`.

1. Three parts of base64url without padding, within `MAX_CREDENTIAL_BYTES`; the header is exactly
   `alg` Ed25519, `kid` and `typ` vc+jwt, in canonical JSON. Else `credential-malformed`.
2. The payload is canonical JSON of exactly the members that `Credential.members` writes: what is
   read is written again and compared. A newer `chorsu.format` is `credential-format`.
3. `kid` is the issuer's DID and the id of one of its keys (`wire.keys`); the signature is that
   key's. Else `wrong-key` where no such key is known, `bad-signature`.

`credentialSubject.id` is a random UUID, made for this credential alone and known to nobody else:
it is the salt of the commitment, and two credentials of one person share nothing but a name.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypedDict

import orjson
from joserfc import jws
from joserfc.jwk import OKPKey

from chorsu.kernel.clock import InvalidTime, format_time, parse_time, whole_seconds
from chorsu.kernel.ids import InvalidId, parse_id
from chorsu.kernel.languages import TAGS
from chorsu.kernel.text import has_unwanted
from chorsu.wire.envelope import Json, JsonValue, canonical_json, is_blob_hash, parse_json
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey, parse_name

FORMAT = 1
MEDIA_TYPE = "application/vc+jwt"
ALGORITHM = "Ed25519"  # RFC 9864: EdDSA names no curve and is deprecated
MAX_CREDENTIAL_BYTES = 16 * 1024
MAX_DEPTH = 8
MAX_NAME_CHARS = 200
MAX_COMPETENCES = 40
MAX_HOURS = 10_000
CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    # Gives the member `chorsu` a meaning of its own for whoever reads this as linked data.
    "https://www.w3.org/ns/credentials/undefined-terms/v2",
)
_COMMITMENT = b"chorsu/credential-commitment/v1\n"
_KID = re.compile(r"did:web:([^#]+)#([0-9a-f]{8})", re.ASCII)
_UUID_4 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII
)
_CODE = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,58}[a-z0-9])?", re.ASCII)
_INSTITUTION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", re.ASCII)
_PERCENT = re.compile(r"(?:100|[1-9]?[0-9])(?:\.[0-9]{1,2})?", re.ASCII)
_INDEX = re.compile(r"0|[1-9][0-9]{0,6}", re.ASCII)
_ADDRESS = re.compile(r"https?://[a-z0-9.:\[\]-]{1,200}(?:/[A-Za-z0-9._~/-]{0,100})?", re.ASCII)


class Hours(TypedDict):
    """Academic hours (45 minutes) by form."""

    in_person: int
    live: int
    self_study: int


@dataclass(frozen=True, slots=True)
class Competence:
    """A competence of the network's framework, the level reached (1 to 4), and its name."""

    code: str
    level: int
    name: str


@dataclass(frozen=True, slots=True)
class Status:
    """Where a later revocation would show: a bit of a status list of the issuing node."""

    address: str  # of the node, without a slash at the end
    list_id: str
    index: int


@dataclass(frozen=True, slots=True)
class Credential:
    """What a certificate says. Raises `credential-malformed` for what the form has no place for.

    `names` are by language tag, that of `language` (the course's original) among them. `result`
    is a percentage as a decimal text, empty where nothing was assessed; `required` is the one that
    passes. `texts` is the SHA-256 of the longer texts kept beside it (`wire.credential_file`).
    """

    id: str
    node: str
    institution: str
    institution_name: str
    holder: str
    subject: str
    document: str
    course: str
    revision: int
    language: str
    names: Mapping[str, str]
    description: str
    hours: Hours
    starts_on: date
    ends_on: date
    competences: tuple[Competence, ...]
    result: str
    required: int
    valid_from: datetime
    valid_until: datetime | None
    status: Status
    renewable_by: str = ""
    replaces: str = ""
    texts: str = ""

    def __post_init__(self) -> None:
        parse_name(self.node)
        for one in filter(None, (self.id, self.course, self.status.list_id, self.renewable_by)):
            _require_id(one)
        if self.replaces:
            _require_id(self.replaces)
        _require(_UUID_4.fullmatch(self.subject), "subject")
        _require(_INSTITUTION.fullmatch(self.institution), "institution")
        for text in (self.institution_name, self.holder, *self.names.values()):
            _require_text(text, MAX_NAME_CHARS)
        _require_text(self.document, 60)
        _require_text(self.description, 600)
        _require(self.names.keys() <= set(TAGS) and self.language in self.names, "names")
        _require(1 <= self.revision < 2**31, "revision")
        forms = (self.hours["in_person"], self.hours["live"], self.hours["self_study"])
        _require(all(0 <= hours <= MAX_HOURS for hours in forms), "hours")
        _require(self.starts_on <= self.ends_on, "dates")
        _require(not self.result or _PERCENT.fullmatch(self.result), "result")
        _require(0 <= self.required <= 100, "required")
        _require(len(self.competences) <= MAX_COMPETENCES, "competences")
        for competence in self.competences:
            _require(_CODE.fullmatch(competence.code) and 1 <= competence.level <= 4, "competence")
            _require_text(competence.name, MAX_NAME_CHARS)
        _require(_ADDRESS.fullmatch(self.status.address), "address of the status list")
        _require(0 <= self.status.index < 10**7, "index in the status list")
        _require(not self.texts or is_blob_hash(self.texts), "texts")
        object.__setattr__(self, "valid_from", whole_seconds(self.valid_from))
        if self.valid_until is not None:
            object.__setattr__(self, "valid_until", whole_seconds(self.valid_until))
            _require(self.valid_until > self.valid_from, "validity")

    @property
    def all_hours(self) -> int:
        """Academic hours of all forms."""
        return self.hours["in_person"] + self.hours["live"] + self.hours["self_study"]

    def members(self) -> dict[str, Json]:
        """The payload."""
        issuer, name = did(self.node), self.names[self.language]
        until = [] if self.valid_until is None else [self.valid_until]
        members: dict[str, Json] = {
            "@context": list(CONTEXTS),
            "id": f"urn:uuid:{self.id}",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "iss": issuer,
            "jti": f"urn:uuid:{self.id}",
            "sub": f"urn:uuid:{self.subject}",
            "nbf": int(self.valid_from.timestamp()),
            "issuer": {"id": issuer, "type": ["Profile"], "name": self.institution_name},
            "name": name,
            "validFrom": format_time(self.valid_from),
            "credentialSubject": self._subject(name),
            "credentialStatus": self._status(),
            "chorsu": self._own(),
        }
        for moment in until:
            members |= {"validUntil": format_time(moment), "exp": int(moment.timestamp())}
        return members

    def _subject(self, name: str) -> dict[str, Json]:
        course = f"urn:uuid:{self.course}"
        described: dict[str, Json] = {
            "id": f"{course}#result",
            "type": ["ResultDescription"],
            "name": name,
            "resultType": "Percent",
            "requiredValue": str(self.required),
        }
        achievement: dict[str, Json] = {
            "id": course,
            "type": ["Achievement"],
            "achievementType": "Course",
            "version": str(self.revision),
            "name": name,
            "description": self.description,
            "criteria": {"id": course},
            "creditsAvailable": self.all_hours,
            "alignment": [
                {
                    "type": ["Alignment"],
                    "targetCode": one.code,
                    "targetName": one.name,
                    "targetUrl": f"urn:x-chorsu:competence:{one.code}",
                }
                for one in self.competences
            ],
            "resultDescription": [described] if self.result else [],
        }
        result: dict[str, Json] = {
            "type": ["Result"], "resultDescription": f"{course}#result", "value": self.result,
        }  # fmt: skip
        return {
            "id": f"urn:uuid:{self.subject}",
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": False,
                    "identityType": "name",
                    "identityHash": self.holder,
                }
            ],
            "licenseNumber": self.document,
            "creditsEarned": self.all_hours,
            "activityStartDate": f"{self.starts_on.isoformat()}T00:00:00Z",
            "activityEndDate": f"{self.ends_on.isoformat()}T00:00:00Z",
            "achievement": achievement,
            "result": [result] if self.result else [],
        }

    def _status(self) -> dict[str, Json]:
        address = status_address(self.status.address, self.status.list_id)
        return {
            "id": f"{address}#{self.status.index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(self.status.index),
            "statusListCredential": address,
        }

    def _own(self) -> dict[str, Json]:
        return {
            "format": FORMAT,
            "institution": self.institution,
            "language": self.language,
            "names": dict(self.names),
            "hours": {
                "in_person": self.hours["in_person"],
                "live": self.hours["live"],
                "self_study": self.hours["self_study"],
            },
            "levels": {one.code: one.level for one in self.competences},
            "required": self.required,
            "renewable_by": self.renewable_by,
            "replaces": self.replaces,
            "texts": self.texts,
        }


@dataclass(frozen=True, slots=True)
class Signed:
    """A credential with the bytes that carry it; not believed before `check_signature`."""

    credential: Credential
    compact: bytes
    key_id: int

    @property
    def commitment(self) -> str:
        """What the issuer's log says of it, 64 hex digits: it gives away nothing of it."""
        return hashlib.sha256(_COMMITMENT + self.compact).hexdigest()


def did(node: str) -> str:
    """The name of a node among those of did:web."""
    return f"did:web:{node}"


def key_uri(key: VerifyKey | SigningKey) -> str:
    """`kid`: the node's DID, and which of its keys."""
    return f"{did(key.name)}#{key.key_id:08x}"


def status_address(address: str, list_id: str) -> str:
    """Where a node serves one of its status lists as a signed credential."""
    return f"{address}/credentials/status/{list_id}"


def sign(credential: Credential, key: SigningKey) -> Signed:
    """The credential, signed by its node's key."""
    _require(credential.node == key.name, "signed by another node's key")
    compact = sign_members(credential.members(), key)
    _require(len(compact) <= MAX_CREDENTIAL_BYTES, f"{len(compact)} bytes")
    return Signed(credential, compact, key.key_id)


def sign_members(members: Mapping[str, Json], key: SigningKey) -> bytes:
    """Any payload as a compact JWS with the header of rule 1."""
    header = {"alg": ALGORITHM, "kid": key_uri(key), "typ": "vc+jwt"}
    private = OKPKey.import_key(
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": _encode(key.verify_key.public).decode(),
            "d": _encode(key.seed).decode(),
        }
    )
    payload = canonical_json(members)
    return jws.serialize_compact(header, payload, private, algorithms=[ALGORITHM]).encode()


def parse(compact: bytes) -> Signed:
    """Rules 1 and 2: read a credential without believing it."""
    _require(len(compact) <= MAX_CREDENTIAL_BYTES, f"{len(compact)} bytes")
    parts = compact.split(b".")
    _require(len(parts) == 3, "not three parts")
    header, payload, signature = (_decode(part) for part in parts)
    _require(len(signature) == 64, "signature")
    name, key_id = _parse_header(header)
    credential = _parse_members(parse_json(payload, MAX_CREDENTIAL_BYTES, MAX_DEPTH))
    _require(credential.node == name, "kid of another node")
    return Signed(credential, compact, key_id)


def joined(payload: bytes, signature: bytes, key_id: int) -> Signed:
    """The credential of a payload and its signature, as `parse` reads it."""
    credential = _parse_members(parse_json(payload, MAX_CREDENTIAL_BYTES, MAX_DEPTH))
    header = _header(credential.node, key_id)
    compact = b".".join(map(_encode, (header, payload, signature)))
    _require(len(signature) == 64 and len(compact) <= MAX_CREDENTIAL_BYTES, f"{len(compact)} bytes")
    return Signed(credential, compact, key_id)


def payload_of(signed: Signed) -> tuple[bytes, bytes]:
    """The payload and the signature of a credential."""
    _, payload, signature = signed.compact.split(b".")
    return _decode(payload), _decode(signature)


def check_signature(signed: Signed, known: Iterable[VerifyKey]) -> VerifyKey:
    """Rule 3: the key of the issuer that signed it."""
    for key in known:
        if (key.name, key.key_id) == (signed.credential.node, signed.key_id):
            _verify(signed.compact, key)
            return key
    raise WireError("wrong-key", f"{signed.credential.node} {signed.key_id:08x}")


def _verify(compact: bytes, key: VerifyKey) -> None:
    """Raise `bad-signature` unless a compact JWS is signed by the key: RFC 7515 section 5.2.

    Its header can ask for nothing else: `parse` took it in one spelling only, with this algorithm.
    """
    message, _, signature = compact.rpartition(b".")
    if not key.verify(_decode(signature), message):
        raise WireError("bad-signature", key.vkey)


def _header(node: str, key_id: int) -> bytes:
    return canonical_json({"alg": ALGORITHM, "kid": f"{did(node)}#{key_id:08x}", "typ": "vc+jwt"})


def _parse_header(header: bytes) -> tuple[str, int]:
    members = parse_json(header, 1024, 2)
    kid = members.get("kid") if isinstance(members, dict) else None
    match = _KID.fullmatch(kid) if isinstance(kid, str) else None
    if match is None:
        raise WireError("credential-malformed", "header: kid")
    name, key_id = parse_name(match[1]), int(match[2], 16)
    _require(header == _header(name, key_id), "header")
    return name, key_id


def _parse_members(members: JsonValue) -> Credential:
    found = _object(members)
    own = _object(found.get("chorsu"))
    newer = own.get("format")
    if isinstance(newer, int) and not isinstance(newer, bool) and newer > FORMAT:
        raise WireError("credential-format", f"format {newer}")
    try:
        credential = _read(found, own)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise WireError("credential-malformed", f"{type(error).__name__}: {error}") from error
    # What is read is written again: a member that is missing, unknown or of another type shows.
    _require(_printed(credential.members()) == _printed(members), "other members")
    return credential


def _read(found: Mapping[str, JsonValue], own: Mapping[str, JsonValue]) -> Credential:
    subject, issuer = _object(found["credentialSubject"]), _object(found["issuer"])
    achievement, levels = _object(subject["achievement"]), _object(own["levels"])
    result = _list(subject["result"])
    until = found.get("validUntil")
    status = _object(found["credentialStatus"])
    index = _text(status["statusListIndex"])
    _require(_INDEX.fullmatch(index), "statusListIndex")
    address, _path, list_id = _text(status["statusListCredential"]).rpartition(
        "/credentials/status/"
    )
    hours = _object(own["hours"])
    return Credential(
        id=_urn(found["id"]),
        node=_text(issuer["id"]).removeprefix("did:web:"),
        institution=_text(own["institution"]),
        institution_name=_text(issuer["name"]),
        holder=_text(_object(_list(subject["identifier"])[0])["identityHash"]),
        subject=_urn(subject["id"]),
        document=_text(subject["licenseNumber"]),
        course=_urn(achievement["id"]),
        revision=int(_text(achievement["version"])),
        language=_text(own["language"]),
        names={tag: _text(name) for tag, name in _object(own["names"]).items()},
        description=_text(achievement["description"]),
        hours=Hours(
            in_person=_integer(hours["in_person"]),
            live=_integer(hours["live"]),
            self_study=_integer(hours["self_study"]),
        ),
        starts_on=date.fromisoformat(_text(subject["activityStartDate"])[:10]),
        ends_on=date.fromisoformat(_text(subject["activityEndDate"])[:10]),
        competences=tuple(
            _competence(_object(row), levels) for row in _list(achievement["alignment"])
        ),
        result=_text(_object(result[0])["value"]) if result else "",
        required=_integer(own["required"]),
        valid_from=_moment(found["validFrom"]),
        valid_until=None if until is None else _moment(until),
        status=Status(address, list_id, int(index)),
        renewable_by=_text(own["renewable_by"]),
        replaces=_text(own["replaces"]),
        texts=_text(own["texts"]),
    )


def _competence(row: Mapping[str, JsonValue], levels: Mapping[str, JsonValue]) -> Competence:
    code = _text(row["targetCode"])
    return Competence(code, _integer(levels[code]), _text(row["targetName"]))


def _moment(value: JsonValue) -> datetime:
    try:
        return parse_time(_text(value)).astimezone(UTC)
    except InvalidTime as error:
        raise WireError("credential-malformed", str(error)) from error


def _urn(value: JsonValue) -> str:
    return _text(value).removeprefix("urn:uuid:")


def _object(value: JsonValue) -> Mapping[str, JsonValue]:
    if not isinstance(value, dict):
        raise WireError("credential-malformed", "not an object")
    return value


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise WireError("credential-malformed", "not a list")
    return value


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise WireError("credential-malformed", "not a string")
    return value


def _integer(value: JsonValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise WireError("credential-malformed", "not an integer")
    return value


def _require_id(text: str) -> None:
    try:
        parse_id(text)
    except InvalidId as error:
        raise WireError("credential-malformed", str(error)) from error


def _require_text(text: str, most: int) -> None:
    _require(text and text == text.strip() and len(text) <= most, "a text is empty or too long")
    _require(not has_unwanted(text) and "\n" not in text, "a text with control characters")


def _require(holds: object, what: str) -> None:
    if not holds:
        raise WireError("credential-malformed", what)


def _printed(members: object) -> bytes:
    """To compare by: the same for the same values of the same types, and quick."""
    return orjson.dumps(members, option=orjson.OPT_SORT_KEYS)


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decode(part: bytes) -> bytes:
    """Base64url in its one spelling: no padding, no loose bits, and no other characters."""
    try:
        data = base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))
    except binascii.Error:
        data = b""
    # The decoder passes over what it does not know: writing it again shows what was there.
    _require(data and _encode(data) == part, "base64url")
    return data
