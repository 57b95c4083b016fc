"""What a store promises, on the disk and on a real S3 server alike."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from chorsu.config.node import read_settings
from chorsu.exchange import blobs, stores
from chorsu.exchange.models import Blob, Erasure
from chorsu.exchange.stores import (
    UNTOUCHED,
    BucketStore,
    StoreFailed,
    blobs_folder,
    probe,
    the_store,
)
from chorsu.kernel.clock import utc_now
from tests.cutting_proxy import cutting

LARGE = 40 * 1024 * 1024 + 7


def drafts_left() -> list[Path]:
    return [path for path in (blobs_folder() / "tmp").rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_bytes_come_back_under_their_hash(each_store: str, now: datetime) -> None:
    digest = blobs.put(b"abc", media_type="text/plain", now=now)
    assert digest == hashlib.sha256(b"abc").hexdigest()
    assert blobs.read(digest) == b"abc"
    assert blobs.info(digest) == blobs.BlobInfo(digest, 3, "text/plain")
    assert (blobs.is_here(digest), blobs.all_here([digest, "0" * 64])) == (True, {digest})
    assert drafts_left() == []


@pytest.mark.django_db
def test_nothing_is_a_blob_as_well(each_store: str, now: datetime) -> None:
    digest = blobs.put(b"", media_type="text/plain", now=now)
    assert (blobs.read(digest), blobs.is_here(digest)) == (b"", True)


@pytest.mark.django_db
def test_many_at_once_come_back_one_by_one(each_store: str, now: datetime) -> None:
    contents = [bytes([n]) * n for n in range(30)]
    found = blobs.put_many(contents, media_type="application/json", now=now)
    assert [blobs.read(one) for one in found] == contents
    assert drafts_left() == []


@pytest.mark.django_db
def test_a_large_file_is_read_from_any_place(each_store: str, now: datetime) -> None:
    data = os.urandom(LARGE)
    digest = blobs.put_file(io.BytesIO(data), media_type="video/mp4", now=now)
    file = blobs.open_blob(digest)
    assert file is not None
    with file:
        for place in (LARGE - 5, 0, 17, LARGE // 2):
            file.seek(place)
            assert file.read(100_000) == data[place : place + 100_000]
        assert (file.seek(0, io.SEEK_END), file.read(1)) == (LARGE, b"")


@pytest.mark.django_db
def test_what_is_not_there_is_none(each_store: str, now: datetime) -> None:
    assert (blobs.open_blob("0" * 64), blobs.is_here("0" * 64)) == (None, False)
    assert not the_store().remove("0" * 64)


@pytest.mark.django_db
def test_an_upload_that_breaks_off_leaves_nothing(each_store: str, now: datetime) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 1_000_000:
                raise OSError("the stick was pulled out")
            return super().read(size)

    with pytest.raises(OSError, match="stick"):
        blobs.put_file(Broken(bytes(2_000_000)), media_type="text/plain", now=now)
    assert (drafts_left(), Blob.objects.count()) == ([], 0)
    assert not the_store().has(hashlib.sha256(bytes(2_000_000)).hexdigest())


@pytest.mark.django_db
def test_erased_bytes_are_gone_and_may_come_again(each_store: str, now: datetime) -> None:
    digest = blobs.put(b"abc", media_type="text/plain", now=now)
    blobs.partial_path(digest).write_bytes(b"a")
    assert (blobs.erase(digest), blobs.erase(digest)) == (True, False)
    assert (blobs.is_here(digest), blobs.read(digest)) == (False, None)
    assert not blobs.partial_path(digest).exists()
    assert blobs.info(digest) is not None
    blobs.put(b"abc", media_type="text/plain", now=now)
    assert blobs.read(digest) == b"abc"


def test_the_same_blob_from_many_sides_at_once_is_one(each_store: str, tmp_path: Path) -> None:
    data = os.urandom(300_000)
    digest = hashlib.sha256(data).hexdigest()
    start = threading.Barrier(6)

    def put(number: int) -> None:
        draft = tmp_path / f"draft{number}"
        draft.write_bytes(data)
        start.wait()
        the_store().keep([(draft, digest, len(data))])

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(put, range(6)))
    file = the_store().open(digest)
    assert file is not None
    with file:
        assert file.read() == data


def test_bytes_that_are_not_what_they_were_are_refused(each_store: str, tmp_path: Path) -> None:
    draft = tmp_path / "draft"
    draft.write_bytes(b"other")
    digest = hashlib.sha256(b"bytes").hexdigest()
    with pytest.raises(StoreFailed, match="came back as"):
        the_store().keep([(draft, digest, 5)])
    assert not the_store().has(digest)


def test_a_probe_leaves_nothing(each_store: str) -> None:
    probe(b"a probe")
    assert not the_store().has(hashlib.sha256(b"a probe").hexdigest())
    assert drafts_left() == []


def test_a_file_the_disk_has_spoilt_is_put_right(
    settings: LazySettings, tmp_path: Path, db: None, now: datetime
) -> None:
    settings.DATA_DIR = tmp_path
    digest = blobs.put(b"abc", media_type="text/plain", now=now)
    blobs.blob_path(digest).write_bytes(b"abd")
    blobs.put(b"abc", media_type="text/plain", now=now)
    assert blobs.read(digest) == b"abc"


def bucket_behind(address: str, bucket: str) -> BucketStore:
    return BucketStore(
        bucket=bucket, endpoint=address, region="", prefix="", access=("test", "secret")
    )


def test_a_line_cut_while_reading_from_the_bucket_is_taken_up(
    use_bucket: Callable[[], str], s3_address: str, tmp_path: Path
) -> None:
    bucket, data = use_bucket(), os.urandom(3_000_000)
    digest, draft = hashlib.sha256(data).hexdigest(), tmp_path / "draft"
    draft.write_bytes(data)
    bucket_behind(s3_address, bucket).keep([(draft, digest, len(data))])
    with cutting(s3_address, after=700_000) as address:
        file = bucket_behind(address, bucket).open(digest)
        assert file is not None
        with file:
            assert file.read() == data


def test_a_bucket_that_is_not_there_is_named(
    use_bucket: Callable[[], str], s3_address: str, tmp_path: Path
) -> None:
    draft = tmp_path / "draft"
    draft.write_bytes(b"abc")
    store = bucket_behind(s3_address, "nobody-made-this")
    with pytest.raises(StoreFailed, match="bucket nobody-made-this at http"):
        store.keep([(draft, hashlib.sha256(b"abc").hexdigest(), 3)])


def test_a_server_that_is_down_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="bucket abc"):
        bucket_behind("http://127.0.0.1:9", "abc").has("0" * 64)


def test_the_disk_needs_no_amazon(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.NODE = read_settings({})
    assert isinstance(the_store(), stores.DiskStore)


def leave_over(data: bytes) -> str:
    """Bytes as a process leaves them that is killed before it commits the row."""
    digest = blobs.put(data, media_type="text/plain", now=utc_now())
    Blob.objects.filter(sha256=digest).delete()
    return digest


@pytest.mark.django_db
def test_bytes_that_a_killed_process_left_are_swept(each_store: str) -> None:
    kept = blobs.put(b"kept", media_type="text/plain", now=utc_now())
    left = leave_over(b"left over")
    (blobs_folder() / "tmp" / "draft").write_bytes(b"half")
    blobs.partial_path(left).write_bytes(b"left")
    later = utc_now() + UNTOUCHED + timedelta(minutes=1)
    assert blobs.sweep(now=later) == 2, "the bytes and the draft; a download may be taken up again"
    assert (blobs.read(kept), blobs.read(left), drafts_left()) == (b"kept", None, [])
    assert blobs.sweep(now=later) == 0
    assert blobs.sweep(now=later + blobs.RESUMABLE) == 1


@pytest.mark.django_db
def test_bytes_whose_row_may_not_be_committed_yet_are_left_alone(each_store: str) -> None:
    left = leave_over(b"on its way")
    assert blobs.sweep(now=utc_now() + UNTOUCHED - timedelta(minutes=1)) == 0
    assert blobs.read(left) == b"on its way"


@pytest.mark.django_db
def test_old_bytes_put_again_count_as_new(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    left = leave_over(b"wanted again")
    old = (utc_now() - 2 * UNTOUCHED).timestamp()
    os.utime(blobs.blob_path(left), (old, old))
    leave_over(b"wanted again")
    assert blobs.sweep(now=utc_now()) == 0
    assert blobs.read(left) == b"wanted again"


@pytest.mark.django_db
def test_bytes_put_between_the_look_and_their_removal_stay(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    left, gone = leave_over(b"wanted again"), leave_over(b"nobody's")
    old = (utc_now() - 2 * UNTOUCHED).timestamp()
    for sha256 in (left, gone):
        os.utime(blobs.blob_path(sha256), (old, old))
    looked = set(the_store().untouched(utc_now()))
    blobs.put(b"wanted again", media_type="text/plain", now=utc_now())
    assert {name: the_store().remove_untouched(name, utc_now()) for name in looked} == {
        left: False, gone: True,
    }  # fmt: skip
    assert (blobs.read(left), blobs.read(gone)) == (b"wanted again", None)


@pytest.mark.django_db
def test_only_old_bytes_are_left_over(each_store: str) -> None:
    left = leave_over(b"left over")
    assert not the_store().remove_untouched(left, utc_now())
    later = utc_now() + UNTOUCHED + timedelta(minutes=1)
    assert the_store().remove_untouched(left, later)
    assert not the_store().remove_untouched(left, later)


def test_bytes_that_are_put_while_they_are_swept_are_there_afterwards(tmp_path: Path) -> None:
    store, data = stores.DiskStore(tmp_path / "blobs"), os.urandom(2000)
    sha256, now = hashlib.sha256(data).hexdigest(), utc_now()
    old = (now - 2 * UNTOUCHED).timestamp()
    start, swept = threading.Barrier(2), []

    def put(number: int) -> None:
        draft = tmp_path / f"draft{number}"
        draft.write_bytes(data)
        start.wait(10)
        store.keep([(draft, sha256, len(data))])

    def sweep() -> None:
        start.wait(10)
        for _ in range(20):
            swept.append(store.remove_untouched(sha256, now))

    with ThreadPoolExecutor(2) as threads:
        threads.submit(put, -1)
        threads.submit(start.wait, 10).result()
    for number in range(500):
        os.utime(store.path(sha256), (old, old))
        with ThreadPoolExecutor(2) as threads:
            for one in (threads.submit(put, number), threads.submit(sweep)):
                one.result(10)
        assert store.path(sha256).read_bytes() == data
    assert any(swept)


@pytest.mark.django_db
def test_who_looks_after_a_store_leaves_a_mark_that_is_no_blob(each_store: str) -> None:
    store = the_store()
    assert store.mark() == ""
    store.set_mark("first")
    store.set_mark("second")
    assert store.mark() == "second"
    later = utc_now() + UNTOUCHED + timedelta(minutes=1)
    assert blobs.sweep(now=later) == 0
    assert store.mark() == "second"


@pytest.mark.django_db
def test_what_is_laid_down_is_nobodys_until_it_is_named(each_store: str) -> None:
    digest = hashlib.sha256(b"ahead").hexdigest()
    laid = blobs.lay_down({digest: b"ahead"})
    assert (laid, blobs.info(digest), blobs.is_here(digest)) == ({digest: 5}, None, False)
    blobs.name_many(laid, media_type="text/plain", now=utc_now())
    assert (blobs.read(digest), blobs.is_here(digest)) == (b"ahead", True)
    left = hashlib.sha256(b"never named").hexdigest()
    blobs.lay_down({left: b"never named"})
    assert blobs.sweep(now=utc_now() + UNTOUCHED + timedelta(minutes=1)) == 1
    assert (blobs.read(left), blobs.read(digest)) == (None, b"ahead")


@pytest.mark.django_db
def test_what_is_not_what_it_is_called_is_not_laid_down(each_store: str) -> None:
    with pytest.raises(StoreFailed):
        blobs.lay_down({"0" * 64: b"something else"})
    assert (the_store().has("0" * 64), drafts_left()) == (False, [])


@pytest.mark.django_db
def test_bytes_erased_while_they_were_laid_down_are_removed_again(
    each_store: str, now: datetime, settings: LazySettings
) -> None:
    digest = hashlib.sha256(b"erased meanwhile").hexdigest()
    laid = blobs.lay_down({digest: b"erased meanwhile"})
    Erasure.objects.create(
        origin=settings.NODE_NAME, blob=digest, what="record", kind="practice",
        record_id=uuid.uuid4(), revision=1, at=now,
    )  # fmt: skip
    with pytest.raises(blobs.Erased):
        blobs.name_many(laid, media_type="text/plain", now=now)
    assert (blobs.info(digest), the_store().has(digest)) == (None, False)
