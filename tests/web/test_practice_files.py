"""A file that lies at a peer: shown where it is, fetched when opened, by whoever may read it."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from chorsu.exchange import actions, blobs, keys
from chorsu.exchange.actions.wishes import MAX_OF_STRANGERS
from chorsu.exchange.models import Peer, WantedBlob
from chorsu.flows.pulling import pull
from chorsu.institutions.models import AuditEvent, Institution, Membership, Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.practices.wire import PublishedFile
from chorsu.wire.entry import Audience
from tests.flows.remote import make_peer, publish, withdraw
from tests.memory_node import MemoryNode

pytestmark = pytest.mark.usefixtures("empty_queue")
DATA = b"minutes of a meeting"


@pytest.fixture
def now() -> datetime:
    """The present: both sides sign and check by real clocks."""
    return utc_now()


@pytest.fixture
def beijing(academy: Institution, now: datetime) -> Iterator[MemoryNode]:
    """A peer whose files come when somebody opens them."""
    node = MemoryNode("beijing.chorsu.example", institutions=("cn-nag",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        actions.set_policy(
            name=node.name, files="wanted", ahead_max_mb=None, max_kb_per_second=None
        )
        yield node


def published(
    node: MemoryNode, now: datetime, *, audience: Audience = "public", kind: str = "application/pdf"
) -> tuple[str, PublishedFile]:
    """A practice with a file, of which the words are here."""
    file = PublishedFile(node.add_blob(DATA, audience), len(DATA), kind, "minutes.pdf", "")
    record = new_id()
    publish(node, record, audience=audience, files=(file,))
    pull(peer_name=node.name, now=now)
    ProcrastinateJob.objects.all().delete()
    return record, file


def page_of(record: str, file: PublishedFile) -> str:
    return f"/en/practices/{record}/files/{file.sha256}/"


def text(client: Client, path: str, status: int = 200, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status
    return " ".join(html.unescape(answer.content.decode()).split())


def content(client: Client, file: PublishedFile) -> bytes:
    answer = client.get(f"/exchange/blob/{file.sha256}")
    assert answer.status_code == 200
    return b"".join(getattr(answer, "streaming_content", ()))


def jobs() -> list[str]:
    return list(ProcrastinateJob.objects.values_list("task_name", flat=True))


@pytest.fixture
def commits(django_capture_on_commit_callbacks: object) -> object:
    return django_capture_on_commit_callbacks


def test_the_practice_says_where_its_file_lies(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    record, file = published(beijing, now)
    page = text(client, f"/en/practices/{record}/")
    assert "Fetched when opened" in page
    assert f'href="{page_of(record, file)}" rel="nofollow">minutes.pdf</a>' in page
    assert "20 B" in page
    assert WantedBlob.objects.get().wished_at is None, "to look at the practice is no wish"


def test_a_large_picture_that_is_not_here_is_not_shown_as_broken(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    big = PublishedFile(beijing.add_blob(bytes(2**20 + 1)), 2**20 + 1, "image/png", "a.png", "")
    record = new_id()
    publish(beijing, record, files=(big,))
    pull(peer_name=beijing.name, now=now)
    assert "<img" not in text(client, f"/en/practices/{record}/").partition('id="files"')[2]


def test_opening_it_asks_once_and_follows_until_it_is_here(
    client: Client, beijing: MemoryNode, now: datetime, commits: object
) -> None:
    record, file = published(beijing, now)
    address = page_of(record, file)
    with commits(execute=True):  # type: ignore[operator]
        page = text(client, address)
        text(client, address)
    assert "The file is being fetched." in page
    assert 'Lies at: <span lang="en">beijing.<wbr>' in page
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page
    assert "data-poll" in page
    assert jobs() == ["chorsu.jobs.tasks.pull_peer"]
    blobs.partial_path(file.sha256).write_bytes(DATA[:5])
    assert "25 %" in text(client, address, **{"HX-Request": "true"})
    pull(peer_name=beijing.name, now=now)
    told = client.get(address, headers={"HX-Request": "true"})
    assert told["HX-Refresh"] == "true"
    ready = client.get(address)
    assert ready["Refresh"] == f"1; url=/exchange/blob/{file.sha256}"
    assert content(client, file) == DATA
    assert f'download="{file.name}"' in text(client, f"/en/practices/{record}/")


def test_the_address_of_the_file_leads_a_browser_there_in_its_language(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    record, file = published(beijing, now)
    browser = {"Accept": "text/html,*/*", "Accept-Language": "tk"}
    answer = client.get(f"/exchange/blob/{file.sha256}", headers=browser)
    assert answer.status_code == 302
    assert answer["Location"] == page_of(record, file).replace("/en/", "/tk/")
    assert answer["Cache-Control"] == "no-store"


def test_a_program_is_told_to_come_back_and_the_file_is_asked_for(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    _record, file = published(beijing, now)
    address = f"/exchange/blob/{file.sha256}"
    assert client.head(address).status_code == 503
    assert WantedBlob.objects.get().wished_at is None
    answer = client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (503, "blob-not-here-yet")
    assert answer["Retry-After"] == "60"
    assert WantedBlob.objects.get().wished_at is not None
    pull(peer_name=beijing.name, now=now)
    assert content(client, file) == DATA


def test_only_who_may_read_the_practice_may_ask(
    client: Client, beijing: MemoryNode, now: datetime, editor: Person
) -> None:
    record, file = published(beijing, now, audience="network")
    for path in (page_of(record, file), f"/exchange/blob/{file.sha256}"):
        assert client.get(path, headers={"Accept": "text/html"}).status_code == 404
        assert client.get(path).status_code == 404
    assert WantedBlob.objects.get().wished_at is None
    client.force_login(editor)
    assert "The file is being fetched." in text(client, page_of(record, file))
    pull(peer_name=beijing.name, now=now)
    assert content(client, file) == DATA
    client.logout()
    assert client.get(f"/exchange/blob/{file.sha256}").status_code == 403


def test_a_file_of_another_practice_is_not_asked_for_here(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    record, _file = published(beijing, now)
    other = PublishedFile("ab" * 32, 1, "application/pdf", "x.pdf", "")
    text(client, page_of(record, other), 404)
    text(client, page_of(new_id(), other), 404)


def test_the_page_of_a_file_of_a_withdrawn_practice(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    record, file = published(beijing, now)
    withdraw(beijing, record)
    pull(peer_name=beijing.name, now=now)
    assert "This practice has been withdrawn" in text(client, page_of(record, file), 410)
    assert client.get(f"/exchange/blob/{file.sha256}").status_code == 404


def test_a_peer_that_is_down_is_named_with_the_time_of_the_next_try(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    record, file = published(beijing, now)
    actions.record_trouble(name=beijing.name, code="unreachable", detail="errno 111", now=now)
    page = text(client, page_of(record, file))
    assert "The node can't be reached." in page
    assert "Next try: " in page
    then = timezone.localtime(now + timedelta(minutes=1))
    assert f'<time datetime="{then.isoformat()[:16]}' in page
    assert "The file is asked for as soon as that node answers." in page
    assert "errno" not in page
    assert "Узел недоступен" in text(client, page_of(record, file).replace("/en/", "/ru/"))


def test_why_the_peer_does_not_give_it(client: Client, beijing: MemoryNode, now: datetime) -> None:
    record, file = published(beijing, now)
    beijing.erase_blob(file.sha256)
    text(client, page_of(record, file))
    pull(peer_name=beijing.name, now=now)
    page = text(client, page_of(record, file))
    assert "The node has erased this content." in page


def test_too_many_wishes_of_strangers(client: Client, beijing: MemoryNode, now: datetime) -> None:
    record, file = published(beijing, now)
    peer = Peer.objects.get()
    for number in range(MAX_OF_STRANGERS):
        WantedBlob.objects.create(
            peer=peer, record_id=new_id(), sha256=f"{number:064x}", size=1, audience="public",
            media_type="text/csv", wished_at=now,
        )  # fmt: skip
    page = text(client, page_of(record, file))
    assert "Many files of that node are waiting to be fetched." in page
    assert "data-poll" not in page
    assert WantedBlob.objects.get(sha256=file.sha256).wished_at is None


def test_a_file_larger_than_this_node_takes_is_not_asked_for(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    film = PublishedFile("ab" * 32, 10**10, "video/mp4", "film.mp4", "")
    record = new_id()
    publish(beijing, record, files=(film,))
    pull(peer_name=beijing.name, now=now)
    page = text(client, page_of(record, film))
    assert "The file is larger than this node takes: at most 50 MB." in page
    assert "data-poll" not in page
    assert WantedBlob.objects.get().wished_at is None


def test_nothing_is_fetched_from_a_node_that_is_no_peer_any_more(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    record, file = published(beijing, now)
    actions.refuse_peer(name=beijing.name)
    assert "Nothing is fetched from that node at present." in text(client, page_of(record, file))
    actions.forget_peer(name=beijing.name)
    assert "no node is known that has it" in text(client, page_of(record, file), 404)


def test_files_are_looked_up_in_one_query(
    client: Client, beijing: MemoryNode, now: datetime, django_assert_max_num_queries: object
) -> None:
    files = tuple(
        PublishedFile(beijing.add_blob(b"%d" % one), 1, "text/csv", f"{one}.csv", "")
        for one in range(9)
    )
    record = new_id()
    publish(beijing, record, files=files)
    pull(peer_name=beijing.name, now=now)
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        client.get(f"/en/practices/{record}/")


# What an administrator decides


@pytest.fixture
def administrator(academy: Institution, client: Client) -> Person:
    person = Person.objects.create_user("admin@hub.example", "correct horse", name="Admin")
    Membership.objects.create(person=person, institution=academy, role="administrator")
    client.force_login(person)
    return person


def test_an_administrator_decides_when_files_come(
    client: Client, administrator: Person, beijing: MemoryNode
) -> None:
    address = f"/en/node/peers/{beijing.name}/"
    assert 'value="wanted" required id="id_fetch_1" checked' in text(client, address)
    answer = client.post(
        address, {"fetch": "ahead", "ahead_max_mb": "20", "max_kb_per_second": "0"}
    )
    assert answer.status_code == 302
    row = Peer.objects.get()
    assert (row.files, row.ahead_max_mb, row.max_kb_per_second) == ("ahead", 20, 0)
    event = AuditEvent.objects.get()
    assert (event.action, event.person) == ("peer.policy-set", administrator)
    assert event.detail == {"files": "ahead", "ahead_max_mb": "20", "max_kb_per_second": "0"}


@pytest.mark.parametrize("number", ["-1", "x", "10000001"])
def test_a_limit_that_can_not_be_is_refused_and_kept_in_the_form(
    client: Client, administrator: Person, beijing: MemoryNode, number: str
) -> None:
    answer = client.post(
        f"/en/node/peers/{beijing.name}/", {"fetch": "ahead", "max_kb_per_second": number}
    )
    assert answer.status_code == 400
    assert f'value="{number}"' in answer.content.decode()
    assert Peer.objects.get().files == "wanted"


def test_only_administrators_decide_on_files(
    client: Client, beijing: MemoryNode, editor: Person
) -> None:
    address = f"/en/node/peers/{beijing.name}/"
    assert client.post(address, {"fetch": "ahead"}).status_code == 302
    client.force_login(editor)
    assert client.post(address, {"fetch": "ahead"}).status_code == 403
    assert Peer.objects.get().files == "wanted"


def test_the_node_page_tells_how_much_comes_and_how_much_rests(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    published(beijing, now)
    page = text(client, "/en/node/")
    assert "Files that come when opened</dt><dd>1 · 20 B</dd>" in page
    assert "In sync" in page
    WantedBlob.objects.update(wished_at=now)
    assert "Files still to come</dt><dd>1 · 20 B</dd>" in text(client, "/en/node/")
