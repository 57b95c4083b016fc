"""Bundles that hold records for the network: encrypted to the peer's own key, with age.

A node has one key, Ed25519; age takes such keys in the form OpenSSH gives them. Encryption is by
chunks of 64 KiB, each proven by itself: what came before a cut or a flipped byte is read.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyrage import ssh

from chorsu.wire.keys import SigningKey, VerifyKey

MAGIC = b"age-encryption.org/v1\n"
SUFFIX = ".age"
CHUNK_BYTES = 64 * 1024
_HEADER_BYTES = 2048
_STANZA = re.compile(rb"^-> ssh-ed25519 ([A-Za-z0-9+/]{6}) ", re.MULTILINE)


class NotForUs(Exception):  # noqa: N818 - says what is wrong
    """The file is encrypted to another key than this node's."""


class Unreadable(Exception):  # noqa: N818 - says what is wrong
    """The file is no age file, or is cut before its first byte of content."""


def plain_bytes(sealed: int) -> int:
    """The most bytes of content that a sealed file of so many bytes has room for."""
    room = sealed - _HEADER_BYTES
    return max(0, room - 16 * (room // CHUNK_BYTES + 1))


def seal(chunks: Iterable[bytes], target: BinaryIO, key: VerifyKey) -> None:
    """Write bytes encrypted to a node's key. Errors of `chunks` and `target` come through."""
    source, sink = _Source(chunks), _Sink(target)
    try:
        pyrage.encrypt_io(source, sink, [ssh.Recipient.from_str(_public(key))])
    except pyrage.EncryptError as error:
        raise source.error or sink.error or error from error
    except OSError as error:
        raise source.error or sink.error or error from error


def unseal(sealed: BinaryIO, target: BinaryIO, *keys: SigningKey) -> bool:
    """Write what a file encrypted to one of these keys holds.

    False if it was cut or damaged on the way. What stood before the damage is written.
    Raises `NotForUs`, `Unreadable`, `OSError` of the disk.
    """
    sink = _Sink(target)
    try:
        pyrage.decrypt_io(sealed, sink, [ssh.Identity.from_buffer(_private(key)) for key in keys])
    except pyrage.DecryptError as error:
        if "matching keys" in str(error):
            raise NotForUs(str(error)) from error
        raise Unreadable(str(error)) from error
    except OSError as error:
        if sink.error:
            raise sink.error from error
        return False
    return True


def sealed_for(path: Path, keys: Iterable[VerifyKey]) -> VerifyKey | None:
    """Which of these keys a file is encrypted to, as its header says; None if to none of them."""
    with path.open("rb") as file:
        tags = set(_STANZA.findall(file.read(_HEADER_BYTES)))
    return next((key for key in keys if _tag(key) in tags), None)


def _public(key: VerifyKey) -> str:
    return f"ssh-ed25519 {base64.b64encode(_wire_form(key)).decode()}"


def _wire_form(key: VerifyKey) -> bytes:
    fields = (b"ssh-ed25519", key.public)
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def _tag(key: VerifyKey) -> bytes:
    digest = hashlib.sha256(_wire_form(key)).digest()[:4]
    return base64.b64encode(digest).rstrip(b"=")


def _private(key: SigningKey) -> bytes:
    private = Ed25519PrivateKey.from_private_bytes(key.seed)
    return private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


class _Source:
    """Chunks as a file to read; keeps the error that ended them."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self._left = memoryview(b"")
        self.error: Exception | None = None

    def read(self, count: int) -> bytes:
        """At most `count` bytes; none at the end."""
        try:
            while not self._left:
                self._left = memoryview(next(self._chunks))
        except StopIteration:
            return b""
        except Exception as error:
            self.error = error
            raise
        part, self._left = self._left[:count], self._left[count:]
        return bytes(part)


class _Sink:
    """A file to write; keeps the error of the disk apart from those of the content."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write all of it."""
        try:
            return self._target.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        """Nothing is held back here."""
        self._target.flush()
