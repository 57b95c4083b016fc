"""Asking another node: addresses that must not be asked, answers that must not be taken."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.conf import settings

from chorsu.exchange.client import PeerClient, PeerTrouble, resolve
from chorsu.wire.keys import SigningKey

KEY = SigningKey.generate("hub.chorsu.example")


@contextmanager
def server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{running.server_port}"
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def code_of(address: str, max_bytes: int = 1000) -> str:
    with PeerClient(address, key=KEY, timeout_s=1) as client:
        with pytest.raises(PeerTrouble) as caught:
            client.get("/x", max_bytes=max_bytes)
        return caught.value.code


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "fe80::1",
        "fd00::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "224.0.0.1",
    ],
)
def test_addresses_inside_are_refused(address: str) -> None:
    with pytest.raises(PeerTrouble) as caught:
        resolve(address, 443, private=False)
    assert caught.value.code == "private-address"


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111"])
def test_addresses_outside_are_taken(address: str) -> None:
    assert resolve(address, 443, private=False) == address


def test_a_name_with_an_outer_and_an_inner_address_leads_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [(socket.AF_INET, 1, 6, "", (ip, 443)) for ip in ("10.0.0.1", "93.184.216.34")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert resolve("two.example", 443, private=False) == "93.184.216.34"


def test_a_host_that_the_settings_name_may_lie_inside_and_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(settings.NODE._values, "exchange.private_peers", False)
    monkeypatch.setitem(settings.NODE._values, "exchange.private_hosts", ("127.0.0.1",))
    PeerClient("http://127.0.0.1:9", key=KEY).close()
    with pytest.raises(PeerTrouble) as caught:
        PeerClient("http://127.0.0.2:9", key=KEY)
    assert caught.value.code == "private-address"


def test_a_name_that_does_not_resolve() -> None:
    with pytest.raises(PeerTrouble) as caught:
        resolve("nowhere.invalid", 443, private=True)
    assert caught.value.code == "unreachable"


def test_the_host_header_is_the_name_and_the_connection_the_checked_address() -> None:
    seen: list[str | None] = []

    def answer(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.headers["Host"])
        request.send_response(200)
        request.end_headers()

    with server(answer) as address, PeerClient(address, key=KEY) as client:
        client.get("/x", max_bytes=10)
        assert seen == [address.removeprefix("http://")]


def test_a_redirect_is_not_followed() -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(302)
        request.send_header("Location", "http://169.254.169.254/latest")
        request.end_headers()

    with server(answer) as address:
        assert code_of(address) == "redirected"


@pytest.mark.parametrize("said", ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "soon"])
def test_a_date_that_is_none_says_no_time(said: str) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response_only(200)
        request.send_header("Date", said)
        request.end_headers()

    with server(answer) as address, PeerClient(address, key=KEY, timeout_s=5) as client:
        assert client.clock("/x") is None


def test_an_answer_that_claims_to_be_too_large() -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1001")
        request.end_headers()
        request.wfile.write(bytes(1001))

    with server(answer) as address:
        assert code_of(address) == "answer-too-large"


def test_an_answer_without_a_length_and_without_an_end() -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        try:
            while True:
                request.wfile.write(bytes(100))
        except OSError:
            return

    with server(answer) as address:
        assert code_of(address) == "answer-too-large"


def test_silence() -> None:
    release = threading.Event()

    def answer(request: BaseHTTPRequestHandler) -> None:
        release.wait(5)

    with server(answer) as address:
        assert code_of(address) == "timeout"
        release.set()


def test_a_byte_at_a_time_earns_no_more_time_than_its_bytes() -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):
            for _ in range(100):
                handler.wfile.write(b"x")
                time.sleep(0.1)

    begun = time.monotonic()
    with server(drip) as address:
        # The cap alone would allow such an answer over an hour.
        assert code_of(address, max_bytes=16 * 1024 * 1024) == "timeout"
        assert time.monotonic() - begun < 8


def test_a_head_a_byte_at_a_time_does_not_hold_the_node_up() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        until = time.monotonic() + 10
        with suppress(OSError):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while time.monotonic() < until:
                handler.wfile.write(b"X-A: b\r\n")
                time.sleep(0.2)

    with server(answer) as address:
        begun = time.monotonic()
        assert code_of(address) == "timeout"
        assert time.monotonic() - begun < 5


def test_a_line_that_was_cut_is_made_anew() -> None:
    asked: list[str] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        if len(asked) == 1:
            handler.close_connection = True
            time.sleep(0.5)
            with suppress(OSError):
                for _ in range(20):
                    handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                    time.sleep(0.3)
            return
        handler.send_response(200)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    with server(answer) as address, PeerClient(address, key=KEY, timeout_s=1) as client:
        with pytest.raises(PeerTrouble) as caught:
            client.get("/x", max_bytes=10)
        assert caught.value.code == "timeout"
        assert client.get("/x", max_bytes=10) == b"ok"


def test_an_answer_compressed_though_nobody_asked() -> None:
    bomb = gzip.compress(bytes(10_000_000))

    def explode(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(bomb)))
        handler.end_headers()
        with suppress(OSError):
            handler.wfile.write(bomb)

    with server(explode) as address:
        assert code_of(address, max_bytes=16 * 1024 * 1024) == "peer-error"


def test_a_download_is_taken_up_by_a_range(tmp_path: Path) -> None:
    whole, asked = b"first half, second half", []

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.headers["Range"])
        request.send_response(206)
        request.end_headers()
        request.wfile.write(whole[10:])

    target = tmp_path / "partial"
    target.write_bytes(whole[:10])
    with server(answer) as address, PeerClient(address, key=KEY) as client:
        client.download("/x", target, size=len(whole), signed=False)
    assert (asked, target.read_bytes()) == (["bytes=10-"], whole)
