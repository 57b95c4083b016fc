"""Foreign repositories and their records."""

import django.db.models.deletion
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Repository",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        db_comment="Where it answers OAI-PMH", max_length=500, unique=True
                    ),
                ),
                ("name", models.CharField(db_comment="As it calls itself", max_length=500)),
                (
                    "email",
                    models.CharField(blank=True, db_comment="Of its administrator", max_length=500),
                ),
                ("earliest", models.CharField(blank=True, db_comment="As it says", max_length=500)),
                (
                    "deleted",
                    models.CharField(
                        blank=True, db_comment="How it tells deletions", max_length=500
                    ),
                ),
                (
                    "granularity",
                    models.CharField(db_comment="Of its times: day or second", max_length=6),
                ),
                ("added_at", models.DateTimeField()),
                (
                    "wanted",
                    models.BooleanField(
                        db_comment="Somebody began the harvest of it", default=False
                    ),
                ),
                (
                    "run",
                    models.PositiveIntegerField(
                        db_comment="Number of the harvest now or last", default=0
                    ),
                ),
                (
                    "running",
                    models.BooleanField(
                        db_comment="The run has not come to its end", default=False
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(
                        db_comment="What the run asks from; null: everything", null=True
                    ),
                ),
                (
                    "token",
                    models.TextField(
                        blank=True, db_comment="Where the run goes on; empty: its beginning"
                    ),
                ),
                (
                    "began_at",
                    models.DateTimeField(
                        db_comment="Of the run, by the repository's clock", null=True
                    ),
                ),
                (
                    "last_datestamp",
                    models.DateTimeField(db_comment="Latest seen in the run", null=True),
                ),
                (
                    "in_order",
                    models.BooleanField(db_comment="The run's datestamps never fell", default=True),
                ),
                (
                    "restarts",
                    models.PositiveIntegerField(
                        db_comment="Tokens it refused in the run", default=0
                    ),
                ),
                (
                    "stale_pages",
                    models.PositiveIntegerField(
                        db_comment="Pages in a row that brought nothing new: a loop", default=0
                    ),
                ),
                ("read_in_run", models.PositiveIntegerField(default=0)),
                (
                    "skipped_in_run",
                    models.PositiveIntegerField(db_comment="Could not be read", default=0),
                ),
                (
                    "next_since",
                    models.DateTimeField(db_comment="What the next run will ask from", null=True),
                ),
                (
                    "finished_at",
                    models.DateTimeField(
                        db_comment="End of the last run that ended well", null=True
                    ),
                ),
                (
                    "trouble",
                    models.CharField(
                        blank=True, db_comment="Stable code; empty: none", max_length=60
                    ),
                ),
                ("trouble_detail", models.TextField(blank=True)),
                (
                    "tries",
                    models.PositiveIntegerField(
                        db_comment="Failed ones; the pause grows by it", default=0
                    ),
                ),
                ("next_try_at", models.DateTimeField(db_comment="Null: at once", null=True)),
            ],
            options={
                "db_table_comment": "Foreign OAI-PMH repositories and where reading each stands",
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="HarvestedRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_comment="Made of address and identifier",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "identifier",
                    models.CharField(db_comment="As the repository names it", max_length=500),
                ),
                ("datestamp", models.DateTimeField(db_comment="As the repository says")),
                ("title", models.CharField(max_length=1000)),
                (
                    "language",
                    models.CharField(
                        blank=True, db_comment="As declared; may be none", max_length=20
                    ),
                ),
                (
                    "values",
                    models.JSONField(db_comment="Name of Dublin Core -> list of [text, language]"),
                ),
                (
                    "link",
                    models.CharField(
                        blank=True, db_comment="Its page at the source", max_length=1000
                    ),
                ),
                ("harvested_at", models.DateTimeField()),
                ("run", models.PositiveIntegerField(db_comment="Run that last brought it")),
                (
                    "repository",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="records",
                        to="harvested.repository",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Records of foreign repositories; nobody signed them",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("repository", "identifier"), name="harvested_record_once"
                    )
                ],
            },
        ),
        SayWhy(
            {
                "harvested_repository_address_key": "A repository is its address: adding it again brings it up to date",
                "harvested_record_once": "A record is stored once, whoever harvests it again; also finds what a page brings",
            }
        ),
    ]
