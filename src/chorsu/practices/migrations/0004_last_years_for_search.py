"""Practices that are in the index already are found by every year in which they ran."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("practices", "0003_practicetext_audience"), ("search", "0003_last_years")]

    operations = [
        migrations.RunSQL(
            """
            UPDATE search_document AS document SET year_to = practice.year_to
            FROM practices_practice AS practice
            WHERE document.kind = 'practice' AND practice.id = document.record_id
              AND practice.year_to IS NOT NULL
            """,
            migrations.RunSQL.noop,
        ),
    ]
