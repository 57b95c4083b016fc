"""The node's own feed, its peers, what came from them, and the blobs. Knows no kind of record."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Feed(models.Model):
    """The node's own log: one row, locked by whoever appends."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.PositiveBigIntegerField(default=0, db_comment="Number of entries")
    range = models.BinaryField(default=b"", db_comment="Right edge of the tree (wire.merkle.Range)")
    checkpoint = models.BinaryField(default=b"", db_comment="Signed note of the newest checkpoint")
    updated_at = models.DateTimeField(null=True)
    stopped_by = models.BinaryField(
        default=b"",
        db_comment="Own checkpoint, cosigned by a peer, that this log contradicts: no more appends",
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
    created_at = models.DateTimeField()

    class Meta:
        db_table_comment = "What the blob store holds; bytes are files named by their hash"

    def __str__(self) -> str:
        return self.sha256


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


class Peer(models.Model):
    """Another node. `state` says what this side has decided; `confirmed_by_peer` the other side."""

    class State(models.TextChoices):
        ASKED_US = "asked", _("Asks to be a peer")
        ADDED = "added", _("Added, not yet confirmed here")
        CONFIRMED = "confirmed", _("Confirmed")
        REFUSED = "refused", _("Refused")
        SET_ASIDE = "set-aside", _("Set aside: its feed does not add up")

    class Files(models.TextChoices):
        AHEAD = "ahead", _("Fetch files ahead")
        WANTED = "wanted", _("Fetch a file when a reader wants it")

    name = models.CharField(max_length=120, unique=True)
    address = models.URLField(db_comment="Scheme, host and port; no path")
    vkey = models.CharField(max_length=300, db_comment="C2SP verifier key")
    successions = models.BinaryField(
        default=b"", db_comment="Signed notes by which its earlier keys led to this one, in order"
    )
    institutions = models.JSONField(default=list, db_comment="Ids it says it hosts")
    state = models.CharField(max_length=10, choices=State.choices)
    confirmed_by_peer = models.BooleanField(default=False, db_comment="It said so, signed")
    added_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    verified_size = models.PositiveBigIntegerField(
        default=0, db_comment="Entries of its log proven and stored"
    )
    verified_range = models.BinaryField(
        default=b"", db_comment="Right edge of the tree at that size (wire.merkle.Range)"
    )
    checkpoint = models.BinaryField(default=b"", db_comment="Its newest verified signed note")
    checkpoint_at = models.DateTimeField(null=True, db_comment="When that was last seen to hold")
    witnessed_size = models.PositiveBigIntegerField(
        default=0, db_comment="Entries of this node's own log it has cosigned"
    )
    witnessed_at = models.DateTimeField(null=True, db_comment="When, by its clock")
    witnessed_note = models.BinaryField(
        default=b"", db_comment="Own checkpoint with its cosignature, verified; kept as proof"
    )
    offered_size = models.PositiveBigIntegerField(default=0, db_comment="Size it last claimed")
    look_wanted_at = models.DateTimeField(
        null=True, db_comment="Last ping: a look begun before it is followed by another"
    )
    looked_at = models.DateTimeField(null=True, db_comment="Last try")
    answered_at = models.DateTimeField(null=True, db_comment="Last try that went well to the end")
    erasures_read = models.PositiveBigIntegerField(
        default=0, db_comment="Number of its newest erasure that was read here"
    )
    knows_erasures = models.BooleanField(
        null=True, db_comment="False: its software has no list of erasures; null: not asked yet"
    )
    trouble = models.CharField(max_length=60, blank=True, db_comment="Stable code; empty: none")
    trouble_detail = models.TextField(
        blank=True, db_comment="For the administrator; set aside: both signed notes, as evidence"
    )

    files = models.CharField(
        max_length=6,
        choices=Files.choices,
        default=Files.AHEAD,
        db_comment="When files of its records are fetched: all at once, or at a reader's wish",
    )
    ahead_max_mb = models.PositiveBigIntegerField(
        null=True, db_comment="Larger files wait for a wish all the same, in megabytes; null: none"
    )
    max_kb_per_second = models.PositiveIntegerField(
        null=True, db_comment="Most to take from it, in kilobytes a second; null: the setting"
    )

    class Meta:
        db_table_comment = "Peers, what each side decided, how far its feed is verified"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PeerEntry(models.Model):
    """One verified leaf of a peer's feed. `state` is its place in the flow."""

    class State(models.TextChoices):
        STORED = "stored", _("Verified, waiting for its content")
        FETCHED = "fetched", _("Content here, waiting to be accepted")
        ACCEPTED = "accepted", _("Accepted")
        SUPERSEDED = "superseded", _("Overtaken by a later entry")
        UNKNOWN = "unknown", _("Of a kind or format this node does not know yet; kept")
        REFUSED = "refused", _("Refused")

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="entries")
    index = models.PositiveBigIntegerField(db_comment="Place in the peer's log, from 0")
    leaf = models.BinaryField(db_comment="As the peer's tree hashed it, byte for byte")
    kind = models.CharField(max_length=32, blank=True)
    record_id = models.UUIDField(null=True, db_comment="Null: the leaf could not be understood")
    revision = models.PositiveBigIntegerField(null=True)
    action = models.CharField(max_length=10, blank=True)
    audience = models.CharField(max_length=8, blank=True)
    at = models.DateTimeField(null=True)
    blob = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0, db_comment="Bytes of the blob, as promised")
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=60, blank=True, db_comment="Stable code of a refusal")
    reason_detail = models.TextField(blank=True)
    judged_by = models.CharField(
        max_length=40, blank=True, db_comment="Software that found it unknown; another looks again"
    )
    tries = models.PositiveIntegerField(default=0, db_comment="Failed ones; the pause grows by it")
    next_try_at = models.DateTimeField(null=True, db_comment="Null: at once")
    arrived_at = models.DateTimeField()

    class Meta:
        db_table_comment = "Peers' feeds, verified and inert until accepted"
        constraints = [models.UniqueConstraint(fields=["peer", "index"], name="peer_entry_once")]
        indexes = [
            models.Index(
                fields=["peer", "index"],
                name="peer_entry_waiting",
                condition=models.Q(state__in=["stored", "fetched"]),
            ),
            models.Index(fields=["record_id"], name="peer_entry_by_record"),
            models.Index(fields=["blob"], name="peer_entry_by_blob"),
            models.Index(
                fields=["peer", "state"],
                name="peer_entry_to_explain",
                condition=models.Q(state__in=["unknown", "refused"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.peer_id} #{self.index} {self.state}"


class PeerTile(models.Model):
    """A full hash tile of a peer's feed, kept so that a proof of one entry reads few rows."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="tiles")
    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hashes = models.BinaryField(db_comment="256 hashes of 32 bytes (partial tiles are computed)")
    root = models.BinaryField(db_comment="Its one hash in the tile above")

    class Meta:
        db_table_comment = "Full Merkle tiles of peers' feeds, of entries verified and stored"
        constraints = [
            models.UniqueConstraint(fields=["peer", "level", "index"], name="peer_tile_once")
        ]

    def __str__(self) -> str:
        return f"{self.peer_id} tile {self.level}/{self.index}"


class WantedBlob(models.Model):
    """A file of a peer's accepted record that is still to be fetched."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="wanted")
    record_id = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(db_comment="Bytes, as the record says")
    media_type = models.CharField(max_length=100)
    audience = models.CharField(max_length=8, db_comment="network: asked for by signed request")
    tries = models.PositiveIntegerField(default=0, db_comment="Failed ones; the pause grows by it")
    next_try_at = models.DateTimeField(null=True, db_comment="Null: at once")
    trouble = models.CharField(max_length=60, blank=True, db_comment="Why the last try failed")
    wished_at = models.DateTimeField(
        null=True, db_comment="When a reader last asked for it: fetched ahead of others"
    )

    class Meta:
        db_table_comment = "Files of peers' records not here yet; a row goes when its file comes"
        constraints = [
            models.UniqueConstraint(fields=["record_id", "sha256"], name="wanted_blob_once")
        ]
        indexes = [
            models.Index(fields=["sha256"], name="wanted_blob_by_hash"),
            models.Index(
                fields=["peer", "wished_at"],
                name="wanted_blob_wished",
                condition=models.Q(wished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


class Erasure(models.Model):
    """A blob that its origin has erased: this node its own, or a peer that asks for the same here.

    One's own is never kept or served again. A peer's counts for that peer's records alone.
    """

    class Answer(models.TextChoices):
        ERASED = "erased", _("Erased")
        KEPT = "kept", _("Kept")
        WAITING = "waiting", _("Waits for a decision")

    origin = models.CharField(max_length=253, db_comment="Whose content it was; the own name too")
    number = models.PositiveBigIntegerField(
        null=True, db_comment="Place in the origin's list; null: it only answered that it is gone"
    )
    blob = models.CharField(max_length=64)
    what = models.CharField(max_length=8, db_comment="record, reason or file (wire.erasing)")
    kind = models.CharField(max_length=32)
    record_id = models.UUIDField()
    revision = models.PositiveBigIntegerField(db_comment="0: of a file")
    ground = models.CharField(max_length=32, blank=True, db_comment="Stable code; empty: not told")
    words = models.TextField(blank=True, db_comment="The administrator's, told to every peer")
    language = models.CharField(max_length=12, blank=True, db_comment="Of the words")
    named = models.BooleanField(default=True, db_comment="A file's name may still be shown")
    at = models.DateTimeField(db_comment="When its origin erased it")
    files = models.JSONField(
        default=list, db_comment="Hashes of files that an erased record named: whose they were"
    )
    answer = models.CharField(
        max_length=8, blank=True, choices=Answer.choices, db_comment="Empty: not decided yet"
    )
    code = models.CharField(
        max_length=32,
        blank=True,
        db_comment="Why it was kept; erased: nothing-here, if there was nothing of it",
    )
    judged_at = models.DateTimeField(null=True, db_comment="When this node last decided")
    told = models.BooleanField(default=False, db_comment="The origin has this answer")
    bytes_gone_at = models.DateTimeField(null=True, db_comment="Null: bytes still to be removed")

    class Meta:
        db_table_comment = "What was erased, why, and what this node did when a peer asked for it"
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["origin", "blob"], name="erasure_once"),
            models.UniqueConstraint(fields=["origin", "number"], name="erasure_numbered"),
        ]
        indexes = [
            models.Index(fields=["blob"], name="erasure_by_blob"),
            models.Index(fields=["record_id"], name="erasure_by_record"),
            models.Index(
                fields=["id"],
                name="erasure_unfinished",
                condition=models.Q(bytes_gone_at=None, answer="erased"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.origin} {self.blob[:16]}"


class ErasureAsked(models.Model):
    """That a peer has read an own erasure, and what it answered."""

    erasure = models.ForeignKey(Erasure, on_delete=models.CASCADE, related_name="asked")
    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(db_comment="When it first read the request")
    answer = models.CharField(max_length=8, blank=True, choices=Erasure.Answer.choices)
    code = models.CharField(max_length=32, blank=True, db_comment="Why it keeps it")
    answered_at = models.DateTimeField(null=True, db_comment="The time it stated")

    class Meta:
        db_table_comment = "Which peers were asked to erase what, and what they did"
        constraints = [
            models.UniqueConstraint(fields=["erasure", "peer"], name="erasure_asked_once")
        ]

    def __str__(self) -> str:
        return f"{self.erasure_id} {self.peer_id} {self.answer}"


class SeenNonce(models.Model):
    """Nonce of a signed request, kept for the replay window."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table_comment = "Nonces of signed requests; older than the window are deleted"
        constraints = [models.UniqueConstraint(fields=["peer", "nonce"], name="nonce_once")]
        indexes = [models.Index(fields=["at"], name="nonce_by_age")]

    def __str__(self) -> str:
        return self.nonce


class BundleWork(models.Model):
    """A bundle being made or taken in; its files lie in a folder of the row's number."""

    class Direction(models.TextChoices):
        OUT = "out", _("Export")
        IN = "in", _("Import")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    direction = models.CharField(max_length=3, choices=Direction.choices)
    state = models.CharField(max_length=8, choices=State.choices)
    peer = models.CharField(
        max_length=253, blank=True, db_comment="Whom it is for, or whose log it carries, once known"
    )
    since = models.PositiveBigIntegerField(default=0, db_comment="Export: from this entry on")
    max_bytes = models.PositiveBigIntegerField(default=0, db_comment="Export: of one part")
    files = models.JSONField(default=list, db_comment="Parts: list of [name, bytes]")
    done_bytes = models.PositiveBigIntegerField(default=0)
    total_bytes = models.PositiveBigIntegerField(default=0)
    report = models.JSONField(default=dict, db_comment="What came of it (flows.carrying)")
    trouble = models.CharField(max_length=60, blank=True, db_comment="Stable code; empty: none")
    trouble_detail = models.TextField(blank=True)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = "Bundles made and taken in; rows and files go after bundles.keep_days"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.direction} {self.peer} {self.state}"


class PeerSighting(models.Model):
    """What one peer has seen of another's log: that log's own signed note, kept to compare."""

    witness = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="+")
    subject = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="sightings")
    size = models.PositiveBigIntegerField(default=0, db_comment="Entries that the note signs")
    note = models.BinaryField(
        default=b"", db_comment="Checkpoint signed by the subject, as the witness shows it"
    )
    seen_at = models.DateTimeField(null=True, db_comment="When, by the witness's clock")
    compared = models.BooleanField(
        default=False, db_comment="Found in the log as it is stored here; false: not so far yet"
    )
    asked_at = models.DateTimeField(db_comment="Last time the witness was asked")

    class Meta:
        db_table_comment = "Newest checkpoint of each peer's log that each other peer shows"
        constraints = [
            models.UniqueConstraint(fields=["witness", "subject"], name="peer_sighting_once")
        ]

    def __str__(self) -> str:
        return f"{self.witness_id} of {self.subject_id}: {self.size}"


class Restoration(models.Model):
    """Bringing this node's own log back from its peers: one row, the last time it was done."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    state = models.CharField(max_length=8, choices=State.choices)
    since = models.PositiveBigIntegerField(default=0, db_comment="Entries that were here")
    size = models.PositiveBigIntegerField(default=0, db_comment="Entries that peers show")
    position = models.PositiveBigIntegerField(
        default=0, db_comment="Records of the entries before this one are rebuilt"
    )
    peers = models.JSONField(
        default=list, db_comment="What each peer showed: list of [name, entries or -1, code]"
    )
    trouble = models.CharField(max_length=60, blank=True, db_comment="Stable code; empty: none")
    trouble_detail = models.TextField(
        blank=True, db_comment="Of two logs: both signed notes, as evidence"
    )
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table_comment = (
            "The last restoring of the own log from peers; it is taken up where it was"
        )
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="restoration_is_one_row")
        ]

    def __str__(self) -> str:
        return f"restoration of {self.since} to {self.size}: {self.state}"


class LostBlob(models.Model):
    """Content that a restored entry of the own log needs and that no peer gave."""

    index = models.PositiveBigIntegerField(db_comment="Entry of the own log that needs it")
    record_id = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(db_comment="Bytes, as the entry or the record says")
    is_file = models.BooleanField(db_comment="A file of the record; else the entry's own blob")
    reason = models.CharField(max_length=60, db_comment="Stable code: what the last peer answered")

    class Meta:
        db_table_comment = "What restoring could not bring back; a row goes when it comes after all"
        constraints = [models.UniqueConstraint(fields=["index", "sha256"], name="lost_blob_once")]

    def __str__(self) -> str:
        return self.sha256
