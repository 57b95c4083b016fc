"""What other nodes report of this node's people: results without a certificate."""

import django.db.models.deletion
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0005_transcripts_from_connections"),
        ("training", "0006_brought_certificates"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportedResult",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "line",
                    models.UUIDField(db_comment="What that node calls the place in the cohort"),
                ),
                ("course", models.UUIDField(db_comment="Id of the course's record")),
                (
                    "revision",
                    models.PositiveIntegerField(db_comment="Of the course, as the cohort took it"),
                ),
                ("language", models.CharField(db_comment="The course's original", max_length=8)),
                (
                    "titles",
                    models.JSONField(db_comment="Language to title, the original's among them"),
                ),
                (
                    "issuer",
                    models.CharField(
                        db_comment="Id of the institution that taught it", max_length=40
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("passed", "Passed"),
                            ("failed", "Not passed"),
                            ("attended", "Took part"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "final",
                    models.BooleanField(db_comment="The cohort is finished, or the person left it"),
                ),
                ("in_person", models.PositiveSmallIntegerField(db_comment="Academic hours")),
                ("live", models.PositiveSmallIntegerField(db_comment="Academic hours")),
                ("self_study", models.PositiveSmallIntegerField(db_comment="Academic hours")),
                (
                    "percent",
                    models.DecimalField(
                        db_comment="Null: nothing was assessed",
                        decimal_places=2,
                        max_digits=5,
                        null=True,
                    ),
                ),
                (
                    "document",
                    models.CharField(
                        blank=True,
                        db_comment="Number by which the final protocol names it",
                        max_length=70,
                    ),
                ),
                (
                    "commitment",
                    models.CharField(
                        blank=True,
                        db_comment="Of its certificate; empty: none counts",
                        max_length=64,
                    ),
                ),
                ("note", models.BinaryField(db_comment="Signed by that node: wire.transcript")),
                ("changed_at", models.DateTimeField(db_comment="When it was first reported so")),
                ("read_at", models.DateTimeField(db_comment="When it was last reported so")),
                (
                    "connection",
                    models.ForeignKey(
                        db_comment="By which the person agreed that it is asked for",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="institutions.connection",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Results that other nodes report of this node's people; kept here",
                "ordering": ["-ends_on", "-line"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "line"), name="reported_result_once"
                    )
                ],
            },
        ),
        SayWhy(
            {"reported_result_once": "Asked for again it is here once; finds those of a person"}
        ),
    ]
