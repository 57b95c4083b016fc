"""The page of bundles: made and taken in by a worker, with progress, and named lacks."""

from __future__ import annotations

import html
import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from chorsu.config.node import read_settings
from chorsu.exchange import actions, keys, queries, witnesses, works
from chorsu.exchange.models import BundleWork, Peer
from chorsu.exchange.sealing import unseal
from chorsu.flows import carrying
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.practices.models import PracticeText
from chorsu.wire.bundle import parse_manifest
from chorsu.wire.checkpoint import open_checkpoint
from chorsu.wire.keys import SigningKey
from chorsu.wire.succession import sign_succession
from tests.bundles import Stick, sealed
from tests.flows.remote import make_peer, publish
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.usefixtures("empty_queue")
PAGE = "/en/node/bundles/"


@pytest.fixture
def now() -> datetime:
    """The present: a bundle is read as of today."""
    return utc_now()


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def beijing(db: None, now: datetime) -> MemoryNode:
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    node.add_peer(node.key.verify_key)
    make_peer(node, now)
    ProcrastinateJob.objects.all().delete()
    return node


@pytest.fixture
def administrator(academy: Institution, client: Client) -> Client:
    person = Person.objects.create_user("admin@hub.example", "correct horse", name="Admin")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    client.force_login(person)
    return client


def append(now: datetime, audience: str = "public") -> None:
    with transaction.atomic():
        actions.append(
            kind="practice", record_id=new_id(), revision=1, action="publish",
            audience=audience, payload=b"{}", now=now,
        )  # fmt: skip


def words(client: Client, path: str = PAGE) -> str:
    return html.unescape(" ".join(client.get(path).content.decode().split()))


def carry_all() -> None:
    for number in BundleWork.objects.order_by("id").values_list("id", flat=True):
        carrying.carry(number=number, clock=utc_now)


def upload(client: Client, *parts: bytes) -> int:
    files = []
    for number, data in enumerate(parts):
        file = io.BytesIO(data)
        file.name = f"part{number}.zip"
        files.append(file)
    return client.post(PAGE + "take-in/", {"parts": files}).status_code


@pytest.mark.parametrize("address", [PAGE, PAGE + "1/parts/1/"])
def test_for_administrators_only(client: Client, editor: Person, address: str) -> None:
    assert client.get(address).status_code == 302
    client.force_login(editor)
    assert client.get(address).status_code == 403
    assert client.post(PAGE + "take-in/", {"parts": io.BytesIO(b"x")}).status_code == 403
    assert BundleWork.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_bundle_is_made_and_downloaded(
    administrator: Client, beijing: MemoryNode, now: datetime
) -> None:
    append(now, "network")
    asked = {"peer": beijing.name, "what": "own", "since": "0", "max_size": "4G"}
    assert administrator.post(PAGE, asked).status_code == 302
    assert ProcrastinateJob.objects.get(task_name=carrying.JOB).args == {
        "number": str(BundleWork.objects.get().pk)
    }
    assert "Waiting" in words(administrator)
    carry_all()
    page = words(administrator)
    assert "Done" in page
    assert "Encrypted to the node it is for</dt><dd>Yes" in page
    one = works.works()[0]
    answer = administrator.get(f"{PAGE}{one.id}/parts/1/")
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert len(data) == one.files[0][1]
    assert answer["Content-Disposition"] == f'attachment; filename="{one.files[0][0]}"'
    assert administrator.get(f"{PAGE}{one.id}/parts/2/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_peer_is_given_its_own_log_back(
    administrator: Client, beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    assert upload(administrator, Stick(beijing, now).part()) == 302
    carry_all()
    asked = {"peer": beijing.name, "what": "mirror", "since": "0", "max_size": "4G"}
    assert administrator.post(PAGE, asked).status_code == 302
    event = AuditEvent.objects.get(action="bundle.mirror-asked")
    assert (event.subject_id, event.person is None) == (beijing.name, False)
    carry_all()
    page = words(administrator)
    assert "The log of that node itself, as this node keeps it" in page
    assert "Its administrator uploads the files there" in page
    one = works.works()[0]
    data = administrator.get(f"{PAGE}{one.id}/parts/1/").getvalue()
    opened = io.BytesIO()
    assert unseal(io.BytesIO(data), opened, beijing.key)
    with zipfile.ZipFile(opened) as file:
        manifest = parse_manifest(file.read("manifest.json"))
        assert open_checkpoint(file.read("checkpoint"), beijing.key.verify_key).size == 1
    assert (manifest.origin, manifest.recipient) == (beijing.name, beijing.name)


def test_no_log_is_given_back_that_was_not_read(administrator: Client, beijing: MemoryNode) -> None:
    administrator.post(
        PAGE, {"peer": beijing.name, "what": "mirror", "since": "0", "max_size": "4G"}
    )
    carry_all()
    assert "This node has no whole copy of that node's log." in words(administrator)


@pytest.mark.django_db(transaction=True)
def test_a_bundle_that_shows_a_newer_key_of_this_node_says_how_to_go_on(
    administrator: Client, beijing: MemoryNode, now: datetime
) -> None:
    old = keys.signing_key()
    new = SigningKey.generate(old.name)
    made = sign_succession(old, new, size=1, root=bytes(32), time=now, why="rotated")
    beijing.known_chains[old.name] = made.note
    assert upload(administrator, Stick(beijing, now).part()) == 302
    carry_all()
    assert witnesses.key_replaced() == made
    for page in (words(administrator), words(administrator, "/en/node/")):
        assert "The key of this node was replaced by a newer one" in page
        assert "puts the newest copy of the folder data/keys in place" in page


@pytest.mark.django_db(transaction=True)
def test_a_peer_reached_by_bundles_alone_is_shown_with_what_it_has_seen(
    administrator: Client, beijing: MemoryNode, now: datetime
) -> None:
    append(now)
    Peer.objects.update(carried=True)
    assert "Has seen of this node's log" not in words(administrator, "/en/node/")
    beijing.see(queries.checkpoint())
    assert upload(administrator, Stick(beijing, now).part()) == 302
    carry_all()
    assert "Peers that have seen this node's log</dt><dd>1<" in words(administrator)
    assert "Has seen of this node's log</dt><dd>1 ·" in words(administrator, "/en/node/")


@pytest.mark.django_db(transaction=True)
def test_the_file_that_is_to_be_taken_in_first_is_named(
    administrator: Client, beijing: MemoryNode, now: datetime
) -> None:
    append(now, "network")
    assert upload(administrator, Stick(beijing, now).part()) == 302
    carry_all()
    beijing.change_key()
    publish(beijing, new_id(), title="一")
    assert upload(administrator, Stick(beijing, now).part()) == 302
    carry_all()
    administrator.post(PAGE, {"peer": beijing.name, "what": "own", "since": "0", "max_size": "4G"})
    carry_all()
    names = [name for name, _ in works.works()[0].files]
    assert [name.partition("-0.")[2] for name in names] == ["zip.age", "keys.zip"]
    assert f"The file {names[1]} is not encrypted" in words(administrator)


def test_how_far_it_is_stands_on_the_page(administrator: Client, beijing: MemoryNode) -> None:
    number = actions.add_export(peer_name=beijing.name, since=0, max_bytes=10**9, now=utc_now())
    actions.begin_work(number=number)
    actions.advance_work(number=number, done=1_500_000, total=6_000_000)
    page = words(administrator)
    assert '<progress max="100" value="25"' in page
    assert "<span>25 %</span>" in page


@pytest.mark.django_db(transaction=True)
def test_parts_are_taken_in_and_what_is_missing_is_named(
    administrator: Client, beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    lost = publish(beijing, new_id(), title="二")
    part = Stick(beijing, now).part([one for one in beijing.blobs if one != lost.blob])
    assert upload(administrator, part) == 302
    carry_all()
    assert list(PracticeText.objects.values_list("title", flat=True)) == ["一"]
    page = words(administrator)
    assert "Records still missing</dt><dd>1" in page
    assert lost.id in page
    assert list(works.bundles_folder().glob(".*")) == []


@pytest.mark.django_db(transaction=True)
def test_a_part_for_another_node_says_what_to_do(
    administrator: Client, beijing: MemoryNode, now: datetime
) -> None:
    publish(beijing, new_id(), title="一")
    assert upload(administrator, sealed(Stick(beijing, now).part(), beijing.key.verify_key)) == 302
    carry_all()
    assert "The bundle is encrypted to another node." in words(administrator)


def test_an_upload_without_a_file_names_the_field(administrator: Client) -> None:
    answer = administrator.post(PAGE + "take-in/", {})
    assert answer.status_code == 400
    assert "id_parts_error" in answer.content.decode()


def test_an_upload_that_is_too_large_is_not_read(
    administrator: Client, use_settings: None, folder: Path
) -> None:
    answer = administrator.post(PAGE + "take-in/", {"parts": io.BytesIO(bytes(1_200_000))})
    assert answer.status_code == 413
    assert "1 MB" in answer.content.decode()
    assert not works.bundles_folder().exists()


@pytest.fixture
def use_settings(settings: LazySettings) -> None:
    """A node that takes uploads of a megabyte."""
    settings.NODE = read_settings({"CHORSU_BUNDLES_MAX_MB": "1"})


def test_a_form_without_its_token_is_refused(academy: Institution, administrator: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = administrator.cookies
    answer = strict.post(PAGE + "take-in/", {"parts": io.BytesIO(b"x")})
    assert answer.status_code == 403
    assert BundleWork.objects.count() == 0


def test_a_bundle_that_ended_is_removed_with_its_files(
    administrator: Client, beijing: MemoryNode, now: datetime
) -> None:
    append(now)
    number = actions.add_export(peer_name=beijing.name, since=0, max_bytes=10**9, now=now)
    administrator.post(f"{PAGE}{number}/remove/")
    assert BundleWork.objects.count() == 1, "it is under way"
    carry_all()
    administrator.post(f"{PAGE}{number}/remove/")
    assert (BundleWork.objects.count(), works.work_folder(number).exists()) == (0, False)


def test_the_number_of_queries_does_not_grow_with_the_bundles(
    administrator: Client, beijing: MemoryNode, django_assert_max_num_queries: object
) -> None:
    for _ in range(20):
        actions.add_export(peer_name=beijing.name, since=0, max_bytes=10**9, now=utc_now())
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        administrator.get(PAGE)


def test_the_page_looks_again_by_itself_until_all_have_ended(
    administrator: Client, beijing: MemoryNode, now: datetime
) -> None:
    append(now)
    number = actions.add_export(peer_name=beijing.name, since=0, max_bytes=10**9, now=now)
    assert "hx-trigger" in words(administrator)
    part = administrator.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div class="stack" id="watched" data-poll')
    carrying.carry(number=number, clock=utc_now)
    ended = administrator.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert ended.lstrip().startswith('<div class="stack" id="watched">')


def test_too_many_parts_at_once_are_refused_not_dropped(administrator: Client) -> None:
    assert upload(administrator, *[b"x"] * 33) == 413
    assert BundleWork.objects.count() == 0
    assert list(works.bundles_folder().glob(".*")) == []
