"""The passage's own vector goes: its vectors lie beside it, by encoder."""

from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [("search", "0007_encoders")]

    operations = [
        migrations.RemoveIndex("passage", "passage_vector"),
        migrations.RemoveIndex("passage", "passage_waiting"),
        migrations.RemoveIndex("passage", "passage_same_text"),
        migrations.RemoveField("passage", "model"),
        migrations.RemoveField("passage", "vector"),
        migrations.AddIndex("passage", models.Index(fields=["hash"], name="passage_same_text")),
        SayWhy(
            {
                "passage_same_text": "The same text in the same language takes its vector from "
                "the other, unembedded",
            }
        ),
    ]
