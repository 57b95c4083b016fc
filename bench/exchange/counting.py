"""What a phase costs besides time: requests, bytes that cross the wire, statements, memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx


@dataclass(slots=True)
class Cost:
    """Requests and bytes are of httpx: those of `requests` (sickle) are not in them."""

    requests: int = 0
    bytes: int = 0
    queries: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0


@contextmanager
def counted() -> Iterator[Cost]:
    """The cost of what is done meanwhile; times and memory are there at the end."""
    # Imported here: Django must be set up before its connection can be had.
    from django.db import connection

    cost = Cost()
    clock, cpu = time.perf_counter(), time.process_time()
    send, iter_raw = httpx.Client.send, httpx.Response.iter_raw

    def counting_send(self: httpx.Client, request: httpx.Request, **named: bool) -> httpx.Response:
        cost.requests += 1
        return send(self, request, **named)

    def counting_iter_raw(self: httpx.Response, chunk_size: int | None = None) -> Iterator[bytes]:
        for chunk in iter_raw(self, chunk_size):
            cost.bytes += len(chunk)
            yield chunk

    def counting_execute(execute: Callable[..., object], *given: object) -> object:
        cost.queries += 1
        return execute(*given)

    httpx.Client.send = counting_send  # type: ignore[method-assign]
    httpx.Response.iter_raw = counting_iter_raw  # type: ignore[method-assign]
    try:
        with connection.execute_wrapper(counting_execute):
            yield cost
    finally:
        httpx.Client.send = send  # type: ignore[method-assign]
        httpx.Response.iter_raw = iter_raw  # type: ignore[method-assign]
        cost.seconds = time.perf_counter() - clock
        cost.cpu_seconds = time.process_time() - cpu
        cost.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
