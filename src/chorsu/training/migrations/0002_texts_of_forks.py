"""Drafts of forked courses bring along the texts of the course they were made from."""

import django.db.models.deletion
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CourseDraftText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(db_comment="BCP 47, one of the eight", max_length=8)),
                (
                    "provenance",
                    models.CharField(
                        choices=[
                            ("original", "Original"),
                            ("human", "Translated by a person"),
                            ("edited", "Machine translation, corrected by a person"),
                            ("machine", "Machine translation, not reviewed"),
                        ],
                        db_comment="Shown to every reader",
                        max_length=8,
                    ),
                ),
                (
                    "revision",
                    models.PositiveIntegerField(
                        db_comment="Revision of the original that it gives"
                    ),
                ),
                (
                    "translated_by",
                    models.CharField(blank=True, db_comment="Office or engine", max_length=200),
                ),
                (
                    "translated_on",
                    models.DateField(db_comment="Null: original, or not told", null=True),
                ),
                (
                    "supplied_by",
                    models.CharField(db_comment="Node that published this text", max_length=120),
                ),
                ("title", models.CharField(db_comment="Of words, for lists", max_length=200)),
                ("summary", models.TextField(db_comment="Of words, for lists")),
                (
                    "words",
                    models.JSONField(
                        db_comment="All fields, title and summary too, as rules.Words"
                    ),
                ),
                (
                    "audience",
                    models.CharField(
                        choices=[("public", "Everyone"), ("network", "The network")],
                        db_comment="Of the course it was taken from",
                        max_length=8,
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="training.coursedraft",
                    ),
                ),
            ],
            options={
                "db_table_comment": (
                    "Texts that drafts of forked courses bring along; gone once published"
                ),
            },
        ),
        migrations.AddConstraint(
            model_name="coursedrafttext",
            constraint=models.UniqueConstraint(
                fields=("draft", "language"), name="course_draft_text_once"
            ),
        ),
        SayWhy({"course_draft_text_once": "A course is published with one text in a language"}),
    ]
