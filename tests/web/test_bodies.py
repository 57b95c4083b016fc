"""What is read of a request's body: no more than its path allows, however long it is."""

from __future__ import annotations

import asyncio
import json

import pytest

from chorsu.config.asgi import application
from chorsu.web.bodies import CappedBodies, Message, Receive, Scope, Send


class Reader:
    """An application that reads a body as Django does, and answers 200."""

    def __init__(self) -> None:
        self.body = b""
        self.gone = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.gone = True
                return
            self.body += message["body"]
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        assert (await receive())["type"] == "http.disconnect"


class Line:
    """What comes from the other side: pieces without end after the last one given."""

    def __init__(self, *pieces: bytes, endless: bool = False) -> None:
        self.left = list(pieces)
        self.endless = endless
        self.given = 0
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if not self.left:
            return {"type": "http.disconnect"}
        piece = self.left[0] if self.endless else self.left.pop(0)
        self.given += len(piece)
        more = self.endless or bool(self.left)
        return {"type": "http.request", "body": piece, "more_body": more}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    def status(self) -> int:
        return int(self.sent[0]["status"])


def asked(reader: Reader, line: Line, path: str, *headers: tuple[bytes, bytes]) -> int:
    app = CappedBodies(reader, exchange_bytes=10, carried_bytes=30, other_bytes=20)
    scope: Scope = {"type": "http", "path": path, "headers": list(headers)}
    asyncio.run(app(scope, line.receive, line.send))
    return line.status()


@pytest.mark.parametrize(
    ("path", "status"), [("/tk/node/bundles/take-in/", 200), ("/tk/verify/", 413)]
)
def test_only_parts_of_a_bundle_may_be_as_large_as_these(path: str, status: int) -> None:
    assert asked(Reader(), Line(b"12345" * 5), path) == status


def test_a_body_within_its_cap_is_given_whole() -> None:
    reader = Reader()
    assert asked(reader, Line(b"12345", b"67890"), "/exchange/ping") == 200
    assert reader.body == b"1234567890"


@pytest.mark.parametrize(("path", "cap"), [("/exchange/peering", 10), ("/en/practices/", 20)])
def test_a_body_without_end_is_cut_at_the_cap(path: str, cap: int) -> None:
    reader, line = Reader(), Line(b"1234", endless=True)
    assert asked(reader, line, path) == 413
    assert reader.gone
    assert len(reader.body) <= cap < line.given <= cap + 4
    assert len(line.sent) == 2


def test_of_a_body_announced_as_too_long_nothing_is_given() -> None:
    reader, line = Reader(), Line(b"1" * 8, b"2" * 8)
    assert asked(reader, line, "/exchange/ping", (b"content-length", b"16")) == 200
    assert reader.body == b""
    assert not reader.gone


def test_the_node_says_in_its_own_words_that_a_body_was_announced_as_too_long() -> None:
    line = Line(b"x" * 9999, b"x" * 9999)
    announced = [(b"host", b"localhost"), (b"content-length", b"99999")]
    scope: Scope = {"type": "http", "http_version": "1.1", "method": "POST", "query_string": b""}
    scope |= {"path": "/exchange/ping", "headers": announced}

    async def ask() -> None:
        answered = asyncio.Event()

        async def receive() -> Message:
            if not line.left:
                await answered.wait()
            return await line.receive()

        async def send(message: Message) -> None:
            await line.send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                answered.set()

        await application(scope, receive, send)

    asyncio.run(ask())
    assert line.status() == 400
    assert json.loads(line.sent[1]["body"])["code"] == "json-too-large"
