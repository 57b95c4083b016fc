"""The node page for everybody, and deciding on peers for administrators."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils.translation import override
from procrastinate.contrib.django.models import ProcrastinateJob

from chorsu.exchange import actions, keys
from chorsu.exchange.keys import UnusableKey
from chorsu.exchange.models import Peer, PeerEntry
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.kernel.clock import utc_now
from chorsu.search.models import Document, EmbeddedMinute, Encoder, Passage, Unembedded
from chorsu.web.stopping import LogStoppedPage
from chorsu.wire.keys import SigningKey
from chorsu.wire.node import open_node_file, sign_node
from tests.flows import remote
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.usefixtures("empty_queue")
PRACTICE = "01a20b57-41cf-7240-9c2d-67167621df3d"


@pytest.fixture
def administrator(academy: Institution) -> Person:
    person = Person.objects.create_user("admin@hub.example", "correct horse", name="Admin")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    return person


@pytest.fixture
def beijing() -> Iterator[MemoryNode]:
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    with node.serve():
        yield node


@pytest.fixture
def peer(db: None, beijing: MemoryNode, now: datetime) -> Peer:
    actions.add_peer(document=beijing.document(), now=now)
    actions.confirm_peer(name=beijing.name, vkey=beijing.key.vkey, now=now)
    return Peer.objects.get()


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_everybody_sees_who_this_node_is(client: Client, academy: Institution) -> None:
    page = text(client, "/en/node/")
    assert keys.signing_key().fingerprint in page
    assert "Astana Civil Service Hub" in page
    assert "This node has no peers yet." in page


def test_a_peer_in_sync(client: Client, peer: Peer, now: datetime) -> None:
    Peer.objects.update(
        verified_size=1204, offered_size=1204, looked_at=now, answered_at=now,
        confirmed_by_peer=True,
    )  # fmt: skip
    page = text(client, "/en/node/")
    assert "In sync" in page
    assert "1,204" in page
    assert "has not confirmed this node yet" not in page


def test_a_peer_in_trouble_is_told_in_words(client: Client, peer: Peer, now: datetime) -> None:
    Peer.objects.update(looked_at=now, trouble="unreachable", trouble_detail="errno 111")
    page = text(client, "/en/node/")
    assert "Not in sync" in page
    assert "The node can&#x27;t be reached." in page
    assert "check the address and the connection" in page
    assert "errno 111" not in page


def test_what_is_kept_and_not_shown_is_listed(client: Client, peer: Peer, now: datetime) -> None:
    PeerEntry.objects.create(
        peer=peer, index=7, leaf=b"{}", kind="poem", state="unknown", reason="unknown-kind",
        arrived_at=now,
    )  # fmt: skip
    page = text(client, "/en/node/")
    assert "Kept, not shown" in page
    assert "A kind of record that this node does not know yet." in page
    assert "poem" in page


def test_an_unexpected_code_has_words_too(client: Client, peer: Peer, now: datetime) -> None:
    Peer.objects.update(trouble="never-heard-of")
    assert "answered with something" in text(client, "/en/node/")


def test_the_node_page_asks_the_database_little(
    client: Client, peer: Peer, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        client.get("/en/node/")


def test_administrators_see_how_far_search_is(
    client: Client, administrator: Person, now: datetime
) -> None:
    EmbeddedMinute.objects.all().delete()
    Encoder.objects.all().delete()
    serving = Encoder.objects.create(
        name="a", choice={}, dimensions=8, state="serving", since=now, audiences=["public"]
    )
    document = Document.objects.create(kind="practice", record_id=PRACTICE, updated_at=now)
    passage = Passage.objects.create(
        document=document, language="en", field="title", position=0, text="x", words="", hash="x"
    )
    Unembedded.objects.create(passage=passage, encoder=serving, position=0)
    assert "Search by meaning" not in text(client, "/en/node/")

    client.force_login(administrator)
    assert "1 passage is still to be prepared. It stands still" in text(client, "/en/node/")
    EmbeddedMinute.objects.create(minute=utc_now() - timedelta(minutes=1), passages=30)
    page = text(client, "/en/node/")
    assert "1 passage is still to be prepared. About 1 minute to go." in page
    assert "Another encoder is on its way" not in page

    coming = Encoder.objects.create(
        name="b", choice={}, dimensions=8, state="coming", since=now, audiences=["public"]
    )
    Unembedded.objects.create(passage=passage, encoder=coming, position=0)
    page = text(client, "/en/node/")
    assert "2 passages are still to be prepared." in page
    assert "Another encoder is on its way" in page


@pytest.mark.parametrize("path", ["/en/node/peers/", "/en/node/peers/beijing.chorsu.example/"])
def test_only_administrators_decide(client: Client, peer: Peer, editor: Person, path: str) -> None:
    assert client.get(path).status_code == 302
    client.force_login(editor)
    assert client.get(path).status_code == 403


def test_adding_shows_the_fingerprint_before_anything_is_trusted(
    client: Client, administrator: Person, beijing: MemoryNode
) -> None:
    client.force_login(administrator)
    answer = client.post("/en/node/peers/", {"address": beijing.address + "/"}, follow=True)
    assert beijing.key.fingerprint in answer.content.decode()
    assert Peer.objects.get().state == "added"
    assert ProcrastinateJob.objects.count() == 0
    assert AuditEvent.objects.get().action == "peer.added"


def test_confirming_trusts_the_key_that_was_shown(
    client: Client,
    administrator: Person,
    beijing: MemoryNode,
    django_capture_on_commit_callbacks: object,
) -> None:
    client.force_login(administrator)
    client.post("/en/node/peers/", {"address": beijing.address})
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        client.post(
            "/en/node/peers/beijing.chorsu.example/decide/",
            {"decision": "confirm", "vkey": beijing.key.vkey},
        )
    assert Peer.objects.get().state == "confirmed"
    tasks = set(ProcrastinateJob.objects.values_list("task_name", flat=True))
    assert tasks == {"chorsu.jobs.tasks.tell_peer", "chorsu.jobs.tasks.pull_peer"}


def test_a_key_that_changed_after_it_was_shown(
    client: Client, administrator: Person, beijing: MemoryNode
) -> None:
    client.force_login(administrator)
    client.post("/en/node/peers/", {"address": beijing.address})
    impostor = SigningKey.generate(beijing.name)
    answer = client.post(
        "/en/node/peers/beijing.chorsu.example/decide/",
        {"decision": "confirm", "vkey": impostor.vkey},
        follow=True,
    )
    assert "Its key has changed" in answer.content.decode()
    assert Peer.objects.get().state == "added"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("beijing", "Write the whole address"),
        ("ftp://x.example", "Write the whole address"),
        ("http://127.0.0.1:9", "reached."),
    ],
)
def test_an_address_that_leads_nowhere_is_explained_and_kept(
    client: Client, administrator: Person, address: str, message: str
) -> None:
    client.force_login(administrator)
    answer = client.post("/en/node/peers/", {"address": address})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert message in page
    assert f'value="{address}"' in page
    assert Peer.objects.count() == 0


def test_an_address_where_something_else_answers(
    client: Client,
    administrator: Person,
    beijing: MemoryNode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(beijing, "_route", lambda *_: (200, {}, b"<html>login</html>"))
    client.force_login(administrator)
    answer = client.post("/en/node/peers/", {"address": beijing.address})
    assert "not a node of this network" in answer.content.decode()


def send_file(client: Client, data: bytes) -> HttpResponse:
    upload = SimpleUploadedFile("x.chorsu-node", data)
    return client.post("/en/node/peer-from-file/", {"document": upload}, follow=True)


def test_a_node_no_network_reaches_is_added_by_its_file(
    client: Client, administrator: Person, beijing: MemoryNode
) -> None:
    client.force_login(administrator)
    page = send_file(client, sign_node(beijing.document(), beijing.key)).content.decode()
    assert beijing.key.fingerprint in page
    assert (Peer.objects.get().state, Peer.objects.get().carried) == ("added", True)
    answer = client.post(
        "/en/node/peers/beijing.chorsu.example/decide/",
        {"decision": "confirm", "vkey": beijing.key.vkey},
        follow=True,
    )
    page = answer.content.decode()
    assert "Carried by bundles; none has come yet" in page
    assert "Look now" not in page
    Peer.objects.update(carried_at=utc_now())
    assert "Carried by bundles<" in text(client, "/en/node/")
    assert "has not confirmed this node yet" not in text(client, "/en/node/")
    assert beijing.requests == []


def test_the_file_to_carry_is_this_nodes_own(client: Client, academy: Institution) -> None:
    answer = client.get("/exchange/node")
    assert open_node_file(answer.content).vkey == keys.signing_key().vkey
    assert (
        answer["Content-Disposition"] == f'attachment; filename="{settings.NODE_NAME}.chorsu-node"'
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The submitted file is empty"),
        (b"a letter", "not the file of a node"),
        (b"x" * 70_000, "not the file of a node"),
    ],
)
def test_a_file_that_is_none_is_explained(
    client: Client, administrator: Person, data: bytes, message: str
) -> None:
    client.force_login(administrator)
    answer = send_file(client, data)
    assert answer.status_code == 400
    assert message in answer.content.decode()
    assert Peer.objects.count() == 0


def test_a_large_upload_is_refused_before_it_is_parsed(
    client: Client, administrator: Person
) -> None:
    client.force_login(administrator)
    assert send_file(client, b"x" * 200_000).status_code == 413


def test_only_administrators_take_in_the_file_of_a_node(
    client: Client, editor: Person, beijing: MemoryNode
) -> None:
    client.force_login(editor)
    answer = send_file(client, sign_node(beijing.document(), beijing.key))
    assert answer.status_code == 403
    assert Peer.objects.count() == 0


def test_how_a_peer_is_reached_is_decided_on_its_page(
    client: Client, administrator: Person, peer: Peer
) -> None:
    client.force_login(administrator)
    decide = "/en/node/peers/beijing.chorsu.example/decide/"
    for decision, carried in (("bundles", True), ("look", True), ("network", False)):
        client.post(decide, {"decision": decision})
        assert Peer.objects.get().carried is carried
    logged = AuditEvent.objects.filter(action__startswith="peer.").order_by("id")
    assert list(logged.values_list("action", flat=True)) == ["peer.carried", "peer.by-network"]


@pytest.mark.parametrize(
    ("before", "decision", "after"),
    [
        ("confirmed", "refuse", "refused"),
        ("asked", "refuse", "refused"),
        ("set-aside", "trust", "confirmed"),
        ("set-aside", "look", "set-aside"),
        ("confirmed", "nonsense", "confirmed"),
    ],
)
def test_deciding(
    client: Client, administrator: Person, peer: Peer, before: str, decision: str, after: str
) -> None:
    Peer.objects.update(state=before)
    client.force_login(administrator)
    client.post("/en/node/peers/beijing.chorsu.example/decide/", {"decision": decision})
    assert Peer.objects.get().state == after


def test_forgetting(client: Client, administrator: Person, peer: Peer) -> None:
    client.force_login(administrator)
    answer = client.post(
        "/en/node/peers/beijing.chorsu.example/decide/", {"decision": "forget"}, follow=True
    )
    assert "Forgotten." in answer.content.decode()
    assert Peer.objects.count() == 0


def test_evidence_is_for_administrators(client: Client, administrator: Person, peer: Peer) -> None:
    actions.set_aside(name=peer.name, code="fork", evidence="two notes", now=utc_now())
    assert "two notes" not in text(client, "/en/node/")
    client.force_login(administrator)
    assert "two notes" in text(client, "/en/node/peers/beijing.chorsu.example/")


def test_a_practice_of_a_peer_set_aside_stays_readable_and_says_so(
    client: Client, beijing: MemoryNode, peer: Peer, academy: Institution, now: datetime
) -> None:
    beijing.now = lambda: now
    remote.take_in(beijing, remote.practice(beijing, PRACTICE), at=now, now=now)
    warning = "This node has set that node aside: its log does not add up."
    assert warning not in text(client, f"/en/practices/{PRACTICE}/")
    actions.set_aside(name=peer.name, code="fork", evidence="two notes", now=now)
    page = text(client, f"/en/practices/{PRACTICE}/")
    assert warning in page
    assert "村民议事" in page


def test_a_peer_s_name_breaks_only_after_its_dots(
    client: Client, peer: Peer, administrator: Person
) -> None:
    client.force_login(administrator)
    page = text(client, f"/en/node/peers/{peer.name}/")
    assert '<h1 lang="en">beijing.<wbr>chorsu.<wbr>example</h1>' in page


def test_the_page_says_who_has_seen_this_nodes_log(
    client: Client, peer: Peer, now: datetime
) -> None:
    Peer.objects.update(witnessed_size=1203, witnessed_at=now)
    assert "Has seen of this node's log" in html.unescape(text(client, "/en/node/"))
    assert "1,203" in text(client, "/en/node/")


def test_a_stopped_log_is_said_on_the_page(client: Client, academy: Institution) -> None:
    assert "Publishing is stopped" not in text(client, "/en/node/")
    actions.stop_log(note=b"evidence")
    assert "Publishing is stopped" in text(client, "/en/node/")
    assert "本节点" in text(client, "/zh-hans/node/")


def test_who_publishes_while_the_log_is_stopped_is_told_why(rf: RequestFactory) -> None:
    page = LogStoppedPage(lambda request: HttpResponse())
    request = rf.post("/en/work/")
    request.user = AnonymousUser()
    with override("en"):
        answer = page.process_exception(request, actions.LogStopped("at 1 entries"))
        damaged = page.process_exception(request, UnusableKey("/data/keys: damaged"))
    assert answer is not None
    assert answer.status_code == 503
    assert "Publishing is stopped" in answer.content.decode()
    assert damaged is not None
    assert damaged.status_code == 503
    assert "The key of this node cannot be read" in damaged.content.decode()
    assert "/data/keys: damaged" not in damaged.content.decode()
    assert page.process_exception(request, ValueError()) is None
