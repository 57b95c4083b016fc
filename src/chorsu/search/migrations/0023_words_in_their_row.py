"""Words of passages stay in their rows: weighing one reads them once for each word asked for.

Only rows above 2 kB were compressed or moved out; those here already follow when they change.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("search", "0022_comment_on_words")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE search_passage SET (toast_tuple_target = 8160)",
            "ALTER TABLE search_passage RESET (toast_tuple_target)",
        ),
    ]
