"""Texts of practices have the columns of every kind's; nothing about them changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("practices", "0006_drafts_as_of_every_kind"),
    ]

    operations = [
        migrations.AlterField(
            model_name="practicetext",
            name="audience",
            field=models.CharField(
                db_comment="Of the entry that brought it: nobody else reads it, whoever reads the record",
                default="public",
                max_length=8,
            ),
        ),
    ]
