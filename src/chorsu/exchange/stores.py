"""Where the bytes of blobs lie: the node's disk, or a bucket of an S3-compatible server.

Both stores keep the same promises: a blob is there whole under its hash or not at all, and what
was put is read back and hashed before anybody can ask for it. They know names and bytes, no rows.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from django.conf import settings

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK_BYTES = 1 << 16
PUTS_AT_ONCE = 8
PART_BYTES = 16 * 1024 * 1024
"""Larger files go to a bucket in parts of this size; the object appears with the last."""
TRIES = 4
UNTOUCHED = timedelta(days=1)
"""How long bytes lie before they may be called left over: longer than any transaction."""
_ABSENT = ("404", "NoSuchKey", "NotFound")


class StoreFailed(OSError):  # noqa: N818 - says what is wrong
    """The store can't be reached, refuses, or gives back other bytes than it was given."""


class Store(Protocol):
    """Bytes by SHA-256. Methods raise `OSError`; names are checked by the caller."""

    @property
    def title(self) -> str:
        """What an administrator knows it by."""

    def keep(self, drafts: Sequence[tuple[Path, str, int]]) -> None:
        """Take over finished local files, each with its hash and length; they are gone after."""

    def has(self, sha256: str) -> bool:
        """Whether there are bytes under this name."""

    def open(self, sha256: str) -> BinaryIO | None:
        """The bytes as a file that can seek, read as they are asked for; None if not here."""

    def remove(self, sha256: str) -> bool:
        """Remove the bytes; False if there were none."""

    def untouched(self, now: datetime) -> Iterator[str]:
        """Names of bytes that nobody has put or put again for as long as `UNTOUCHED`."""


class DiskStore:
    """Files in a folder, named by their hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def title(self) -> str:
        """The folder."""
        return f"disk, {self._folder}"

    def path(self, sha256: str) -> Path:
        """Where the bytes of this hash lie, there or not."""
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    def keep(self, drafts: Sequence[tuple[Path, str, int]]) -> None:
        """Rename each into its place; many are forced to disk together, at the price of one."""
        many = len(drafts) > 1
        if many:
            os.sync()
            # Only asking each for its errors is left to do, which is waiting.
            with ThreadPoolExecutor(max_workers=PUTS_AT_ONCE) as threads:
                list(threads.map(_force, drafts))
        elif drafts:
            _force(drafts[0])
        folders = set()
        for draft, sha256, size in drafts:
            path = self.path(sha256)
            if _is_whole(path, sha256, size):
                # Touched: it is wanted again, though its row may not be committed yet.
                path.touch()
                draft.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(path)
            folders.add(path.parent)
        # The names must survive a power cut as well as the bytes do.
        if many and folders:
            os.sync()
        for folder in () if many else folders:
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def has(self, sha256: str) -> bool:
        """Whether the file is there."""
        return self.path(sha256).exists()

    def open(self, sha256: str) -> BinaryIO | None:
        """The file."""
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError:
            return None

    def remove(self, sha256: str) -> bool:
        """Unlink the file; who has it open reads on to its end."""
        try:
            self.path(sha256).unlink()
        except FileNotFoundError:
            return False
        return True

    def untouched(self, now: datetime) -> Iterator[str]:
        """By the time of the file."""
        before = (now - UNTOUCHED).timestamp()
        for path in self._folder.glob("??/??/*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < before:
                    yield path.name


def _force(draft: tuple[Path, str, int]) -> None:
    """See that a file is on the disk, and read back as what it is."""
    path, sha256, _ = draft
    with path.open("rb") as file:
        os.fsync(file.fileno())
        _require_same(sha256, file)


class BucketStore:
    """Objects of a bucket, named by their hash behind an optional prefix.

    An object appears when its last byte has arrived: the server does what renaming does on disk.
    """

    def __init__(
        self, *, bucket: str, endpoint: str, region: str, prefix: str, access: tuple[str, str]
    ) -> None:
        # slow import: boto3 costs a third of a second, which a node on its own disk is spared.
        from boto3.s3.transfer import TransferConfig
        from botocore.config import Config
        from storages.backends.s3 import S3Storage

        self.title = f"bucket {bucket} at {endpoint or 'Amazon S3'}"
        self._bucket, self._prefix = bucket, prefix.rstrip("/") + "/" if prefix else ""
        # Checksums of Amazon's own making are left out: other servers may not know them.
        config = Config(
            s3={"addressing_style": "path" if endpoint else "auto"},
            connect_timeout=10,
            read_timeout=60,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            max_pool_connections=64,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        storage = S3Storage(
            bucket_name=bucket,
            endpoint_url=endpoint or None,
            region_name=region or None,
            client_config=config,
            **({"access_key": access[0], "secret_key": access[1]} if access[0] else {}),
        )
        # Of all it holds, the client alone may be used by many threads.
        self._client = storage.connection.meta.client
        self._transfer = TransferConfig(
            multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=4
        )

    def keep(self, drafts: Sequence[tuple[Path, str, int]]) -> None:
        """Upload and read back, some at once; what came back wrong is removed again."""
        if len(drafts) == 1:
            self._keep(drafts[0])
            return
        with ThreadPoolExecutor(max_workers=PUTS_AT_ONCE) as threads:
            list(threads.map(self._keep, drafts))

    def has(self, sha256: str) -> bool:
        """Whether the object is there: one request."""
        return self._size(sha256) is not None

    def open(self, sha256: str) -> BinaryIO | None:
        """The object, read by ranges as asked for."""
        size = self._size(sha256)
        if size is None:
            return None
        return io.BufferedReader(_RangeReader(self, sha256, size), CHUNK_BYTES)

    def remove(self, sha256: str) -> bool:
        """Delete the object."""
        if self._size(sha256) is None:
            return False
        with _failing(self.title):
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + sha256)
        return True

    def untouched(self, now: datetime) -> Iterator[str]:
        """By the time the server states: a request for a thousand objects."""
        with _failing(self.title):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                for one in page.get("Contents", []):
                    if one["LastModified"] < now - UNTOUCHED:
                        yield str(one["Key"])[len(self._prefix) :]

    def part(self, sha256: str, start: int) -> BinaryIO:
        """The bytes from `start` on, as they come."""
        with _failing(self.title):
            answer = self._client.get_object(
                Bucket=self._bucket, Key=self._prefix + sha256, Range=f"bytes={start}-"
            )
            if not answer.get("ContentRange", "").startswith(f"bytes {start}-"):
                raise StoreFailed(f"{self.title}: gave another range than asked for")
            body: BinaryIO = answer["Body"]
            return body

    def _size(self, sha256: str) -> int | None:
        head = self._head(sha256)
        return None if head is None else head[0]

    def _head(self, sha256: str) -> tuple[int, datetime] | None:
        """Bytes of an object and when it was put; None if it is not there."""
        with _failing(self.title) as failing:
            answer = self._client.head_object(Bucket=self._bucket, Key=self._prefix + sha256)
            return int(answer["ContentLength"]), answer["LastModified"]
        if failing.absent:
            return None
        raise StoreFailed(self.title)

    def _keep(self, draft: tuple[Path, str, int]) -> None:
        path, sha256, size = draft
        head = self._head(sha256)
        # One that might soon be called left over is put again: its row may not be committed yet.
        fresh = datetime.now(UTC) - UNTOUCHED / 2
        if head is None or head[0] != size or head[1] < fresh:
            with _failing(self.title):
                self._client.upload_file(
                    str(path), self._bucket, self._prefix + sha256, Config=self._transfer
                )
            file = self.open(sha256)
            if file is None:
                raise StoreFailed(f"{self.title}: {sha256} was put and is not there")
            with file:
                try:
                    _require_same(sha256, file)
                except StoreFailed:
                    self.remove(sha256)
                    raise
        path.unlink()


class _RangeReader(io.RawIOBase):
    """An object as a file: a request where reading begins, and again where it was cut."""

    def __init__(self, store: BucketStore, sha256: str, size: int) -> None:
        self._store, self._sha256, self._size = store, sha256, size
        self._place = 0
        self._body: BinaryIO | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Bytes from the start."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go elsewhere; nothing is asked for before the next read."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if start + offset != self._place:
            self._drop()
            self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Up to a buffer full; raises `StoreFailed` after some tries without a byte."""
        view = memoryview(buffer)
        wanted = min(len(view), self._size - self._place)
        if wanted <= 0:
            return 0
        for attempt in range(TRIES):
            with _failing(self._store.title, last=attempt == TRIES - 1):
                if self._body is None:
                    self._body = self._store.part(self._sha256, self._place)
                if data := self._body.read(wanted):
                    view[: len(data)] = data
                    self._place += len(data)
                    return len(data)
            self._drop()
        raise StoreFailed(f"{self._store.title}: {self._sha256} ends at {self._place}")

    def close(self) -> None:
        """Let go of the connection, read to the end or not."""
        self._drop()
        super().close()

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


class _Failing:
    """Whether what was asked for is not there."""

    absent = False


@contextmanager
def _failing(title: str, *, last: bool = True) -> Iterator[_Failing]:
    """Errors of the library become `StoreFailed`; not `last`: they are passed over."""
    # slow import: see `BucketStore`.
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    state = _Failing()
    try:
        yield state
    except ClientError as error:
        state.absent = error.response.get("Error", {}).get("Code") in _ABSENT
        if last and not state.absent:
            raise StoreFailed(f"{title}: {error}") from error
    except (Boto3Error, BotoCoreError, HTTPClientError) as error:
        if last:
            raise StoreFailed(f"{title}: {error}") from error


@cache
def _bucket_store(
    bucket: str, endpoint: str, region: str, prefix: str, access: tuple[str, str]
) -> BucketStore:
    return BucketStore(
        bucket=bucket, endpoint=endpoint, region=region, prefix=prefix, access=access
    )


def the_store() -> Store:
    """The store that the settings name; a bucket's client is made once in a process."""
    node = settings.NODE
    if node.text("blobs.store") == "disk":
        return DiskStore(blobs_folder())
    return _bucket_store(
        node.text("blobs.s3_bucket"),
        node.text("blobs.s3_endpoint"),
        node.text("blobs.s3_region"),
        node.text("blobs.s3_prefix"),
        (node.text("blobs.s3_access_key"), node.text("blobs.s3_secret_key")),
    )


def blobs_folder() -> Path:
    """Where this machine keeps blobs, or only downloads and drafts on their way to a bucket."""
    return Path(settings.DATA_DIR) / "blobs"


def probe(content: bytes) -> None:
    """Write, read and remove some bytes nobody else has; raises `OSError` if that fails."""
    store, sha256 = the_store(), hashlib.sha256(content).hexdigest()
    draft = blobs_folder() / "tmp" / f"probe-{sha256[:16]}"
    draft.parent.mkdir(parents=True, exist_ok=True)
    try:
        draft.write_bytes(content)
        store.keep([(draft, sha256, len(content))])
        file = store.open(sha256)
        if file is None:
            raise StoreFailed(f"{store.title}: what was put is not there")
        with file:
            _require_same(sha256, file)
        if not store.remove(sha256) or store.has(sha256):
            raise StoreFailed(f"{store.title}: what was put can't be removed")
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _is_whole(path: Path, sha256: str, size: int) -> bool:
    """Whether the same bytes lie there already; a file the disk has spoilt is not left there."""
    if not path.exists() or path.stat().st_size != size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _require_same(sha256: str, file: BinaryIO) -> None:
    found = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        found.update(chunk)
    if found.hexdigest() != sha256:
        raise StoreFailed(f"{sha256} came back as {found.hexdigest()}")
