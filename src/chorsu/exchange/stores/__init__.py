"""Where the bytes of blobs lie: the node's disk, or a bucket of an S3-compatible server.

Both stores keep the same promises: a blob is there whole under its hash or not at all, and what
was put is read back and hashed before anybody can ask for it. They know names and bytes, no rows.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path

from django.conf import settings

from chorsu.exchange.stores.base import UNTOUCHED, Store, StoreFailed, require_same
from chorsu.exchange.stores.bucket import BucketStore
from chorsu.exchange.stores.disk import DiskStore

__all__ = [
    "UNTOUCHED",
    "BucketStore",
    "DiskStore",
    "Store",
    "StoreFailed",
    "blobs_folder",
    "probe",
    "the_store",
]


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
            require_same(sha256, file)
        if not store.remove(sha256) or store.has(sha256):
            raise StoreFailed(f"{store.title}: what was put can't be removed")
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
