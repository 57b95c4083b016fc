"""W3C Bitstring Status List v1.0: which credentials of a list were revoked, one bit each.

A list has at least 131,072 bits, so that one position hides among many; positions are given at
random. It travels as multibase base64url (a `u`, no padding) of the gzipped bytes. Position 0 is
the highest bit of the first byte.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib

from chorsu.wire.errors import WireError

MIN_BITS = 131_072
MAX_BITS = 1_048_576
MAX_ENCODED = 256 * 1024
"""Characters; a list of the most bits, half of them set at random, takes 180,000."""
_ENCODED = re.compile(r"u[A-Za-z0-9_-]+", re.ASCII)


def empty_list(bits: int = MIN_BITS) -> bytes:
    """A list in which nothing is revoked."""
    return bytes(bits // 8)


def is_set(bits: bytes, index: int) -> bool:
    """Whether the bit at a position is set; raises `status-malformed` beyond the end."""
    if not 0 <= index < len(bits) * 8:
        raise WireError("status-malformed", f"position {index} of {len(bits) * 8}")
    return bool(bits[index // 8] >> (7 - index % 8) & 1)


def with_set(bits: bytes, index: int) -> bytes:
    """The list with one bit more set."""
    is_set(bits, index)
    changed = bytearray(bits)
    changed[index // 8] |= 1 << (7 - index % 8)
    return bytes(changed)


def encode_list(bits: bytes) -> str:
    """`encodedList`."""
    packed = gzip.compress(bits, compresslevel=9, mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode_list(text: str) -> bytes:
    """The bytes of an `encodedList`; raises `status-malformed`.

    Nothing is unpacked beyond `MAX_BITS`, whatever the gzip stream promises.
    """
    if len(text) > MAX_ENCODED or _ENCODED.fullmatch(text) is None:
        raise WireError("status-malformed", "not multibase base64url")
    body = text[1:]
    try:
        packed = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (binascii.Error, ValueError) as error:
        raise WireError("status-malformed", "not base64url") from error
    if base64.urlsafe_b64encode(packed).rstrip(b"=").decode() != body:
        raise WireError("status-malformed", "another spelling of base64url")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        bits = unpacker.decompress(packed, MAX_BITS // 8 + 1)
    except zlib.error as error:
        raise WireError("status-malformed", str(error)) from error
    if not unpacker.eof or unpacker.unused_data or not MIN_BITS <= len(bits) * 8 <= MAX_BITS:
        raise WireError("status-malformed", f"{len(bits) * 8} bits")
    return bits
