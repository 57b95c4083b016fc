"""Whether a person's certificates are fetched from where they learn: nobody's, until they say so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institutions", "0003_guests")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="results",
            field=models.BooleanField(
                db_comment="Whether certificates from there are to be fetched", default=False
            ),
        ),
    ]
