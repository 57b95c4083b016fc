"""Documents of nominations, each a row under the nomination."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("training", "0014_read_messages_and_sessions_of_units"),
    ]

    operations = [
        migrations.CreateModel(
            name="NominationFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_comment="UUIDv7, given here: the order they came in",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        db_comment="As given, with the ending of what it is", max_length=200
                    ),
                ),
                (
                    "sha256",
                    models.CharField(
                        db_comment="Of the content, in hexadecimal digits", max_length=64
                    ),
                ),
                ("size", models.PositiveIntegerField(db_comment="Bytes")),
                (
                    "content",
                    models.BinaryField(
                        db_comment="Cleaned; in the database and not among blobs, which peers may be given"
                    ),
                ),
                ("added_at", models.DateTimeField()),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="training.enrolment",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Documents of nominations: personal data, kept here",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enrolment", "sha256"), name="nomination_file_once"
                    )
                ],
            },
        ),
        SayWhy(
            {
                "nomination_file_once": (
                    "A file sent again changes nothing; finds those of a nomination"
                )
            }
        ),
    ]
