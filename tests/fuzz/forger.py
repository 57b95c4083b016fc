"""Signs anything with a key nobody trusts: what stands behind a signature is attacked too."""

from __future__ import annotations

import base64
import json
from contextlib import suppress

from chorsu.wire.checkpoint import Checkpoint
from chorsu.wire.envelope import blob_hash, canonical_json
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.merkle import leaf_hash
from chorsu.wire.note import Signature, sign
from chorsu.wire.proof import Proof
from chorsu.wire.requests import sign_request
from tests.vectors.sample import ASTANA, BEIJING, NOW

# Under the names of the true nodes: a reader who trusts this key is another than who trusts theirs.
FORGER = SigningKey.from_bytes(b"\x07" * 32, BEIJING.name)
FALSE_WITNESS = SigningKey.from_bytes(b"\x08" * 32, ASTANA.name)


def sealed_note(data: bytes) -> bytes:
    """What stands above the last empty line, signed and cosigned."""
    text = (data.rpartition(b"\n\n")[0] + b"\n").decode("utf-8", "replace")
    try:
        note = sign(text, FORGER)
    except WireError:
        return data
    stamp = (int.from_bytes(data[-3:], "big") << (8 * (len(data) % 6))).to_bytes(8, "big")
    message = f"cosignature/v1\ntime {int.from_bytes(stamp, 'big')}\n{text}".encode()
    key_id = FALSE_WITNESS.verify_key.cosigner_key_id
    line = Signature(FALSE_WITNESS.name, key_id, stamp + FALSE_WITNESS.sign(message))
    return note + line.line().encode()


def sealed_saved(data: bytes) -> bytes:
    """A saved record whose entry names its record, in a log of one entry."""
    with suppress(ValueError, WireError, TypeError, LookupError, RecursionError):
        members = json.loads(data)
        entry = members["entry"]
        if members["record"] is not None:
            record = canonical_json(members["record"])
            entry |= {"blob": blob_hash(record), "size": len(record)}
        root = leaf_hash(canonical_json(entry))
        proof = Proof(0, (), sign(Checkpoint(FORGER.name, 1, root).text(), FORGER))
        members |= {"keys": [FORGER.vkey], "proof": proof.to_bytes().decode()}
        return canonical_json(members)
    return data


def sealed_request(data: bytes) -> bytes:
    """A request with its method, address and body signed; other headers are kept."""
    with suppress(ValueError, WireError, TypeError, AttributeError, LookupError, RecursionError):
        request = json.loads(data)
        body = request["body"].encode() or None
        nonce = base64.b64encode(data[-9:]).decode()
        headers = sign_request(FALSE_WITNESS, request["method"], request["url"], body, NOW, nonce)
        return json.dumps({**request, "headers": {**request["headers"], **headers}}).encode()
    return data
