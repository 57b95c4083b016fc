"""What is offered while typing, the words that correct a mistyped one, and when a record came.

What there is already is learned by a worker, as what comes later is.
"""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [("search", "0008_vectors_by_encoder")]

    operations = [
        migrations.AddField(
            model_name="document",
            name="came_at",
            field=models.DateTimeField(
                db_comment="First taken in here, by the database's clock",
                db_default=django.db.models.functions.datetime.Now(),
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="learned",
            field=models.BooleanField(
                db_comment="Whether Suggestion and ShownWord hold what it says now", default=False
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("learned", False)),
                fields=["id"],
                name="search_document_unlearned",
            ),
        ),
        migrations.CreateModel(
            name="Suggestion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("field", models.CharField(db_comment="title or place", max_length=40)),
                ("language", models.CharField(max_length=8)),
                ("text", models.TextField()),
                (
                    "beginnings",
                    django.contrib.postgres.search.SearchVectorField(
                        db_comment="suggestions.beginnings of the text"
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suggestions",
                        to="search.document",
                    ),
                ),
            ],
            options={
                "db_table_comment": "What is offered while typing: titles and places in every language",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["beginnings"], name="suggestion_beginnings"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ShownWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "folded",
                    models.CharField(db_comment="As passages hold it", max_length=100, unique=True),
                ),
                (
                    "shown",
                    models.CharField(
                        db_comment="As it was first read, in small letters", max_length=120
                    ),
                ),
            ],
            options={
                "db_table_comment": "Words of the index, for the correction of mistyped ones",
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["folded"], name="word_alike", opclasses=["gin_trgm_ops"]
                    )
                ],
            },
        ),
        SayWhy(
            {
                "search_document_unlearned": "The records whose words a worker has yet to learn",
                "suggestion_beginnings": "Titles and places of which every typed word begins a word",
                "search_shownword_folded_key": "A word is kept once, however many records have it",
                "word_alike": "Words that share most of their groups of three letters with a mistyped one",
            }
        ),
    ]
