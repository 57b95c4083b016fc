"""A vocabulary of the passages; every record is taken in anew by a worker, to fill it.

With that, short Chinese passages get the vectors that they now deserve; none that has one loses it.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [("search", "0004_twins_by_model")]

    operations = [
        migrations.AlterField(
            model_name="passage",
            name="words",
            field=django.contrib.postgres.search.SearchVectorField(
                db_comment="rules.read_words of the text, without positions"
            ),
        ),
        migrations.CreateModel(
            name="Word",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=8)),
                (
                    "word",
                    models.CharField(
                        db_collation="C", db_comment="Folded, as in a passage", max_length=100
                    ),
                ),
                (
                    "stem",
                    models.CharField(
                        db_collation="C", db_comment="By the language's rules", max_length=100
                    ),
                ),
                (
                    "sound",
                    models.CharField(
                        db_collation="C",
                        db_comment="Of the stem, by sounds.sound; empty: too short",
                        max_length=40,
                    ),
                ),
                (
                    "slips",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(),
                        db_comment="slips.hashes of the stem; empty: no letters may slip",
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "passages",
                    models.PositiveIntegerField(
                        db_comment="Passages in this language that have it; null: not counted yet",
                        null=True,
                    ),
                ),
            ],
            options={
                "db_table_comment": "Vocabulary of the passages, for other endings, scripts and slips",
                "indexes": [
                    models.Index(fields=["word", "language"], name="search_word_itself"),
                    models.Index(fields=["stem", "language"], name="search_word_stem"),
                    models.Index(
                        condition=models.Q(("sound", ""), _negated=True),
                        fields=["sound"],
                        name="search_word_sound",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["slips"], name="search_word_slips"
                    ),
                ],
            },
        ),
        SayWhy(
            {
                "search_word_itself": "A typed word itself, or all that begin as it does",
                "search_word_stem": "The same word with other endings",
                "search_word_sound": "The same name in another script or spelling",
                "search_word_slips": "A word that is one slip of the finger away",
            }
        ),
        migrations.RunSQL(
            "INSERT INTO search_waiting (kind, record_id)"
            " SELECT kind, record_id FROM search_document ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        ),
    ]
