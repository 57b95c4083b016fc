"""From one encoder to the next: the old one serves until the new one has everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from django.conf import LazySettings
from django.db import connection

from chorsu.kernel.clock import utc_now
from chorsu.search import meaning, switching
from chorsu.search.actions import follow_settings, index
from chorsu.search.backlog import backlog
from chorsu.search.embedding import BATCH, embed_waiting
from chorsu.search.encoder import Vectors
from chorsu.search.models import Encoder as Row
from chorsu.search.models import Unembedded, Vector
from chorsu.search.rules import DocumentToIndex
from chorsu.search.space import Space
from tests.search.encoders import BUNDLED, BUSES, WASTE, embed_all, found, states
from tests.search.endpoints import DIMENSIONS, Endpoint

pytestmark = pytest.mark.django_db


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


def test_a_service_that_no_longer_serves_is_sent_no_question_by_who_knew_it(
    document: Callable[..., DocumentToIndex], choose: Callable[..., None], server: Endpoint
) -> None:
    index(document(en=WASTE))
    embed_all()
    choose(server)
    follow_settings()
    embed_all()
    found("paper")  # this process knows that the service serves
    knew = switching.last_known()
    choose()
    follow_settings()
    embed_all()
    assert switching.last_known() == knew
    server.texts.clear()

    assert found("paper")

    assert server.texts == []


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
