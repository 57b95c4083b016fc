"""Searches that people keep, and what is new for them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [
        ("institutions", "0001_initial"),
        ("search", "0020_suggestions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="announced",
            field=models.BooleanField(
                db_comment="Whether saved searches were asked about it; once, when it is new",
                default=False,
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("announced", False)),
                fields=["kind", "id"],
                name="search_document_unannounced",
            ),
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("question", models.CharField(blank=True, max_length=500)),
                (
                    "filters",
                    models.JSONField(db_comment="Facet name to the values chosen", default=dict),
                ),
                (
                    "digest",
                    models.CharField(db_comment="SHA-256 of question and filters", max_length=64),
                ),
                (
                    "alert",
                    models.CharField(
                        choices=[("never", "Never"), ("daily", "Daily"), ("at_once", "At Once")],
                        db_comment="Mails",
                        max_length=8,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        db_comment="Of the page it was saved on: for who chose no reading languages",
                        max_length=8,
                    ),
                ),
                (
                    "generation",
                    models.PositiveIntegerField(
                        db_comment="Part of the secret addresses; moves to make old ones useless",
                        default=1,
                    ),
                ),
                ("created_at", models.DateTimeField(db_comment="What came before is not new")),
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
                "db_table_comment": "Searches that people of this node keep: personal data, kept at home",
                "constraints": [
                    models.UniqueConstraint(fields=("person", "digest"), name="saved_search_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Match",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=32)),
                ("record_id", models.UUIDField()),
                ("found_at", models.DateTimeField()),
                (
                    "mailed_at",
                    models.DateTimeField(db_comment="Null: no mail has told of it", null=True),
                ),
                (
                    "saved",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matches",
                        to="search.savedsearch",
                    ),
                ),
            ],
            options={
                "db_table_comment": "What is new for a saved search; who may see it is asked when it is told",
                "indexes": [
                    models.Index(
                        condition=models.Q(("mailed_at", None)),
                        fields=["saved"],
                        name="search_match_unmailed",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("saved", "kind", "record_id"), name="search_match_once"
                    )
                ],
            },
        ),
        SayWhy(
            {
                "search_document_unannounced": "The new records that saved searches have yet to be asked about",
                "saved_search_once": "Saving the same search again changes the one there is",
                "search_match_once": "A record is new for a search once: no second mail tells of it",
                "search_match_unmailed": "What is to be mailed, without reading all that ever matched",
            }
        ),
    ]
