"""A peer built to do harm: one attack each, over real HTTP, named as in `ATTACKS`."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx

from chorsu.kernel.ids import new_id
from chorsu.wire.checkpoint import Checkpoint, sign_checkpoint
from chorsu.wire.merkle import leaf_hash
from chorsu.wire.tiles import encode_bundle
from tests.flows.remote import publish
from tests.memory_node import MemoryNode

DRIP_S = 0.3
ENDLESS = 256 * 1024 * 1024
MILLION = 1_000_000


class HostileNode(MemoryNode):
    """Honest until it is confirmed; then `raw` answers what it likes, byte by byte.

    `victim` is the address of the node it harms, `asked` how often that has asked it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.raw: Callable[[str, socket.socket], bool] = lambda path, line: False
        self.asked = 0
        self.victim = ""

    @contextmanager
    def serve(self) -> Iterator[str]:
        """As the honest node serves, but `raw` is asked first."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        server.daemon_threads = True
        self.address = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self.address
        finally:
            server.shutdown()
            server.server_close()


def _handler_for(node: HostileNode) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            node.asked += 1
            with suppress(OSError):
                if node.raw(self.path, self.connection):
                    self.close_connection = True
                    return
                self._honestly(b"")

        def do_POST(self) -> None:
            node.asked += 1
            with suppress(OSError):
                length = int(self.headers.get("Content-Length") or 0)
                self._honestly(self.rfile.read(length))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

        def _honestly(self, body: bytes) -> None:
            status, headers, content = node.respond(
                self.command, self.path, dict(self.headers.items()), body
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


def _head(status: str, *lines: str) -> bytes:
    return ("\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *lines]) + "\r\n\r\n").encode()


def _when(part: str, act: Callable[[socket.socket], None]) -> Callable[[str, socket.socket], bool]:
    def raw(path: str, line: socket.socket) -> bool:
        if part in path:
            act(line)
            return True
        return False

    return raw


def _pour(line: socket.socket) -> None:
    line.sendall(_head("200 OK", "Content-Type: application/octet-stream"))
    chunk = bytes(1 << 16)
    for _ in range(ENDLESS // len(chunk)):
        line.sendall(chunk)


def _drip(line: socket.socket) -> None:
    line.sendall(_head("200 OK", "Content-Type: application/octet-stream"))
    until = time.monotonic() + 120
    while time.monotonic() < until:
        line.sendall(b"x")
        time.sleep(DRIP_S)


def _drip_head(line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    until = time.monotonic() + 120
    while time.monotonic() < until:
        line.sendall(b"X-A: b\r\n")
        time.sleep(DRIP_S)


@cache
def _bomb() -> bytes:
    return gzip.compress(bytes(ENDLESS), 9)


def _explode(line: socket.socket) -> None:
    data = _bomb()
    line.sendall(_head("200 OK", "Content-Encoding: gzip", f"Content-Length: {len(data)}") + data)


def _redirect(line: socket.socket) -> None:
    line.sendall(_head("302 Found", "Location: http://127.0.0.1:5432/", "Content-Length: 0"))


def _lie_about_length(line: socket.socket) -> None:
    line.sendall(_head("200 OK", f"Content-Length: {2**62}") + b"x")


def _giant_size(node: HostileNode) -> None:
    claimed = Checkpoint(node.name, 2**62, bytes(range(32)))
    node.serve_checkpoint(sign_checkpoint(claimed, node.key))


def _tiles_of_one(node: HostileNode) -> None:
    """A million entries are offered, and every tile and bundle holds one."""
    node.serve_checkpoint(
        sign_checkpoint(Checkpoint(node.name, MILLION, bytes(range(32))), node.key)
    )
    one = {True: encode_bundle([b"1"]), False: leaf_hash(b"1")}

    def raw(path: str, line: socket.socket) -> bool:
        if "/tile/" not in path:
            return False
        tile = one["/entries/" in path]
        line.sendall(_head("200 OK", f"Content-Length: {len(tile)}") + tile)
        return True

    node.raw = raw


def _grow_by_one(node: HostileNode) -> None:
    """Whenever it is looked at there is one entry more, and a ping says so: a tile each, no end."""

    def raw(path: str, line: socket.socket) -> bool:
        if path.endswith("/checkpoint"):
            node.append_raw(b"%d" % len(node.leaves))
            Thread(target=_ping, args=(node,), daemon=True).start()
        return False

    node.raw = raw


def _ping(node: HostileNode) -> None:
    url = f"{node.victim}/exchange/ping"
    with suppress(httpx.HTTPError):
        httpx.post(url, content=b"", headers=node.signed_headers("POST", url, b""), timeout=5)


def _many_leaves(node: HostileNode) -> None:
    node.leaves.extend(b"%d" % number for number in range(20_000))


def _huge_record(node: HostileNode) -> None:
    node.publish("practice", new_id(), 1, b"[" * 15_000_000)


def _deep_record(node: HostileNode) -> None:
    node.publish("practice", new_id(), 1, b'{"a":' * 200_000 + b"1" + b"}" * 200_000)


def _raw(part: str, act: Callable[[socket.socket], None]) -> Callable[[HostileNode], None]:
    def set_up(node: HostileNode) -> None:
        publish(node, new_id())
        node.raw = _when(part, act)

    return set_up


def _after_new_entry(turn: Callable[[HostileNode], None]) -> Callable[[HostileNode], None]:
    def set_up(node: HostileNode) -> None:
        publish(node, new_id())
        turn(node)

    return set_up


def _new_key(act: Callable[[socket.socket], None]) -> Callable[[HostileNode], None]:
    """A checkpoint by another key leads to the list of successions."""

    def set_up(node: HostileNode) -> None:
        publish(node, new_id())
        node.sign_with_another_key()
        node.raw = _when("/exchange/keys", act)

    return set_up


BESIDE: dict[str, Callable[[HostileNode], None]] = {
    "endless witness": _raw("/witness/", _pour),
    "dripping witness": _raw("/witness/", _drip),
    "compressed bomb as witness": _raw("/witness/", _explode),
    "endless erasures": _raw("/erasures", _pour),
    "dripping erasures": _raw("/erasures", _drip),
    "erasures redirected to an inner address": _raw("/erasures", _redirect),
}
"""Attacks that may pass without a word: the log itself is honest, and taken in as it should be."""

ATTACKS: dict[str, Callable[[HostileNode], None]] = {
    **BESIDE,
    "endless successions": _new_key(_pour),
    "dripping successions": _new_key(_drip),
    "successions redirected to an inner address": _new_key(_redirect),
    "endless checkpoint": _raw("checkpoint", _pour),
    "endless entries": _raw("tile/entries", _pour),
    "endless record": _raw("blob/", _pour),
    "dripping checkpoint": _raw("checkpoint", _drip),
    "dripping entries": _raw("tile/entries", _drip),
    "dripping record": _raw("blob/", _drip),
    "dripping head": _raw("checkpoint", _drip_head),
    "compressed bomb as checkpoint": _raw("checkpoint", _explode),
    "compressed bomb as entries": _raw("tile/entries", _explode),
    "compressed bomb as record": _raw("blob/", _explode),
    "redirect to an inner address": _raw("checkpoint", _redirect),
    "record redirected to an inner address": _raw("blob/", _redirect),
    "length that is a lie": _raw("tile/entries", _lie_about_length),
    "giant size": _giant_size,
    "many tiny leaves": _many_leaves,
    "a million leaves in tiles of one": _tiles_of_one,
    "one entry more at every look": _grow_by_one,
    "huge record": _huge_record,
    "deep record": _deep_record,
    "forged entries": _after_new_entry(lambda node: node.serve_entry_flipped()),
    "flipped record": _after_new_entry(lambda node: node.serve_blob_flipped()),
    "record cut short": _after_new_entry(lambda node: node.serve_blob_cut()),
    "entries that are nowhere": _after_new_entry(lambda node: node.promise_more(3)),
    "history rewritten": _after_new_entry(lambda node: node.rewrite_history()),
    "log forked": lambda node: node.fork(),
    "log rolled back": lambda node: node.roll_back(),
    "another key": _after_new_entry(lambda node: node.sign_with_another_key()),
    "another's log": _after_new_entry(lambda node: node.claim_origin("beijing.chorsu.example")),
}
