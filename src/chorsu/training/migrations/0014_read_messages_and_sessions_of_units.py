"""Messages are read here, not only mailed; a session may belong to a unit of the course."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("training", "0013_pictures_of_questions")]

    operations = [
        migrations.AddField(
            model_name="messagecopy",
            name="read_at",
            field=models.DateTimeField(
                null=True, db_comment="When the person first opened it here; null: not yet"
            ),
        ),
        # What was mailed before there was a page to read it on is not shown as news.
        migrations.RunSQL(
            """
            UPDATE training_messagecopy AS copy SET read_at = copy.sent_at
            FROM institutions_person AS person
            WHERE person.id = copy.person_id AND copy.sent_at IS NOT NULL
                AND person.email <> ''
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AddField(
            model_name="session",
            name="unit",
            field=models.CharField(
                max_length=40,
                blank=True,
                default="",
                db_comment="Key of the live unit of the course that it is of; empty: of none",
            ),
        ),
    ]
