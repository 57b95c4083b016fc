"""A third honest node in the rounds: it reads the two while all goes wrong, and tells what it saw.

What it shows may set nobody honest aside, has to arrive at last, and has to find out a log that
shows it another history than the others.
"""

from __future__ import annotations

import random
import secrets
from typing import TYPE_CHECKING

from chorsu.kernel.ids import new_id
from tests.faults.checks import Wrong, check_all
from tests.faults.nodes import Node
from tests.faults.proxy import some_plans
from tests.flows.remote import publish
from tests.memory_node import MemoryNode

if TYPE_CHECKING:
    from tests.faults.rounds import Rounds

PLAYS = 0.3
TWO_FACES = 0.25
"""How often it plays, and how often of these there is a log with two histories."""
TURNS = 8


def read_badly(game: Rounds, origin: Node, reader: Node, chance: random.Random) -> None:
    """The third reads the origin, and the reader asks the third, while something goes wrong."""
    third = game.third
    third.proxy.plans.extend(some_plans(chance, 3))
    if chance.random() < 0.15:
        third.kill_server()
        game.story.append(f"{third.name}: its server killed")
        game.figures["kills"] += 1
        third.serve()
    for node, peer in ((third, origin), (reader, third)):
        game.do(node, "pull", {"peer": peer.name}, game.fault("pull", chance))
    game.figures["rounds of three"] += 1


def check_sighting(game: Rounds, origin: Node, reader: Node) -> None:
    """All is well again: the reader knows what the third has seen of the origin, and it agrees."""
    third = game.third
    before = third.tell("pull", peer=origin.name)
    for _ in range(TURNS):
        answer = third.tell("pull", peer=origin.name, later=True)
        # An entry of a clock that was ahead waits on: it is enough that nothing changes any more.
        if answer == before and not answer["trouble"] and not answer["wanted"]:
            break
        before = answer
    game.figures["left over and swept"] += third.tell("sweep")
    check_all(third, origin)
    size = len(origin.tell("published"))
    if not size:
        # Nobody cosigns an empty log.
        return
    seen = None
    for turn in range(TURNS):
        # A witness is not asked twice within minutes: at one clock or the other it is due.
        answer = reader.tell("pull", peer=third.name, later=turn % 2 == 1)
        seen = reader.tell("sighted", witness=third.name, subject=origin.name)
        if seen == [size, True]:
            break
    else:
        raise Wrong(f"{reader.name}: {third.name} shows {seen} of {origin.name}, which has {size}")
    if answer["state"] != "confirmed":
        raise Wrong(f"{reader.name}: set {third.name} aside")


def two_faces(game: Rounds, reader: Node, chance: random.Random) -> None:
    """A log shows the reader one history and the third another: it is set aside for that."""
    third, name = game.third, f"hostile-{secrets.token_hex(4)}.chorsu.example"
    one, other = MemoryNode(name), MemoryNode(name)
    other.key = one.key
    mine, theirs = chance.choice([(1, 1), (2, 1), (1, 2)])
    game.story.append(f"two faces: {name} of {mine} and {theirs} entries")
    for face, count in ((one, mine), (other, theirs)):
        for _ in range(count):
            publish(face, new_id())
    with one.serve() as here, other.serve() as there:
        for node, address in ((reader, here), (third, there)):
            node.tell("confirm", peers=[address])
            node.tell("pull", peer=name)
        third.proxy.plans.extend(some_plans(chance, 2))
        game.do(reader, "pull", {"peer": third.name}, game.fault("pull", chance))
        third.proxy.plans.clear()
        if theirs > mine:
            # What a witness shows is held against the copy once the copy has got there.
            publish(one, new_id())
        for turn in range(TURNS):
            reader.tell("pull", peer=third.name, later=turn % 2 == 1)
            found = reader.tell("pull", peer=name)
            if found["state"] == "set-aside":
                break
    if (found["state"], found["trouble"]) != ("set-aside", "fork"):
        raise Wrong(f"{reader.name}: did not find out two histories of {name}: {found}")
    for node in (reader, third):
        node.tell("forget", peer=name)
    game.figures["logs with two histories"] += 1
