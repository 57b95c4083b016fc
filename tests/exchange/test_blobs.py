"""The blob store and the node's key: whole or not there."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from chorsu.exchange import blobs, keys


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.mark.django_db
def test_bytes_come_back_under_their_hash(now: datetime, folder: Path) -> None:
    digest = blobs.put(b"abc", media_type="text/plain", now=now)
    assert digest == hashlib.sha256(b"abc").hexdigest()
    assert blobs.read(digest) == b"abc"
    assert blobs.info(digest) == blobs.BlobInfo(digest, 3, "text/plain")
    assert blobs.blob_path(digest) == folder / "blobs" / digest[:2] / digest[2:4] / digest


@pytest.mark.django_db
def test_putting_twice_keeps_one(now: datetime, folder: Path) -> None:
    first = blobs.put(b"abc", media_type="text/plain", now=now)
    assert blobs.put_file(io.BytesIO(b"abc"), media_type="text/html", now=now) == first
    files = [path for path in (folder / "blobs").rglob("*") if path.is_file()]
    files.remove(folder / "blobs" / "lock")
    assert files == [blobs.blob_path(first)]


@pytest.mark.django_db
def test_a_read_that_fails_leaves_nothing(now: datetime, folder: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("the stick was pulled out")

    with pytest.raises(OSError, match="stick"):
        blobs.put_file(Broken(), media_type="text/plain", now=now)
    assert [path for path in (folder / "blobs").rglob("*") if path.is_file()] == []


@pytest.mark.django_db
def test_a_file_cut_by_a_crash_is_replaced(now: datetime) -> None:
    digest = blobs.put(b"abc", media_type="text/plain", now=now)
    blobs.blob_path(digest).write_bytes(b"a")
    blobs.put(b"abc", media_type="text/plain", now=now)
    assert blobs.read(digest) == b"abc"


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "0" * 63, "G" * 64])
def test_what_is_no_hash_opens_nothing(name: str) -> None:
    assert blobs.open_blob(name) is None


def test_the_key_stays_and_is_nobody_elses(folder: Path) -> None:
    first = keys.signing_key()
    assert keys.signing_key() == first
    assert keys.key_path().stat().st_mode & 0o777 == 0o600
    assert keys.key_path().read_bytes() == first.seed
    assert [path.name for path in keys.key_path().parent.iterdir()] == ["node.key"]


def test_a_damaged_key_is_named(folder: Path) -> None:
    (folder / "keys").mkdir()
    keys.key_path().write_bytes(b"short")
    with pytest.raises(keys.UnusableKey, match=r"node\.key"):
        keys.signing_key()
