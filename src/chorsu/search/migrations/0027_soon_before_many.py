"""What is published now is indexed before what came among many."""

from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [("search", "0026_courses_are_told_of")]

    operations = [
        migrations.AddField(
            "waiting",
            "soon",
            models.BooleanField(
                default=False,
                db_default=False,
                db_comment="Whether it goes before those that came among many",
            ),
        ),
        migrations.AddIndex(
            "waiting", models.Index(fields=["-soon", "id"], name="search_waiting_next")
        ),
        SayWhy({"search_waiting_next": "Which one is taken next, however many wait"}),
    ]
