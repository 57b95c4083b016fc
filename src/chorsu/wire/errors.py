"""The one error of the wire and the closed list of its codes.

What may live in this package: bytes in, values out. No Django, no network, no files, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from chorsu.kernel.text import printable

CODES: Mapping[str, str] = MappingProxyType(
    {
        "json-too-large": "a JSON document is over its cap",
        "json-malformed": "not JSON, or a number, key or character the network does not allow",
        "json-too-deep": "a JSON document is nested deeper than its cap",
        "json-not-canonical": "JSON that is not in the canonical form of RFC 8785",
        "blob-size": "a blob has another length than its entry says",
        "blob-hash": "a blob has another SHA-256 than its entry says",
        "name-malformed": "a node name is not a lower-case DNS-like name",
        "key-malformed": "a key is not an Ed25519 key of the expected form",
        "note-too-large": "a signed note is over its cap in bytes or signatures",
        "note-malformed": "bytes are not a signed note",
        "wrong-key": "no signature of the expected key is on the note",
        "bad-signature": "a signature that claims the expected key does not verify",
        "checkpoint-malformed": "the text of a note is not a checkpoint",
        "wrong-origin": "a checkpoint belongs to another log than its key",
        "succession-malformed": "a note is not a key succession",
        "chain-malformed": "a list of key successions is over its cap or not whole",
        "chain-broken": "key successions do not go on from one another, or not from a known key",
        "two-successors": "one key was replaced twice, by two successions",
        "old-key": "a checkpoint is signed by no key that still counts for it",
        "cosignature-malformed": "a cosignature is not of the form of cosignature/v1",
        "range-malformed": "bytes are not a compact range",
        "root-mismatch": "the leaves do not hash to the signed root",
        "proof-invalid": "an inclusion or consistency proof does not hold",
        "proof-malformed": "bytes are not a tlog-proof",
        "saved-malformed": "a file is not a saved record",
        "saved-format": "a saved record of a newer format than this software reads",
        "saved-mismatch": "a saved record says something else of itself than its entry",
        "saved-lacks-file": "a file is not one of those that the saved record names",
        "credential-malformed": "bytes are not a signed credential of the network's form",
        "credential-format": "a credential of a newer format than this software reads",
        "code-malformed": "a text is not that of a certificate's code",
        "status-malformed": "a bitstring status list is not one, or has no such position",
        "credentials-malformed": "a record of commitments or of a status list is not of the form",
        "credentials-format": "such a record of a newer format than this software reads",
        "certificate-malformed": "a file is not a certificate with its proofs",
        "certificate-format": "a certificate's file of a newer format than this software reads",
        "certificate-mismatch": "what a certificate's file brings is not of its credential",
        "carried-malformed": "a file is not a part of a bundle",
        "carried-format": "a part of a bundle of a newer format than this software reads",
        "tile-path": "a path is not a tile path in canonical form",
        "bundle-malformed": "an entry bundle is cut short, too long or over a cap",
        "batch-malformed": "a question for many blobs, or its answer, is not of the form",
        "identity-malformed": "what nodes say of a person's sign-in is not of the form",
        "identity-token": "an ID token, or the code it was asked with, does not hold",
        "erasure-malformed": "a list of erasures, or what is answered to it, is not of the form",
        "erasure-format": "a list of erasures of a newer format than this software reads",
        "entry-too-large": "an entry is over its cap",
        "entry-malformed": "an entry misses a member or has one of the wrong form",
        "node-malformed": "a node document misses a member or has one of the wrong form",
        "node-format": "a node document of a newer format than this software reads",
        "request-unsigned": "a request carries no usable signature",
        "request-unknown-key": "a request is signed by a key nobody here knows",
        "request-signature": "the signature of a request does not verify",
        "request-expired": "a request was signed too long ago or in the future",
        "request-digest": "the body of a request is not the signed one",
        "rolled-back": "a log offers a smaller size than it had signed before",
        "fork": "a log signed two roots for one size",
        "leaf-count": "there are not as many leaves as the step between two sizes needs",
        "known-damaged": "what this node kept about a log contradicts itself",
    }
)


class WireError(Exception):
    """Bytes from outside were refused; `code` is one of `CODES`.

    `detail` is for operators; what a stranger wrote is made printable in it.
    """

    def __init__(self, code: str, detail: str) -> None:
        if code not in CODES:
            raise ValueError(f"not a wire error code: {code}")
        self.code = code
        self.detail = printable(detail)
        super().__init__(f"{code}: {self.detail}")
