"""Foreign repositories and their records: read-only, unsigned, apart from the network's own."""

from __future__ import annotations

from django.db import models


class Repository(models.Model):
    """A repository of the world, and how far it has been read. One row is one place in the flow."""

    address = models.CharField(max_length=500, unique=True, db_comment="Where it answers OAI-PMH")
    name = models.CharField(max_length=500, db_comment="As it calls itself")
    email = models.CharField(max_length=500, blank=True, db_comment="Of its administrator")
    earliest = models.CharField(max_length=500, blank=True, db_comment="As it says")
    deleted = models.CharField(max_length=500, blank=True, db_comment="How it tells deletions")
    granularity = models.CharField(max_length=6, db_comment="Of its times: day or second")
    added_at = models.DateTimeField()
    wanted = models.BooleanField(default=False, db_comment="Somebody began the harvest of it")
    run = models.PositiveIntegerField(default=0, db_comment="Number of the harvest now or last")
    running = models.BooleanField(default=False, db_comment="The run has not come to its end")
    since = models.DateTimeField(null=True, db_comment="What the run asks from; null: everything")
    token = models.TextField(blank=True, db_comment="Where the run goes on; empty: its beginning")
    began_at = models.DateTimeField(null=True, db_comment="Of the run, by the repository's clock")
    last_datestamp = models.DateTimeField(null=True, db_comment="Latest seen in the run")
    in_order = models.BooleanField(default=True, db_comment="The run's datestamps never fell")
    restarts = models.PositiveIntegerField(default=0, db_comment="Tokens it refused in the run")
    stale_pages = models.PositiveIntegerField(
        default=0, db_comment="Pages in a row that brought nothing new: a loop"
    )
    read_in_run = models.PositiveIntegerField(default=0)
    skipped_in_run = models.PositiveIntegerField(default=0, db_comment="Could not be read")
    next_since = models.DateTimeField(null=True, db_comment="What the next run will ask from")
    finished_at = models.DateTimeField(null=True, db_comment="End of the last run that ended well")
    trouble = models.CharField(max_length=60, blank=True, db_comment="Stable code; empty: none")
    trouble_detail = models.TextField(blank=True)
    tries = models.PositiveIntegerField(default=0, db_comment="Failed ones; the pause grows by it")
    next_try_at = models.DateTimeField(null=True, db_comment="Null: at once")

    class Meta:
        db_table_comment = "Foreign OAI-PMH repositories and where reading each stands"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class HarvestedRecord(models.Model):
    """A foreign record as Dublin Core tells it."""

    id = models.UUIDField(primary_key=True, db_comment="Made of address and identifier")
    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="records")
    identifier = models.CharField(max_length=500, db_comment="As the repository names it")
    datestamp = models.DateTimeField(db_comment="As the repository says")
    title = models.CharField(max_length=1000)
    language = models.CharField(max_length=20, blank=True, db_comment="As declared; may be none")
    values = models.JSONField(db_comment="Name of Dublin Core -> list of [text, language]")
    link = models.CharField(max_length=1000, blank=True, db_comment="Its page at the source")
    harvested_at = models.DateTimeField()
    run = models.PositiveIntegerField(db_comment="Run that last brought it")

    class Meta:
        db_table_comment = "Records of foreign repositories; nobody signed them"
        constraints = [
            models.UniqueConstraint(
                fields=["repository", "identifier"], name="harvested_record_once"
            )
        ]

    def __str__(self) -> str:
        return self.identifier
