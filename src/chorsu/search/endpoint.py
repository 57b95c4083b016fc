"""Vectors by an OpenAI-compatible server: `POST <base>/embeddings`.

The address is the administrator's own setting, so it may lie in an inner network, as a store of
blobs may. What is bounded here: the time, the size of an answer, how often a server in trouble is
asked. No redirect is followed and no proxy of the environment is used, because the key and the
texts go where the setting says or nowhere; unencrypted they go to private addresses only.
"""

from __future__ import annotations

import ipaddress
import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np

from chorsu.kernel.lines import Line
from chorsu.search.encoder import Vectors, unit
from chorsu.search.errors import EmbedderTrouble, TextRefused

QUERY_PATIENCE_S = 2.0
"""A reader waits no longer: words answer without meaning."""
PAUSE_S = 30.0
"""After a failure the server is left alone for so long, unless it names a time itself."""
LONGEST_PAUSE_S = 600.0
BYTES_A_NUMBER = 32
PROBE = "Chorsu"
_REFUSES_TEXT = (400, 413, 422)


@dataclass(frozen=True, slots=True)
class _Connection:
    """One connection, with what cuts it."""

    http: httpx.Client
    line: Line


class Endpoint:
    """See Embedder. Every method raises `EmbedderTrouble`.

    `key` is asked at each request and may be empty. `timeout_s` is for passages.
    """

    def __init__(
        self,
        *,
        url: str,
        model: str,
        dimensions: int,
        key: Callable[[], str],
        timeout_s: float,
        batch: int,
        query_prefix: str = "",
        passage_prefix: str = "",
    ) -> None:
        self.model = model
        self.dimensions = dimensions
        self._url = url + "/embeddings"
        self._key = key
        self._timeout_s = timeout_s
        self._batch = batch
        self._query_prefix = query_prefix
        self._passage_prefix = passage_prefix
        self._leave_alone_until = 0.0
        self._why = ""
        self._trusted = httpx.create_ssl_context(trust_env=False)
        self._free: list[_Connection] = []
        self._lock = threading.Lock()

    def close(self) -> None:
        """End the connections that nobody is asking over."""
        with self._lock:
            free, self._free = self._free, []
        for one in free:
            one.http.close()

    def queries(self, texts: Sequence[str]) -> Vectors:
        """See Embedder."""
        patience = min(QUERY_PATIENCE_S, self._timeout_s)
        return self._ask([self._query_prefix + text for text in texts], patience)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """See Embedder. Raises `TextRefused` where the server takes other texts and not these."""
        written = [self._passage_prefix + text for text in texts]
        parts = [written[i : i + self._batch] for i in range(0, len(written), self._batch)]
        return np.concatenate([self._ask(part, self._timeout_s) for part in parts])

    def _ask(self, texts: list[str], patience_s: float) -> Vectors:
        with self._lock:
            left = self._leave_alone_until - time.monotonic()
        if left > 0:
            raise EmbedderTrouble(f"{self._why} (asked again in {left:.0f} s)")
        try:
            return self._vectors(*self._post(texts, patience_s), len(texts))
        except TextRefused:
            if texts != [PROBE]:
                self._ask([PROBE], patience_s)  # raises if it is not the text's fault
                raise
            raise self._failed("it refuses every text", PAUSE_S) from None

    def _post(self, texts: list[str], patience_s: float) -> tuple[bytes, httpx.Response]:
        deadline = time.monotonic() + patience_s
        cap = 65_536 + BYTES_A_NUMBER * self.dimensions * len(texts)
        body = bytearray()
        connection = self._taken()
        try:
            address, headers, extensions = self._way()
            with (
                # All of the answer: a head, too, may come a byte at a time.
                connection.line.watched(patience_s),
                connection.http.stream(
                    "POST",
                    address,
                    json={"model": self.model, "input": texts},
                    headers=headers,
                    extensions=extensions | {"trace": connection.line.watch},
                    timeout=patience_s,
                ) as response,
            ):
                for piece in response.iter_bytes():
                    body += piece
                    if len(body) > cap:
                        raise self._failed(f"its answer is larger than {cap} bytes", PAUSE_S)
                    if time.monotonic() > deadline:
                        raise self._failed(f"no answer within {patience_s:.0f} s", PAUSE_S)
        except (httpx.HTTPError, OSError) as error:
            if connection.line.was_cut:
                raise self._failed(f"no answer within {patience_s:.0f} s", PAUSE_S) from error
            raise self._failed(str(error) or type(error).__name__, PAUSE_S) from error
        finally:
            with self._lock:
                self._free.append(connection)
        return bytes(body), response

    def _taken(self) -> _Connection:
        """A connection for one question, used before or new."""
        with self._lock:
            if self._free:
                return self._free.pop()
        http = httpx.Client(
            trust_env=False,
            follow_redirects=False,
            verify=self._trusted,
            limits=httpx.Limits(max_connections=1),
        )
        return _Connection(http, Line())

    def _way(self) -> tuple[str, dict[str, str], dict[str, Any]]:
        """Where to connect, with which headers; the address that was checked is the one used."""
        key = self._key()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        parts = urlsplit(self._url)
        if parts.scheme == "https":
            return self._url, headers, {}
        host, port = parts.hostname or "", parts.port or 80
        found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        private = [
            one for one in found if not ipaddress.ip_address(one.partition("%")[0]).is_global
        ]
        if not private:
            raise self._failed(f"{host} is no private address: it needs https", PAUSE_S)
        literal = f"[{private[0]}]" if ":" in private[0] else private[0]
        return f"http://{literal}:{port}{parts.path}", headers | {"Host": parts.netloc}, {}

    def _vectors(self, body: bytes, response: httpx.Response, count: int) -> Vectors:
        status = response.status_code
        if status in _REFUSES_TEXT:
            raise TextRefused(f"{self._url}: {status}: {_shown(body)}")
        if status != 200:
            wait = response.headers.get("Retry-After", "")
            named = float(wait) if wait.isascii() and wait.isdecimal() else PAUSE_S
            pause = min(max(named, PAUSE_S), LONGEST_PAUSE_S)
            raise self._failed(f"it answers {status}: {_shown(body)}", pause)
        try:
            rows = sorted(json.loads(body)["data"], key=lambda row: row["index"])
            if [row["index"] for row in rows] != list(range(count)):
                raise ValueError(f"{len(rows)} vectors for {count} texts")
            vectors = np.array([row["embedding"] for row in rows], dtype=np.float32)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise self._failed(f"its answer is not understood: {error!r}", PAUSE_S) from error
        if vectors.shape != (count, self.dimensions):
            raise self._failed(
                f"its vectors have the shape {vectors.shape}, "
                f"search.embedder_dimensions is {self.dimensions}",
                PAUSE_S,
            )
        if not np.isfinite(vectors).all() or not vectors.any(axis=1).all():
            raise self._failed("a vector of it has no direction", PAUSE_S)
        return unit(vectors)

    def _failed(self, why: str, pause_s: float) -> EmbedderTrouble:
        """What to raise; the server is left alone from now on."""
        with self._lock:
            self._leave_alone_until = time.monotonic() + pause_s
            self._why = f"{self._url}: {why}"
            return EmbedderTrouble(self._why)


def _shown(body: bytes) -> str:
    """The beginning of an answer, as one line."""
    text = body[:300].decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else " " for sign in text)
