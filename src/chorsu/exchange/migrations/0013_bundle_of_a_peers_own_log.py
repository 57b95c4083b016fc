"""A bundle asked for on the page may be of the peer's own log, for it to restore from."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0012_replaced_key")]

    operations = [
        migrations.AddField(
            model_name="bundlework",
            name="mirror",
            field=models.BooleanField(
                db_comment="Export: of the peer's own log as kept here, to restore from",
                default=False,
            ),
        ),
    ]
