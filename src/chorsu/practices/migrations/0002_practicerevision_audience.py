"""A revision keeps the audience it was published to; of earlier ones the practice's is known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("practices", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="practicerevision",
            name="audience",
            field=models.CharField(
                db_comment=(
                    "Who may read it: what was for the network stays so when a later one is public"
                ),
                default="network",
                max_length=8,
            ),
        ),
        migrations.RunSQL(
            """
            UPDATE practices_practicerevision AS revision SET audience = practice.audience
            FROM practices_practice AS practice WHERE practice.id = revision.practice_id
            """,
            migrations.RunSQL.noop,
        ),
    ]
