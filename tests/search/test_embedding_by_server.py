"""Vectors made by a server: what it gets to see, and what happens where it makes none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chorsu.records.viewer import Viewer
from chorsu.search.actions import follow_settings, index, remove
from chorsu.search.embedding import embed_waiting
from chorsu.search.errors import EmbedderTrouble
from chorsu.search.models import Unembedded, Vector
from chorsu.search.queries import search
from chorsu.search.rules import DocumentToIndex, Filters, TextToIndex
from tests.search.encoders import BUNDLED, BUSES, WASTE, embed_all, found, states
from tests.search.endpoints import Endpoint, serve

pytestmark = pytest.mark.django_db


def test_a_server_that_fails_leaves_the_words_and_the_waiting_list(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    choose(server)
    waste = document(en=WASTE)
    index(waste)
    server.status = 503
    with pytest.raises(EmbedderTrouble, match="503"):
        embed_waiting(10)

    assert Unembedded.objects.filter(taken_until=None).count() == 2
    assert found("household waste") == [waste.record_id]
    assert found("paper glass") == [waste.record_id]


def test_records_for_the_network_go_to_a_server_only_if_the_setting_says_so(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    choose(server)
    secret = document(en=("Inspection schedule", ""), audience="network")
    assert index(secret) == 0
    index(document(en=("Night buses", "")))
    follow_settings()
    embed_all()
    assert server.texts == ["Night buses"]
    member = Viewer(member=True, languages=("en",))
    hits = search("inspection schedule", member, Filters()).hits
    assert secret.record_id in [hit.record_id for hit in hits]

    choose(server, audience="network")
    follow_settings()
    embed_all()
    assert sorted(set(server.texts)) == [
        "Inspection schedule", "Night buses", "inspection schedule",
    ]  # fmt: skip


def test_narrowing_the_audience_takes_what_waits_off_the_list(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    choose(server, audience="network")
    assert index(document(en=("Inspection schedule", ""), audience="network")) == 1
    choose(server)
    follow_settings()

    assert embed_all() == 0
    assert server.texts == []
    assert not Unembedded.objects.exists()


def test_a_refused_text_is_found_by_words_and_holds_up_no_other(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    choose(server)
    server.refuses = "forbidden"
    refused = document(en=("A forbidden word", ""))
    index(refused)
    index(document(en=("Night buses", "")))
    embed_all()

    assert Vector.objects.count() == 1
    assert not Unembedded.objects.exists()
    assert found("forbidden") == [refused.record_id]


def test_only_passages_that_changed_are_embedded_again(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    choose(server)
    before = document(en=WASTE)
    index(before)
    embed_all()
    server.texts.clear()
    changed = "Residents separate glass, paper, metal and food in yards."
    index(replace(before, texts=[TextToIndex("en", WASTE[0], [("summary", changed)])]))
    embed_all()

    assert server.texts == [changed]
    assert Vector.objects.count() == 2


def test_a_removed_record_takes_vectors_and_waiting_along(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    one, other = document(en=WASTE), document(en=BUSES)
    index(one)
    embed_all()
    index(other)
    remove(kind="practice", record_id=one.record_id)
    remove(kind="practice", record_id=other.record_id)

    assert (Vector.objects.count(), Unembedded.objects.count()) == (0, 0)


def test_the_key_that_is_set_never_goes_to_the_server_that_was_set_before(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    choose(server, key="old-key")
    index(document(en=WASTE))
    embed_all()
    with serve() as other:
        choose(other, key="new-key")
        follow_settings()
        found("paper")
        embed_all()
        assert {seen.get("Authorization") for seen in other.headers_seen} == {"Bearer new-key"}
    seen = [one.get("Authorization") for one in server.headers_seen]
    assert (seen[0], seen[-1]) == ("Bearer old-key", None)
    assert "Bearer new-key" not in seen


def test_an_encoder_that_cannot_be_had_stops_nothing(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None]
) -> None:
    waste = document(en=WASTE)
    index(waste)
    embed_all()
    choose(kind="sentence-transformers", model="/no/such/folder")

    assert follow_settings() is False
    assert states() == {"serving": BUNDLED}
    assert found("раздельный сбор мусора") == [waste.record_id]
