"""Harvesters ask for what changed since a day."""

from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [("exchange", "0002_peer_tiles")]

    operations = [
        migrations.AddIndex(
            model_name="feedentry",
            index=models.Index(fields=["at"], name="feed_entry_by_time"),
        ),
        SayWhy(
            {
                "feed_entry_by_time": "What a harvester asks for: the few records since its last visit"
            }
        ),
    ]
