"""Workers beside each other and beside those who write, each on a connection of its own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.conf import LazySettings
from django.db import connection, connections, transaction

from chorsu.config.node import read_settings
from chorsu.search import switching
from chorsu.search.actions import index, remove
from chorsu.search.embedding import embed_waiting
from chorsu.search.models import Encoder, Unembedded, Vector
from chorsu.search.rules import DocumentToIndex
from tests.search.endpoints import DIMENSIONS, Endpoint, close_endpoints, serve

T = TypeVar("T")
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_queue")]


@pytest.fixture
def server(settings: LazySettings) -> Iterator[Endpoint]:
    """A server that is set as the encoder."""
    with serve() as one:
        set_to(settings, one, "small")
        yield one
        close_endpoints()


def set_to(settings: LazySettings, server: Endpoint, model: str) -> None:
    given = {
        "EMBEDDER": "openai",
        "EMBEDDER_URL": server.url,
        "EMBEDDER_MODEL": model,
        "EMBEDDER_DIMENSIONS": str(DIMENSIONS),
    }
    environment = {f"CHORSU_SEARCH_{name}": value for name, value in given.items()}
    settings.NODE = read_settings({**os.environ, **environment})


def elsewhere(work: Callable[[], T]) -> T:
    """Do it on this thread's own connection, and close that."""
    try:
        return work()
    finally:
        connections.close_all()


def test_two_workers_share_the_list_and_no_text_is_embedded_twice(
    document: Callable[..., DocumentToIndex], server: Endpoint
) -> None:
    for n in range(40):
        index(document(en=(f"Bus number {n}", "")))
    server.delay_s = 0.05

    def work() -> int:
        return elsewhere(lambda: embed_waiting(100))

    with ThreadPoolExecutor(2) as pool:
        done = [one.result() for one in [pool.submit(work) for _ in range(2)]]

    assert sum(done) == 40
    assert min(done) > 0
    assert len(server.texts) == len(set(server.texts)) == 40
    assert (Vector.objects.count(), Unembedded.objects.count()) == (40, 0)


def test_who_removes_a_record_does_not_wait_for_the_encoder(
    document: Callable[..., DocumentToIndex], server: Endpoint
) -> None:
    one, other = document(en=("Night buses", "")), document(en=("Night trams", ""))
    index(one)
    index(other)
    server.delay_s = 1.5
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(lambda: elsewhere(lambda: embed_waiting(10)))
        while not server.texts:
            time.sleep(0.02)
        begun = time.monotonic()
        remove(kind="practice", record_id=one.record_id)
        took = time.monotonic() - begun
        working.result()

    assert took < 1
    assert (Vector.objects.count(), Unembedded.objects.count()) == (1, 0)


def test_what_is_being_written_when_another_encoder_comes_waits_for_it_too(
    document: Callable[..., DocumentToIndex], server: Endpoint, settings: LazySettings
) -> None:
    index(document(en=("Night buses", "")))
    embed_waiting(10)
    begun, aligned = threading.Event(), threading.Event()

    def align() -> None:
        begun.set()
        elsewhere(switching.align)
        aligned.set()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            index(document(en=("Night trams", "")))
            set_to(settings, server, "other")
            coming = pool.submit(align)
            begun.wait()
            early = aligned.wait(0.5)
        coming.result()

    assert early is False
    row = Encoder.objects.get(state="coming")
    assert Unembedded.objects.filter(encoder=row).count() == 2


def test_a_searcher_never_sees_vectors_of_two_encoders(
    document: Callable[..., DocumentToIndex], server: Endpoint, settings: LazySettings
) -> None:
    """The index that belongs to one encoder holds no row of another, whatever the dimensions."""
    index(document(en=("Night buses", "")))
    embed_waiting(10)
    set_to(settings, server, "other")
    switching.align()
    embed_waiting(10)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encoder.state, pg_get_expr(indpred, indrelid), encoder.id"
            " FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
            " JOIN search_encoder AS encoder ON relname = 'search_vector_of_' || encoder.id"
            " ORDER BY 1"
        )
        rows = cursor.fetchall()
    assert [(state, said) for state, said, _ in rows] == [
        (state, f"(encoder_id = {pk})") for state, _, pk in rows
    ]
    assert [state for state, _, _ in rows] == ["leaving", "serving"]
