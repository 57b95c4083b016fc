"""Whether a node is asked how a person's courses there ended: nobody's, until they say so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institutions", "0004_results_from_connections")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="transcript",
            field=models.BooleanField(
                db_comment="Whether that node is asked how courses there ended", default=False
            ),
        ),
    ]
