"""The OpenAI-compatible encoder against a real server: what it sends, and what it does not take."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from chorsu.search import endpoint as endpoints
from chorsu.search.endpoint import Endpoint
from chorsu.search.errors import EmbedderTrouble, TextRefused
from tests.search.endpoints import DIMENSIONS, serve
from tests.search.endpoints import Endpoint as Server

_opened: list[Endpoint] = []


@pytest.fixture
def server() -> Iterator[Server]:
    with serve() as one:
        yield one
        while _opened:
            _opened.pop().close()


def encoder(server: Server, **more: object) -> Endpoint:
    values: dict[str, object] = {
        "url": server.url,
        "model": "small",
        "dimensions": DIMENSIONS,
        "key": lambda: "",
        "timeout_s": 5.0,
        "batch": 2,
    }
    made = Endpoint(**(values | more))  # type: ignore[arg-type]
    _opened.append(made)
    return made


def test_passages_go_in_batches_with_their_prefix_and_come_back_in_order(server: Server) -> None:
    made = encoder(server, passage_prefix="passage: ").passages(["night bus", "tram", "waste"])

    assert [one["input"] for one in server.requests] == [
        ["passage: night bus", "passage: tram"],
        ["passage: waste"],
    ]
    assert {(one["path"], one["model"]) for one in server.requests} == {("/v1/embeddings", "small")}
    assert made.shape == (3, DIMENSIONS)
    assert np.allclose(np.linalg.norm(made, axis=1), 1, atol=1e-6)
    alone = encoder(server, passage_prefix="passage: ").passages(["tram"])
    assert np.allclose(alone[0], made[1])


def test_a_question_has_its_own_prefix(server: Server) -> None:
    encoder(server, query_prefix="query: ", passage_prefix="passage: ").queries(["bus"])

    assert server.texts == ["query: bus"]


def test_the_key_is_sent_as_a_bearer_and_asked_for_at_each_request(
    server: Server, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("first")
    one = encoder(server, key=key.read_text)
    one.queries(["a"])
    key.write_text("second")
    one.queries(["b"])

    assert [seen["Authorization"] for seen in server.headers_seen] == [
        "Bearer first",
        "Bearer second",
    ]


def test_no_key_no_header(server: Server) -> None:
    encoder(server).queries(["a"])

    assert "Authorization" not in server.headers_seen[0]


def row(values: list[object], index: object = 0) -> bytes:
    return json.dumps({"data": [{"index": index, "embedding": values}]}).encode()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"<html>", "not understood"),
        (b'{"data": []}', "0 vectors for 1 texts"),
        (b'{"data": [{"embedding": [1]}]}', "not understood"),
        (b"[" * 60_000, "not understood"),
        (row([1.0] * (DIMENSIONS - 1)), "search.embedder_dimensions is 24"),
        (row(["a"] * DIMENSIONS), "not understood"),
        (row([[1.0]] * DIMENSIONS), "search.embedder_dimensions is 24"),
        (row([float("nan")] * DIMENSIONS), "no direction"),
        (row([0.0] * DIMENSIONS), "no direction"),
        (row([1.0] * DIMENSIONS, index=7), "vectors for 1 texts"),
        (b" " * 10_000_000, "larger than"),
    ],
)
def test_a_wrong_answer_is_refused_with_a_reason(server: Server, raw: bytes, said: str) -> None:
    server.raw = raw

    with pytest.raises(EmbedderTrouble, match=said):
        encoder(server).queries(["a"])


def test_a_redirect_is_not_followed(server: Server) -> None:
    with serve() as other:
        server.status, server.headers = 307, {"Location": other.url + "/embeddings"}
        with pytest.raises(EmbedderTrouble, match="307"):
            encoder(server, key=lambda: "secret").queries(["a"])

        assert other.requests == []


def test_a_server_in_trouble_is_left_alone_for_a_while(server: Server) -> None:
    server.status, server.headers = 429, {"Retry-After": "120"}
    one = encoder(server)
    with pytest.raises(EmbedderTrouble, match="429"):
        one.queries(["a"])
    server.status = 200
    with pytest.raises(EmbedderTrouble, match=r"asked again in 1[12]\d s"):
        one.passages(["b"])

    assert server.texts == ["a"]


def test_a_server_is_asked_again_after_the_pause(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "PAUSE_S", 0.0)
    server.status = 503
    one = encoder(server)
    with pytest.raises(EmbedderTrouble, match="503"):
        one.queries(["a"])
    server.status = 200

    assert one.queries(["a"]).shape == (1, DIMENSIONS)


def test_a_reader_does_not_wait_for_a_slow_server(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "QUERY_PATIENCE_S", 0.3)
    server.delay_s = 2.0
    begun = time.monotonic()
    with pytest.raises(EmbedderTrouble):
        encoder(server).queries(["a"])

    assert time.monotonic() - begun < 1.8


@contextmanager
def dripping(first: bytes, then: bytes) -> Iterator[str]:
    """A server that never ends its answer, and says a little now and then; gives its address."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(4) as threads:

        def drip(line: socket.socket) -> None:
            with line, suppress(OSError):
                line.sendall(first)
                while not over.wait(0.1):
                    line.sendall(then)

        def take() -> None:
            with suppress(OSError):
                while True:
                    threads.submit(drip, listening.accept()[0])

        threads.submit(take)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        finally:
            over.set()
            listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n", b" "),
    ],
)
def test_an_answer_that_drips_holds_nobody(server: Server, first: bytes, then: bytes) -> None:
    with dripping(first, then) as address:
        one = encoder(server, url=address, timeout_s=0.7)
        begun = time.monotonic()
        with pytest.raises(EmbedderTrouble, match="no answer within 1 s"):
            one.passages(["a"])
        assert time.monotonic() - begun < 3


def test_a_line_that_was_cut_is_made_anew(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "PAUSE_S", 0.0)
    one = encoder(server, timeout_s=0.4)
    assert one.passages(["a"]).shape == (1, DIMENSIONS)
    server.delay_s = 1.0
    with pytest.raises(EmbedderTrouble):
        one.passages(["b"])
    server.delay_s = 0.0
    assert one.passages(["c"]).shape == (1, DIMENSIONS)


def test_many_ask_at_once_over_lines_of_their_own(server: Server) -> None:
    server.delay_s = 0.3
    one = encoder(server)
    begun = time.monotonic()
    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda text: one.passages([text]), "abcdef"))
    assert [vectors.shape for vectors in made] == [(1, DIMENSIONS)] * 6
    assert time.monotonic() - begun < 1.2


def test_one_text_refused_is_told_from_a_server_that_takes_nothing(server: Server) -> None:
    server.refuses = "forbidden"
    one = encoder(server)
    with pytest.raises(TextRefused, match="input is not allowed"):
        one.passages(["forbidden words"])
    assert one.passages(["other words"]).shape == (1, DIMENSIONS)

    server.refuses = ""
    server.raw, server.status = b"unknown model", 400
    with pytest.raises(EmbedderTrouble, match="refuses every text") as raised:
        one.passages(["other words"])
    assert not isinstance(raised.value, TextRefused)


def test_what_is_not_encrypted_goes_to_private_addresses_only(server: Server) -> None:
    public = encoder(server, url="http://192.88.99.1:9/v1", key=lambda: "secret")
    reached = encoder(server, url="http://8.8.8.8:9/v1", key=lambda: "secret")

    with pytest.raises(EmbedderTrouble, match="needs https"):
        reached.queries(["a"])
    with pytest.raises(EmbedderTrouble, match="needs https"):
        public.queries(["a"])


def test_a_server_that_is_not_there_is_told(server: Server) -> None:
    gone = encoder(server, url="http://127.0.0.1:1/v1")

    with pytest.raises(EmbedderTrouble, match=r"127\.0\.0\.1:1"):
        gone.queries(["a"])
