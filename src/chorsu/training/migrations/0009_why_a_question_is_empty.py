"""A question whose words were erased names the publication that was erased, to say why."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0008_retention_of_institutions")]

    operations = [
        migrations.AddField(
            model_name="bankitem",
            name="erased_revision",
            field=models.PositiveIntegerField(
                db_comment="Publication with whose erasure its words went; null: they are here",
                null=True,
            ),
        ),
    ]
