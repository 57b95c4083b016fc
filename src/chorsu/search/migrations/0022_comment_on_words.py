"""The comment on a passage's words says what they are, not which function reads them."""

import django.contrib.postgres.search
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("search", "0021_saved_searches")]

    operations = [
        migrations.AlterField(
            model_name="passage",
            name="words",
            field=django.contrib.postgres.search.SearchVectorField(
                db_comment="Folded words of the text, each once, without positions"
            ),
        ),
    ]
