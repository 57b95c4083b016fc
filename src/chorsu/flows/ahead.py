"""Asking ahead: the next contents come over the wire and onto the disk while others are taken in.

Waiting for the disk is most of what keeping costs, so it is waited for beside the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from chorsu.exchange import blobs
from chorsu.exchange.client import PeerClient, PeerTrouble
from chorsu.flows.looking import PREFIX

logger = logging.getLogger(__name__)


class Ahead:
    """One question to a peer that is on its way, over a line of its own, and what came of it.

    It is an offer only: what does not come this way is asked for as if nothing had been. The
    thread knows nothing of the database: it lays the bytes down, and who takes them names them.
    """

    def __init__(self, connect: Callable[[], PeerClient]) -> None:
        self._connect = connect
        self._client: PeerClient | None = None
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._coming: Future[dict[str, int]] | None = None

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
        self._coming = self._threads.submit(lay_many, self._client, dict(wanted), signed=signed)

    def take(self, wanted: Mapping[str, int]) -> dict[str, int]:
        """Those of the blobs that were asked for ahead, once they are laid down; the rest is left.

        Hash -> size, for `blobs.name_many`.
        """
        coming, self._coming = self._coming, None
        try:
            laid = coming.result() if coming is not None else {}
        except (PeerTrouble, OSError) as trouble:
            logger.info("nothing came of what was asked ahead: %s", trouble)
            return {}
        return {sha256: laid[sha256] for sha256 in wanted if sha256 in laid}


def lay_many(client: PeerClient, wanted: Mapping[str, int], *, signed: bool) -> dict[str, int]:
    """Lay down those blobs (hash -> size) that the peer gives in one answer and of that size.

    Raises `PeerTrouble`, and `OSError` if the store fails.
    """
    found = client.many_blobs(PREFIX, wanted, signed=signed)
    return blobs.lay_down(
        {sha256: data for sha256, data in found.items() if len(data) == wanted[sha256]}
    )
