"""A connection that is given up when it takes too long, however little comes at a time.

A time-out of one read says nothing of a head that comes a byte at a time, without end.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any


class Line:
    """The connection in use by one who asks over one at a time; `was_cut`: it was given up."""

    def __init__(self) -> None:
        self.was_cut = False
        self._socket: socket.socket | None = None
        self._copy: socket.socket | None = None

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Told by the library of what it does (httpcore's extension `trace`)."""
        if event == "connection.connect_tcp.complete":
            self._socket = info["return_value"].get_extra_info("socket")
            # While TLS begins, the first socket is no longer ours and the second not yet there.
            self._copy = self._socket.dup() if self._socket else None
        elif event == "connection.start_tls.complete":
            self._socket = info["return_value"].get_extra_info("socket")

    @contextmanager
    def watched(self, patience_s: float) -> Iterator[Callable[[], None]]:
        """Cut the line unless the function given is called in time, or all is over."""
        self.was_cut = False
        timer = threading.Timer(patience_s, self.cut)
        timer.daemon = True
        timer.start()

        def done() -> None:
            timer.cancel()
            # A copy that stays would keep the connection open when the library closes it.
            if self._copy is not None:
                self._copy.close()
                self._copy = None

        try:
            yield done
        finally:
            done()

    def cut(self) -> None:
        """End the connection, whatever is on its way."""
        self.was_cut = True
        for line in (self._copy, self._socket):
            if line is not None:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
