"""`chorsu restore`, and what `chorsu doctor` says of a log that lost something."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from chorsu.exchange import actions, keys, marks, queries
from chorsu.institutions.models import Institution
from chorsu.jobs.doctor import Finding, examine
from chorsu.kernel.clock import utc_now
from tests.flows.copies import give_copy, set_back
from tests.flows.remote import make_peer
from tests.memory_node import MemoryNode
from tests.web.library import publish


@pytest.fixture
def beijing(db: None) -> Iterator[MemoryNode]:
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, utc_now())
        yield node


def restore(*options: str) -> str:
    out, progress = StringIO(), StringIO()
    call_command("restore", *options, stdout=out, stderr=progress)
    return out.getvalue()


def of_the_log() -> list[Finding]:
    return [one for one in examine(now=utc_now()) if one.check == "log"]


def test_the_command_says_what_came_back_from_whom(
    beijing: MemoryNode, academy: Institution, now: datetime
) -> None:
    with set_back():
        publish(now)
        give_copy(beijing)
    said = restore()
    assert f"{beijing.name}: 1 entries" in said
    assert "1 entries brought back: the log has 1" in said
    assert queries.feed_size() == 1
    assert [one.level for one in of_the_log()] == ["ok"]


def test_the_command_names_what_no_peer_has(
    beijing: MemoryNode, academy: Institution, now: datetime
) -> None:
    with set_back():
        publish(now)
        copy = give_copy(beijing)
    lost = next(iter(copy.blobs))
    copy.blobs.clear()
    assert lost in restore()
    assert [(one.level, "chorsu restore" in one.advice) for one in of_the_log()] == [
        ("ok", False), ("attention", True),
    ]  # fmt: skip


def test_the_command_fails_in_words(db: None) -> None:
    with override("en"), pytest.raises(CommandError, match="No peer that could be asked"):
        restore()


def test_doctor_says_what_to_do_about_a_stopped_log(academy: Institution, now: datetime) -> None:
    publish(now)
    actions.stop_log(note=queries.checkpoint())
    (found,) = of_the_log()
    assert found.level == "wrong"
    assert "chorsu restore" in found.advice


def test_doctor_finds_a_database_that_was_set_back(academy: Institution, now: datetime) -> None:
    with set_back():
        publish(now)
        marks.leave_mark(queries.checkpoint())
    (found,) = of_the_log()
    assert (found.level, "data folder" in found.what) == ("wrong", True)
