"""The node changes its own key: at once, wholly or not at all, and what was signed before holds."""

from __future__ import annotations

import io
import shutil
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from chorsu.exchange import actions, keys, proofs, queries, sealing, witnesses
from chorsu.exchange.models import Feed, FeedEntry
from chorsu.flows import peering, restoring
from chorsu.flows.pulling import pull
from chorsu.flows.rekeying import change_key
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import AuditEvent, Person
from chorsu.kernel.ids import new_id
from chorsu.wire import trust
from chorsu.wire.checkpoint import Checkpoint, open_checkpoint, open_cosignature, sign_checkpoint
from chorsu.wire.errors import WireError
from chorsu.wire.keys import SigningKey
from chorsu.wire.note import parse_note
from chorsu.wire.saved import verify_saved
from chorsu.wire.succession import OldKey, parse_chain
from tests.flows import copies
from tests.flows.remote import make_peer
from tests.flows.test_witnessing import publish, set_back
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture
def own_folder(db: None, settings: LazySettings, tmp_path: Path) -> Path:
    """A data folder of the test's own: its key is changed."""
    settings.DATA_DIR = tmp_path
    return tmp_path / "keys"


@pytest.fixture
def witness(own_folder: Path, now: datetime) -> MemoryNode:
    """A peer that witnesses this node's log; served by the test."""
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    node.add_peer(keys.signing_key().verify_key)
    return node


def served(path: str) -> bytes:
    answer = Client().get(path)
    assert answer.status_code == 200
    return answer.content


def test_a_node_with_its_first_key_shows_an_empty_chain() -> None:
    assert served("/exchange/keys") == b""


def test_a_reader_that_knew_the_old_key_finds_the_new_one(now: datetime) -> None:
    publish(now)
    old = keys.signing_key().verify_key
    made = change_key(revoked=False, by=None, now=now)
    chain = parse_chain(served("/exchange/keys"))
    assert trust.follow_keys(chain, old) == (made,)
    new = keys.signing_key().verify_key
    assert (made.old, made.new, made.size, made.why) == (old, new, 1, "rotated")
    note = served("/exchange/checkpoint")
    assert open_checkpoint(note, new).root == made.root
    assert [one.key_id for one in parse_note(note).signatures] == [new.key_id]
    assert peering.own_document().vkey == new.vkey
    event = AuditEvent.objects.get()
    assert (event.action, event.detail["before"]) == ("key.changed", old.vkey)


def test_the_log_goes_on_with_the_new_key(now: datetime) -> None:
    publish(now)
    change_key(revoked=False, by=None, now=now)
    change_key(revoked=False, by=None, now=now)
    publish(now)
    assert open_checkpoint(queries.checkpoint(), keys.signing_key().verify_key).size == 2
    assert [one.size for one in parse_chain(served("/exchange/keys"))] == [1, 1]


def test_a_key_changed_before_anything_was_published(now: datetime) -> None:
    change_key(revoked=False, by=None, now=now)
    assert open_checkpoint(queries.checkpoint(), keys.signing_key().verify_key).size == 0
    publish(now)


def test_only_administrators_change_the_key(editor: Person, now: datetime) -> None:
    before = keys.signing_key()
    with pytest.raises(NotAllowed):
        change_key(revoked=False, by=editor, now=now)
    assert keys.signing_key() == before


def test_what_was_sealed_to_the_old_key_is_opened_until_it_is_revoked(now: datetime) -> None:
    sealed = io.BytesIO()
    sealing.seal([b"a bundle on its way"], sealed, keys.signing_key().verify_key)

    def opened() -> bytes:
        sealed.seek(0)
        target = io.BytesIO()
        sealing.unseal(sealed, target, *keys.unsealing_keys())
        return target.getvalue()

    change_key(revoked=False, by=None, now=now)
    assert opened() == b"a bundle on its way"
    change_key(revoked=True, by=None, now=now)
    with pytest.raises(sealing.NotForUs):
        opened()


def test_a_revoked_key_is_nowhere_in_the_folder(own_folder: Path, now: datetime) -> None:
    first = keys.signing_key().seed
    change_key(revoked=False, by=None, now=now)
    second = keys.signing_key().seed
    change_key(revoked=True, by=None, now=now)
    kept = [path.read_bytes() for path in own_folder.iterdir()]
    assert not [data for data in kept if first in data or second in data]
    assert sorted(path.name for path in own_folder.iterdir()) == ["node.key", "successions"]


class Killed(BaseException):
    """The process ends here."""


def killed_at(step: int, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> bool:
    """Whether the act was killed before its file operation number `step`, of all that write."""
    left = step

    def before(honest: Callable[..., object]) -> Callable[..., object]:
        def operation(*args: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            return honest(*args, **named)

        return operation

    with monkeypatch.context() as patched:
        for owner, name in ((Path, "replace"), (Path, "unlink"), (keys, "_draft"), (keys, "_sync")):
            patched.setattr(owner, name, before(getattr(owner, name)))
        try:
            with transaction.atomic():
                act()
        except Killed:
            return True
    return False


@pytest.mark.parametrize("revoked", [False, True])
def test_killed_at_any_step_the_node_has_its_old_key_or_its_new_one(
    now: datetime, monkeypatch: pytest.MonkeyPatch, own_folder: Path, revoked: bool
) -> None:
    publish(now)
    change_key(revoked=False, by=None, now=now)
    outcomes = []
    for step in range(100):
        old = keys.signing_key().verify_key
        cut = killed_at(step, monkeypatch, lambda: change_key(revoked=revoked, by=None, now=now))
        present = keys.signing_key().verify_key
        chain = parse_chain(served("/exchange/keys"))
        assert chain[-1].new == present
        assert present == old or chain[-1].old == old
        assert open_checkpoint(served("/exchange/checkpoint"), present).size == queries.feed_size()
        publish(now)
        outcomes.append(present == old)
        if not cut:
            break
    assert outcomes[0]
    assert not outcomes[-1]
    # Once it counts it counts: no later step brings the old key back.
    assert sorted(outcomes, reverse=True) == outcomes
    if revoked:
        assert sorted(path.name for path in own_folder.glob("*.key")) == ["node.key"]


def test_every_process_uses_the_new_key_without_a_restart(
    own_folder: Path, settings: LazySettings, tmp_path: Path, now: datetime
) -> None:
    old = keys.signing_key()
    shutil.copytree(own_folder, tmp_path / "elsewhere" / "keys")
    settings.DATA_DIR = tmp_path / "elsewhere"
    change_key(revoked=False, by=None, now=now)
    new = keys.signing_key()
    settings.DATA_DIR = tmp_path
    assert keys.signing_key() == old
    # What another process does to the folder of this one.
    for name in ("next.key", "successions"):
        source = "node.key" if name == "next.key" else name
        shutil.copy(tmp_path / "elsewhere" / "keys" / source, own_folder / f".{name}")
        (own_folder / f".{name}").replace(own_folder / name)
    assert keys.signing_key() == new
    assert (own_folder / "node.key").read_bytes() == new.seed


def test_a_key_is_never_made_anew_where_one_was_changed(own_folder: Path, now: datetime) -> None:
    change_key(revoked=False, by=None, now=now)
    (own_folder / "node.key").unlink()
    with pytest.raises(keys.UnusableKey, match="fingerprint"):
        keys.signing_key()


def test_a_machine_without_the_new_key_appends_nothing(
    own_folder: Path, settings: LazySettings, tmp_path: Path, now: datetime
) -> None:
    publish(now)
    shutil.copytree(own_folder, tmp_path / "elsewhere" / "keys")
    change_key(revoked=False, by=None, now=now)
    settings.DATA_DIR = tmp_path / "elsewhere"
    with pytest.raises(keys.UnusableKey, match="another key"):
        publish(now)
    assert queries.feed_size() == 1


def test_a_log_older_than_the_key_is_stopped(now: datetime) -> None:
    publish(now)
    feed = Feed.objects.get()
    old = (bytes(feed.checkpoint), bytes(feed.range))
    publish(now)
    change_key(revoked=False, by=None, now=now)
    assert not witnesses.stopped()
    set_back(1, *old)
    assert witnesses.stopped()
    with pytest.raises(actions.LogStopped):
        publish(now)
    with pytest.raises(actions.LogStopped):
        change_key(revoked=True, by=None, now=now)
    assert FeedEntry.objects.count() == 1


def test_a_witness_of_the_old_key_counts_up_to_the_change(
    witness: MemoryNode, now: datetime
) -> None:
    record = publish(now)
    witness.see(queries.checkpoint())
    with witness.serve():
        make_peer(witness, now)
        change_key(revoked=False, by=None, now=now)
        pull(peer_name=witness.name, now=now)
    assert queries.peer(witness.name).witnessed_size == 1
    new = keys.signing_key().verify_key
    for note in (served("/exchange/checkpoint"), witnesses.covering_checkpoint(0)):
        assert open_checkpoint(note, new).size == 1
        assert open_cosignature(note, witness.key.verify_key).witness == witness.name
        assert len(parse_note(note).signatures) == 2
    saved = proofs.save(proofs.publication(uuid.UUID(record)))
    assert verify_saved(saved, [new, witness.key.verify_key]).witnesses


def test_what_a_thief_signs_with_the_old_key_does_not_stop_the_log(
    witness: MemoryNode, now: datetime
) -> None:
    publish(now)
    stolen = keys.signing_key()
    change_key(revoked=True, by=None, now=now)
    longer = Checkpoint(stolen.name, 9, bytes(range(32)))
    witness.see(sign_checkpoint(longer, stolen))
    with witness.serve():
        make_peer(witness, now)
        pull(peer_name=witness.name, now=now)
    assert not witnesses.stopped()
    assert queries.peer(witness.name).in_sync


def test_a_log_lost_before_the_change_is_still_missed(witness: MemoryNode, now: datetime) -> None:
    publish(now)
    other = Checkpoint(keys.signing_key().name, 1, bytes(range(32)))
    witness.see(sign_checkpoint(other, keys.signing_key()))
    publish(now)
    change_key(revoked=False, by=None, now=now)
    with witness.serve():
        make_peer(witness, now)
        pull(peer_name=witness.name, now=now)
    assert witnesses.stopped()


def test_revoking_the_stolen_key_lets_a_log_go_on_that_the_thief_had_stopped(
    witness: MemoryNode, now: datetime
) -> None:
    publish(now)
    stolen = keys.signing_key()
    witness.see(sign_checkpoint(Checkpoint(stolen.name, 9, bytes(range(32))), stolen))
    with witness.serve():
        make_peer(witness, now)
        pull(peer_name=witness.name, now=now)
        assert witnesses.stopped()
        with pytest.raises(actions.LogStopped):
            change_key(revoked=False, by=None, now=now)
        change_key(revoked=True, by=None, now=now)
        assert not witnesses.stopped()
        publish(now)
        pull(peer_name=witness.name, now=now)
    assert not witnesses.stopped()


def test_a_saved_record_of_the_old_key_is_known_here(now: datetime) -> None:
    record = publish(now)
    saved = proofs.save(proofs.publication(uuid.UUID(record)))
    old = keys.signing_key().verify_key
    change_key(revoked=False, by=None, now=now)
    checked = proofs.check(saved)
    assert checked.verdict.trusted
    assert checked.followed
    assert OldKey(old, 1, revoked=False) in proofs.known_keys()


def test_a_saved_record_of_a_revoked_key_needs_a_witness_or_the_log(now: datetime) -> None:
    record = publish(now)
    saved = proofs.save(proofs.publication(uuid.UUID(record)))
    change_key(revoked=True, by=None, now=now)
    known = proofs.known_keys()
    with pytest.raises(WireError, match="old-key"):
        verify_saved(saved, known)
    assert proofs.check(saved).followed


def test_a_saved_record_signed_over_the_size_at_which_the_key_was_replaced(now: datetime) -> None:
    publish(now)
    old = keys.signing_key()
    record = publish(now)
    saved = proofs.save(proofs.publication(uuid.UUID(record)))
    known = [SigningKey.generate(old.name).verify_key, OldKey(old.verify_key, 1, revoked=False)]
    with pytest.raises(WireError, match="old-key"):
        verify_saved(saved, known)


def test_a_chain_has_an_end(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chorsu.exchange.actions.keys.MAX_SUCCESSIONS", 1)
    change_key(revoked=False, by=None, now=now)
    with pytest.raises(actions.ChainFull):
        change_key(revoked=False, by=None, now=now)


def test_a_record_published_before_the_change_is_saved_with_the_new_key(now: datetime) -> None:
    record = new_id()
    publish(now, record)
    change_key(revoked=True, by=None, now=now)
    saved = proofs.save(proofs.publication(uuid.UUID(record)))
    assert verify_saved(saved, [keys.signing_key().verify_key]).trusted


def test_a_log_lost_after_a_change_of_key_comes_back_from_a_copy_of_before(
    own_folder: Path, witness: MemoryNode, now: datetime
) -> None:
    publish(now)
    with copies.set_back():
        publish(now)
        copies.give_copy(witness)
        before = copies.state()["FeedEntry"]
        change_key(revoked=False, by=None, now=now)
    assert witnesses.stopped(), "the key was changed when there was more"
    witness.add_peer(keys.signing_key().verify_key)
    with witness.serve():
        make_peer(witness, now)
        restoring.restore(clock=lambda: now, progress=lambda done, total: None)
    assert copies.state()["FeedEntry"] == before
    newest = open_checkpoint(queries.checkpoint(), keys.signing_key().verify_key)
    assert newest.size == 2
    publish(now)
    assert queries.feed_size() == 3


@pytest.mark.parametrize("revoked", [False, True])
def test_a_log_that_its_folder_knows_to_be_set_back_takes_no_new_key(
    now: datetime,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    *,
    revoked: bool,
) -> None:
    publish(now)
    with copies.set_back(), django_capture_on_commit_callbacks(execute=True):
        publish(now)
    before = keys.signing_key().verify_key
    with pytest.raises(actions.LogStopped):
        change_key(revoked=revoked, by=None, now=now)
    assert keys.signing_key().verify_key == before


def test_a_log_that_is_being_restored_takes_no_new_key(now: datetime, witness: MemoryNode) -> None:
    publish(now)
    actions.ask_restoration(now=now)
    actions.begin_restoration(peers=[], size=2)
    with pytest.raises(actions.LogStopped):
        change_key(revoked=True, by=None, now=now)
    actions.fail_restoration(code="no-copy", detail="", now=now)
    change_key(revoked=True, by=None, now=now)


def test_a_short_log_that_a_thief_signs_with_the_revoked_key_does_not_stop_the_log(
    witness: MemoryNode, now: datetime
) -> None:
    publish(now)
    publish(now)
    stolen = keys.signing_key()
    change_key(revoked=True, by=None, now=now)
    witness.see(sign_checkpoint(Checkpoint(stolen.name, 1, bytes(range(32))), stolen))
    with witness.serve():
        make_peer(witness, now)
        pull(peer_name=witness.name, now=now)
    assert not witnesses.stopped()


def test_revoking_lets_a_log_go_on_that_a_thief_had_stopped_with_a_short_one(
    witness: MemoryNode, now: datetime
) -> None:
    publish(now)
    publish(now)
    stolen = keys.signing_key()
    witness.see(sign_checkpoint(Checkpoint(stolen.name, 1, bytes(range(32))), stolen))
    with witness.serve():
        make_peer(witness, now)
        pull(peer_name=witness.name, now=now)
        assert witnesses.stopped()
        change_key(revoked=True, by=None, now=now)
        assert not witnesses.stopped()
        pull(peer_name=witness.name, now=now)
    assert not witnesses.stopped()
