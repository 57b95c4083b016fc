"""From one encoder to the next: the old one serves until the new one has everything."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from django.conf import LazySettings
from django.db import connection

from chorsu.config.node import read_settings
from chorsu.kernel.clock import utc_now
from chorsu.records.viewer import Viewer
from chorsu.search import meaning, switching
from chorsu.search.actions import follow_settings, index, remove
from chorsu.search.backlog import backlog
from chorsu.search.embedding import BATCH, embed_waiting
from chorsu.search.encoder import Vectors
from chorsu.search.endpoint import Endpoint as Encoder
from chorsu.search.errors import EmbedderTrouble
from chorsu.search.models import Encoder as Row
from chorsu.search.models import Unembedded, Vector
from chorsu.search.queries import search
from chorsu.search.rules import DocumentToIndex, Filters, TextToIndex
from chorsu.search.space import Space
from tests.search.endpoints import DIMENSIONS, Endpoint, serve

BUNDLED = 385
"""Numbers in a vector by the bundled encoder: its own and the hubness."""

pytestmark = pytest.mark.django_db
ANYBODY = Viewer(member=False, languages=("en",))
WASTE = ("Household waste sorting", "Residents separate glass, paper and food in yards.")
BUSES = ("Night buses", "Buses run through the whole night, every hour of it.")


@pytest.fixture
def server() -> Iterator[Endpoint]:
    with serve() as one:
        yield one
        close_endpoints()


def close_endpoints() -> None:
    for choice, encoder in list(meaning.encoders.items()):
        if isinstance(encoder, Encoder):
            encoder.close()
            del meaning.encoders[choice]


@pytest.fixture
def choose(settings: LazySettings) -> Callable[..., None]:
    """Set the encoder, as a restart with other settings would: a server, or the bundled one."""

    def set_to(server: Endpoint | None = None, kind: str = "", **more: str) -> None:
        environment = (
            {
                "CHORSU_SEARCH_EMBEDDER": "openai",
                "CHORSU_SEARCH_EMBEDDER_URL": server.url,
                "CHORSU_SEARCH_EMBEDDER_MODEL": "small",
                "CHORSU_SEARCH_EMBEDDER_DIMENSIONS": str(DIMENSIONS),
            }
            if server
            else {}
        )
        if kind:
            environment["CHORSU_SEARCH_EMBEDDER"] = kind
        given = {f"CHORSU_SEARCH_EMBEDDER_{name.upper()}": value for name, value in more.items()}
        settings.NODE = read_settings({**os.environ, **environment, **given})

    return set_to


def found(query: str) -> list[str]:
    return [hit.record_id for hit in search(query, ANYBODY, Filters()).hits]


def states() -> dict[str, int]:
    """Dimensions by state."""
    return dict(Row.objects.values_list("state", "dimensions"))


def embed_all() -> int:
    total = 0
    while made := embed_waiting(100):
        total += made
    return total


def test_the_old_one_serves_until_all_have_the_new_vectors_then_it_switches_at_once(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    many = [document(en=(f"Night buses {n}", f"Route {n}. {BUSES[1]}")) for n in range(BATCH)]
    waste = document(en=WASTE)
    for one in [*many, waste]:
        index(one)
    embed_all()
    choose(server)
    assert follow_settings() is True

    assert states() == {"serving": BUNDLED, "coming": DIMENSIONS}
    assert embed_waiting(BATCH) == BATCH
    before = backlog(now=utc_now())
    assert before.waiting == 0
    assert before.coming is not None
    assert (before.coming.waiting, before.coming.total) == (BATCH + 2, 2 * BATCH + 2)
    assert found("раздельный сбор мусора")[0] == waste.record_id  # the bundled one's meaning

    embed_all()

    assert states() == {"serving": DIMENSIONS, "leaving": BUNDLED}
    server.texts.clear()
    assert found("paper glass")[0] == waste.record_id
    assert server.texts == ["paper glass"]
    assert Vector.objects.filter(encoder__state="serving").count() == 2 * BATCH + 2


def test_a_process_that_knew_the_old_one_asks_the_new_one_without_a_restart(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    index(document(en=WASTE))
    embed_all()
    found("paper")  # this process has the old one at hand
    old = switching.serving()
    choose(server)
    follow_settings()
    embed_all()
    assert switching.serving() == old

    found("paper")

    now = switching.serving()
    assert now is not None
    assert now.dimensions == DIMENSIONS


def test_new_texts_meanwhile_are_found_before_and_after(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    index(document(en=BUSES))
    embed_all()
    choose(server)
    follow_settings()
    waste = document(en=WASTE)
    assert index(waste) == 2

    assert Unembedded.objects.filter(encoder__state="coming").count() == 4
    embed_waiting(2)
    assert states() == {"serving": BUNDLED, "coming": DIMENSIONS}
    assert found("раздельный сбор мусора") == [waste.record_id]
    embed_all()
    assert found("paper glass")[0] == waste.record_id
    assert not Unembedded.objects.filter(encoder__state="serving").exists()


def test_going_back_in_the_middle_costs_nothing_and_coming_again_goes_on_where_it_was(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    for n in range(BATCH):
        index(document(en=(f"Bus {n}", "")))
    waste = document(en=WASTE)
    index(waste)
    embed_all()
    choose(server)
    follow_settings()
    embed_waiting(BATCH)
    choose()
    follow_settings()

    assert states() == {"serving": BUNDLED, "leaving": DIMENSIONS}
    server.texts.clear()
    assert embed_all() == 0
    assert found("раздельный сбор мусора")[0] == waste.record_id

    choose(server)
    follow_settings()
    assert embed_all() == 2
    assert len(server.texts) == 2
    assert states() == {"serving": DIMENSIONS, "leaving": BUNDLED}


def test_a_kill_in_the_middle_is_taken_up_and_no_switch_is_made_before(
    document: Callable[..., DocumentToIndex],
    choose: Callable[..., None],
    server: Endpoint,
) -> None:
    index(document(en=WASTE))
    embed_all()
    choose(server)
    follow_settings()
    # As a killed worker leaves it: taken, never given.
    until = utc_now() + timedelta(minutes=3)
    Unembedded.objects.filter(position=0).update(taken_until=until)

    embed_all()
    assert states() == {"serving": BUNDLED, "coming": DIMENSIONS}
    Unembedded.objects.update(taken_until=utc_now() - timedelta(seconds=1))
    embed_all()
    assert states() == {"serving": DIMENSIONS, "leaving": BUNDLED}


def test_a_list_that_is_not_whole_yet_does_not_switch(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    index(document(en=WASTE))
    embed_all()
    choose(server)
    follow_settings()
    # As a worker killed while it filled the list.
    Unembedded.objects.all().delete()
    Row.objects.filter(state="coming").update(filled=False)

    assert switching.switch() is False
    assert switching.fill() is True
    assert Unembedded.objects.count() == 2


def test_what_left_is_cleared_after_some_time_with_its_index(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    index(document(en=WASTE))
    embed_all()
    choose(server)
    follow_settings()
    embed_all()
    old = Row.objects.get(state="leaving")

    assert switching.clear(left_before=utc_now() - timedelta(hours=1)) == 0
    assert switching.clear(left_before=utc_now() + timedelta(seconds=1)) == 2
    assert states() == {"serving": DIMENSIONS}
    assert f"search_vector_of_{old.pk}" not in vector_indexes()
    assert Vector.objects.count() == 2


def vector_indexes() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'search_vector'")
        return [name for (name,) in cursor.fetchall()]


def test_another_fitted_space_is_another_encoder(
    document: Callable[..., DocumentToIndex],
    choose: Callable[..., None],
    server: Endpoint,
    settings: LazySettings,
) -> None:
    choose(server)
    index(document(en=WASTE))
    embed_all()
    follow_settings()
    assert states() == {"serving": DIMENSIONS}

    path = meaning.Choice.from_settings().space_file
    path.parent.mkdir(parents=True, exist_ok=True)
    nothing: Vectors = np.zeros((0, DIMENSIONS), dtype="float32")
    fitted = Space("small", {"passage en": mean(), "query en": mean()}, {}, nothing)
    path.write_bytes(fitted.to_bytes())
    try:
        follow_settings()
        assert states() == {"serving": DIMENSIONS, "coming": DIMENSIONS}
        embed_all()
    finally:
        path.unlink()
    first, second = (
        Vector.objects.filter(encoder__state=state).order_by("passage")[0].vector
        for state in ("leaving", "serving")
    )
    assert first != second
    assert backlog(now=utc_now()).unfitted is False


def mean() -> Vectors:
    row: Vectors = np.zeros(DIMENSIONS, dtype="float32")
    row[0] = 0.5
    return row


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


def test_the_encoders_own_index_leads_to_the_nearest(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    index(document(en=WASTE))
    embed_all()
    row = Row.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(
            "EXPLAIN SELECT passage_id FROM search_vector AS vector"
            f" WHERE vector.encoder_id = {row.pk} ORDER BY vector.vector::halfvec({BUNDLED})"
            f" <#> %s::halfvec({BUNDLED}) LIMIT 5",
            ["[" + ",".join(["0.1"] * BUNDLED) + "]"],
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert f"Index Scan using search_vector_of_{row.pk}" in plan
