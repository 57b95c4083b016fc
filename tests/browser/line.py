"""A line between the browser and the server that is there or is not, at one address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urlsplit


class Line:
    """Passes on what comes while it is up; cut, nothing answers at its address."""

    def __init__(self, address: str) -> None:
        self._far = urlsplit(address)
        self._ends: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        self._last = b""
        self.is_down = False
        self._up()

    @property
    def url(self) -> str:
        """Its address; `localhost`, where browsers allow service workers without a certificate."""
        return f"http://localhost:{self._port}"

    def cut(self) -> None:
        """Close what is open and answer nobody."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        for thread in self._threads:
            thread.join(5)
        self._ends, self._threads = [], []

    def cut_after(self, words: bytes) -> None:
        """Be cut as soon as an answer with these words has come through."""
        self._last = words

    def mend(self) -> None:
        """Answer again, at the same address."""
        self._last = b""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._up()

    def _up(self) -> None:
        self._start(self._accept, self._listener)

    def _start(self, work: object, *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
        thread.start()
        self._threads.append(thread)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection((self._far.hostname or "", self._far.port or 80))
            self._ends += [near, far]
            self._start(self._carry, near, far)
            self._start(self._carry, far, near)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                last = self._last and self._last in data.replace(b":  ", b": ")
                if last:
                    # Closed before the words go on: what they lead to finds no line.
                    self._listener.shutdown(socket.SHUT_RDWR)
                    self._listener.close()
                    _shut(end for end in self._ends if end is not target)
                target.sendall(data)
                if last:
                    self.is_down = True
                    break
        _shut((source, target))


def _shut(ends: Iterable[socket.socket]) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
