"""Asking ahead: the next contents come over the wire while those that came are taken in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.flows.looking import PREFIX

logger = logging.getLogger(__name__)


class Ahead:
    """One question to a peer that is on its way, over a line of its own, and its answer.

    It is an offer only: what does not come this way is asked for as if nothing had been. The
    thread knows nothing of the database. At most one answer is in memory.
    """

    def __init__(self, connect: Callable[[], PeerClient]) -> None:
        self._connect = connect
        self._client: PeerClient | None = None
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._coming: Future[dict[str, bytes]] | None = None

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client is not None:
            self._client.cut()
            self._threads.submit(self._client.close)
        self._threads.shutdown()

    def ask(self, wanted: Mapping[str, int], *, signed: bool) -> None:
        """Ask for many blobs (hash -> size in bytes) and go on at once."""
        try:
            self._client = self._client or self._connect()
        except PeerTrouble as trouble:
            logger.info("nothing is asked ahead: %s", trouble)
            return
        self._coming = self._threads.submit(
            self._client.many_blobs, PREFIX, dict(wanted), signed=signed
        )

    def take(self, wanted: Mapping[str, int]) -> dict[str, bytes]:
        """Those of the blobs that were asked for ahead, once they are here; the rest is dropped."""
        coming, self._coming = self._coming, None
        try:
            found = coming.result() if coming is not None else {}
        except PeerTrouble as trouble:
            logger.info("nothing came of what was asked ahead: %s", trouble)
            return {}
        return {sha256: found[sha256] for sha256 in wanted if sha256 in found}
