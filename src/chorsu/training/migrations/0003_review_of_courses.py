"""Drafts of courses are submitted, returned with remarks, and decided by editors."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("training", "0002_texts_of_forks"),
    ]

    operations = [
        migrations.AddField(
            model_name="coursedraft",
            name="state",
            field=models.CharField(
                choices=[
                    ("writing", "Draft"),
                    ("submitted", "Submitted"),
                    ("returned", "Returned with comments"),
                ],
                default="writing",
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="CourseComment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "field",
                    models.CharField(
                        db_comment="Field name; empty: the whole draft", max_length=120
                    ),
                ),
                ("text", models.TextField()),
                ("at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(db_comment="Null: still open", null=True)),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="training.coursedraft",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Remarks on drafts of courses; they stay at this node",
                "ordering": ["at", "id"],
            },
        ),
    ]
