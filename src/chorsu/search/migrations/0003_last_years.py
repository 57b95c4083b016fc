"""A year means that the record ran in it: the index learns the last one.

What the last years are is the domains' to say: those of practices come with their own migration.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0002_records_wait")]

    operations = [
        migrations.RenameField("document", "year", "year_from"),
        # The check that a year is positive keeps the name of its column.
        migrations.RunSQL(
            "ALTER TABLE search_document RENAME CONSTRAINT search_document_year_check"
            " TO search_document_year_from_check",
            "ALTER TABLE search_document RENAME CONSTRAINT search_document_year_from_check"
            " TO search_document_year_check",
        ),
        migrations.AddField(
            model_name="document",
            name="year_to",
            field=models.PositiveSmallIntegerField(
                db_comment="Year it ended; null: still going, if it began", null=True
            ),
        ),
    ]
