"""A store in a bucket of an S3-compatible server."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from chorsu.exchange.stores.base import (
    CHUNK_BYTES,
    PUTS_AT_ONCE,
    UNTOUCHED,
    StoreFailed,
    require_same,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PART_BYTES = 16 * 1024 * 1024
"""Larger files go to a bucket in parts of this size; the object appears with the last."""
TRIES = 4
MARK_NAME = "sweeper"
_ABSENT = ("404", "NoSuchKey", "NotFound")


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

    def remove_untouched(self, sha256: str, now: datetime) -> bool:
        """By the time the server states, asked for anew right before."""
        head = self._head(sha256)
        if head is None or head[1] >= now - UNTOUCHED:
            return False
        return self.remove(sha256)

    def mark(self) -> str:
        """The text of an object beside the blobs."""
        with _failing(self.title) as failing:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + MARK_NAME)
            with answer["Body"] as body:
                return str(body.read().decode("utf-8", "replace"))
        if failing.absent:
            return ""
        raise StoreFailed(self.title)

    def set_mark(self, text: str) -> None:
        """Put the object anew."""
        with _failing(self.title):
            self._client.put_object(
                Bucket=self._bucket, Key=self._prefix + MARK_NAME, Body=text.encode()
            )

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
                    require_same(sha256, file)
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
