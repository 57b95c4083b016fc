"""The node's own feed, and the blobs with who may read them."""

from __future__ import annotations

import uuid

from django.db import models


class Feed(models.Model):
    """The node's own log: one row, locked by whoever appends."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.PositiveBigIntegerField(default=0, db_comment="Number of entries")
    range = models.BinaryField(default=b"", db_comment="Right edge of the tree (wire.merkle.Range)")
    checkpoint = models.BinaryField(default=b"", db_comment="Signed note of the newest checkpoint")
    updated_at = models.DateTimeField(null=True)
    files_noted = models.PositiveBigIntegerField(
        default=0, db_comment="Entries whose contents were read for the files they name (OwnFile)"
    )
    stopped_by = models.BinaryField(
        default=b"",
        db_comment="Own checkpoint, cosigned by a peer, that this log contradicts: no more appends",
    )
    replaced_by = models.BinaryField(
        default=b"",
        db_comment="Succession, shown by a peer, that replaced a key of this node: nothing by it",
    )

    class Meta:
        db_table_comment = "The node's own feed; a single row, the lock of every append"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="feed_is_one_row")]

    def __str__(self) -> str:
        return f"feed of {self.size}"


class FeedEntry(models.Model):
    """One leaf of the node's own feed."""

    index = models.PositiveBigIntegerField(primary_key=True, db_comment="Place in the log, from 0")
    leaf = models.BinaryField(db_comment="Canonical entry, as hashed")
    leaf_hash = models.BinaryField(db_comment="RFC 6962 hash, the lowest level of the tree")
    kind = models.CharField(max_length=32)
    record_id = models.UUIDField()
    revision = models.PositiveIntegerField()
    action = models.CharField(max_length=10, db_comment="publish or withdraw")
    audience = models.CharField(max_length=8)
    at = models.DateTimeField()
    blob = models.CharField(max_length=64, db_comment="SHA-256 of the published form")

    class Meta:
        db_table_comment = "Own feed, leaf by leaf; only ever added to"
        indexes = [
            models.Index(fields=["record_id"], name="feed_entry_by_record"),
            models.Index(fields=["blob"], name="feed_entry_by_blob"),
            models.Index(fields=["at"], name="feed_entry_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.index} {self.action} {self.kind}"


class Tile(models.Model):
    """A full hash tile of the own feed, kept so that none is computed twice."""

    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hashes = models.BinaryField(db_comment="256 hashes of 32 bytes (partial tiles are computed)")
    root = models.BinaryField(db_comment="Its one hash in the tile above")

    class Meta:
        db_table_comment = "Full Merkle tiles of the own feed (C2SP tlog-tiles)"
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="tile_once")]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index}"


class Blob(models.Model):
    """Bytes addressed by SHA-256, one's own or fetched; the bytes lie in the data folder."""

    sha256 = models.CharField(primary_key=True, max_length=64, db_comment="Also its file's name")
    size = models.PositiveBigIntegerField(db_comment="Bytes")
    media_type = models.CharField(max_length=100)
    created_at = models.DateTimeField(db_comment="When it was put, the last time if several")

    class Meta:
        db_table_comment = "What the blob store holds; bytes are files named by their hash"

    def __str__(self) -> str:
        return self.sha256


class OwnFile(models.Model):
    """A file that a content of the own log names: it stays here until it is erased.

    No other row may name it any more, as that of an earlier revision.
    """

    sha256 = models.CharField(primary_key=True, max_length=64, db_comment="Of its bytes")

    class Meta:
        db_table_comment = "Files this node ever published; what is in no row may be swept away"

    def __str__(self) -> str:
        return self.sha256


class Sweeper(models.Model):
    """How long this database has looked after its store, night by night and alone (`visiting`)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    mark = models.UUIDField(default=uuid.uuid4, db_comment="Left in the store the last time")
    mark_before = models.UUIDField(
        default=uuid.uuid4, db_comment="The time before: the last may not have been left after all"
    )
    seen_at = models.DateTimeField(db_comment="The last time")
    since = models.DateTimeField(db_comment="Since when nobody else came and no time was missed")

    class Meta:
        db_table_comment = "Who looks after the store of blobs; a single row"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="sweeper_is_one_row")]

    def __str__(self) -> str:
        return f"sweeper since {self.since}"


class BlobUse(models.Model):
    """That a record, as it stands now, needs a blob: whoever may read the one may read the other.

    A blob without uses (a draft's file, a withdrawn record's) is handed to nobody by its hash.
    """

    blob = models.ForeignKey(Blob, on_delete=models.CASCADE, related_name="uses")
    record_id = models.UUIDField()
    audience = models.CharField(max_length=8)
    own = models.BooleanField(db_comment="Of this node's own feed: peers get no others' blobs")

    class Meta:
        db_table_comment = "Which records need a blob, and so who may read it"
        constraints = [models.UniqueConstraint(fields=["blob", "record_id"], name="blob_use_once")]
        indexes = [models.Index(fields=["record_id"], name="blob_use_by_record")]

    def __str__(self) -> str:
        return f"{self.blob_id} for {self.record_id}"
