"""The peers of the small node: in sync, in trouble, asking, set aside; what is carried."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings

from chorsu.exchange import actions as exchange
from chorsu.exchange import blobs
from chorsu.exchange.models import Peer, PeerEntry, WantedBlob
from chorsu.exchange.restorations import Lost, Shown
from chorsu.flows.signing_in import homes, return_address
from chorsu.institutions.actions.connections import agree, end, want_forgotten, was_forgotten
from chorsu.institutions.connections import connection
from chorsu.institutions.models import Person
from chorsu.kernel.ids import new_id
from chorsu.practices.wire import PublishedFile
from chorsu.training.actions.reporting import SignedLine, take_transcript
from chorsu.wire.identity import Forgotten
from tests.flows import remote
from tests.memory_node import MemoryNode
from tests.vectors import transcripts
from tests.web.library import ID

SET_ASIDE = "01a20b57-41cf-7240-9c2d-67167621df4a"
PEERS = "01a20b57-41cf-7240-9c2d-67167621df3d"


def connections(editor: Person, now: datetime) -> dict[str, str]:
    """One that lives, one that is ended, one of a node asked to forget, one forgotten; and the
    question of a peer whose page asks for more.
    """
    made: dict[str, int] = {}
    for city in ("beijing", "ashgabat", "tashkent", "nowhere"):
        node = f"{city}.chorsu.example"
        agree(
            person=editor, node=node, claims=["name", "position"], position="leading", now=now,
            transcript=True,
        )  # fmt: skip
        found = connection(editor, node)
        assert found is not None
        made[city] = found.id
    take_transcript(
        connection_id=made["beijing"],
        found=[
            SignedLine(replace(transcripts.PASSED, state=state, final=final, id=new_id(), **said),
                       b"a note")
            for state, final, said in (
                ("passed", True, {}),
                ("failed", True, {"percent": "41", "document": ""}),
                ("attended", False, {"percent": "", "document": ""}),
            )
        ],
        now=now,
    )  # fmt: skip
    at = {"person": editor, "now": now}
    end(connection_id=made["ashgabat"], **at)
    want_forgotten(connection_id=made["nowhere"], **at)
    want_forgotten(connection_id=made["tashkent"], **at)
    said = Forgotten("hub.chorsu.example", "a-person-elsewhere", 12, now)
    was_forgotten(connection_id=made["tashkent"], answer=said, note=b"a note", now=now)
    asked = {
        "response_type": "code",
        "client_id": "beijing.chorsu.example",
        "redirect_uri": return_address(
            teaching=homes()["beijing.chorsu.example"], home=settings.NODE_NAME
        ),
        "scope": "openid name email position language",
        "state": "a-state",
        "nonce": "a-nonce",
        "code_challenge": "a-challenge",
        "code_challenge_method": "S256",
    }
    return {
        "connection": str(made["beijing"]),
        "forgotten-connection": str(made["tashkent"]),
        "allow-query": f"?{urlencode(asked)}",
    }


def bundles(now: datetime) -> dict[str, str]:
    """One made, one that waits, one under way, one taken in that lacks something, one refused."""
    peer = "beijing.chorsu.example"
    report = {"since": 0, "size": 1204, "sealed": True, "left_out": ["ab" * 32]}
    report |= {"left_out_count": 1, "lost": [], "lost_count": 0}
    made = exchange.add_export(peer_name=peer, since=0, max_bytes=4 * 10**9, now=now)
    files = [(f"hub-for-{peer}-0.{n}of2.zip.age", 3_900_000_000 // n) for n in (1, 2)]
    exchange.end_work(number=made, peer_name=peer, files=files, report=report, now=now)
    exchange.add_export(peer_name=peer, since=1204, max_bytes=4 * 10**9, now=now)
    under_way = exchange.add_export(peer_name=peer, since=0, max_bytes=4 * 10**9, now=now)
    exchange.begin_work(number=under_way)
    exchange.advance_work(number=under_way, done=1_300_000_000, total=3_900_000_000)
    taken = exchange.add_import(file_name="part", size=700_000_000, now=now)
    came = {"origin": peer, "part": 1, "parts": 2, "since": 0, "size": 1204, "sealed": False}
    came |= {"cut": True, "entries": 1204, "accepted": 1100, "refused": 0, "files": 12}
    came |= {"missing_records": 104, "missing_files": 3}
    came |= {"missing_parts": [f"{peer}-for-hub-0.2of2.zip"]}
    exchange.end_work(number=taken, peer_name=peer, files=[("part", 1)], report=came, now=now)
    other = exchange.add_import(file_name="part", size=700_000_000, now=now)
    exchange.fail_work(number=other, peer_name=peer, code="bundle-not-ours", detail="x", now=now)
    return {"bundle": str(made)}


def peers(now: datetime) -> dict[str, str]:
    """One in sync with a file that lies there, one in trouble with entries, one that asks, one set
    aside."""
    foreign_file: dict[str, str] = {}
    for name, institution in (("beijing", "cn-nag"), ("ashgabat", "tm-acs"), ("astana", "kz-apa")):
        node = MemoryNode(f"{name}.chorsu.example", institutions=(institution,))
        exchange.add_peer(document=node.document(), now=now)
        if name != "astana":
            exchange.confirm_peer(name=node.name, vkey=node.key.vkey, now=now)
        if name == "beijing":
            foreign_file = _file_of_a_peer(node, now)
    seen = {"looked_at": now, "verified_size": 1204, "offered_size": 1204}
    Peer.objects.filter(institutions=["cn-nag"]).update(
        answered_at=now, confirmed_by_peer=True, **seen
    )
    troubled = Peer.objects.get(name="ashgabat.chorsu.example")
    Peer.objects.filter(pk=troubled.pk).update(
        trouble="unreachable", trouble_detail="errno 111", **seen
    )
    for index, (state, reason) in enumerate(
        [("unknown", "unknown-kind"), ("refused", "blob-hash"), ("stored", "")]
    ):
        PeerEntry.objects.create(
            peer=troubled, index=index, leaf=b"{}", kind="poem" if index == 0 else "practice",
            state=state, reason=reason, revision=1, arrived_at=now, at=now,
        )  # fmt: skip
    _seen_and_lost(troubled.name, now)
    _set_aside(now)
    return {
        "peer": troubled.name,
        "asking": "astana.chorsu.example",
        "set-aside": SET_ASIDE,
    } | foreign_file


def _file_of_a_peer(node: MemoryNode, now: datetime) -> dict[str, str]:
    """A practice for the network whose film is fetched when somebody opens it; some has come."""
    node.now = lambda: now
    exchange.set_policy(name=node.name, files="wanted", ahead_max_mb=20, max_kb_per_second=64)
    size = 34_000_000
    film = PublishedFile("ab" * 32, size, "application/pdf", "minutes of the year.pdf", "zh-Hans")
    form = remote.practice(node, PEERS, audience="network", files=(film,))
    remote.take_in(node, form, at=now, now=now)
    WantedBlob.objects.create(
        peer=Peer.objects.get(name=node.name), record_id=PEERS, sha256=film.sha256, size=size,
        media_type=film.media_type, audience="network",
    )  # fmt: skip
    with blobs.partial_path(film.sha256).open("wb") as file:
        file.truncate(12_000_000)
    return {"peers-practice": PEERS, "peers-file": film.sha256}


def _set_aside(now: datetime) -> None:
    """A peer whose log does not add up, with a practice of it that is here."""
    node = MemoryNode("tashkent.chorsu.example", institutions=("uz-apa",))
    node.now = lambda: now + timedelta(hours=1)
    remote.make_peer(node, now)
    form = replace(remote.practice(node, SET_ASIDE), institution="uz-apa")
    remote.take_in(node, form, at=node.now(), now=now)
    exchange.set_aside(name=node.name, code="fork", evidence="two notes", now=now)


def _seen_and_lost(peer: str, now: datetime) -> None:
    """What another has seen of a peer's log; a restoring of the own one that lacks something."""
    seen = {"witness": "beijing.chorsu.example", "subject": peer, "note": b"", "now": now}
    exchange.record_sighting(size=1300, seen_at=now, **seen)
    exchange.ask_restoration(now=now)
    shown = [Shown("beijing.chorsu.example", 1204, ""), Shown(peer, -1, "unreachable")]
    exchange.begin_restoration(peers=shown, size=1204)
    exchange.note_lost(
        record_id=UUID(ID),
        lost=[
            Lost(3, UUID(ID), "ab" * 32, 516, is_file=True, reason="peer-lacks"),
            Lost(4, UUID(ID), "cd" * 32, 516, is_file=False, reason="peer-erased"),
        ],
    )
    exchange.fail_restoration(code="copy-incomplete", detail="1100 of 1204", now=now)
