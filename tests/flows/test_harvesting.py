"""Harvesting from foreign repositories over real HTTP: honest ones, forgetful ones, nasty ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from chorsu.exchange.client import PeerTrouble
from chorsu.exchange.queries import feed_size
from chorsu.flows import harvesting
from chorsu.flows.finding import find
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.harvested.errors import NotHarvestable
from chorsu.harvested.models import HarvestedRecord
from chorsu.harvested.queries import RepositoryView, due, repositories, repository
from chorsu.institutions.errors import NotAllowed
from chorsu.institutions.models import Person
from chorsu.kernel.clock import utc_now
from chorsu.records.viewer import Viewer
from chorsu.search.rules import Filters
from chorsu.web.oai import lists
from tests.foreign_repository import Foreign, ForeignRepository, Reply, envelope, error
from tests.web.library import ID, publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def library() -> Iterator[ForeignRepository]:
    """Five records, served two at a time."""
    made = ForeignRepository()
    for number in range(1, 6):
        made.add(f"oai:osh:{number}", f"Опыт {number}", f"2026-11-0{number}T00:00:00Z")
    with made.serve():
        yield made


def harvest(number: int, pages: int = 50) -> bool:
    return harvesting.harvest(
        repository_id=number, clock=utc_now, pause=lambda _: None, pages=pages
    )


def added(library: ForeignRepository) -> int:
    number = harvesting.add(address=library.address, by=None, now=utc_now())
    harvesting.begin(repository_id=number, by=None, now=utc_now())
    return number


def after(library: ForeignRepository) -> RepositoryView:
    number = added(library)
    harvest(number)
    return repository(number)


def names() -> list[str]:
    return sorted(HarvestedRecord.objects.values_list("identifier", flat=True))


ALL_FIVE = [f"oai:osh:{number}" for number in range(1, 6)]


def test_a_repository_is_read_to_its_end_and_found_by_search(library: ForeignRepository) -> None:
    one = after(library)

    assert (one.name, one.records, one.trouble, one.running) == (
        "Library of Ош & more",
        5,
        "",
        False,
    )
    assert names() == ALL_FIVE
    found = find("опыт", Viewer(False, ("ru",)), Filters(), offset=0, limit=10, foreign=True)
    assert (found.total, found.practices) == (5, [])
    assert find("опыт", Viewer(False), Filters(), offset=0, limit=10).total == 0
    assert find("", Viewer(False), Filters(), offset=0, limit=10, foreign=True).total == 0
    assert feed_size() == 0


def test_nothing_is_read_before_somebody_begins(library: ForeignRepository) -> None:
    number = harvesting.add(address=library.address, by=None, now=utc_now())

    assert (harvest(number), due(utc_now(), utc_now())) == (False, [])
    assert [one["verb"] for one in library.asked] == ["Identify"]


def test_only_administrators_add(library: ForeignRepository, editor: Person) -> None:
    with pytest.raises(NotAllowed):
        harvesting.add(address=library.address, by=editor, now=utc_now())
    assert repositories() == []


def test_the_next_harvest_asks_for_changes_and_deletions_arrive(library: ForeignRepository) -> None:
    number = added(library)
    harvest(number)
    library.records[1] = Foreign("oai:osh:2", "2026-11-25T00:00:00Z", None)
    library.add("oai:osh:6", "Новый опыт", "2026-11-25T00:00:00Z")
    library.asked.clear()
    harvest(number)

    assert library.asked == [
        {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-11-24T11:55:00Z"}
    ]
    assert names() == ["oai:osh:1", "oai:osh:3", "oai:osh:4", "oai:osh:5", "oai:osh:6"]
    found = find("опыт", Viewer(False, ("ru",)), Filters(), offset=0, limit=10, foreign=True)
    assert found.total == 5


def test_days_are_asked_for_in_days(library: ForeignRepository) -> None:
    library.granularity = "YYYY-MM-DD"
    number = added(library)
    harvest(number)
    harvest(number)
    assert library.asked[-1]["from"] == "2026-11-24"


def test_a_harvest_cut_after_a_page_goes_on_at_its_token(library: ForeignRepository) -> None:
    number = added(library)
    assert harvest(number, pages=1)
    library.asked.clear()
    assert not harvest(number)
    assert library.asked[0] == {"verb": "ListRecords", "resumptionToken": "|2"}
    assert names() == ALL_FIVE


def test_a_token_that_expired_costs_nothing_but_a_look_back(library: ForeignRepository) -> None:
    library.forgotten = {"|4"}
    one = after(library)

    assert [asked.get("resumptionToken") or asked.get("from") for asked in library.asked[1:]] == [
        None, "|2", "|4", "2026-11-04T00:00:00Z",
    ]  # fmt: skip
    assert (one.trouble, names()) == ("", ALL_FIVE)


def test_a_list_out_of_order_is_begun_anew_when_its_token_expires(
    library: ForeignRepository,
) -> None:
    library.records.reverse()
    library.forgotten = {"|4"}
    one = after(library)

    assert "from" not in library.asked[4]
    assert (one.trouble, names()) == ("", ALL_FIVE)


def forget_all(asked: dict[str, str]) -> Reply | None:
    if "resumptionToken" in asked:
        return 200, {}, error("badResumptionToken")
    return None


def test_a_list_in_order_is_read_though_no_token_ever_holds(library: ForeignRepository) -> None:
    library.answer = forget_all
    assert (after(library).trouble, names()) == ("", ALL_FIVE)


def test_tokens_that_never_hold_end_in_trouble_and_not_in_a_circle(
    library: ForeignRepository,
) -> None:
    library.records.reverse()
    library.answer = forget_all
    assert after(library).trouble == "tokens-refused"
    assert len(library.asked) < 100


def test_a_whole_list_takes_away_what_is_not_in_it(library: ForeignRepository) -> None:
    number = added(library)
    harvest(number)
    del library.records[0]
    harvesting.begin(repository_id=number, by=None, now=utc_now(), everything=True)
    harvest(number)
    assert names() == ALL_FIVE[1:]


def test_an_empty_answer_takes_nothing_away(library: ForeignRepository) -> None:
    number = added(library)
    harvest(number)
    library.records.clear()
    harvesting.begin(repository_id=number, by=None, now=utc_now(), everything=True)
    harvest(number)
    assert (names(), repository(number).trouble) == (ALL_FIVE, "")


def same_token(asked: dict[str, str]) -> Reply | None:
    if asked["verb"] == "Identify":
        return None
    record = Foreign("x", "2026-11-01", "").xml()
    token = "<resumptionToken>again</resumptionToken>"
    return 200, {}, envelope(f"<ListRecords>{record}{token}</ListRecords>")


def endless_tokens(asked: dict[str, str]) -> Reply | None:
    if asked["verb"] == "Identify":
        return None
    number = int(asked.get("resumptionToken", "0")) + 1
    record = Foreign("x", "2026-11-01", "").xml()
    token = f"<resumptionToken>{number}</resumptionToken>"
    return 200, {}, envelope(f"<ListRecords>{record}{token}</ListRecords>")


@pytest.mark.parametrize("nasty", [same_token, endless_tokens])
def test_a_list_that_goes_in_a_circle_is_left(library: ForeignRepository, nasty: object) -> None:
    library.answer = nasty  # type: ignore[assignment]
    one = after(library)
    assert (one.trouble, one.running) == ("circle", False)
    assert len(library.asked) < 10


def _later(status: int, headers: dict[str, str], content: bytes = b"") -> object:
    return lambda asked: None if asked["verb"] == "Identify" else (status, headers, content)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (_later(302, {"Location": "http://169.254.169.254/"}), "redirected"),
        (_later(500, {}), "peer-error"),
        (_later(200, {}, b"<!DOCTYPE x><x/>"), "malformed"),
        (_later(200, {}, b" " * (16 * 1024 * 1024 + 1)), "answer-too-large"),
        (_later(200, {}, b"<html/>"), "not-a-repository"),
    ],
)
def test_what_goes_wrong_is_noted_and_tried_again_later(
    library: ForeignRepository, reply: object, code: str
) -> None:
    library.answer = reply  # type: ignore[assignment]
    number = added(library)
    harvest(number)
    assert repository(number).trouble == code
    assert due(utc_now(), utc_now()) == []
    assert due(utc_now() + timedelta(minutes=2), utc_now()) == [number]

    library.answer = lambda _: None
    harvest(number)
    assert (repository(number).trouble, names()) == ("", ALL_FIVE)


def test_a_pause_that_is_asked_for_is_kept(library: ForeignRepository) -> None:
    library.answer = _later(503, {"Retry-After": "3600"})  # type: ignore[assignment]
    number = added(library)
    harvest(number)
    waits = repository(number).next_try_at
    assert waits is not None
    assert timedelta(minutes=59) < waits - utc_now() <= timedelta(hours=1)


def test_a_repository_in_a_private_network_is_not_asked(
    library: ForeignRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.NODE._values, "exchange.private_peers", False)
    with pytest.raises(PeerTrouble) as caught:
        harvesting.look(address=library.address)
    assert (caught.value.code, library.asked) == ("private-address", [])


@pytest.mark.parametrize(
    "text",
    ["", "library.example", "ftp://a.example", "http://u:p@a.example", "http://a b", "file:///x"],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(NotHarvestable):
        harvesting.parse_repository(text)


def test_an_address_copied_with_its_question() -> None:
    typed = " https://a.example/oai?verb=Identify "
    assert harvesting.parse_repository(typed) == "https://a.example/oai"


def test_forgetting_takes_the_records_along(library: ForeignRepository) -> None:
    number = added(library)
    harvest(number)
    harvesting.forget(repository_id=number, by=None, now=utc_now())
    found = find("опыт", Viewer(False, ("ru",)), Filters(), offset=0, limit=10, foreign=True)
    assert (repositories(), names(), found.total) == ([], [], 0)


def test_a_node_of_this_network_is_harvested_as_any_other_repository(
    editor: Person, now: datetime, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 1)
    other = "01a20b57-41cf-7240-9c2d-67167621df3c"
    publish(now)
    publish(now + timedelta(days=1), other, texts=[])
    number = harvesting.add(address=f"{live_server.url}/oai", by=None, now=utc_now())
    harvesting.begin(repository_id=number, by=None, now=utc_now())
    harvest(number)
    assert names() == [f"oai:hub.chorsu.example:{ID}", f"oai:hub.chorsu.example:{other}"]
    kept = HarvestedRecord.objects.get(identifier__endswith=ID)
    assert ["Одно окно для всех справок", "ru"] in kept.values["title"]
    assert kept.link == f"{settings.NODE_ADDRESS}/en/practices/{ID}/"

    withdraw_practice(practice_id=other, reason="Wrong figures.", by=editor, now=utc_now())
    harvest(number)
    assert names() == [f"oai:hub.chorsu.example:{ID}"]
