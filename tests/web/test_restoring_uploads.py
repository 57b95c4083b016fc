"""Restoring the node's log from files that somebody carried here, on the page."""

from __future__ import annotations

import io
import os
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from chorsu.config.node import read_settings
from chorsu.exchange import actions, keys, queries, restorations, works
from chorsu.flows import carrying, restoring
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.kernel.clock import utc_now
from tests.bundles import Stick, sealed
from tests.flows.copies import give_copy, set_back, state
from tests.memory_node import MemoryNode
from tests.web.library import publish
from tests.web.test_restoring import PAGE, text

pytestmark = pytest.mark.usefixtures("empty_queue", "own_folder")
UPLOAD = PAGE + "copies/"


@pytest.fixture
def own_folder(settings: LazySettings, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.DATA_DIR = tmp_path_factory.mktemp("data")


@pytest.fixture
def administrator(academy: Institution, client: Client) -> Client:
    person = Person.objects.create_user("admin@hub.example", "correct horse", name="Admin")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    client.force_login(person)
    return client


@pytest.fixture
def far(db: None, own_folder: None, now: datetime) -> MemoryNode:
    """A peer that no network reaches, confirmed here."""
    node = MemoryNode("tashkent.chorsu.example", institutions=("uz-apa",))
    actions.add_peer(document=node.document(), now=now, carried=True)
    actions.confirm_peer(name=node.name, vkey=node.key.vkey, now=now)
    return node


def upload(client: Client, *parts: tuple[str, bytes]) -> int:
    files = []
    for name, data in parts:
        file = io.BytesIO(data)
        file.name = name
        files.append(file)
    return client.post(UPLOAD, {"parts": files}).status_code


def copy_of(far: MemoryNode, now: datetime) -> bytes:
    """The peer's copy of this node's log, as a part that is encrypted to this node."""
    copy = give_copy(far)
    copy.serve_checkpoint(far.seen[keys.signing_key().name])
    part = Stick(copy, now).part(recipient=copy.name)
    return sealed(part, keys.signing_key().verify_key)


def uploaded() -> list[str]:
    return [path.name for path in works.copies()]


def test_a_lost_log_comes_back_from_an_uploaded_file(
    administrator: Client,
    far: MemoryNode,
    now: datetime,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with set_back():
        publish(now)
        before = state()
        data = copy_of(far, now)
    with django_capture_on_commit_callbacks(execute=True):
        assert upload(administrator, ("copy.zip.age", data)) == 302
    asked = AuditEvent.objects.get(action="log.restore-asked")
    assert asked.detail == {"entries": 0, "parts": 1}
    assert (uploaded(), "Uploaded parts" in text(administrator)) == (["copy.zip.age"], True)
    restoring.carry_out(clock=utc_now)
    assert state() == before
    page = text(administrator)
    assert "Entries brought back 1" in page
    assert "1 entry" in page
    last = restorations.restoration()
    assert last is not None
    assert last.peers == (restorations.Shown(far.name, 1, ""),)
    assert uploaded() == []
    assert list(works.bundles_folder().glob(".*")) == []


def test_a_file_that_is_no_copy_says_so_and_is_removed_by_a_person(
    administrator: Client, far: MemoryNode, now: datetime
) -> None:
    publish(now)
    assert upload(administrator, ("stick.zip", Stick(far, now).part())) == 302
    restoring.carry_out(clock=utc_now)
    last = restorations.restoration()
    assert last is not None
    assert (last.state, last.trouble) == (restorations.State.FAILED, "no-copy")
    assert "The bundle does not hold a copy of this node" in text(administrator)
    assert uploaded() == ["stick.zip"]
    assert administrator.post(UPLOAD + "remove/").status_code == 302
    assert uploaded() == []
    assert "Uploaded parts" not in text(administrator)


def test_nothing_is_uploaded_into_a_restoring_that_is_under_way(
    administrator: Client, far: MemoryNode, now: datetime
) -> None:
    actions.ask_restoration(now=now)
    assert upload(administrator, ("copy.zip.age", b"copy")) == 302
    assert "The log is being restored already." in text(administrator)
    assert uploaded() == []
    assert list(works.bundles_folder().glob(".*")) == []
    assert not AuditEvent.objects.filter(action="log.restore-asked").exists()


def test_files_keep_harmless_names_and_none_takes_anothers_place(
    administrator: Client, far: MemoryNode, now: datetime
) -> None:
    named = ("copy.zip", "copy.zip", "копия 1.zip", ".hidden")
    assert upload(administrator, *((name, b"x") for name in named)) == 302
    found = uploaded()
    assert len(found) == 4
    assert {"copy.zip", "2-copy.zip"} <= set(found)
    assert [one for one in found if not one.isascii() or one.startswith(".")] == []
    assert {path.parent for path in works.copies()} == {works.copies_folder()}


def test_what_nobody_restored_from_goes_after_its_days(
    administrator: Client, far: MemoryNode, now: datetime
) -> None:
    assert upload(administrator, ("old.zip", b"x"), ("new.zip", b"x")) == 302
    long_ago = (now - timedelta(days=15)).timestamp()
    os.utime(works.copies_folder() / "old.zip", (long_ago, long_ago))
    carrying.remove_old(now=utc_now())
    assert uploaded() == ["new.zip"]


def test_an_upload_of_nothing_names_the_field(administrator: Client) -> None:
    answer = administrator.post(UPLOAD, {})
    assert answer.status_code == 400
    assert "id_parts_error" in answer.content.decode()
    assert restorations.restoration() is None


def test_what_is_too_large_is_not_read_and_the_command_is_named(
    administrator: Client, settings: LazySettings
) -> None:
    settings.NODE = read_settings({"CHORSU_BUNDLES_MAX_MB": "1"})
    answer = administrator.post(UPLOAD, {"parts": io.BytesIO(bytes(1_200_000))})
    assert answer.status_code == 413
    assert "chorsu restore --from" in answer.content.decode()
    assert not works.bundles_folder().exists()


@pytest.mark.parametrize("address", [UPLOAD, UPLOAD + "remove/"])
def test_for_administrators_only(client: Client, editor: Person, address: str) -> None:
    assert client.post(address, {"parts": io.BytesIO(b"x")}).status_code == 302
    client.force_login(editor)
    assert client.post(address, {"parts": io.BytesIO(b"x")}).status_code == 403
    assert (restorations.restoration(), works.bundles_folder().exists()) == (None, False)


def test_a_form_without_its_token_is_refused(administrator: Client, academy: Institution) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = administrator.cookies
    assert strict.post(UPLOAD, {"parts": io.BytesIO(b"x")}).status_code == 403
    assert (queries.feed_size(), uploaded()) == (0, [])
