"""A small OpenAI-compatible server, over real HTTP, whose vectors depend on the words alone."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from chorsu.search import meaning
from chorsu.search.endpoint import Endpoint as EndpointEncoder

DIMENSIONS = 24


@dataclass
class Endpoint:
    """What it was asked, and how it is to answer: `status` and `headers`, or `raw` bytes."""

    url: str = ""
    texts: list[str] = field(default_factory=list)
    requests: list[dict[str, object]] = field(default_factory=list)
    headers_seen: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    delay_s: float = 0.0
    refuses: str = ""

    def answer(self, texts: list[str]) -> tuple[int, bytes]:
        if self.raw is not None:
            return self.status, self.raw
        if self.status != 200:
            return self.status, b'{"error": {"message": "not now"}}'
        if self.refuses and any(self.refuses in text for text in texts):
            return 400, b'{"error": {"message": "input is not allowed"}}'
        rows = [{"index": i, "embedding": vector(text)} for i, text in enumerate(texts)]
        return 200, json.dumps({"data": rows[::-1]}).encode()  # any order is allowed


def vector(text: str) -> list[float]:
    """One direction for each word; texts with the same words are near each other."""
    made = [0.001] * DIMENSIONS
    for word in text.lower().split():
        made[hashlib.sha256(word.encode()).digest()[0] % DIMENSIONS] += 1.0
    return made


@contextmanager
def serve() -> Iterator[Endpoint]:
    """The server on a free port of the loopback interface."""
    endpoint = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            endpoint.requests.append(asked | {"path": self.path})
            endpoint.headers_seen.append(dict(self.headers))
            endpoint.texts += asked["input"]
            time.sleep(endpoint.delay_s)
            status, body = endpoint.answer(asked["input"])
            self.send_response(status)
            for name, value in endpoint.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoint.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def close_endpoints() -> None:
    """Let go of every connection to a server that this process keeps."""
    for choice, encoder in list(meaning.encoders.items()):
        if isinstance(encoder, EndpointEncoder):
            encoder.close()
            del meaning.encoders[choice]
