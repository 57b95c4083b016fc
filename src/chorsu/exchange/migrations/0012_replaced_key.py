"""A peer may show that the key at hand was replaced: it signs nothing more then."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0011_carried_peers")]

    operations = [
        migrations.AddField(
            "feed",
            "replaced_by",
            models.BinaryField(
                default=b"",
                db_comment="Succession, shown by a peer, that replaced a key of this node: nothing by it",
            ),
        ),
    ]
