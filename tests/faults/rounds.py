"""Rounds of faults between nodes; after each, nothing may be lost, doubled or believed.

Two publish and read each other; a third, which reads both, plays in some rounds (`third.py`).

Every round draws its work and its faults from one seed, told when something is wrong, with the
story of the round.
"""

from __future__ import annotations

import os
import random
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from chorsu.kernel.ids import new_id
from tests.faults import third
from tests.faults.checks import Wrong, check_all, check_log
from tests.faults.disks import Disk, NoDisk
from tests.faults.hostile import ATTACKS, BESIDE, HostileNode
from tests.faults.nodes import TO_HANDS, Node, kept_up, postgres
from tests.faults.proxy import some_plans
from tests.flows.remote import publish

YEAR_S = 366 * 24 * 3600
LINES = {
    "publish": 9000,
    "revise": 9000,
    "withdraw": 5000,
    "pull": 14000,
    "work_off": 20000,
    "sweep": 1200,
}
"""About how many lines of the product one such piece of work runs: where kills are drawn from."""
HEALS = 6
MOST_MB = 150
"""What any work, and a web server, may hold beyond what an idle process of the node does."""
MOST_REQUESTS = 1000
"""To one hostile peer in one pull: an honest log of 100,000 entries is read with fewer."""
OF_THE_DATABASE = {"postgres_at", "postgres_full"}
STRANGER = "not-the-host"


class Rounds:
    """Two nodes, a third that watches them, and what is done to them."""

    def __init__(self, folder: Path, seed: int, *, own_disks: bool = False) -> None:
        self.folder = folder
        self.disk: Disk | None = None
        self.disks = "one for all" if not own_disks else self._get_disk()
        self.seed = seed
        self.story: list[str] = []
        self.figures: Counter[str] = Counter()
        self.peak_mb = self.server_peak_mb = 0.0
        ports = free_ports(6)
        self.nodes = [
            Node(folder, "beijing", "cn-nag", ports[0], ports[1]),
            Node(folder, "ashgabat", "tm-acs", ports[2], ports[3]),
            Node(folder, "bishkek", "kg-apa", ports[4], ports[5]),
        ]
        self.third = self.nodes[2]
        self.records: dict[str, list[str]] = {node.name: [] for node in self.nodes}
        self.chance = self.more = self.night = random.Random(seed)

    def begin(self) -> None:
        """Make the nodes and make them peers."""
        if self.disk is not None:
            server = postgres(self.folder)
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                # Its disk is memory: it keeps little of its journal.
                connection.execute("ALTER SYSTEM SET max_wal_size = '128MB'")
                connection.execute("SELECT pg_reload_conf()")
        for node in self.nodes:
            node.make(own_disk=self.disk is not None)
            node.serve()
        for task in ("found", "confirm"):
            for node in self.nodes:
                node.tell(task, peers=[one.address for one in self.nodes if one is not node])
        for node, _ in self.pairs():
            # How much an idle child weighs: what pulling adds is the puller's own.
            self.base_mb = float(node.do("lacking", blobs_wanted=[])["peak_mb"])

    def clear(self) -> None:
        """Leave nothing of it behind."""
        postgres(self.folder).cleanup()
        for disk in (self.disk, *(node.disk for node in self.nodes)):
            if disk is not None:
                disk.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def pairs(self) -> list[tuple[Node, Node]]:
        """Each of the two that publish with the other."""
        return [(self.nodes[0], self.nodes[1]), (self.nodes[1], self.nodes[0])]

    def _get_disk(self) -> str:
        """Put PostgreSQL on a disk of its own, if that can be had; says whether."""
        (self.folder / "postgres").mkdir()
        try:
            self.disk = Disk(self.folder / "postgres")
        except NoDisk as refused:
            return f"one for all, full for the process at work only: {refused}"
        return "of their own"

    def round(self, number: int, seed: int | None = None) -> None:
        """One round, of this or another seed; raises `Wrong`."""
        seed = self.seed if seed is None else seed
        self.chance = random.Random(f"{seed} {number}")
        # What came later to the rounds is drawn apart: a seed of old draws what it drew.
        self.more = random.Random(f"more {seed} {number}")
        self.night = random.Random(f"night {seed} {number}")
        self.story = [f"round {number} of seed {seed}"]
        origin, reader = self.pairs()[self.chance.randrange(2)]
        self._publish_some(origin)
        self._change_key(origin, random.Random(f"key {seed} {number}"))
        origin.proxy.plans.extend(some_plans(self.chance, 6))
        reader.proxy.plans.extend(some_plans(self.chance, 2))
        for _ in range(self.chance.randint(1, 3)):
            self._read_badly(origin, reader)
        thirds = random.Random(f"third {seed} {number}")
        if plays := thirds.random() < third.PLAYS:
            third.read_badly(self, origin, reader, thirds)
        if self.chance.random() < 0.12:
            self.attack(reader, self.chance.choice(sorted(ATTACKS)))
        self._heal()
        for node, other in self.pairs():
            check_all(node, other)
            check_log(node)
        self._weigh_servers()
        if plays:
            third.check_sighting(self, origin, reader)
            if thirds.random() < third.TWO_FACES:
                third.two_faces(self, reader, thirds)
        self.figures["rounds"] += 1

    def _publish_some(self, origin: Node) -> None:
        for _ in range(self.chance.randint(1, 3)):
            order: dict[str, Any] = {}
            mine = self.records[origin.name]
            task = self.chance.choices(["publish", "revise", "withdraw"], [60, 25, 15])[0]
            if task == "publish" or not mine:
                task = "publish"
                sizes = [
                    int(10 ** self.chance.uniform(1, 5)) for _ in range(self.chance.randint(0, 2))
                ]
                order = {"seed": self.chance.randrange(10**6), "files": sizes}
                order["audience"] = self.chance.choice(["public", "public", "network"])
            elif task == "revise":
                order = {"record": self.chance.choice(mine), "seed": self.chance.randrange(10**6)}
                order["audience"] = self.chance.choice(["public", "public", "network"])
            else:
                order = {"record": mine.pop(self.chance.randrange(len(mine)))}
            answer = self.do(origin, task, order, self.fault(task, self.chance))
            if answer["ok"] and task == "publish":
                mine.append(answer["result"])

    def _change_key(self, origin: Node, chance: random.Random) -> None:
        """In some rounds the node changes its key, before or after what else it does."""
        for _ in range(chance.choice([0, 0, 0, 1, 1, 2])):
            fault = {"kill_at": chance.randint(1, 1200)} if chance.random() < 0.6 else {}
            self.do(origin, "change_key", {"revoked": chance.random() < 0.3}, fault)
            self.figures["changes of key"] += 1

    def _read_badly(self, origin: Node, reader: Node) -> None:
        drawn = self.chance.random()
        if drawn < 0.08:
            origin.kill_server()
            self.story.append(f"{origin.name}: its server killed")
            self.figures["kills"] += 1
        elif drawn < 0.16:
            origin.kill_server()
            kill_at = self.chance.randint(1, 6000)
            self.story.append(f"{origin.name}: its server to be killed at line {kill_at}")
            origin.tell("serve", kill_at=kill_at)
            time.sleep(0.5)
            self.figures["kills"] += 1
        elif self.more.random() < 0.05:
            origin.kill_server()
            shift_s = self.more.choice([-YEAR_S, YEAR_S])
            self.story.append(f"{origin.name}: its server's clock is {shift_s} s ahead")
            origin.serve(shift_s=shift_s)
            self.figures["servers with a wrong clock"] += 1
        kill = 0.16 <= drawn < 0.20
        if self.chance.random() < 0.3:
            self.do(origin, "work_off", {}, self.fault("work_off", self.chance))
            fault = self.fault("work_off", self.chance)
            self.do(reader, "work_off", {}, self._strike("work_off") if kill else fault)
        else:
            fault = self.fault("pull", self.chance)
            self.do(reader, "pull", {"peer": origin.name}, self._strike("pull") if kill else fault)
        if self.chance.random() < 0.2:
            origin.serve()

    def fault(self, task: str, chance: random.Random) -> dict[str, int]:
        """What goes wrong with a piece of work: an order to `hands`, often none."""
        drawn = chance.random()
        if drawn < 0.4:
            # Many kinds of work end early: low lines are drawn as often as high ones.
            return {"kill_at": int(LINES[task] ** chance.uniform(0.3, 1.05))}
        if drawn < 0.5:
            return {"max_file": int(10 ** chance.uniform(1, 5))}
        if drawn < 0.58 and task != "work_off":
            return {"shift_s": chance.choice([-YEAR_S, YEAR_S])}
        drawn = self.more.random()
        if drawn < 0.08:
            return self._strike(task)
        if drawn < 0.16 and self.disk is not None:
            full = self.more.choice(["disk_full", "postgres_full"])
            return {full: int(10 ** self.more.uniform(3, 5.5))}
        if drawn < 0.24 and task == "work_off":
            return {"shift_s": self.more.choice([-YEAR_S, YEAR_S])}
        return {}

    def _strike(self, task: str) -> dict[str, int]:
        """PostgreSQL is killed while this is done."""
        return {"postgres_at": int(LINES[task] ** self.more.uniform(0.3, 1))}

    def do(
        self, node: Node, task: str, order: dict[str, Any], fault: dict[str, int]
    ) -> dict[str, Any]:
        """Have a node do a piece of work that may fail, and note what came of it."""
        begun = time.monotonic()
        told = {name: value for name, value in fault.items() if name in TO_HANDS}
        with ExitStack() as stack:
            if fault.keys() & OF_THE_DATABASE:
                told["postgres"] = stack.enter_context(kept_up(self.folder))
            for disk, name in ((node.disk, "disk_full"), (self.disk, "postgres_full")):
                if disk is not None and name in fault:
                    stack.enter_context(disk.full(fault[name]))
            answer = node.do(task, **order, **told)
        spent = time.monotonic() - begun
        self.figures["kills" if answer["signal"] == 9 else "pieces of work"] += 1
        for name in fault:
            self.figures[name] += 1
        self.figures["kills of PostgreSQL"] += "postgres_at" in fault and answer.get(
            "struck", False
        )
        ended = "killed" if answer["signal"] else answer.get("error", answer.get("result"))
        self.story.append(f"{node.name}: {task} {order} {fault} {spent:.1f} s: {ended}")
        self._judge(node, task, answer)
        if fault.keys() & OF_THE_DATABASE and not answer["ok"]:
            # Once more, as whoever wanted it would; what was done already is refused then.
            answer = node.do(task, **order)
            self.story.append(f"{node.name}: {task} again: {answer.get('error', answer['ok'])}")
            self._judge(node, task, answer)
            if task in ("pull", "work_off") and not answer["ok"]:
                raise Wrong(f"{node.name}: {task} does not go on after PostgreSQL came back")
        return answer

    def _judge(self, node: Node, task: str, answer: dict[str, Any]) -> None:
        if answer["hung"]:
            raise Wrong(f"{node.name}: {task} did not end; its log says where it was")
        self.peak_mb = max(self.peak_mb, answer["peak_mb"] - self.base_mb)
        if self.peak_mb > MOST_MB:
            raise Wrong(f"{node.name}: {task} held {self.peak_mb:.0f} MB")

    def _weigh_servers(self) -> None:
        for node in self.nodes:
            node.weigh_server()
            self.server_peak_mb = max(self.server_peak_mb, node.server_peak_mb - self.base_mb)
            if self.server_peak_mb > MOST_MB:
                raise Wrong(f"{node.name}: its server held {self.server_peak_mb:.0f} MB")

    def attack(self, reader: Node, name: str) -> None:
        """A hostile peer is confirmed, does its harm, and is forgotten; raises `Wrong`."""
        hostile = HostileNode(f"hostile-{secrets.token_hex(4)}.chorsu.example")
        hostile.victim = reader.address
        publish(hostile, new_id())
        with hostile.serve() as address:
            reader.tell("confirm", peers=[address])
            reader.tell("pull", peer=hostile.name)
            ATTACKS[name](hostile)
            hostile.asked, begun = 0, time.monotonic()
            answer = self.do(reader, "pull", {"peer": hostile.name}, {})
            spent = time.monotonic() - begun
        self.story.append(f"attack: {name}, {spent:.1f} s, {answer.get('result')}")
        self.figures["attacks"] += 1
        if hostile.asked > MOST_REQUESTS:
            raise Wrong(f"attack {name!r} was asked {hostile.asked} times")
        if not answer["ok"] or spent > 60:
            raise Wrong(f"attack {name!r}: {spent:.1f} s: {answer.get('error')}")
        held = reader.tell("held", peer=hostile.name)
        # What it publishes honestly is for an institution of another node, and is told as that.
        told = [one for one in held["entries"] if one[2] not in ("", STRANGER)]
        if name in BESIDE and (told or [one[2] for one in held["entries"]] != [STRANGER] * 2):
            raise Wrong(f"attack {name!r} kept what is beside it away: {held}")
        told = name in BESIDE or answer["result"]["trouble"] or told
        if not told:
            raise Wrong(f"attack {name!r} passed without a word: {answer['result']}")
        reader.tell("forget", peer=hostile.name)

    def _heal(self) -> None:
        """All is well again: lines are clean, servers serve, clocks are right."""
        for node in self.nodes:
            node.proxy.plans.clear()
            if node.clock_is_wrong:
                node.kill_server()
            node.serve()
        for node, other in self.pairs():
            waited = -1
            for _ in range(HEALS):
                # One that was to be killed at some line may reach that line only now.
                other.serve()
                answer = node.tell("pull", peer=other.name, later=True)
                # An entry of a clock that was ahead waits on: then nothing changes any more.
                still = answer["waiting"] in (0, waited)
                if still and not answer["wanted"] and not answer["trouble"]:
                    break
                waited = answer["waiting"]
            self.story.append(f"{node.name}: healed: {answer}")
            self._sweep(node)

    def _sweep(self, node: Node) -> None:
        """The night comes, often for a worker or a PostgreSQL that is killed over it; and again."""
        drawn, line = self.night.random(), int(LINES["sweep"] ** self.night.uniform(0.3, 1))
        if drawn < 0.5:
            kills = "kill_at" if drawn < 0.35 else "postgres_at"
            self.do(node, "sweep", {}, {kills: line})
        self.figures["left over and swept"] += node.tell("sweep")


def free_ports(count: int) -> list[int]:
    """Ports nothing listens on, below those that the system gives to outgoing connections.

    A server that was killed takes its own port again: nobody else may have it meanwhile.
    """
    found: list[int] = []
    tried = random.Random(os.getpid())
    while len(found) < count:
        port = tried.randrange(20_000, 32_000)
        with socket.socket() as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


def play(
    rounds: int,
    seed: int,
    *,
    again: Sequence[tuple[int, int]] = (),
    keep: bool = False,
    say: bool = True,
) -> dict[str, Any]:
    """Play so many rounds; returns the figures, with `wrong` and the story if a round failed.

    The first of them are those of `again`: seeds and numbers of rounds that once found something.
    """
    folder = Path(tempfile.mkdtemp(prefix="chorsu-faults-"))
    game = Rounds(folder, seed, own_disks=True)
    begun = time.monotonic()
    figures: dict[str, Any] = {"seed": seed, "disks": game.disks}
    try:
        game.begin()
        for number in range(rounds):
            game.round(*reversed(again[number]) if number < len(again) else (number,))
            if say and (number + 1) % 10 == 0:
                spent = time.monotonic() - begun
                print(f"{number + 1} rounds, {spent:.0f} s", file=sys.stderr, flush=True)
        for node, other in game.pairs():
            figures[node.name] = check_log(node)
            node.tell("sweep")  # The last round may have ended with a peer forgotten.
            check_all(node, other, every_blob=True)
            third.check_sighting(game, node, other)
            check_all(game.third, node, every_blob=True)
    except AssertionError as wrong:
        figures |= {"wrong": str(wrong), "story": game.story}
    finally:
        for node in game.nodes:
            node.stop()
    figures |= dict(game.figures)
    figures |= {
        "seconds": round(time.monotonic() - begun),
        "peak_mb": round(game.peak_mb),
        "server_peak_mb": round(game.server_peak_mb),
    }
    if not keep and "wrong" not in figures:
        game.clear()
    else:
        figures["folder"] = str(folder)
    return figures
