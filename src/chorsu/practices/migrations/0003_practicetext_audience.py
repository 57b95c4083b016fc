"""A translation from elsewhere keeps the audience of its entry; of earlier ones the practice's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practices", "0002_practicerevision_audience")]

    operations = [
        migrations.AddField(
            model_name="practicetext",
            name="audience",
            field=models.CharField(
                db_comment=(
                    "Of the entry that brought it: nobody else reads it, whoever reads the practice"
                ),
                default="public",
                max_length=8,
            ),
        ),
        migrations.RunSQL(
            """
            UPDATE practices_practicetext AS words SET audience = practice.audience
            FROM practices_practice AS practice WHERE practice.id = words.practice_id
            """,
            migrations.RunSQL.noop,
        ),
    ]
