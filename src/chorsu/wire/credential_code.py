"""A signed credential as the text of a QR code: all of it, so that paper alone can be verified.

`CHORSU1:` and base45 (RFC 9285) of: the key id (4 bytes), the signature (64 bytes), the payload
deflated (raw, RFC 1951) with the preset dictionary below. The header of the JWS follows from the
payload and the key id, so the very same bytes come back that were signed. Base45 is what the
alphanumeric mode of QR holds best; the text can be typed off a screen or pasted into a page.
"""

from __future__ import annotations

import re
import struct
import zlib

from chorsu.wire.credential import MAX_CREDENTIAL_BYTES, Signed, joined, payload_of
from chorsu.wire.errors import WireError

PREFIX = "CHORSU1:"
MAX_CODE = 4296
"""Alphanumeric characters in the largest QR code (version 40, level L)."""
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = bytes(max(_DIGITS.find(chr(code)), 0) for code in range(256))
_TEXT = re.compile(r"[0-9A-Z $%*+\-./:]+", re.ASCII)
# Part of format 1, never to be changed: it is the skeleton of a payload, in its order.
_DICTIONARY = (
    b"0123456789-academy national institute public administration"
    b'{"@context":["https://www.w3.org/ns/credentials/v2",'
    b'"https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",'
    b'"https://www.w3.org/ns/credentials/undefined-terms/v2"],"chorsu":{"format":1,'
    b'"hours":{"in_person":40,"live":0,"self_study":0},"institution":"kz-apa","language":"kk",'
    b'"levels":{},"names":{"en":"Public ","kk":"\xd0\x9c\xd0\xb5\xd0\xbc\xd0\xbb\xd0\xb5\xd0\xba'
    b'\xd0\xb5\xd1\x82\xd1\x82\xd1\x96\xd0\xba ","ky":"\xd0\x9c\xd0\xb0\xd0\xbc\xd0\xbb\xd0\xb5'
    b'\xd0\xba\xd0\xb5\xd1\x82\xd1\x82\xd0\xb8\xd0\xba ","ru":"\xd0\x93\xd0\xbe\xd1\x81\xd1\x83'
    b"\xd0\xb4\xd0\xb0\xd1\x80\xd1\x81\xd1\x82\xd0\xb2\xd0\xb5\xd0\xbd\xd0\xbd\xd1\x8b\xd0\xb5 "
    b'","tg":"\xd0\x94\xd0\xb0\xd0\xb2\xd0\xbb\xd0\xb0\xd1\x82\xd3\xa3 ","tk":"D\xc3\xb6wlet ",'
    b'"uz":"Davlat ","zh-Hans":"\xe5\x85\xac\xe5\x85\xb1"},"renewable_by":"","replaces":"",'
    b'"required":60,"texts":""},"credentialStatus":{"id":"https://.example/credentials/status/'
    b'","statusListCredential":"https://","statusListIndex":"","statusPurpose":"revocation",'
    b'"type":"BitstringStatusListEntry"},"credentialSubject":{"achievement":'
    b'{"achievementType":"Course","alignment":[{"targetCode":"","targetName":"","targetUrl":'
    b'"urn:x-chorsu:competence:","type":["Alignment"]}],"creditsAvailable":,"criteria":'
    b'{"id":"urn:uuid:"},"description":"","id":"urn:uuid:019","name":"","resultDescription":'
    b'[{"id":"urn:uuid:#result","name":"","requiredValue":"60","resultType":"Percent",'
    b'"type":["ResultDescription"]}],"type":["Achievement"],"version":"1"},"activityEndDate":'
    b'"2026-01-01T00:00:00Z","activityStartDate":"2026-01-01T00:00:00Z","creditsEarned":,'
    b'"id":"urn:uuid:","identifier":[{"hashed":false,"identityHash":"","identityType":"name",'
    b'"type":"IdentityObject"}],"licenseNumber":"","result":[{"resultDescription":"urn:uuid:'
    b'#result","type":["Result"],"value":""}],"type":["AchievementSubject"]},"exp":1,'
    b'"id":"urn:uuid:019","iss":"did:web:.chorsu.example","issuer":{"id":"did:web:","name":"",'
    b'"type":["Profile"]},"jti":"urn:uuid:","name":"","nbf":17,"sub":"urn:uuid:","type":'
    b'["VerifiableCredential","OpenBadgeCredential"],"validFrom":"2026-01-01T00:00:00Z",'
    b'"validUntil":"2026-01-01T00:00:00Z"}'
)


def encode_code(signed: Signed) -> str:
    """The text of the code; it may be longer than any QR code (`MAX_CODE`) holds."""
    return PREFIX + base45(_packed(signed))


def code_chars(signed: Signed) -> int:
    """How long the text of the code is: three characters for two bytes, two for one."""
    pairs, single = divmod(len(_packed(signed)), 2)
    return len(PREFIX) + 3 * pairs + 2 * single


def decode_code(text: str) -> Signed:
    """The credential of a code's text; raises `code-malformed` and what its reader raises."""
    if not text.startswith(PREFIX) or len(text) > MAX_CODE:
        raise WireError("code-malformed", "not the text of a certificate's code")
    data = from_base45(text.removeprefix(PREFIX))
    unpacker = zlib.decompressobj(-15, _DICTIONARY)
    try:
        payload = unpacker.decompress(data[68:], MAX_CREDENTIAL_BYTES)
    except zlib.error as error:
        raise WireError("code-malformed", str(error)) from error
    if len(data) <= 68 or not unpacker.eof or unpacker.unused_data or unpacker.unconsumed_tail:
        raise WireError("code-malformed", "cut short, or too long")
    return joined(payload, data[4:68], int.from_bytes(data[:4], "big"))


def base45(data: bytes) -> str:
    """RFC 9285."""
    pairs, single = divmod(len(data), 2)
    found = [
        _DIGITS[value % 45] + _DIGITS[value // 45 % 45] + _DIGITS[value // 2025]
        for value in struct.unpack_from(f">{pairs}H", data)
    ]
    if single:
        high, low = divmod(data[-1], 45)
        found.append(_DIGITS[low] + _DIGITS[high])
    return "".join(found)


def from_base45(text: str) -> bytes:
    """RFC 9285, in its one spelling; raises `code-malformed`."""
    triples, rest = divmod(len(text), 3)
    if _TEXT.fullmatch(text) is None or rest == 1:
        raise WireError("code-malformed", "not base45")
    digits = text.encode().translate(_VALUES)
    whole = digits[: 3 * triples]
    values = [
        low + 45 * middle + 2025 * high
        for low, middle, high in zip(whole[::3], whole[1::3], whole[2::3], strict=True)
    ]
    last = digits[-2] + 45 * digits[-1] if rest else 0
    if max(values, default=0) > 0xFFFF or last > 0xFF:
        raise WireError("code-malformed", "not base45")
    return struct.pack(f">{triples}H", *values) + (bytes([last]) if rest else b"")


def _packed(signed: Signed) -> bytes:
    payload, signature = payload_of(signed)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, _DICTIONARY)
    return signed.key_id.to_bytes(4, "big") + signature + packer.compress(payload) + packer.flush()
