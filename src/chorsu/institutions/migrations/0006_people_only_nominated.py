"""Whoever is only nominated is told apart from the people of the node. Those made before stay."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institutions", "0005_transcripts_from_connections")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="only_nominated",
            field=models.BooleanField(
                db_comment="Made by a nomination that nobody has accepted yet: reads what the public reads",
                default=False,
            ),
        ),
    ]
