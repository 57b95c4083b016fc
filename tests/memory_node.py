"""A whole remote node in memory, built on `chorsu.wire` alone, for every test of federation.

It is honest until one of its attacks (`memory_attacks.py`) is switched on. It answers by
`respond`, by an httpx transport (`transport`) or by a real server on the loopback interface
(`serve`).
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import httpx

from chorsu.kernel.clock import utc_now
from chorsu.wire.batch import encode_answer, parse_question
from chorsu.wire.checkpoint import cosign, parse_checkpoint
from chorsu.wire.entry import Audience, Entry, parse_entry
from chorsu.wire.envelope import Json, blob_hash, canonical_json
from chorsu.wire.erasing import (
    MAX_LISTED,
    Erasure,
    ErasureAnswer,
    ErasureList,
    What,
    parse_answers,
)
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey, VerifyKey
from chorsu.wire.merkle import leaf_hash
from chorsu.wire.node import NodeDocument, parse_node
from chorsu.wire.note import parse_note
from chorsu.wire.requests import sign_request, verify_request
from chorsu.wire.succession import Succession, Why, print_chain, sign_succession
from chorsu.wire.tiles import ENTRIES, TILE_WIDTH, encode_bundle, parse_tile_path, tile_root
from tests.memory_attacks import Attacks
from tests.memory_server import Response, serving

PREFIX = "/exchange/"
TEXT = {"Content-Type": "text/plain; charset=utf-8"}
JSON = {"Content-Type": "application/json"}
BYTES = {"Content-Type": "application/octet-stream"}


class MemoryNode(Attacks):
    """One remote node; `address` is `http://<name>` until `serve` gives it a port."""

    def __init__(
        self,
        name: str,
        *,
        institutions: tuple[str, ...] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.name = name
        self.key = SigningKey.generate(name)
        self.chain: tuple[Succession, ...] = ()
        self.address = f"http://{name}"
        self.institutions = institutions
        self.now = now
        self.leaves: list[bytes] = []
        self.blobs: dict[str, bytes] = {}
        self.audiences: dict[str, set[Audience]] = {}
        self.erased: set[str] = set()
        self.erasures: list[Erasure] = []
        self.answers: list[ErasureAnswer] = []
        self.says: list[ErasureAnswer] = []
        self.knows_erasures = True
        self.peers: dict[str, VerifyKey] = {}
        self.pings: list[str] = []
        self.peerings: list[NodeDocument] = []
        self.requests: list[tuple[str, str]] = []
        self.down = False
        self.seen: dict[str, bytes] = {}
        self.known_chains: dict[str, bytes] = {}
        self.copies: dict[str, MemoryNode] = {}
        self.gives_many = True
        self.blob_bytes_a_second = 0
        self.stalls_after: int | None = None
        self.ranges: list[str] = []
        self.sent: list[str] = []
        self.sending = self.most_at_once = 0
        self._lock = threading.RLock()
        self._spoil_blob: Callable[[bytes], bytes] | None = None
        self._spoil_leaf: Callable[[bytes], bytes] | None = None
        self._checkpoint_note: Callable[[], bytes] = self.honest_checkpoint_note

    # What its owner does

    def publish(
        self,
        kind: str,
        id: str,  # noqa: A002 - the entry's own word
        revision: int,
        payload: Mapping[str, Json] | bytes,
        audience: Audience = "public",
        supplement: int = 0,
    ) -> Entry:
        """Append a publication; a mapping becomes a canonical JSON blob."""
        data = payload if isinstance(payload, bytes) else canonical_json(payload)
        blob = self.add_blob(data, audience)
        entry = Entry(
            kind, id, revision, "publish", audience, self.now(), blob, len(data), supplement
        )
        self.append_raw(entry.to_bytes())
        return entry

    def withdraw(
        self,
        id: str,  # noqa: A002 - the entry's own word
        reason: str = "withdrawn by its institution",
    ) -> Entry:
        """Append the withdrawal of what was last published under this id."""
        last = next(entry for entry in reversed(self.entries()) if entry.id == id)
        data = canonical_json({"reason": reason})
        blob = self.add_blob(data, last.audience)
        entry = replace(last, action="withdraw", time=self.now(), blob=blob, size=len(data))
        self.append_raw(entry.to_bytes())
        return entry

    def add_blob(self, data: bytes, audience: Audience = "public") -> str:
        """Keep a blob, as a file of a record; returns its hash."""
        digest = blob_hash(data)
        with self._lock:
            self.blobs[digest] = data
            self.audiences.setdefault(digest, set()).add(audience)
        return digest

    def append_raw(self, leaf: bytes) -> None:
        """Append any bytes as a leaf: an entry of a newer format, an unknown kind, nonsense."""
        with self._lock:
            self.leaves.append(leaf)

    def erase_blob(self, digest: str) -> None:
        """Erase a blob as a right or a licence may demand: 410 from now on."""
        self.erased.add(digest)

    def change_key(self, why: Why = "rotated") -> Succession:
        """Go over to a new key; returns the succession, which is served from now on."""
        with self._lock:
            new, now = SigningKey.generate(self.name), self.checkpoint()
            made = sign_succession(
                self.key, new, size=now.size, root=now.root, time=self.now(), why=why
            )
            self.key, self.chain = new, (*self.chain, made)
        return made

    def ask_to_erase(
        self,
        digest: str,
        what: What,
        record: str,
        *,
        revision: int = 0,
        words: str = "Asked for by law.",
        named: bool = True,
        kind: str = "practice",
    ) -> None:
        """Erase a blob and ask all peers to do the same."""
        self.erase_blob(digest)
        one = Erasure(
            number=len(self.erasures) + 1,
            blob=digest,
            what=what,
            kind=kind,
            record=record,
            revision=revision,
            ground="personal-data",
            words=words,
            language="en",
            named=named,
            time=self.now(),
        )
        self.erasures.append(one)

    def add_peer(self, key: VerifyKey) -> None:
        """Trust another node: its signed requests may read what is for the network."""
        self.peers[key.name] = key

    def see(self, note: bytes) -> None:
        """Witness a checkpoint of another's log, as if it had been read and found to hold."""
        origin = parse_checkpoint(parse_note(note).text).origin
        self.seen[origin] = cosign(note, self.key, self.now())

    def keep_copy(self, note: bytes, leaves: list[bytes], blobs: Mapping[str, bytes]) -> MemoryNode:
        """Keep another's log with its contents, and give it back to that node alone."""
        origin = parse_checkpoint(parse_note(note).text).origin
        copy = MemoryNode(origin, now=self.now)
        copy.leaves, copy.blobs = list(leaves), dict(blobs)
        copy.audiences = {sha256: {"public"} for sha256 in blobs}
        copy.serve_checkpoint(note)
        self.copies[origin] = copy
        return copy

    def entries(self) -> list[Entry]:
        """The leaves this software understands, in order."""
        parsed: list[Entry] = []
        for leaf in self.leaves:
            try:
                entry = parse_entry(leaf)
            except WireError:
                continue
            if isinstance(entry, Entry):
                parsed.append(entry)
        return parsed

    def document(self) -> NodeDocument:
        """Its node document, as served now."""
        return NodeDocument(
            self.name, self.key.vkey, self.address, self.institutions, "memory-node/1"
        )

    def signed_headers(self, method: str, url: str, body: bytes | None = None) -> dict[str, str]:
        """Headers with which this node sends a request to another."""
        return sign_request(self.key, method, url, body, self.now(), uuid.uuid4().hex)

    # How it answers

    def send(self, path: str, content: bytes, write: Callable[[bytes], object]) -> None:
        """Send a body as fast as it is said to; of blobs it is noted how many go out at once."""
        if not path.startswith(PREFIX + "blob/"):
            write(content)
            return
        with self._lock:
            self.sending += 1
            self.most_at_once = max(self.most_at_once, self.sending)
        step = self.blob_bytes_a_second // 20 or max(1, len(content))
        start = 0
        try:
            while start + step < len(content):
                if self.stalls_after is not None and start >= self.stalls_after:
                    time.sleep(4)
                    return
                write(content[start : start + step])
                start += step
                time.sleep(step / self.blob_bytes_a_second if self.blob_bytes_a_second else 0)
        finally:
            # Before the last piece: who has that may ask for the next thing at once.
            with self._lock:
                self.sending -= 1
        write(content[start:])
        self.sent.append(path.removeprefix(PREFIX + "blob/"))

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one request; `path` may carry a query."""
        with self._lock:
            self.requests.append((method, path))
            if self.down:
                return 503, TEXT, b"down"
            try:
                return self._route(method, path, headers, body)
            except WireError as error:
                refused = error.code.startswith("request-")
                return (403 if refused else 400), JSON, canonical_json({"code": error.code})

    def transport(self) -> httpx.MockTransport:
        """A transport whose every request this node answers; down means no connection."""

        def handle(request: httpx.Request) -> httpx.Response:
            if self.down:
                raise httpx.ConnectError("connection refused", request=request)
            path = request.url.raw_path.decode()
            status, headers, body = self.respond(
                request.method, path, request.headers, request.content
            )
            return httpx.Response(status, headers=headers, content=body)

        return httpx.MockTransport(handle)

    @contextmanager
    def serve(self) -> Iterator[str]:
        """Serve over real HTTP on the loopback interface; gives the address."""
        before = self.address
        with serving(self) as self.address:
            try:
                yield self.address
            finally:
                self.address = before

    def _route(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        bare = path.partition("?")[0]
        if bare.startswith(PREFIX + "mirror/"):
            copy = self.copies.get(self._signer(method, path, headers, body).name)
            if copy is None:
                return 404, JSON, b'{"code":"not-witnessed"}'
            plain = path.replace("/mirror/", "/", 1)
            return copy._route(method, plain, {}, body)
        if method == "GET":
            if bare == "/.well-known/chorsu":
                return 200, JSON, self.document().to_bytes()
            if bare == PREFIX + "checkpoint":
                return 200, TEXT, self._checkpoint_note()
            if bare == PREFIX + "keys":
                return 200, TEXT, print_chain(self.chain)
            if bare.startswith(PREFIX + "keys/"):
                chain = self.known_chains.get(bare.removeprefix(PREFIX + "keys/"))
                return (
                    (404, JSON, b'{"code":"not-witnessed"}')
                    if chain is None
                    else (200, TEXT, chain)
                )
            if bare.startswith(PREFIX + "witness/"):
                note = self.seen.get(bare.removeprefix(PREFIX + "witness/"))
                return (200, TEXT, note) if note else (404, JSON, b'{"code":"not-witnessed"}')
            if bare == PREFIX + "erasures" and self.knows_erasures:
                return self._list_erasures(path, headers)
            if bare.startswith(PREFIX + "tile/"):
                return self._tile(bare.removeprefix(PREFIX))
            if bare.startswith(PREFIX + "blob/"):
                return self._blob(bare.removeprefix(PREFIX + "blob/"), path, headers)
        elif method == "POST" and bare == PREFIX + "blobs" and self.gives_many:
            return self._many_blobs(path, headers, body)
        elif method == "POST" and bare == PREFIX + "erasures" and self.knows_erasures:
            self._signer(method, path, headers, body)
            self.answers += parse_answers(body)
            return 204, {}, b""
        elif method == "POST" and bare == PREFIX + "ping":
            self.pings.append(self._signer(method, path, headers, body).name)
            return 204, {}, b""
        elif method == "POST" and bare == PREFIX + "peering":
            return self._peering(path, headers, body)
        return 404, TEXT, b"not found"

    def _list_erasures(self, path: str, headers: Mapping[str, str]) -> Response:
        self._signer("GET", path, headers, b"")
        after = int(path.partition("?after=")[2] or 0)
        some = [one for one in self.erasures if one.number > after][:MAX_LISTED]
        last = self.erasures[-1].number if self.erasures else 0
        found = ErasureList(self.name, after, last, tuple(some))
        return 200, TEXT, found.to_bytes(self.key)

    def _tile(self, path: str) -> Response:
        tile = parse_tile_path(path)
        first = tile.index * TILE_WIDTH
        if tile.level == ENTRIES:
            part = self.leaves[first : first + tile.width]
            spoil = self._spoil_leaf or bytes
            content = encode_bundle([spoil(leaf) for leaf in part])
        else:
            part = _hashes_of_level(self.leaves, tile.level)[first : first + tile.width]
            content = b"".join(part)
        if len(part) != tile.width:
            return 404, TEXT, b"not there yet"
        return 200, BYTES, content

    def _blob(self, digest: str, path: str, headers: Mapping[str, str]) -> Response:
        if digest not in self.blobs:
            return 404, TEXT, b"not found"
        if "public" not in self.audiences[digest]:
            self._signer("GET", path, headers, b"")
        if digest in self.erased:
            return 410, TEXT, b"erased"
        content = (self._spoil_blob or bytes)(self.blobs[digest])
        asked = headers.get("Range", "")
        if asked:
            self.ranges.append(asked)
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            there = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
            return 206, BYTES | there, content[start:]
        return 200, BYTES, content

    def _many_blobs(self, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        hashes = parse_question(body)
        signed = "Signature-Input" in headers
        if signed:
            self._signer("POST", path, headers, body)
        spoil = self._spoil_blob or bytes
        given = [one not in self.erased and one in self.blobs for one in hashes]
        allowed = [signed or "public" in self.audiences.get(one, ()) for one in hashes]
        answer = [
            spoil(self.blobs[one]) if there and may else None
            for one, there, may in zip(hashes, given, allowed, strict=True)
        ]
        return 200, BYTES, encode_answer(answer)

    def _peering(self, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        document = parse_node(body)
        own = {document.name: document.verify_key}
        verify_request("POST", self.address + path, headers, body, own.get, self.now())
        self.peerings.append(document)
        return 202, JSON, self.document().to_bytes()

    def _signer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> VerifyKey:
        return verify_request(
            method, self.address + path, headers, body, self.peers.get, self.now()
        )


def _hashes_of_level(leaves: list[bytes], level: int) -> list[bytes]:
    hashes = [leaf_hash(leaf) for leaf in leaves]
    for _ in range(level):
        full = len(hashes) // TILE_WIDTH
        hashes = [tile_root(hashes[i * TILE_WIDTH : (i + 1) * TILE_WIDTH]) for i in range(full)]
    return hashes
