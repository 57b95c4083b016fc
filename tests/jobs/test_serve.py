"""`chorsu serve`."""

from __future__ import annotations

import pickle
import socket

from chorsu.jobs.management.commands.serve import ServerConfig


def test_an_answer_does_not_wait_for_the_reader_to_acknowledge_its_head() -> None:
    config = ServerConfig("chorsu.config.asgi:application", host="127.0.0.1", port=0, workers=2)
    with config.bind_socket() as bound:
        bound.listen()
        with (
            socket.create_connection(bound.getsockname()),
            bound.accept()[0] as accepted,
        ):
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_workers_that_are_started_anew_are_told_the_same() -> None:
    config = ServerConfig("chorsu.config.asgi:application", workers=2, lifespan="off")
    assert pickle.loads(pickle.dumps(config)).lifespan == "off"
