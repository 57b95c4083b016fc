"""Peers that no network reaches: they are asked nothing, bundles are carried."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0010_entries_by_blob")]

    operations = [
        migrations.AddField(
            "peer",
            "carried",
            models.BooleanField(
                default=False,
                db_comment="No network reaches it: it is asked nothing, bundles are carried",
            ),
        ),
        migrations.AddField(
            "peer",
            "carried_at",
            models.DateTimeField(
                null=True,
                db_comment="When a part of a bundle of its log was last taken in",
            ),
        ),
    ]
