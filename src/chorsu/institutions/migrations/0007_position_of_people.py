"""The category of a person's position, from a list of people or as they say themselves."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institutions", "0006_people_only_nominated")]

    operations = [
        migrations.AddField(
            model_name="person",
            name="position",
            field=models.CharField(
                blank=True,
                db_comment="Code of the category of their position",
                default="",
                max_length=40,
            ),
            preserve_default=False,
        ),
    ]
