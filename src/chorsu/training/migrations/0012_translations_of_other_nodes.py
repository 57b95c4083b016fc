"""Translations of courses that other nodes made, and what they said of earlier revisions."""

import django.db.models.deletion
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0011_marks_of_answers"),
    ]

    operations = [
        migrations.CreateModel(
            name="RevisionText",
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
                ("record_id", models.UUIDField(db_comment="Of the translation, as a record")),
                (
                    "revision_of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="supplied",
                        to="training.courserevision",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Translations of earlier revisions of courses, made at other nodes",
                "indexes": [models.Index(fields=["record_id"], name="course_revision_text_of")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("revision_of", "language", "supplied_by"),
                        name="course_revision_text_once",
                    )
                ],
            },
        ),
        migrations.AlterModelTableComment(
            name="coursetext",
            table_comment="Words of courses by language; one text a language and supplier",
        ),
        migrations.RemoveConstraint(
            model_name="coursetext",
            name="course_text_once",
        ),
        migrations.AddField(
            model_name="coursetext",
            name="audience",
            field=models.CharField(
                db_comment="Of the entry that brought it: nobody else reads it, whoever reads the record",
                default="public",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="coursetext",
            name="feed_index",
            field=models.PositiveBigIntegerField(
                db_comment="Newest entry of the supplier's feed that is in here; null: own",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="coursetext",
            name="record_id",
            field=models.UUIDField(
                db_comment="Its own id, if made elsewhere than at the origin",
                null=True,
                unique=True,
            ),
        ),
        migrations.AddField(
            model_name="coursetext",
            name="record_revision",
            field=models.PositiveIntegerField(
                db_comment="Times it was published as a record of its own", default=0
            ),
        ),
        migrations.AlterField(
            model_name="coursetext",
            name="course",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="texts",
                to="training.course",
            ),
        ),
        migrations.AddConstraint(
            model_name="coursetext",
            constraint=models.UniqueConstraint(
                fields=("course", "language", "supplied_by"), name="course_text_once"
            ),
        ),
        SayWhy(
            {
                "course_text_once": "Two texts of one node in a language: a page would show either",
                "training_coursetext_record_id_key": "Two suppliers can't have one record",
                "course_revision_text_once": "A cohort would read either of two",
                "course_revision_text_of": "A translation withdrawn or erased goes everywhere",
            }
        ),
    ]
