"""Commands of a node, as its administrator calls them."""

from __future__ import annotations

import uuid
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from chorsu.exchange import actions, keys, proofs
from chorsu.exchange.keys import signing_key
from chorsu.exchange.queries import PeerState, peer
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution, Membership, Role
from chorsu.jobs.management.commands import verify as verify_command
from chorsu.wire.checkpoint import Checkpoint, sign_checkpoint
from chorsu.wire.node import open_node_file, sign_node
from tests.memory_node import MemoryNode
from tests.web.library import ID, publish

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_init_may_be_repeated_and_makes_the_administrator() -> None:
    run("init", "--admin", "chief@hub.example", "--password", "a long enough one")
    run("init", "--admin", "chief@hub.example", "--password", "another one given")

    (membership,) = Membership.objects.filter(role=Role.ADMINISTRATOR)
    assert membership.person.email == "chief@hub.example"
    assert membership.person.check_password("a long enough one")


def test_sample_people_have_one_role_each(now: datetime) -> None:
    load_institutions(now=now)

    run("load_sample", "--people", "--password", "chorsu-demo")

    roles = set(Membership.objects.values_list("person__email", "role"))
    assert roles == {(f"{role}@hub.chorsu.example", role) for role in Role.values}


def test_sample_people_without_a_password_are_refused() -> None:
    with pytest.raises(CommandError, match="--people needs --password"):
        run("load_sample", "--people")


def test_peer_is_added_by_address_and_confirmed_by_name() -> None:
    node = MemoryNode("tashkent.chorsu.example")
    with node.serve() as address:
        shown = run("peers", "add", address)
        before = peer(node.name).state
        run("peers", "confirm", node.name)

    assert node.document().verify_key.fingerprint in shown
    assert (before, peer(node.name).state) == (PeerState.ADDED, PeerState.CONFIRMED)
    assert node.name in run("peers", "list")


def test_peer_is_added_by_its_file_and_reached_as_it_is_said(
    academy: Institution, tmp_path: Path
) -> None:
    node = MemoryNode("tashkent.chorsu.example")
    file = tmp_path / "tashkent.chorsu-node"
    file.write_bytes(sign_node(node.document(), node.key))
    shown = run("peers", "add", "--from-file", str(file), "--confirm")
    assert node.document().verify_key.fingerprint in shown
    assert (peer(node.name).state, peer(node.name).carried) == (PeerState.CONFIRMED, True)
    assert "by bundles" in run("peers", "list")
    assert run("peers", "reach", node.name, "--by=network") == f"{node.name}: by network\n"
    assert peer(node.name).carried is False
    own = tmp_path / "own.chorsu-node"
    said = run("peers", "export-document", str(own))
    assert keys.signing_key().fingerprint in said
    assert open_node_file(own.read_bytes()).vkey == keys.signing_key().vkey
    with pytest.raises(CommandError, match="Give an address"):
        run("peers", "add")
    with pytest.raises(CommandError, match="No such file"):
        run("peers", "add", "--from-file", str(tmp_path / "none"))


def test_policy_of_a_peer(now: datetime) -> None:
    node = MemoryNode("tashkent.chorsu.example")
    actions.add_peer(document=node.document(), now=now)
    numbers = ("--ahead-max-mb=20", "--max-kb-per-second=64")
    said = run("peers", "policy", node.name, "--files=ahead", *numbers)
    found = peer(node.name)
    assert said == "tashkent.chorsu.example: files ahead\n"
    assert (found.files, found.ahead_max_mb, found.max_kb_per_second) == ("ahead", 20, 64)
    run("peers", "policy", node.name, "--files=wanted")
    found = peer(node.name)
    assert (found.files, found.ahead_max_mb, found.max_kb_per_second) == ("wanted", None, None)


@pytest.mark.parametrize("wrong", ["--ahead-max-mb=0", "--max-kb-per-second=-1", "--files=never"])
def test_policy_that_can_not_be(wrong: str) -> None:
    with pytest.raises(CommandError):
        run("peers", "policy", "tashkent.chorsu.example", "--files=ahead", wrong)


def test_peer_that_does_not_answer_is_a_plain_message() -> None:
    with pytest.raises(CommandError):
        run("peers", "add", "http://127.0.0.1:9")


def test_peer_nobody_knows_cannot_be_confirmed() -> None:
    with pytest.raises(CommandError, match="nobody"):
        run("peers", "confirm", "nobody.chorsu.example")


@pytest.fixture
def file(academy: Institution, tmp_path: Path, now: datetime) -> Path:
    publish(now)
    path = tmp_path / "practice.chorsu"
    path.write_bytes(proofs.save(proofs.publication(uuid.UUID(ID))))
    return path


def verify(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        verify_command.Command().run_from_argv(["chorsu", "verify", *arguments])
    assert isinstance(left.value.code, int)
    return left.value.code


def test_verify_at_a_node_knows_the_keys_of_the_node(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(str(file), "--language", "en") == 0
    assert capsys.readouterr().out.startswith("Genuine: ")
    file.write_bytes(file.read_bytes().replace(b"One window", b"Two window"))
    assert verify(str(file)) == 1


def test_verify_without_its_database_knows_the_nodes_own_key(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with connection.execute_wrapper(_out_of_reach):
        assert verify(str(file)) == 0
    assert "only its own key is known" in capsys.readouterr().err


def _out_of_reach(*_query: object) -> None:
    raise OperationalError("connection refused")


def test_keys_are_the_nodes_own_and_its_confirmed_peers(now: datetime) -> None:
    node = MemoryNode("beijing.chorsu.example")
    actions.add_peer(document=node.document(), now=now)
    assert run("keys").split() == [signing_key().vkey]
    actions.confirm_peer(name=node.name, vkey=node.key.vkey, now=now)
    assert run("keys").split() == [signing_key().vkey, node.key.vkey]


def test_a_key_is_changed_and_the_old_one_listed_with_its_bound(
    db: None, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    first = signing_key()
    said = run("keys", "rotate")
    second = signing_key()
    assert first.fingerprint in said
    assert second.fingerprint in said
    assert run("keys").splitlines() == [second.vkey, f"{first.vkey} until 0"]
    run("keys", "rotate", "--revoked")
    assert run("keys").splitlines() == [
        signing_key().vkey,
        f"{second.vkey} until 0 revoked",
        f"{first.vkey} until 0",
    ]


def test_a_stopped_log_takes_a_new_key_only_when_the_old_one_is_revoked(
    db: None, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    before = signing_key()
    other = Checkpoint(before.name, 5, bytes(range(32)))
    actions.stop_log(note=sign_checkpoint(other, before))
    with pytest.raises(CommandError, match="--revoked"):
        run("keys", "rotate")
    assert signing_key() == before
    with pytest.raises(CommandError, match="goes with rotate"):
        run("keys", "--revoked")
    run("keys", "rotate", "--revoked")
    assert signing_key() != before
