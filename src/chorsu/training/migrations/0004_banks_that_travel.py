"""Banks of questions that other academies may ask travel in the feed; cohorts say what they took."""

import django.db.models.deletion
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0003_review_of_courses"),
    ]

    operations = [
        migrations.AddField(
            model_name="bankitem",
            name="origin",
            field=models.CharField(
                blank=True, db_comment="Node that published it; empty: written here", max_length=120
            ),
        ),
        migrations.AlterField(
            model_name="bankitem",
            name="current",
            field=models.BooleanField(
                db_comment="Whether this node's quizzes draw it: the newest version of an own, not retired"
            ),
        ),
        migrations.CreateModel(
            name="SharedBank",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_comment="UUIDv7, given at the origin, never changed",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "origin",
                    models.CharField(
                        db_comment="Name of the node that publishes it", max_length=120
                    ),
                ),
                (
                    "course_id",
                    models.UUIDField(
                        db_comment="Of that node; it may come later. Null: withdrawn before it came",
                        null=True,
                    ),
                ),
                ("revision", models.PositiveIntegerField(db_comment="How often it was published")),
                (
                    "course_revision",
                    models.PositiveIntegerField(
                        db_comment="Newest revision of the course that it was published for",
                        default=0,
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(db_comment="Newest entry, by the origin's clock"),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        db_comment="By the origin's clock; set: nobody is asked from it any more",
                        null=True,
                    ),
                ),
                (
                    "withdrawal_reason",
                    models.TextField(blank=True, db_comment="As the origin gave it"),
                ),
                (
                    "blob",
                    models.CharField(
                        db_comment="SHA-256 of the newest published form", max_length=64
                    ),
                ),
                (
                    "feed_index",
                    models.PositiveBigIntegerField(
                        db_comment="Newest entry of the origin's feed that is in here; null: one's own",
                        null=True,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Published banks of questions of this node and of its peers",
                "constraints": [
                    models.UniqueConstraint(fields=("course_id", "origin"), name="shared_bank_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CohortQuestions",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField(db_comment="Of the bank")),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="questions",
                        to="training.cohort",
                    ),
                ),
                (
                    "bank",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="taken",
                        to="training.sharedbank",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Published banks that cohorts of this node draw from",
                "constraints": [
                    models.UniqueConstraint(fields=("cohort", "bank"), name="cohort_questions_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SharedBankRevision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("revision", models.PositiveIntegerField()),
                (
                    "course_revision",
                    models.PositiveIntegerField(
                        db_comment="Of the course; cohorts of an earlier one do not take it"
                    ),
                ),
                ("published_at", models.DateTimeField(db_comment="By the origin's clock")),
                (
                    "items",
                    models.JSONField(
                        db_comment="Rows item, version, competence; none once it is erased",
                        default=list,
                    ),
                ),
                (
                    "bank",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revisions",
                        to="training.sharedbank",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Publications of banks, each with the versions of questions in it",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("bank", "revision"), name="shared_bank_revision_once"
                    )
                ],
            },
        ),
        SayWhy(
            {
                "shared_bank_once": "A course has one bank, found by the course",
                "shared_bank_revision_once": "A cohort takes one publication, by bank and number",
                "cohort_questions_once": "Of two publications of a bank a cohort draws from one",
            }
        ),
    ]
