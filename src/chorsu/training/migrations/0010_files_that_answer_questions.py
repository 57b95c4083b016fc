"""Files that answer questions of quizzes, each a row under its attempt."""

import django.db.models.deletion
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [("training", "0009_why_a_question_is_empty")]

    operations = [
        migrations.CreateModel(
            name="AnswerFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_comment="UUIDv7, given here: the order they came in",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("item", models.CharField(db_comment="Id of the question", max_length=40)),
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
                ("saved_at", models.DateTimeField()),
                (
                    "attempt",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="training.attempt",
                    ),
                ),
            ],
            options={
                "db_table_comment": "Files that answer questions of quizzes",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("attempt", "item", "sha256"), name="answer_file_once"
                    )
                ],
            },
        ),
        SayWhy(
            {"answer_file_once": "A file sent again changes nothing; finds those of an attempt"}
        ),
    ]
