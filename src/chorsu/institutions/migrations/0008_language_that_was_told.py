"""The language that a guest's home told is kept as told, apart from those they chose here."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institutions", "0007_position_of_people")]

    operations = [
        migrations.AlterField(
            model_name="person",
            name="told",
            field=models.JSONField(
                default=dict,
                db_comment="What a guest agreed that their home tells: email, position, language",
            ),
        ),
    ]
