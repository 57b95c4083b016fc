"""Blobs that nothing names are swept: files this node ever published are noted, to stay."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0013_bundle_of_a_peers_own_log")]

    operations = [
        migrations.CreateModel(
            name="OwnFile",
            fields=[
                (
                    "sha256",
                    models.CharField(
                        db_comment="Of its bytes",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
            options={
                "db_table_comment": (
                    "Files this node ever published; what is in no row may be swept away"
                ),
            },
        ),
        migrations.AddField(
            model_name="feed",
            name="files_noted",
            field=models.PositiveBigIntegerField(
                db_comment=("Entries whose contents were read for the files they name (OwnFile)"),
                default=0,
            ),
        ),
        migrations.AlterField(
            model_name="blob",
            name="created_at",
            field=models.DateTimeField(db_comment="When it was put, the last time if several"),
        ),
    ]
