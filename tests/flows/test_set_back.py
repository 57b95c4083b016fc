"""A node set back to an old copy finds it out before it publishes: by its folder, by its peers."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from django.conf import settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from chorsu.exchange import actions, marks, queries, witnesses
from chorsu.exchange.actions import LogStopped
from chorsu.flows import restoring, witnessing
from chorsu.flows.restoring import NotRestored
from chorsu.institutions.models import AuditEvent, Institution
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from tests.flows.copies import give_copy, set_back
from tests.memory_node import MemoryNode
from tests.web.library import publish

Commits = DjangoCaptureOnCommitCallbacks


def committed(commits: Commits, now: datetime) -> None:
    with commits(execute=True):
        publish(now, new_id())


def test_the_folder_remembers_what_the_database_forgot(
    academy: Institution, now: datetime, django_capture_on_commit_callbacks: Commits
) -> None:
    committed(django_capture_on_commit_callbacks, now)
    with set_back():
        committed(django_capture_on_commit_callbacks, now)
    with pytest.raises(LogStopped):
        publish(now, new_id())
    witnessing.heed_mark(now=now)
    assert witnesses.stopped()
    event = AuditEvent.objects.get(action="log.stopped")
    assert (event.subject_kind, event.detail) == ("node", {"entries": 2})


def test_another_history_of_the_same_length_is_found_too(
    academy: Institution, now: datetime, django_capture_on_commit_callbacks: Commits
) -> None:
    with set_back():
        committed(django_capture_on_commit_callbacks, now)
    kept = marks.mark_path().read_bytes()
    marks.remove_mark()
    publish(now, new_id())
    marks.mark_path().write_bytes(kept)
    with pytest.raises(LogStopped):
        publish(now, new_id())


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff" * 100_000])
def test_a_damaged_mark_hinders_nothing(
    academy: Institution, now: datetime, content: bytes
) -> None:
    marks.mark_path().parent.mkdir(parents=True, exist_ok=True)
    marks.mark_path().write_bytes(content)
    publish(now)
    assert queries.feed_size() == 1


def test_a_mark_of_another_node_says_nothing_of_this_one(
    academy: Institution, now: datetime
) -> None:
    other = MemoryNode("other.chorsu.example")
    other.append_raw(b"{}")
    marks.mark_path().parent.mkdir(parents=True, exist_ok=True)
    marks.mark_path().write_bytes(other.honest_checkpoint_note())
    publish(now)
    assert queries.feed_size() == 1


def test_an_older_mark_does_not_take_the_place_of_a_newer(
    academy: Institution, now: datetime, django_capture_on_commit_callbacks: Commits
) -> None:
    publish(now)
    old = queries.checkpoint()
    committed(django_capture_on_commit_callbacks, now)
    marks.leave_mark(old)
    held = marks.read_mark()
    assert held is not None
    assert held[1].size == 2


def test_who_starts_asks_every_peer_first(
    beijing: MemoryNode, academy: Institution, now: datetime
) -> None:
    with set_back():
        publish(now)
        give_copy(beijing)
    witnessing.ask_before_start(now=now)
    assert witnesses.stopped()


def test_a_peer_that_never_answers_delays_the_start_by_seconds_only(
    beijing: MemoryNode, academy: Institution, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnessing, "PATIENCE_S", 1)
    with beijing._lock:  # it takes connections and says nothing
        begun = time.monotonic()
        witnessing.ask_before_start(now=now)
        assert time.monotonic() - begun < 3
    publish(now)
    assert queries.feed_size() == 1


def test_a_stopped_log_shows_peers_no_shorter_checkpoint(
    academy: Institution, now: datetime, client: object
) -> None:
    publish(now)
    assert client.get("/exchange/checkpoint").status_code == 200  # type: ignore[attr-defined]
    actions.stop_log(note=queries.checkpoint())
    answer = client.get("/exchange/checkpoint")  # type: ignore[attr-defined]
    assert (answer.status_code, answer.json()["code"]) == (503, "log-stopped")


def test_entries_that_nobody_saw_are_given_up_only_by_a_person_and_once_all_peers_were_asked(
    beijing: MemoryNode,
    academy: Institution,
    now: datetime,
    django_capture_on_commit_callbacks: Commits,
) -> None:
    with set_back():
        committed(django_capture_on_commit_callbacks, now)
        give_copy(beijing)
        committed(django_capture_on_commit_callbacks, now)
    with pytest.raises(NotRestored, match="entries-unseen"):
        restoring.restore(clock=utc_now, progress=lambda done, total: None)
    assert queries.feed_size() == 1
    assert witnesses.stopped()

    def give_up() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            restoring.restore(clock=utc_now, progress=lambda done, total: None, give_up_unseen=True)

    beijing.down = True
    with pytest.raises(NotRestored, match="no-copy"):
        give_up()
    beijing.down = False
    give_up()
    assert not witnesses.stopped()
    held = marks.read_mark()
    assert held is not None
    assert held[1].size == 1
    publish(now, new_id())
    assert queries.feed_size() == 2


def test_what_a_peer_has_seen_is_never_given_up(
    beijing: MemoryNode, academy: Institution, now: datetime
) -> None:
    with set_back():
        publish(now)
        copy = give_copy(beijing)
        publish(now, new_id())
        beijing.see(queries.checkpoint())
    witnessing.ask_before_start(now=now)
    assert witnesses.stopped()
    assert copy.leaves
    with pytest.raises(NotRestored, match="entries-unseen"):
        restoring.restore(clock=utc_now, progress=lambda done, total: None, give_up_unseen=True)
    assert witnesses.stopped()
    assert settings.NODE_NAME in witnesses.stopped_by().decode()
