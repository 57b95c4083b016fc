"""The blob store: bytes addressed by SHA-256, in the store of the settings; rows in the database.

A blob is whole or not there: bytes go to a temporary file and from there into the store
(`exchange.stores`), where they are read back, and only then does a row name them. Who may read a
blob is not decided here (`queries.blob_access`).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from chorsu.exchange.models import Blob, BlobUse, Erasure, PeerEntry
from chorsu.exchange.stores import DiskStore, blobs_folder, the_store
from chorsu.wire.entry import PUBLIC
from chorsu.wire.envelope import is_blob_hash

CHUNK_BYTES = 1 << 16
RESUMABLE = timedelta(days=30)
"""How long a cut download is kept to be taken up again."""
SWEPT_AT_ONCE = 1000
UNFINISHED = timedelta(days=1)
"""How long a half written draft is left alone."""


class Erased(Exception):  # noqa: N818 - says what is wrong
    """The bytes are what this node has erased: they are not kept again."""


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """What the store knows of a blob without opening it; `size` in bytes."""

    sha256: str
    size: int
    media_type: str


def put(data: bytes, *, media_type: str, now: datetime) -> str:
    """Keep bytes; returns their SHA-256. Putting the same bytes again only makes them new again.

    A blob can be read by others only once a record uses it (`actions.append`), and goes again
    unless something names it by then (`actions.sweeping`). Raises `Erased`.
    """
    return put_file(BytesIO(data), media_type=media_type, now=now)


def put_file(file: BinaryIO, *, media_type: str, now: datetime) -> str:
    """As `put`, from a file read in chunks from where it stands to its end."""
    digest, size = hashlib.sha256(), 0
    with _temporary_file() as draft:
        with draft.open("xb") as target:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        _refuse_erased([digest.hexdigest()])
        _keep([(draft, digest.hexdigest(), size)])
    _record({digest.hexdigest(): size}, media_type, now)
    return digest.hexdigest()


def put_many(contents: Sequence[bytes], *, media_type: str, now: datetime) -> list[str]:
    """As `put`, of many small ones together, which costs about as much as one."""
    found = [hashlib.sha256(data).hexdigest() for data in contents]
    _refuse_erased(found)
    laid = lay_down(dict(zip(found, contents, strict=True)))
    name_many(laid, media_type=media_type, now=now)
    return found


def lay_down(contents: Mapping[str, bytes]) -> dict[str, int]:
    """Bring small contents (by SHA-256) into the store, as yet without rows; returns their sizes.

    Asks nothing of the database, so a thread may do it. Nobody can read them before `name_many`;
    what is never named is swept away. Raises `StoreFailed` for bytes that are not what they are
    called.
    """
    with ExitStack() as stack:
        drafts = []
        for sha256, data in contents.items():
            draft = stack.enter_context(_temporary_file())
            draft.write_bytes(data)
            drafts.append((draft, sha256, len(data)))
        if drafts:
            _keep(drafts)
    return {sha256: len(data) for sha256, data in contents.items()}


def name_many(sizes: Mapping[str, int], *, media_type: str, now: datetime) -> None:
    """Give what was laid down its rows: from now on it is here.

    Raises `Erased` if one of them was erased meanwhile; its bytes are then removed again.
    """
    try:
        _refuse_erased(list(sizes))
    except Erased as erased:
        the_store().remove(str(erased))
        raise
    _record(sizes, media_type, now)


def adopt(path: Path, *, media_type: str, now: datetime) -> str:
    """Move a finished file of the data folder (a download) into the store; returns its SHA-256."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    size = path.stat().st_size
    _refuse_erased([digest])
    _keep([(path, digest, size)])
    _record({digest: size}, media_type, now)
    return digest


def find_again(sha256: str, *, media_type: str, now: datetime) -> bool:
    """Give bytes that lie here without a row their row, if they are what they are called.

    So it is of what came after a backup of the database, once that is put back.
    """
    file = open_blob(sha256)
    if file is None:
        return False
    with file:
        digest = hashlib.sha256()
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
        if digest.hexdigest() != sha256:
            return False
        file.seek(0)
        put_file(file, media_type=media_type, now=now)
    return True


def erase(sha256: str) -> bool:
    """Remove the bytes, and what had come of them in a download; False if none were here.

    The row stays, for uses hang on it: the blob is then known and not here.
    """
    if not is_blob_hash(sha256):
        return False
    with suppress(FileNotFoundError):
        partial_path(sha256).unlink()
    return the_store().remove(sha256)


def sweep(*, now: datetime) -> int:
    """Remove bytes that no row names, unfinished drafts and old downloads; returns how many.

    They are left by a process that was killed between keeping the bytes and committing the row,
    and by rows that went (`actions.sweeping`).
    """
    store, removed = the_store(), _sweep_folder("tmp", now - UNFINISHED)
    removed += _sweep_folder("partial", now - RESUMABLE)
    names = store.untouched(now)
    while some := set(islice(names, SWEPT_AT_ONCE)):
        rows = Blob.objects.filter(sha256__in=some)
        left = some - set(rows.values_list("sha256", flat=True))
        # Anything else that lies there is somebody's, not ours to remove.
        removed += sum(store.remove_untouched(name, now) for name in left if is_blob_hash(name))
    return removed


def _sweep_folder(name: str, before: datetime) -> int:
    removed = 0
    for path in (blobs_folder() / name).glob("*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                path.unlink()
                removed += 1
    return removed


def info(sha256: str) -> BlobInfo | None:
    """The row of a blob, or None."""
    row = Blob.objects.filter(sha256=sha256).first()
    return BlobInfo(row.sha256, row.size, row.media_type) if row else None


def is_here(sha256: str) -> bool:
    """Whether both the row and the bytes are here."""
    return Blob.objects.filter(sha256=sha256).exists() and the_store().has(sha256)


def all_here(hashes: Sequence[str]) -> set[str]:
    """Those of many hashes whose row and bytes are here. One query."""
    rows = Blob.objects.filter(sha256__in=hashes).values_list("sha256", flat=True)
    store = the_store()
    return {sha256 for sha256 in rows if store.has(sha256)}


def hold(hashes: Iterable[str]) -> set[str]:
    """Those of many that have a row, which stays at least until the caller's transaction ends.

    For who is about to name what is here already, so that it is not swept away meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sha256 FROM exchange_blob WHERE sha256 = ANY(%s) ORDER BY sha256 FOR KEY SHARE",
            [list(hashes)],
        )
        return {sha256 for (sha256,) in cursor.fetchall()}


def at_hand(hashes: Sequence[str], peer_name: str) -> set[str]:
    """Those of many that are here and that a peer's records may use as they are. Two queries.

    A hash is no proof that a peer has the bytes: those of contents for the network stand in logs
    that anybody can read. What is here is the peer's if it is public, or if a record of it uses it
    already; else the peer has to give it like anything else.
    """
    theirs = PeerEntry.objects.filter(
        peer__name=peer_name, record_id=OuterRef("record_id"), state=PeerEntry.State.ACCEPTED
    )
    uses = BlobUse.objects.filter(Q(audience=PUBLIC) | Q(Exists(theirs), own=False))
    uses = uses.filter(blob_id__in=hashes)
    return all_here(sorted(set(uses.values_list("blob_id", flat=True))))


def open_blob(sha256: str) -> BinaryIO | None:
    """The bytes as an open file, or None if they are not here."""
    if not is_blob_hash(sha256):
        return None
    return the_store().open(sha256)


def read(sha256: str) -> bytes | None:
    """All bytes of a blob, or None if they are not here."""
    file = open_blob(sha256)
    if file is None:
        return None
    with file:
        return file.read()


def read_small(hashes: Sequence[str], max_bytes: int) -> dict[str, bytes]:
    """Those of the blobs that are here and fit, in order, into `max_bytes` together. One query."""
    sizes = dict(Blob.objects.filter(sha256__in=hashes).values_list("sha256", "size"))
    found: dict[str, bytes] = {}
    for sha256 in hashes:
        size = sizes.get(sha256, max_bytes + 1)
        data = read(sha256) if size <= max_bytes else None
        if data is not None:
            found[sha256] = data
            max_bytes -= len(data)
    return found


def blob_path(sha256: str) -> Path:
    """Where the bytes of this hash lie, there or not, if the node keeps blobs on its disk."""
    return DiskStore(blobs_folder()).path(sha256)


def partial_path(sha256: str) -> Path:
    """Where a download of this blob grows; it is taken up again after a break."""
    folder = blobs_folder() / "partial"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / sha256


def arrived_bytes(sha256: str) -> int:
    """How much of a download of this blob has come so far."""
    try:
        return (blobs_folder() / "partial" / sha256).stat().st_size
    except FileNotFoundError:
        return 0


@contextmanager
def _temporary_file() -> Iterator[Path]:
    folder = blobs_folder() / "tmp"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / secrets.token_hex(16)
    try:
        yield path
    finally:
        with suppress(FileNotFoundError):
            path.unlink()


def _refuse_erased(hashes: Sequence[str]) -> None:
    rows = Erasure.objects.filter(origin=settings.NODE_NAME, blob__in=hashes)
    if (found := rows.values_list("blob", flat=True).first()) is not None:
        raise Erased(found)


def _keep(drafts: Sequence[tuple[Path, str, int]]) -> None:
    the_store().keep(drafts)


def _record(sizes: Mapping[str, int], media_type: str, now: datetime) -> None:
    """Give them rows; those that are here are held to the end of the transaction and made new.

    What is here is locked as `hold` does, not against others who put it: two who put the same in
    another order do not wait for each other. Who sweeps passes it over.
    """
    with transaction.atomic():
        left = set(sizes)
        while left:
            # Looked for before they are made: an insert waits for who changes the same row.
            here = hold(left)
            if here:
                _renew(here, now)
            # Not made: somebody else did it just now. It is looked for again.
            left -= here | _insert({one: sizes[one] for one in left - here}, media_type, now)


def _insert(sizes: Mapping[str, int], media_type: str, now: datetime) -> set[str]:
    """Make the rows that are not there yet; which these are."""
    if not sizes:
        return set()
    rows = sorted(sizes.items())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exchange_blob (sha256, size, media_type, created_at)"
            " SELECT sha256, size, %s, %s"
            " FROM unnest(%s::text[], %s::bigint[]) AS new (sha256, size)"
            " ON CONFLICT DO NOTHING RETURNING sha256",
            [media_type, now, [one for one, _ in rows], [size for _, size in rows]],
        )
        return {sha256 for (sha256,) in cursor.fetchall()}


def _renew(hashes: Collection[str], now: datetime) -> None:
    # A row that another makes new just now is left to them.
    rows = Blob.objects.filter(sha256__in=hashes).order_by()
    free = rows.select_for_update(skip_locked=True, no_key=True).values("sha256")
    Blob.objects.filter(sha256__in=free).update(created_at=now)
