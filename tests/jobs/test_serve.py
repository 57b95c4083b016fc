"""`chorsu serve`."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys

from chorsu.jobs.server_config import ServerConfig


def test_an_answer_does_not_wait_for_the_reader_to_acknowledge_its_head() -> None:
    config = ServerConfig("chorsu.config.asgi:application", host="127.0.0.1", port=0, workers=2)
    with config.bind_socket() as bound:
        bound.listen()
        with (
            socket.create_connection(bound.getsockname()),
            bound.accept()[0] as accepted,
        ):
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_worker_process_takes_its_settings_up_before_anything_else_is_ready() -> None:
    config = ServerConfig("chorsu.config.asgi:application", workers=2, lifespan="off")
    plain = {name: value for name, value in os.environ.items() if "SETTINGS" not in name}
    taken = subprocess.run(
        [sys.executable, "-c", "import pickle, sys; print(pickle.load(sys.stdin.buffer).lifespan)"],
        input=pickle.dumps(config),
        capture_output=True,
        check=False,
        env=plain,
    )
    assert taken.stdout.strip() == b"off", taken.stderr.decode()
