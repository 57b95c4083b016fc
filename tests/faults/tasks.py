"""What a child of `hands` does: the node's own calls, each as a door of the product makes it."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import CharField
from django.urls import get_resolver
from procrastinate.contrib.django import app

from chorsu.config.asgi import application
from chorsu.exchange import blobs, keys, queries, stores, witnesses
from chorsu.exchange.actions import forget_peer
from chorsu.exchange.client import PeerClient
from chorsu.exchange.models import (
    Blob,
    BlobUse,
    FeedEntry,
    OwnFile,
    Peer,
    PeerEntry,
    PeerSighting,
    WantedBlob,
)
from chorsu.flows import rekeying, restoring, sweeping
from chorsu.flows.publishing import publish_draft
from chorsu.flows.pulling import pull_until_quiet
from chorsu.flows.withdrawing import withdraw_practice
from chorsu.institutions.actions import add_person
from chorsu.institutions.models import Person
from chorsu.institutions.queries import node_institution_id
from chorsu.kernel.clock import utc_now
from chorsu.practices import actions
from chorsu.practices import queries as queries_of_practices
from chorsu.practices.models import Practice, PracticeText
from chorsu.wire.keys import SigningKey
from tests.flows.copies import state
from tests.practices.content import FACTS, WORDS

EMAIL = "editor@node.example"
HASH_LETTERS = 64
HASH = re.compile(rb"\b[0-9a-f]{64}\b")
LONG = timedelta(days=3 * 366)
RETRIES_DUE = timedelta(hours=7)
"""Every pause after a failure is over by then."""


IMPORTED_LATE = (
    "babel.numbers",
    "certifi",
    "encodings.idna",
    "httpcore",
    "procrastinate.signals",
    "procrastinate.worker",
    "uvicorn.lifespan.off",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
)
"""By the work itself, or in the first request: what every child would read anew."""


def get_ready() -> None:
    """Before the first child: what is imported late is imported, no connection is open."""
    assert application is not None
    for module in IMPORTED_LATE:
        importlib.import_module(module)
    assert get_resolver().url_patterns
    with PeerClient("http://127.0.0.1:9", key=SigningKey.generate("nobody.example")):
        pass  # It reads whose certificates are believed, once in a process.
    connection.close()


def several(calls: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """Answers of some of these tasks, by one child: a look at a node is many questions."""
    return [globals()[task](**order) for task, order in calls]


@contextmanager
def clock_shifted(seconds: int) -> Iterator[None]:
    """The whole process believes it is so many seconds later, or earlier."""
    if not seconds:
        yield
        return
    with time_machine.travel(utc_now() + timedelta(seconds=seconds), tick=True):
        yield


def found(peers: list[str]) -> None:
    """The node's editor, and its peers, confirmed."""
    add_person(
        email=EMAIL,
        name="",
        password="a long enough password",
        institution_id=node_institution_id(),
        roles=["editor", "contributor"],
        now=utc_now(),
    )
    if peers:
        call_command("peers", "add", "--confirm", *peers)


def confirm(peers: list[str]) -> None:
    """Make these addresses peers."""
    call_command("peers", "add", "--confirm", *peers)


def serve() -> None:
    """The web server of the node, until it is killed."""
    call_command("serve")


def publish(seed: int, audience: str, files: list[int]) -> str:
    """An editor writes and publishes a practice; `files` are sizes in bytes. Returns its id."""
    by, now, chance = Person.objects.get(email=EMAIL), utc_now(), random.Random(seed)
    draft = actions.create_draft(
        by=by, institution_id=node_institution_id(), language="en", now=now
    )
    for place, size in enumerate(files):
        upload = b"a,b\n" + chance.randbytes(size).hex().encode()
        actions.add_file(
            draft_id=draft.id,
            upload=upload,
            name=f"table-{place}.csv",
            language="",
            by=by,
            now=now,
        )
    return _publish(draft.id, seed, audience, by)


def revise(record: str, seed: int, audience: str) -> str:
    """An editor publishes the next revision."""
    by = Person.objects.get(email=EMAIL)
    draft = actions.revise(practice_id=record, by=by, now=utc_now())
    return _publish(draft.id, seed, audience, by)


def withdraw(record: str) -> None:
    """An editor withdraws a practice."""
    by = Person.objects.get(email=EMAIL)
    withdraw_practice(practice_id=record, reason="A fault was found.", by=by, now=utc_now())


def change_key(revoked: bool) -> None:
    """The node goes over to another key."""
    rekeying.change_key(revoked=revoked, by=None, now=utc_now())


def wrong_with_keys() -> list[str]:
    """What is wrong with this node's own keys, in words."""
    own = keys.own_keys()
    wrong = [] if queries.key_is_at_hand() else ["the log is signed by another key"]
    if own.chain and own.chain[-1].new != own.key.verify_key:
        wrong.append("the chain ends in another key")
    if keys.key_path().read_bytes() != own.key.seed:
        wrong.append("a change was not ended")
    left = [path.name for path in keys.key_path().parent.glob("*old-*")]
    if own.chain and own.chain[-1].revoked and left:
        wrong.append(f"a revoked key is still there: {left}")
    return wrong


def vkey_of(peer: str) -> str:
    """The key by which this node knows a peer; empty: its own."""
    return queries.peer(peer).key.vkey if peer else keys.signing_key().vkey


def _publish(draft_id: str, seed: int, audience: str, by: Person) -> str:
    now = utc_now()
    saved = actions.save_draft(
        draft_id=draft_id,
        version=queries_of_practices.draft(draft_id, by).version,
        words={**WORDS, "title": f"One window, number {seed}"},
        facts=FACTS,
        audience=audience,
        by=by,
        now=now,
    )
    return publish_draft(draft_id=draft_id, version=saved.version, by=by, now=now).id


def pull(peer: str, later: bool = False) -> dict[str, Any]:
    """Read a peer as the worker's job does; `later`: when every pause is over."""
    ahead = RETRIES_DUE if later else timedelta()
    pull_until_quiet(peer_name=peer, clock=lambda: utc_now() + ahead)
    row = Peer.objects.get(name=peer)
    waiting = PeerEntry.objects.filter(peer=row, state__in=["stored", "fetched"]).count()
    wanted = WantedBlob.objects.filter(peer=row).count()
    return {"trouble": row.trouble, "state": row.state, "waiting": waiting, "wanted": wanted}


def sighted(witness: str, subject: str) -> list[Any] | None:
    """How many entries of a log a peer was seen to show, and whether they agree with the copy."""
    row = PeerSighting.objects.filter(witness__name=witness, subject__name=subject).first()
    return [row.size, row.compared] if row else None


def forget(peer: str) -> None:
    """Have never met a peer."""
    forget_peer(name=peer)


def stopped() -> bool:
    """Whether a peer was found to have seen what is not in this node's log."""
    return witnesses.stopped()


def restore() -> int:
    """Bring the own log back from the peers; how many entries it has then."""
    return restoring.restore(clock=utc_now, progress=lambda done, total: None).size


def own_state() -> dict[str, list[str]]:
    """All that is kept of the own log and its records, comparable."""
    return state()


def sweep() -> int:
    """What the nightly job does: what nothing names goes, and bytes left by killed processes.

    As if every blob had lain for long, also one that was put by a clock a year ahead; a cut
    download has been left for one night.
    """
    rows = sweeping.remove_unnamed(now=utc_now() + LONG)
    return rows + blobs.sweep(now=utc_now() + stores.UNTOUCHED + timedelta(hours=1))


def work_off() -> None:
    """A worker does what waits in the queue, to its end; embedding is left to others."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name LIKE '%%embed%%'")
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'todo' WHERE id IN"
            " (SELECT max(id) FROM procrastinate_jobs WHERE status = 'doing'"
            "  GROUP BY coalesce(queueing_lock, id::text)) AND NOT EXISTS"
            " (SELECT 1 FROM procrastinate_jobs o WHERE o.status = 'todo'"
            "  AND o.queueing_lock = procrastinate_jobs.queueing_lock)"
        )

    async def work() -> None:
        async with app.open_async():
            await app.run_worker_async(concurrency=1, wait=False, install_signal_handlers=False)

    with app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(work())


def published() -> list[dict[str, Any]]:
    """The node's own feed: what every honest peer must come to hold."""
    rows = FeedEntry.objects.order_by("index")
    return [
        {
            "index": row.index,
            "kind": row.kind,
            "record": str(row.record_id),
            "revision": row.revision,
            "action": row.action,
            "audience": row.audience,
            "blob": row.blob,
            "leaf": bytes(row.leaf).hex(),
        }
        for row in rows
    ]


def held(peer: str) -> dict[str, Any]:
    """What this node holds of a peer: entries, practices, texts."""
    entries = PeerEntry.objects.filter(peer__name=peer).order_by("index")
    return {
        "entries": [[row.index, row.state, row.reason, bytes(row.leaf).hex()] for row in entries],
        "practices": {
            str(row.pk): [row.revision, row.audience, row.withdrawn_at is not None, row.blob]
            for row in Practice.objects.filter(origin=peer)
        },
        "texts": {
            str(row.practice_id): [row.title, row.revision]
            for row in PracticeText.objects.filter(supplied_by=peer, record_id=None)
        },
        "verified": Peer.objects.get(name=peer).verified_size,
        "feed": queries.feed_size(),
    }


def store() -> dict[str, list[str]]:
    """What is wrong with the blob store: rows without bytes, bytes without rows, bytes not theirs,
    rows that nothing needs."""
    folder = Path(settings.DATA_DIR) / "blobs"
    on_disk = {
        path.name: path
        for path in folder.rglob("*")
        if path.is_file() and path.parts[len(folder.parts)] not in ("tmp", "partial", "lock")
    }
    rows = set(Blob.objects.values_list("sha256", flat=True))
    spoilt = [
        name
        for name, path in on_disk.items()
        if hashlib.sha256(path.read_bytes()).hexdigest() != name
    ]
    # What the node itself published stays, of earlier revisions too: its contents say what that is.
    contents = FeedEntry.objects.filter(action="publish").values_list("blob", flat=True)
    own = [on_disk[sha256].read_bytes() for sha256 in contents if sha256 in on_disk]
    published = {name.decode() for data in own for name in HASH.findall(data)}
    used = set(BlobUse.objects.values_list("blob_id", flat=True))
    in_tables, noted = named(), set(OwnFile.objects.values_list("sha256", flat=True))
    return {
        "rows that nothing needs": sorted(rows & on_disk.keys() - in_tables - published),
        "own files not noted": sorted(published - noted),
        "noted as own and not published": sorted(noted - published),
        "own files that went": sorted(published - on_disk.keys()),
        "rows without bytes": sorted((used | in_tables) & rows - on_disk.keys()),
        "bytes without rows": sorted(on_disk.keys() - rows),
        "bytes not theirs": sorted(spoilt),
    }


def named() -> set[str]:
    """Every hash in any table but the blobs' own: of entries, uses, files of drafts and records.

    That a file was once noted as this node's does not say that it is.
    """
    found: set[str | None] = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            is_hash = isinstance(field, CharField) and field.max_length == HASH_LETTERS
            if model not in (Blob, OwnFile) and (is_hash or field.related_model is Blob):
                found |= set(
                    filter(None, model._default_manager.values_list(field.attname, flat=True))
                )
    return found


def lacking(blobs_wanted: list[str]) -> list[str]:
    """Those whose bytes are not here, or are not what their name says."""
    found = {sha256: blobs.read(sha256) for sha256 in blobs_wanted}
    return [
        sha256
        for sha256, data in found.items()
        if data is None or hashlib.sha256(data).hexdigest() != sha256
    ]
