"""Passages of the same text are looked up by text and encoder: one that waits is no twin to ask."""

from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [("search", "0003_last_years")]

    operations = [
        migrations.RemoveIndex("passage", "passage_same_text"),
        migrations.AddIndex(
            "passage", models.Index(fields=["hash", "model"], name="passage_same_text")
        ),
        SayWhy(
            {
                "passage_same_text": "The same text in the same language takes its vector from "
                "the other, unembedded; which have one, and which wait",
            }
        ),
    ]
