"""Certificates that come home from where their holder learned."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0005_one_document_number"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BroughtCertificate",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_comment="UUIDv7, given here", primary_key=True, serialize=False
                    ),
                ),
                (
                    "node",
                    models.CharField(db_comment="Name of the node that issued it", max_length=120),
                ),
                (
                    "commitment",
                    models.CharField(
                        db_comment="SHA-256, as that node's log has it", max_length=64
                    ),
                ),
                (
                    "file",
                    models.BinaryField(
                        db_comment="With its proofs; in the database and not among blobs, which peers may be given"
                    ),
                ),
                (
                    "status_list",
                    models.UUIDField(db_comment="Status list of that node in which it has a bit"),
                ),
                (
                    "status_index",
                    models.PositiveIntegerField(db_comment="Its position in there"),
                ),
                ("brought_at", models.DateTimeField()),
                (
                    "ended_at",
                    models.DateTimeField(db_comment="Found revoked; null: it counts", null=True),
                ),
                (
                    "achievement",
                    models.OneToOneField(
                        db_comment="Its line in the ledger; null: it was taken out, or counts no longer",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="brought",
                        to="training.achievement",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-brought_at", "-id"],
                "db_table_comment": "Certificates that came home: personal data, kept here",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["status_list"],
                        name="brought_by_status_list",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "commitment"), name="brought_certificate_once"
                    )
                ],
            },
        ),
        SayWhy(
            {
                "brought_certificate_once": "Fetched twice it is here once; finds a person's",
                "brought_by_status_list": "Those whose list has changed, to be looked at again",
                "training_broughtcertificate_achievement_id_key": "A line is of one certificate",
            }
        ),
    ]
