"""The logs that strangers test with, served over real HTTP and read as any peer's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chorsu.exchange import actions
from chorsu.exchange.models import Peer
from chorsu.exchange.troubles import TROUBLES
from chorsu.flows.pulling import pull
from chorsu.wire.checkpoint import parse_checkpoint
from chorsu.wire.keys import VerifyKey
from chorsu.wire.node import NodeDocument
from chorsu.wire.note import parse_note
from tests.vectors import make

VECTORS = Path(make.__file__).parent
LOGS = VECTORS / "logs"
KEY = VerifyKey.parse((VECTORS / "key/accepted/beijing.vkey").read_text())
# What the looks before the last lead to, where not all are taken.
ON_THE_WAY = {
    "followed/damaged-on-the-way-then-whole": ["", "root-mismatch"],
    "followed/old-checkpoint-of-the-old-key-then-the-new-one": ["", "", "old-key"],
}


@contextmanager
def served(looks: list[Path]) -> Iterator[str]:
    """The address at which the last of these looks is served; it may be empty at first."""

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            return str(looks[-1] / path.lstrip("/"))

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: tests read results, not logs."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def read(scenario: Path, now: datetime) -> list[Peer]:
    """What is kept of the peer after each look of the scenario."""
    looks: list[Path] = []
    kept: list[Peer] = []
    with served(looks) as address:
        document = NodeDocument(KEY.name, KEY.vkey, address, (), "files/1")
        actions.add_peer(document=document, now=now)
        actions.confirm_peer(name=KEY.name, vkey=KEY.vkey, now=now)
        for one in sorted(scenario.iterdir()):
            looks.append(one)
            pull(peer_name=KEY.name, now=now)
            kept.append(Peer.objects.get())
    return kept


def scenarios(verdict: str) -> list[str]:
    depth = "*" if verdict == "followed" else "*/*"
    return sorted(str(path.relative_to(LOGS)) for path in LOGS.glob(f"{verdict}/{depth}"))


@pytest.mark.django_db
@pytest.mark.parametrize("name", scenarios("followed"))
def test_a_log_that_is_read_to_its_end(name: str, now: datetime) -> None:
    *others, peer = read(LOGS / name, now)
    assert [one.trouble for one in others] == ON_THE_WAY.get(name, [""] * len(others))
    last = parse_note((max((LOGS / name).iterdir()) / "exchange/checkpoint").read_bytes())
    assert (peer.state, peer.trouble) == ("confirmed", "")
    assert peer.verified_size == parse_checkpoint(last.text).size
    signer = VerifyKey.parse(peer.vkey)
    assert [(one.name, one.key_id) for one in last.signatures] == [(signer.name, signer.key_id)]


@pytest.mark.django_db
@pytest.mark.parametrize("name", scenarios("not-taken") + scenarios("set-aside"))
def test_a_look_that_changes_nothing_but_what_is_thought_of_the_peer(
    name: str, now: datetime
) -> None:
    verdict, code, _attack = name.split("/")
    *others, before, peer = read(LOGS / name, now)
    assert [one.trouble for one in (*others, before)] == [""] * (len(others) + 1)
    state = "set-aside" if verdict == "set-aside" else "confirmed"
    assert (before.state, peer.state, peer.trouble) == ("confirmed", state, code)
    assert (peer.verified_size, peer.vkey) == (before.verified_size, before.vkey)
    assert bytes(peer.verified_range) == bytes(before.verified_range)
    assert before.verified_size > 0


def test_every_code_of_a_scenario_is_explained_to_people() -> None:
    assert {name.split("/")[1] for name in scenarios("not-taken")} <= TROUBLES.keys()
    assert {name.split("/")[1] for name in scenarios("set-aside")} <= TROUBLES.keys()
