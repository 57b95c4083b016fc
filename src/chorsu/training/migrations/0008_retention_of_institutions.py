"""How long an institution keeps data on learners, otherwise than the node."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0005_transcripts_from_connections"),
        ("training", "0007_reported_results"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RetentionPeriod",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "what",
                    models.CharField(
                        db_comment="A kind of rules.retention.SETTABLE", max_length=10
                    ),
                ),
                (
                    "months",
                    models.PositiveSmallIntegerField(
                        db_comment="After the end of a cohort; 0: without end"
                    ),
                ),
                ("set_at", models.DateTimeField()),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="institutions.institution",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "How long institutions keep data on learners; no row: as the node",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("institution", "what"), name="retention_period_once"
                    )
                ],
            },
        ),
        SayWhy({"retention_period_once": "Of two periods the nightly deletion would take either"}),
    ]
