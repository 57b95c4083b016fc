"""Peers' entries are looked up by the blob they name: for a peer's own copy, and for erasures."""

from django.db import migrations, models

from chorsu.records.comments import SayWhy


class Migration(migrations.Migration):
    dependencies = [("exchange", "0009_erasures")]

    operations = [
        migrations.AddIndex("peerentry", models.Index(fields=["blob"], name="peer_entry_by_blob")),
        SayWhy(
            {
                "peer_entry_by_blob": "Whose log names a blob: who may have it back, and who may "
                "ask for it to be erased",
            }
        ),
    ]
