"""Drafts of practices are what drafts of every kind of record are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("practices", "0005_drafts_keep_and_begin"),
    ]

    operations = [
        migrations.AlterField(
            model_name="draft",
            name="audience",
            field=models.CharField(
                choices=[("public", "Everyone"), ("network", "The network")],
                default="public",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="draft",
            name="licence",
            field=models.CharField(
                db_comment="SPDX identifier", default="CC-BY-4.0", max_length=40
            ),
        ),
    ]
