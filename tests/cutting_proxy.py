"""A line between two programs that is cut after so many bytes, each time it is used."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


@contextmanager
def cutting(address: str, *, after: int) -> Iterator[str]:
    """An address that leads to `address`; a connection ends after `after` bytes of answers."""
    parts = urlsplit(address)
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection((parts.hostname or "", parts.port or 80))
            for source, target, cap in ((near, far, None), (far, near, after)):
                thread = threading.Thread(target=_carry, args=(source, target, cap), daemon=True)
                thread.start()
                threads.append(thread)

    accepting = threading.Thread(target=serve, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join(5)
        for thread in threads:
            thread.join(5)


def _carry(source: socket.socket, target: socket.socket, cap: int | None) -> None:
    left = cap
    with suppress(OSError):
        while data := source.recv(65536 if left is None else min(left, 65536)):
            target.sendall(data)
            if left is not None:
                left -= len(data)
                if left == 0:
                    break
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
