"""A real HTTP server on the loopback interface for a node in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

Response = tuple[int, dict[str, str], bytes]


class Answering(Protocol):
    """What answers requests, and sends bodies as fast as it likes."""

    def respond(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answer one request: status, headers, body."""

    def send(self, path: str, content: bytes, write: Callable[[bytes], object]) -> None:
        """Send a body."""


@contextmanager
def serving(node: Answering) -> Iterator[str]:
    """Have it answer over HTTP; gives the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(node))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler_for(node: Answering) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: tests read results, not logs."""

        def _answer(self, body: bytes) -> None:
            status, headers, content = node.respond(
                self.command, self.path, dict(self.headers.items()), body
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with suppress(OSError):
                node.send(self.path, content, self.wfile.write)

    return Handler
