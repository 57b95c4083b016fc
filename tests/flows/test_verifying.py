"""A peer's record, saved here, is proven by the peer's own log to somebody who has only its key."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from chorsu.exchange import actions
from chorsu.flows import verifying
from chorsu.flows.pulling import pull
from chorsu.flows.verifying import NoProofYet, SavedFile
from chorsu.kernel.ids import new_id
from chorsu.practices.errors import NoSuchPractice, PracticeWithdrawn
from chorsu.records.viewer import Viewer
from chorsu.wire.entry import Audience
from chorsu.wire.saved import verify_saved
from tests.flows.remote import make_peer, publish, withdraw
from tests.memory_node import MemoryNode

ANYBODY = Viewer(member=False, languages=("ru",))
MEMBER = Viewer(member=True, languages=("ru",))


def save(record: str, viewer: Viewer = ANYBODY, revision: int | None = None) -> SavedFile:
    return verifying.save_practice(practice_id=UUID(record), revision=revision, viewer=viewer)


def published(
    node: MemoryNode, now: datetime, audience: Audience = "public", record: str = ""
) -> str:
    record = record or new_id()
    publish(node, record, audience=audience)
    pull(peer_name=node.name, now=now)
    return record


def test_a_peers_practice_is_proven_by_its_own_log(beijing: MemoryNode, now: datetime) -> None:
    record = published(beijing, now)
    file = save(record)
    assert file.name == "村民议事.chorsu"
    verdict = verify_saved(file.content, [beijing.key.verify_key])
    assert (verdict.trusted, verdict.origin, verdict.entry.id) == (True, beijing.name, record)
    assert verdict.titles == {"zh-Hans": "村民议事"}


def test_the_peer_withdraws_and_the_file_says_so_at_a_node(
    beijing: MemoryNode, now: datetime
) -> None:
    record = published(beijing, now)
    file = save(record)
    assert verifying.check(file.content).since is None
    withdraw(beijing, record)
    pull(peer_name=beijing.name, now=now + timedelta(minutes=1))
    since = verifying.check(file.content).since
    assert since is not None
    assert since.change == "withdrawn"
    with pytest.raises(PracticeWithdrawn):
        save(record)


def test_for_the_network_is_for_members(beijing: MemoryNode, now: datetime) -> None:
    record = published(beijing, now, "network")
    with pytest.raises(NoSuchPractice):
        save(record)
    assert verify_saved(save(record, MEMBER).content, []).origin == beijing.name


def test_an_earlier_revision_of_a_peer_stays_provable(beijing: MemoryNode, now: datetime) -> None:
    record = published(beijing, now)
    publish(beijing, record, revision=2, title="新的村民议事")
    pull(peer_name=beijing.name, now=now + timedelta(minutes=1))
    found = [verify_saved(save(record, revision=one).content, []).index for one in (1, 2, None)]
    assert found == [0, 1, 1]


def test_what_came_to_be_known_but_was_never_here_has_no_proof(
    beijing: MemoryNode, now: datetime
) -> None:
    record = new_id()
    publish(beijing, record)
    publish(beijing, record, revision=2, title="新的村民议事")
    pull(peer_name=beijing.name, now=now)
    assert verify_saved(save(record).content, []).index == 1
    with pytest.raises((NoProofYet, NoSuchPractice)):
        save(record, revision=1)


def test_a_forgotten_peers_practice_is_read_on_and_proven_no_more(
    beijing: MemoryNode, now: datetime
) -> None:
    record = published(beijing, now)
    file = save(record)
    from_here = verifying.check(file.content)
    assert from_here.followed
    actions.forget_peer(name=beijing.name)
    with pytest.raises(NoProofYet):
        save(record)
    assert not verifying.check(file.content).verdict.trusted
    make_peer(beijing, now)
    assert verifying.check(file.content).verdict.trusted


@pytest.mark.parametrize("title", ["../../etc/passwd", "a/b\\c:d", "  ", "CON.txt", "x" * 200])
def test_a_title_is_no_path(beijing: MemoryNode, now: datetime, title: str) -> None:
    record = new_id()
    publish(beijing, record, title=title.strip() or "…")
    pull(peer_name=beijing.name, now=now)
    name = save(record).name
    assert name.endswith(".chorsu")
    assert not set(name.removesuffix(".chorsu")) & set('/\\:.*?"<>|')
    assert 0 < len(name) <= 60 + len(".chorsu")
