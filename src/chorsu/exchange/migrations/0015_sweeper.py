"""Only a database that has looked after its store of blobs for long removes anything from it."""

from __future__ import annotations

import uuid

from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [("exchange", "0014_own_files")]

    operations = [
        migrations.CreateModel(
            name="Sweeper",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                (
                    "mark",
                    models.UUIDField(
                        db_comment="Left in the store the last time", default=uuid.uuid4
                    ),
                ),
                (
                    "mark_before",
                    models.UUIDField(
                        db_comment="The time before: the last may not have been left after all",
                        default=uuid.uuid4,
                    ),
                ),
                ("seen_at", models.DateTimeField(db_comment="The last time")),
                (
                    "since",
                    models.DateTimeField(
                        db_comment="Since when nobody else came and no time was missed"
                    ),
                ),
            ],
            options={
                "db_table_comment": "Who looks after the store of blobs; a single row",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="sweeper_is_one_row")
                ],
            },
        ),
        SayWhy(
            {
                "sweeper_is_one_row": "One database looks after the store, and knows of one time before"
            }
        ),
    ]
