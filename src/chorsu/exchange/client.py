"""Asking another node over HTTP: sizes capped while they come, time limited, addresses checked.

A peer's address comes from outside. It is resolved once, refused if it leads into this machine or
a private network (unless `exchange.private_peers` or `exchange.private_hosts` says so), and the
connection goes to the address that was checked, whatever the name says a moment later. No redirect
is followed.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Literal
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from chorsu.exchange.pace import Pace
from chorsu.kernel.clock import utc_now
from chorsu.kernel.lines import Line
from chorsu.wire.batch import BATCH_PATH, HEADER_BYTES, decode_answer, encode_question
from chorsu.wire.envelope import blob_hash
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.requests import sign_request

MAX_ANSWER_BYTES = 64 * 1024
SLOWEST_BYTES_A_SECOND = 4096
Method = Literal["GET", "POST"]
_STATUS_CODES = {403: "peer-forbids", 404: "peer-lacks", 410: "peer-erased"}


class PeerTrouble(Exception):  # noqa: N818 - says what is wrong
    """A peer could not be asked, or did not answer as a node does; `code`: see `troubles`.

    `retry_after_s` is the pause it asked for, in seconds, if it did; `status` that of its answer,
    0 if it was not the status that was wrong.
    """

    def __init__(
        self, code: str, detail: str, retry_after_s: int | None = None, status: int = 0
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.status = status


class PeerClient:
    """A connection to one node; signs with `key` where asked. Methods raise `PeerTrouble`.

    `pace` is shared with those who use the same line, of whom there are `sharers` at most; where
    it makes wait, the lowest `rank` goes first. `is_setting`: the address is one of the settings of
    this node, which may well name a host inside.
    """

    def __init__(
        self,
        address: str,
        *,
        key: SigningKey,
        timeout_s: int | None = None,
        pace: Pace | None = None,
        sharers: int = 1,
        is_setting: bool = False,
    ) -> None:
        self.address = address
        self._key = key
        self._pace = pace or Pace(settings.NODE.number("exchange.max_kb_per_second") * 1000)
        self._sharers = sharers
        self._given_up = False
        self.rank = 0
        self._timeout_s = timeout_s or settings.NODE.number("exchange.timeout_seconds")
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        checked = resolve(host, port, private=is_setting or _may_be_private(host))
        literal = f"[{checked}]" if ":" in checked else checked
        self._pinned = f"{parts.scheme}://{literal}:{port}{parts.path}"
        self._host = parts.netloc
        self._line = Line()
        self._extensions = {"sni_hostname": host, "trace": self._line.watch}
        self._http = httpx.Client(
            timeout=self._timeout_s,
            trust_env=False,
            follow_redirects=False,
            verify=_trust_store(),
            limits=httpx.Limits(max_connections=1),
        )

    def __enter__(self) -> PeerClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection; by the thread that asks over it."""
        self._http.close()

    def get(
        self,
        path: str,
        *,
        max_bytes: int,
        signed: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """The whole answer to a GET, `max_bytes` at most; signed by this node if asked to."""
        with self._ask("GET", path, signed=signed, extra=headers, max_bytes=max_bytes) as response:
            return b"".join(self._capped(response, max_bytes))

    def clock(self, path: str) -> datetime | None:
        """When it was there, by the head of its answer to a GET; None if that does not say."""
        with self._ask("GET", path, signed=False) as response:
            try:
                moment = parsedate_to_datetime(response.headers["Date"])
            except (KeyError, ValueError, OverflowError):
                return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def post(self, path: str, body: bytes) -> int:
        """Send a signed POST; returns the status of the answer: 200, 201, 202 or 204."""
        with self._ask("POST", path, body=body, signed=True) as response:
            return response.status_code

    def ask(self, path: str, body: bytes, *, max_bytes: int, media_type: str) -> bytes:
        """The whole answer to a signed POST, `max_bytes` at most."""
        extra = {"Content-Type": media_type}
        with self._ask(
            "POST", path, body=body, signed=True, extra=extra, max_bytes=max_bytes
        ) as response:
            return b"".join(self._capped(response, max_bytes))

    def send(self, path: str, body: bytes, *, headers: Mapping[str, str], max_bytes: int) -> bytes:
        """The whole answer to a POST to a server that is no node, `max_bytes` at most; unsigned."""
        with self._ask(
            "POST", path, body=body, signed=False, extra=headers, max_bytes=max_bytes
        ) as response:
            return b"".join(self._capped(response, max_bytes))

    def many_blobs(
        self, prefix: str, wanted: Mapping[str, int], *, signed: bool
    ) -> dict[str, bytes]:
        """Those of many blobs (hash -> size in bytes) that the node gives in one answer.

        Each is what its hash says. One that is missing or wrong is left out: asked for by itself,
        the node says why.
        """
        path, body = prefix + BATCH_PATH, encode_question(list(wanted))
        cap = sum(wanted.values()) + HEADER_BYTES * len(wanted)
        with self._ask("POST", path, body=body, signed=signed, max_bytes=cap) as response:
            data = b"".join(self._capped(response, cap))
        try:
            answers = decode_answer(data, len(wanted))
        except WireError as error:
            raise PeerTrouble(error.code, error.detail) from error
        return {
            sha256: blob
            for sha256, blob in zip(wanted, answers, strict=True)
            if blob is not None and blob_hash(blob) == sha256
        }

    def cut(self) -> None:
        """Give the connection up, from another thread: what is asked of it raises `timeout`."""
        self._given_up = True
        self._line.cut()
        self._pace.wake()

    def download(self, path: str, target: Path, *, size: int, signed: bool) -> None:
        """Bring `target` to exactly `size` bytes, taking up a download that was cut.

        Raises `blob-size` when the node has more or fewer bytes than that. What the bytes are is
        for the caller to check.
        """
        have = target.stat().st_size if target.exists() else 0
        if have > size:
            target.unlink()
            have = 0
        if have < size or size == 0:
            extra = {"Range": f"bytes={have}-"} if have else {}
            with self._ask("GET", path, signed=signed, extra=extra, max_bytes=size) as response:
                resumed = response.status_code == 206
                chunks = self._capped(response, size - have if resumed else size)
                with target.open("ab" if resumed else "wb") as file:
                    for chunk in chunks:
                        file.write(chunk)
        if target.stat().st_size != size:
            raise PeerTrouble("blob-size", f"{target.stat().st_size} bytes, expected {size}")

    def _capped(self, response: httpx.Response, max_bytes: int) -> Iterator[bytes]:
        """The answer as it comes; time is earned by what has come, not by what was announced.

        No faster than the pace: what waits here waits in the line, and is nobody's slowness.
        """
        taken, begun = 0, time.monotonic()
        since = begun
        fastest = self._pace.bytes_per_second
        slowest = min(SLOWEST_BYTES_A_SECOND, fastest / 2 or SLOWEST_BYTES_A_SECOND)
        for chunk in response.iter_raw():
            taken += len(chunk)
            if taken > max_bytes:
                path = response.request.url.path
                raise PeerTrouble("answer-too-large", f"{path}: over {max_bytes} bytes")
            earned = taken * self._sharers / slowest
            if self._given_up:
                raise PeerTrouble("timeout", f"{response.request.url.path}: given up")
            if time.monotonic() > begun + self._timeout_s + earned:
                raise PeerTrouble("timeout", f"{response.request.url.path}: too slow")
            yield chunk
            begun += self._pace.keep(
                len(chunk), since=since, rank=self.rank, given_up=lambda: self._given_up
            )
            since = time.monotonic()

    @contextmanager
    def _ask(
        self,
        method: Method,
        path: str,
        *,
        signed: bool,
        body: bytes | None = None,
        extra: Mapping[str, str] | None = None,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> Iterator[httpx.Response]:
        if self._given_up:
            raise PeerTrouble("timeout", f"{path}: given up")
        # Identity: a compressed answer could be small on the way and endless here.
        headers = {"Host": self._host, "Accept-Encoding": "identity", "Cache-Control": "no-cache"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if signed:
            url = self.address + path
            headers |= sign_request(self._key, method, url, body, utc_now(), secrets.token_hex(16))
        try:
            with (
                self._line.watched(2 * self._timeout_s) as head_is_here,
                self._http.stream(
                    method,
                    self._pinned + path,
                    content=body,
                    headers={**headers, **(extra or {})},
                    extensions=self._extensions,
                ) as response,
            ):
                head_is_here()
                _check_answer(response, path, max_bytes)
                yield response
        except httpx.TimeoutException as error:
            raise PeerTrouble("timeout", f"{path}: {type(error).__name__}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if self._line.was_cut:
                raise PeerTrouble("timeout", f"{path}: no whole head in time") from error
            detail = f"{self.address}{path}: {error or type(error).__name__}"
            raise PeerTrouble("unreachable", detail) from error


@cache
def _trust_store() -> ssl.SSLContext:
    """Whose certificates are believed; SSL_CERT_FILE adds an authority. Slow to read: kept."""
    return httpx.create_ssl_context(trust_env=True)


def _may_be_private(host: str) -> bool:
    """Whether the settings let a host lie inside: every one, or this one by its name."""
    named = settings.NODE.list("exchange.private_hosts")
    return settings.NODE.flag("exchange.private_peers") or host in named


def resolve(host: str, port: int, *, private: bool) -> str:
    """An IP address of the host to connect to; raises `unreachable` or `private-address`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PeerTrouble("unreachable", f"{host}: {error}") from error
    addresses = [str(info[4][0]) for info in found]
    usable = [one for one in addresses if private or _is_global(one)]
    if not usable:
        raise PeerTrouble("private-address", f"{host} is {', '.join(sorted(set(addresses)))}")
    return usable[0]


def _is_global(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        # An IPv4 address can be written inside an IPv6 one; what counts is where it leads.
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is not None:
            return inner.is_global and address.is_global
    return address.is_global and not address.is_multicast


def _check_answer(response: httpx.Response, path: str, max_bytes: int) -> None:
    status = response.status_code
    if 300 <= status < 400:
        target = response.headers.get("Location", "")
        raise PeerTrouble("redirected", f"{path}: {status} to {target[:200]}", status=status)
    if status not in (200, 201, 202, 204, 206):
        wait = response.headers.get("Retry-After", "")
        pause = int(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 7 else None
        code = _STATUS_CODES.get(status, "peer-error")
        raise PeerTrouble(code, f"{path}: {status}", pause, status)
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        # Nobody asked for it: what is small on the way may be endless once unpacked.
        raise PeerTrouble("peer-error", f"{path}: encoded as {encoding[:40]}")
    length = response.headers.get("Content-Length", "0")
    if length.isdecimal() and int(length) > max_bytes:
        raise PeerTrouble("answer-too-large", f"{path}: {length} bytes, cap {max_bytes}")
