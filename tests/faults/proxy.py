"""A bad line: TCP between two nodes that drops, delays, cuts, stalls, flips, repeats and reorders.

Each connection takes the next plan of the list (none left: a clean one). Bytes count from the
connection's first, in the plan's direction; connections carry many requests.
"""

from __future__ import annotations

import random
import selectors
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Literal

Kind = Literal["refuse", "delay", "cut", "stall", "flip", "repeat", "hold"]
KINDS: tuple[Kind, ...] = ("refuse", "delay", "cut", "stall", "flip", "repeat", "hold")
CHUNK = 1 << 14
HOLD_S = 0.4


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to one connection: at byte `at` upwards (to the server) or downwards."""

    kind: Kind
    at: int = 0
    upwards: bool = False
    bit: int = 0
    seconds: float = 0.0


def some_plans(chance: random.Random, count: int) -> list[Plan | None]:
    """Plans for the next connections, about half of them faulty."""
    plans: list[Plan | None] = []
    for _ in range(count):
        if chance.random() < 0.45:
            plans.append(None)
            continue
        kind = chance.choice(KINDS)
        # Most answers are small: a checkpoint, a bundle of a few entries, a record.
        at = int(10 ** chance.uniform(0, 4.3))
        plans.append(
            Plan(
                kind,
                at=at,
                upwards=chance.random() < 0.25,
                bit=chance.randrange(8),
                seconds=chance.uniform(0.05, 0.4),
            )
        )
    return plans


class Proxy:
    """Listens on a port of its own for the server behind it; runs in threads until closed."""

    def __init__(self, port: int, behind: int) -> None:
        self.behind = behind
        self.plans: deque[Plan | None] = deque()
        self.used: list[Plan] = []
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._closed = True
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            plan = self.plans.popleft() if self.plans else None
            if plan is not None:
                self.used.append(plan)
            threading.Thread(target=self._carry, args=(client, plan), daemon=True).start()

    def _carry(self, client: socket.socket, plan: Plan | None) -> None:
        with client:
            if plan is not None and plan.kind == "refuse":
                return
            if plan is not None and plan.kind == "hold":
                # Whoever connects after this one is served before it.
                time.sleep(HOLD_S)
            try:
                server = socket.create_connection(("127.0.0.1", self.behind), timeout=5)
            except OSError:
                return
            with server:
                sent = _Line(client, server, plan).run()
        if plan is not None and plan.kind == "repeat" and sent:
            self._repeat(sent)

    def _repeat(self, sent: bytes) -> None:
        """Say all of it once more, as somebody would who listened; nobody hears the answer."""
        try:
            with socket.create_connection(("127.0.0.1", self.behind), timeout=5) as server:
                server.settimeout(0.5)
                server.sendall(sent)
                while server.recv(CHUNK):
                    pass
        except OSError:
            return


class _Line:
    """One connection's two directions."""

    def __init__(self, client: socket.socket, server: socket.socket, plan: Plan | None) -> None:
        self.plan = plan
        self.ways = {client: server, server: client}
        self.client = client
        self.passed = {client: 0, server: 0}
        self.sent = bytearray()
        self.stalled = False

    def run(self) -> bytes:
        """Carry until either side ends; returns what the client said."""
        with selectors.DefaultSelector() as selector:
            for side in self.ways:
                selector.register(side, selectors.EVENT_READ)
            try:
                while True:
                    for key, _ in selector.select(timeout=30):
                        side = key.fileobj
                        assert isinstance(side, socket.socket)
                        if not self._pass_on(side):
                            return bytes(self.sent)
            except OSError:
                return bytes(self.sent)

    def _pass_on(self, side: socket.socket) -> bool:
        data = side.recv(CHUNK)
        if not data:
            return False
        if side is self.client and len(self.sent) < 1 << 20:
            self.sent += data
        if self.stalled:
            return True
        first, plan = self.passed[side], self.plan
        self.passed[side] += len(data)
        meant = plan is not None and plan.upwards == (side is self.client)
        if plan is None or not meant or not first <= plan.at < first + len(data):
            self.ways[side].sendall(data)
            return True
        return self._act(side, data, plan.at - first, plan)

    def _act(self, side: socket.socket, data: bytes, at: int, plan: Plan) -> bool:
        other = self.ways[side]
        if plan.kind == "cut":
            other.sendall(data[:at])
            return False
        if plan.kind == "stall":
            other.sendall(data[:at])
            self.stalled = True
            return True
        if plan.kind == "flip":
            data = data[:at] + bytes([data[at] ^ (1 << plan.bit)]) + data[at + 1 :]
        if plan.kind == "delay":
            time.sleep(plan.seconds)
        other.sendall(data)
        return True
