"""Cartridges of other learning systems wait to be looked at before they become courses."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("institutions", "0001_initial"),
        ("training", "0016_imports_of_people_and_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="CartridgeImport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_comment="UUIDv7, given here", primary_key=True, serialize=False
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        db_comment="Of what it says: of the draft it becomes", max_length=8
                    ),
                ),
                ("name", models.CharField(db_comment="Of the file", max_length=200)),
                ("content", models.BinaryField(db_comment="The package, at most 32 MiB")),
                ("made_at", models.DateTimeField()),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="institutions.institution",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        db_comment="Who alone may see it",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Cartridges that were handed in and not yet made a course",
                "indexes": [
                    models.Index(
                        fields=["made_by", "-made_at"], name="cartridge_import_newest_first"
                    )
                ],
            },
        ),
        SayWhy({"cartridge_import_newest_first": "What a person has handed in and not decided on"}),
    ]
