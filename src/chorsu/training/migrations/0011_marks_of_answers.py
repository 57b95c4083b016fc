"""Marks of answers in quizzes, so that a second marker has one of their own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0010_files_that_answer_questions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerMark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "points",
                    models.JSONField(
                        db_comment="Key of the rubric's row, or of the field, to points"
                    ),
                ),
                ("marked_at", models.DateTimeField()),
                (
                    "answer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="marks",
                        to="training.answer",
                    ),
                ),
                (
                    "marker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Marks of answers in quizzes; two where two people mark",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("answer", "marker"), name="answer_mark_once_a_marker"
                    )
                ],
            },
        ),
        SayWhy({"answer_mark_once_a_marker": "A second marker is another person"}),
    ]
