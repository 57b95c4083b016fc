"""Peers, their feeds as far as they are verified, and what is still to come from them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


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
    carried = models.BooleanField(
        default=False, db_comment="No network reaches it: it is asked nothing, bundles are carried"
    )
    carried_at = models.DateTimeField(
        null=True, db_comment="When a part of a bundle of its log was last taken in"
    )
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
