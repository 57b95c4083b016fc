"""Records of a peer that is set aside: they stay, and say so wherever they are met."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chorsu.exchange import actions, keys
from chorsu.flows.pulling import pull
from chorsu.institutions.actions import load_institutions
from chorsu.institutions.models import Institution, Person
from chorsu.kernel.clock import utc_now
from chorsu.kernel.ids import new_id
from chorsu.practices.wire import PublishedText, PublishedTranslation
from tests.flows.remote import make_peer, publish
from tests.memory_node import MemoryNode
from tests.web import library

pytestmark = pytest.mark.usefixtures("empty_queue")
NAME = "beijing.chorsu.example"
WARNING = "This node has set that node aside: its log does not add up."
BADGE = f'href="/en/node/#peer-{NAME}" title="{NAME}: {WARNING}">Peer set aside</a>'
ATOM = "{http://www.w3.org/2005/Atom}"
XHTML = "{http://www.w3.org/1999/xhtml}"
LISTS = (
    "/en/",
    "/en/practices/",
    "/en/institutions/cn-nag/",
    "/en/search/?q=村民",
    "/en/work/",
)
ANSWERS = (
    "/api/v1/practices",
    "/api/v1/search?q=村民",
    "/en/institutions/cn-nag/feed.atom",
)


@pytest.fixture
def now() -> datetime:
    """The present: both sides sign and check by real clocks."""
    return utc_now()


@pytest.fixture
def beijing(academy: Institution, now: datetime) -> Iterator[MemoryNode]:
    load_institutions(now=now)
    node = MemoryNode(NAME, institutions=("cn-nag",))
    node.add_peer(keys.signing_key().verify_key)
    with node.serve():
        make_peer(node, now)
        yield node


@pytest.fixture
def reader(client: Client, editor: Person) -> Client:
    """Somebody who reads Russian and sees the work area, too."""
    editor.languages = ["ru", "en"]
    editor.save()
    client.force_login(editor)
    return client


def bring(node: MemoryNode, now: datetime, count: int = 1) -> list[str]:
    """Practices of the peer, read from it."""
    made = [new_id() for _ in range(count)]
    for record in made:
        publish(node, record)
    pull(peer_name=node.name, now=now)
    return made


def set_aside(now: datetime) -> None:
    assert actions.set_aside(name=NAME, code="fork", evidence="two notes", now=now)


def text(client: Client, path: str) -> str:
    """The page without the marks on words that were searched for, its spaces single."""
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub("</?mark>", "", " ".join(answer.content.decode().split()))


def answer(client: Client, path: str) -> Any:  # noqa: ANN401
    return json.loads(client.get(f"/api/v1{path}").content)


@pytest.mark.parametrize("path", LISTS)
def test_a_card_says_that_its_peer_is_set_aside_and_one_s_own_does_not(
    reader: Client, beijing: MemoryNode, now: datetime, path: str
) -> None:
    library.publish(now, texts=[], title="村民 window")
    bring(beijing, now)
    before = text(reader, path)
    assert "村民议事" in before
    assert "Peer set aside" not in before
    set_aside(now)
    page = text(reader, path)
    assert page.count(BADGE) == page.count("村民议事</a>") > 0


@pytest.mark.parametrize("path", [*LISTS, *ANSWERS])
def test_a_list_asks_once_for_all_its_peers(
    reader: Client, beijing: MemoryNode, now: datetime, path: str
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert reader.get(path).status_code == 200
        return len(asked)

    bring(beijing, now, 2)
    set_aside(now)
    reader.get(path)  # institutions are kept by the process
    few = statements()
    actions.trust_again(name=NAME)
    bring(beijing, now, 12)
    set_aside(now)
    assert statements() == few


def test_the_members_say_it_of_the_node(client: Client, beijing: MemoryNode, now: datetime) -> None:
    set_aside(now)
    for path in ("/en/", "/en/institutions/cn-nag/"):
        assert '<span class="status status--trouble">Peer set aside</span>' in text(client, path)


@pytest.mark.parametrize(
    "path", ["", "history/", "history/1/", "translate/", "translate/ru/", "?text=zh-Hans"]
)
def test_every_page_of_the_practice_says_it(
    reader: Client, beijing: MemoryNode, now: datetime, path: str
) -> None:
    [record] = bring(beijing, now)
    assert WARNING not in text(reader, f"/en/practices/{record}/{path}")
    set_aside(now)
    page = text(reader, f"/en/practices/{record}/{path}")
    assert f'<p class="notice__title">{NAME}</p> <p>{WARNING}</p>' in page


def test_the_data_for_search_engines_say_it(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    [record] = bring(beijing, now)

    def data() -> Any:  # noqa: ANN401
        html = client.get(f"/en/practices/{record}/").content.decode()
        found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
        assert found
        return json.loads(found[1])

    assert "creativeWorkStatus" not in data()
    set_aside(now)
    said = data()["creativeWorkStatus"]
    assert (said["termCode"], said["name"]) == ("peer_set_aside", WARNING)


def test_programs_are_told_by_a_field(client: Client, beijing: MemoryNode, now: datetime) -> None:
    [record] = bring(beijing, now)
    library.publish(now, texts=[], title="村民 window")

    def warnings() -> dict[str, Any]:
        found = answer(client, "/search?q=村民")["items"]
        return {
            "list": {one["id"]: one["warning"] for one in answer(client, "/practices")["items"]},
            "search": {one["practice"]["id"]: one["practice"]["warning"] for one in found},
            "one": answer(client, f"/practices/{record}")["warning"],
            "texts": [one["warning"] for one in answer(client, f"/practices/{record}")["texts"]],
        }

    nothing = {record: None, library.ID: None}
    assert warnings() == {"list": nothing, "search": nothing, "one": None, "texts": [None]}
    set_aside(now)
    told = {record: "peer_set_aside", library.ID: None}
    assert warnings() == {
        "list": told, "search": told, "one": "peer_set_aside", "texts": ["peer_set_aside"],
    }  # fmt: skip


def test_the_field_is_described(client: Client) -> None:
    schemas = json.loads(client.get("/api/v1/openapi.json").content)["components"]["schemas"]
    for name in ("PracticeLine", "Practice", "PracticeWords"):
        assert "`peer_set_aside`" in schemas[name]["properties"]["warning"]["description"]
        assert "warning" in schemas[name]["required"]


def test_an_honest_practice_in_the_words_of_a_peer_set_aside(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    library.publish(now, texts=[])
    words = {"title": "Одно окно", "summary": "Сорок справок."}
    translated = PublishedText("ru", "human", 1, "Office", None, words)
    record = new_id()
    form = PublishedTranslation("practice", record, library.ID, "hub.chorsu.example", translated)
    beijing.publish("practice-text", record, 1, form.to_bytes())
    pull(peer_name=NAME, now=now)
    set_aside(now)
    practice = answer(client, f"/practices/{library.ID}?language=ru")
    assert practice["warning"] is None
    assert {one["language"]: one["warning"] for one in practice["texts"]} == {
        "en": None, "ru": "peer_set_aside",
    }  # fmt: skip
    for language, warned in (("ru", "peer_set_aside"), ("en", None)):
        [line] = answer(client, f"/practices?language={language}")["items"]
        assert (line["text_language"], line["warning"]) == (language, warned)
        assert (NAME in text(client, f"/{language}/practices/")) == bool(warned)
        assert (f">{NAME}</p>" in text(client, f"/{language}/practices/{library.ID}/")) == bool(
            warned
        )


def test_a_news_feed_says_it_to_people_and_to_programs(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    bring(beijing, now)

    def entry(language: str) -> ElementTree.Element:
        feed = client.get(f"/{language}/institutions/cn-nag/feed.atom").content
        found = ElementTree.fromstring(feed).find(f"{ATOM}entry")
        assert found is not None
        return found

    plain = entry("en")
    assert plain.findtext(f"{ATOM}summary") == "每月开会一次。"
    assert plain.find(f"{ATOM}category[@term='peer_set_aside']") is None
    set_aside(now)
    for language, warning, label in (
        ("en", WARNING, "Peer set aside"),
        ("ru", "Этот узел отстранил тот узел: его журнал не сходится.", "Узел-партнёр отстранён"),
    ):
        warned = entry(language)
        category = warned.find(f"{ATOM}category[@term='peer_set_aside']")
        assert category is not None
        assert category.get("label") == label
        summary = warned.find(f"{ATOM}summary")
        assert summary is not None
        assert summary.get("type") == "xhtml"
        said = [(one.text, *one.attrib.values()) for one in summary.iter(f"{XHTML}p")]
        assert said == [(f"{NAME}: {warning}", language), ("每月开会一次。", "zh-Hans")]


def test_catalogues_are_offered_nothing_of_a_peer(
    client: Client, beijing: MemoryNode, now: datetime
) -> None:
    library.publish(now)
    [record] = bring(beijing, now)
    set_aside(now)
    for path in ("ListRecords&metadataPrefix=oai_dc", "ListRecords&metadataPrefix=chorsu"):
        listed = client.get(f"/oai?verb={path}").content.decode()
        assert library.ID in listed
        assert record not in listed
